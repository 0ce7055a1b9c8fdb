"""A checked request together with the arrays the kernels read."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._state import Team
from building_ctrl.core.path.solver.network import Net
from building_ctrl.core.path.solver.plan import Plan, PlanStats
from building_ctrl.core.path.solver.request import CheckedRequest

IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Problem:
    """One call: ``team.dist`` may be shared with the planner's tables; ``detached`` has its own."""

    request: CheckedRequest
    net: Net
    team: Team
    unreachable: tuple[int, ...]

    def detached(self) -> Problem:
        """The same problem with its own copy of the distances it uses, safe to keep between calls."""
        rows, row = np.unique(self.team.row, return_inverse=True)
        if rows.size and rows[0] < 0:
            rows, row = rows[1:], row - 1
        return replace(self, team=self.team._replace(row=row.astype(np.int64), dist=self.team.dist[rows]))

    def leader(self, order: npt.NDArray[np.int64]) -> int:
        """The first agent of ``order`` that has a goal and is not on it, -1 if there is none."""
        away = (self.team.goal[order] >= 0) & (self.request.position[order] != self.team.goal[order])
        return int(order[np.argmax(away)]) if away.any() else -1

    def cost_to_go(self, position: IntArray) -> float:
        """Sum of the distances to reachable goals from ``position`` (n,)."""
        agents = np.flatnonzero(self.team.row >= 0)
        return float(self.team.dist[self.team.row[agents], position[agents]].sum(dtype=np.float64))

    def make_plan(self, moves: IntArray, steps: int, final_position: IntArray) -> Plan:
        goal = self.request.goal
        at_goal = (goal >= 0) & (final_position == goal)
        to_go = self.cost_to_go(final_position)
        stats = PlanStats(
            n_moves=len(moves),
            n_at_goal=int(at_goal.sum()),
            n_with_goal=int((goal >= 0).sum()),
            cost_to_go=to_go,
            cost_gained=self.cost_to_go(self.request.position) - to_go,
            unreachable=self.unreachable,
        )
        return Plan(
            moves=moves,
            start_position=self.request.position,
            final_position=final_position,
            steps=steps,
            complete=stats.n_at_goal == stats.n_with_goal,
            stats=stats,
        )
