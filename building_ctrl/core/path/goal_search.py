"""A complete search for moves that bring every robot of a level to its goal, a little in every cycle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.path.solver import Planner, Request, SearchStatus

EXPANSION_WORK = 3  # of one robot in one expansion, measured in states of a refinement
Move = tuple[str, int]


class GoalSearch:
    """Searches from the vertices at which a plan ends, so that what is found can be carried out after that plan.

    It stays good while robots carry the plan out, however far they are, and until one of them joins or changes what
    it may do. Robots whose way is barred by some that may not move are left out: nothing can be found for them.
    for_stall: it was begun because a robot has not come nearer to its goal for long.
    """

    def __init__(
        self, planner: Planner, request: Request, names: list[str], max_expansions: int, for_stall: bool = False
    ) -> None:
        self.for_stall = for_stall
        self._names = names
        self._max_expansions = max_expansions
        goal = np.where(planner.cut_off(request), -1, np.asarray(request.goal))
        self._search = planner.search(replace(request, goal=goal))

    @property
    def solved(self) -> bool:
        return self._search.status is SearchStatus.SOLVED

    @property
    def ended(self) -> bool:
        """Solved, proven to be impossible, or out of expansions."""
        return self._search.status is not SearchStatus.RUNNING or self._search.expansions >= self._max_expansions

    @property
    def expansions_left(self) -> int:
        return max(0, self._max_expansions - self._search.expansions)

    def advance(self, work: int) -> int:
        """Search on for at most about `work`; the work done. The same is found however it is sliced."""
        before = self._search.expansions
        each = EXPANSION_WORK * max(1, len(self._names))
        self._search.advance(min(max(1, work // each), self.expansions_left))
        return (self._search.expansions - before) * each

    def moves(self) -> list[Move]:
        """(robot, edge) in their order. Raises ValueError while nothing is found."""
        return [(self._names[agent], edge) for _, agent, edge in self._search.plan().moves.tolist()]


def from_end_of(request: Request, final_position: NDArray[np.int32]) -> Request:
    """The same robots where a plan leaves them, (n,) vertices."""
    return replace(request, position=final_position)
