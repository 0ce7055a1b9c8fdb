"""Who goes first: earlier deadlines and higher priorities, and in the end everybody.

Every request has a due time that never changes while it holds: its deadline, or DEFAULT_S after it came where it has
none, less a head start for its priority. Robots are planned, and get contested goals, in the order of their due times.
A due time lies within DEFAULT_S of the request's coming, whatever the deadline and the priority, so that a request only
ever stands behind those that came less than 2 * DEFAULT_S after it: nobody starves.
"""

from __future__ import annotations

from building_ctrl.core.path.agent import LATER_S, Agent
from building_ctrl.core.path.journey import Journey
from building_ctrl.model.path import DestinationRequest

DEFAULT_S = 1800.0
HEAD_START_S = 300.0  # of each step of priority; the dispatcher gives the same
NO_DEADLINE_S = 1.0  # a deadline this soon after the request came is a time stamp
MARGIN_S = 10.0


def due_s(request: DestinationRequest, since_s: float) -> float:
    """By when a request that came at since_s counts as due; lower goes first."""
    due = since_s + DEFAULT_S
    if request.deadline_s > since_s + NO_DEADLINE_S:
        due = min(due, request.deadline_s)
    return max(due - HEAD_START_S * max(0, request.priority), since_s - DEFAULT_S)


def rank_s(journey: Journey, agent: Agent) -> float:
    """Due time of whatever a robot does, for the order of planning: robots without a request come last."""
    return journey.due_s if journey.request is not None and not journey.refusal else agent.goal_since_s + LATER_S


def goes_before(claimant: Journey, claimant_s: float, holder: Journey, holder_s: float) -> bool:
    """Whether a robot may take the goal of another that is still on its way there.

    claimant_s, holder_s: seconds each has to drive. It may where it is due earlier by more than it keeps the other
    waiting; the margin keeps the two from taking turns.
    """
    return claimant.due_s + max(claimant_s - holder_s, 0.0) + MARGIN_S < holder.due_s
