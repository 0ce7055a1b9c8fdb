"""A robot on one level: where it stands, what is released to it, where it wants to go."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from building_ctrl.model.path import WaitingKind

URGENT = 1e12
LATER_S = 1e9


@dataclass(frozen=True, slots=True)
class Action:
    """One released drive along an edge; it ends when the robot reports waypoint `seq` as reached."""

    edge: int
    vertex: int
    seq: int
    ride_id: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Why the next move of an agent is not released."""

    kind: WaitingKind
    holder: str = ""


NO_WAIT = Wait(WaitingKind.NONE)


@dataclass(slots=True)
class Agent:
    """Mutable record of one robot on a level; only its LevelCoordinator writes it.

    `vertex` is the last vertex reached, `frontier` the end of the released path; they are the same when `actions`
    is empty.
    """

    name: str
    graph_mask: int
    vertex: int
    frontier: int
    next_seq: int
    goal: int
    goal_since_s: float
    rank_s: float = float("inf")  # robots are planned in this order, the lowest first; inf: by goal_since_s
    urgent: bool = False
    pinned: bool = False
    healthy: bool = True
    actions: deque[Action] = field(default_factory=deque)
    planned: list[int] = field(default_factory=list)  # edges planned beyond the released path, in order
    wait: Wait = NO_WAIT
    gate_edge: int = -1  # closed gate at which the robot waits without a goal until it opens, -1: none
    waits_for: int = -1  # vertex near which the goal is only a waiting spot, -1: the goal is where it wants to go
    best_distance: float = float("inf")
    progress_s: float = 0.0

    @property
    def at_goal(self) -> bool:
        """Stands on its goal with nothing left to drive."""
        return not self.actions and self.vertex == self.goal

    @property
    def priority(self) -> float:
        """For the solver, higher goes first: at a lift's door before all, with nothing to do last (precedence.py)."""
        return (URGENT if self.urgent else 0.0) - min(self.rank_s, self.goal_since_s + LATER_S)

    @property
    def movable(self) -> bool:
        return self.healthy and not self.pinned

    @property
    def at_gate(self) -> bool:
        """The next move waits for a door or a lift, and for nobody."""
        return self.wait.kind in (WaitingKind.DOOR, WaitingKind.LIFT)

    @property
    def heads_for(self) -> int:
        """Vertex it is planned to go to now, -1: none, it only makes way."""
        return self.goal if self.gate_edge < 0 else -1

    @property
    def idles_away(self) -> bool:
        """Could go to its goal, but nothing is planned for it."""
        return self.movable and self.heads_for not in (-1, self.frontier) and not (self.actions or self.planned)
