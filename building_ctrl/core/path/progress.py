"""Whether the robots of a level come nearer to their goals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from building_ctrl.core.path.agent import Agent

NEARER_S = 1e-6


def note_progress(agents: Sequence[Agent], distances: Iterable[float], now: float, stall_s: float) -> bool:
    """Whether a robot that waits for nothing but robots has not come nearer for `stall_s`; all then begin anew.

    distances: seconds of driving from each agent's frontier to its goal, inf where there is none.
    """
    stalled = False
    for agent, distance in zip(agents, distances, strict=True):
        nearer = distance < agent.best_distance - NEARER_S
        if nearer:
            agent.best_distance = distance
        if nearer or agent.at_gate or not agent.movable or agent.frontier == agent.goal:
            agent.progress_s = now
        stalled = stalled or now - agent.progress_s > stall_s
    if stalled:
        for agent in agents:
            agent.progress_s = now
    return stalled
