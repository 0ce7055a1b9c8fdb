"""What a planner returns."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class PlanStats:
    """Counts of one plan.

    cost_to_go: sum over agents with a reachable goal of the distance still to go at the end of the plan.
    cost_gained: how much of it the plan took off; a stall shows as 0 or less with agents not at their goal.
    states: expanded to improve the plan, by the call that returned it.
    unreachable: agents whose goal cannot be reached from where they stand, with their graphs and closures.
    """

    n_moves: int
    n_at_goal: int
    n_with_goal: int
    cost_to_go: float
    cost_gained: float
    unreachable: tuple[int, ...]
    states: int = 0


@dataclass(frozen=True, eq=False)
class Plan:
    """A totally ordered list of moves.

    moves (k, 3) int32 [step, agent, edge]: executable one after another in this order.
    start_position, final_position (n,) int32: the vertex of each agent before and after.
    steps: number of steps; complete: every agent with a goal stands on it at the end.
    """

    moves: npt.NDArray[np.int32]
    start_position: npt.NDArray[np.int32]
    final_position: npt.NDArray[np.int32]
    steps: int
    complete: bool
    stats: PlanStats

    def rest(self, step: int, edge_to: npt.NDArray[np.int32]) -> Plan:
        """What is left of the plan once its first ``step`` steps have been carried out."""
        done = self.moves[:, 0] < step
        start = self.start_position.copy()
        for _, agent, edge in self.moves[done].tolist():
            start[agent] = edge_to[edge]
        moves = self.moves[~done] - np.array([step, 0, 0], dtype=np.int32)
        return replace(self, moves=moves, start_position=start, steps=max(0, self.steps - step))

    def positions(self, edge_to: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """(steps + 1, n) int32: the vertex of each agent after each step."""
        table = np.repeat(self.start_position[None, :], self.steps + 1, axis=0)
        for step, agent, edge in self.moves:
            table[step + 1 :, agent] = edge_to[edge]
        return table


def sum_of_costs(positions: npt.NDArray[np.int32], goal: npt.NDArray[np.int32]) -> int:
    """Steps until each agent stands on its goal for good, summed over the agents with a goal.

    positions (steps + 1, n) int32, goal (n,) int32 with -1 for none. An agent that never arrives counts
    every step.
    """
    away = positions != goal
    steps = len(positions) - 1
    last_away = np.where(away.any(axis=0), steps - np.argmax(away[::-1], axis=0) + 1, 0)
    return int(np.minimum(last_away, steps)[goal >= 0].sum())
