"""Who keeps a robot from its goal for good: robots that do not obey, and robots in doubt."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.path.agent import Agent
from building_ctrl.core.path.level import LevelCoordinator
from building_ctrl.core.path.routes import TravelTimes

Bools = NDArray[np.bool_]


def cut_off_by(level: LevelCoordinator, agent: Agent, times: TravelTimes) -> str:
    """The robot that has to be seen to before `agent` can reach its goal; empty where there is a way round.

    Of several the first on the shortest way is named.
    """
    if agent.goal < 0 or agent.goal == agent.frontier:
        return ""
    blockers = list(_blockers(level, agent.name))
    if not blockers:
        return ""
    blocked = np.logical_or.reduce([edges for _, edges in blockers])
    blocked |= (level.roadmap.edge_graphs & np.uint32(agent.graph_mask)) == 0
    if _reaches(level, agent.frontier, agent.goal, blocked):
        return ""
    for edge in _shortest_way(level, agent, times):
        for name, edges in blockers:
            if edges[edge]:
                return name
    return ""


def _blockers(level: LevelCoordinator, name: str) -> Iterator[tuple[str, Bools]]:
    """(robot, edges (m,) it keeps others from) of all that will not move by themselves."""
    rows = level.roadmap
    for other, edges in level.obstructions.items():
        if other != name:
            yield other, edges
    for agent in level.agents.values():
        if agent.name == name or agent.healthy:
            continue
        edges = np.zeros(rows.n_edges, dtype=bool)
        for action in agent.actions:
            edges[rows.conflicts(action.edge)] = True
        swept = np.repeat(np.arange(rows.n_edges), np.diff(rows.clear_ptr))
        edges[swept[rows.clear_idx == agent.frontier]] = True
        yield agent.name, edges


def _reaches(level: LevelCoordinator, start: int, goal: int, blocked: Bools) -> bool:
    rows = level.roadmap
    seen, todo = {start}, [start]
    while todo:
        vertex = todo.pop()
        for edge in range(int(rows.edge_ptr[vertex]), int(rows.edge_ptr[vertex + 1])):
            end = int(rows.edge_to[edge])
            if end == goal and not blocked[edge]:
                return True
            if end not in seen and not blocked[edge] and not rows.cabin_lift[end]:
                seen.add(end)
                todo.append(end)
    return False


def _shortest_way(level: LevelCoordinator, agent: Agent, times: TravelTimes) -> Iterator[int]:
    """Edges from the frontier to the goal as if the level were empty."""
    rows = level.roadmap
    seconds = times.seconds_to(rows.level, agent.goal, agent.graph_mask)
    vertex = agent.frontier
    for _ in range(rows.n_vertices):
        edges = np.arange(int(rows.edge_ptr[vertex]), int(rows.edge_ptr[vertex + 1]))
        if vertex == agent.goal or edges.size == 0 or not np.isfinite(seconds[vertex]):
            return
        edge = int(edges[np.argmin(seconds[rows.edge_to[edges]])])
        yield edge
        vertex = int(rows.edge_to[edge])
