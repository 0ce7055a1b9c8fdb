"""Hands the moves of a level's plan to its robots as far as nobody is in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.path.agent import NO_WAIT, Agent, Wait
from building_ctrl.core.path.solver.release import Releaser, Standing, sweeps_of
from building_ctrl.model.path import WaitingKind
from building_ctrl.model.roadmap import LevelRoadmap

Move = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Moves to release, in this order, and those that are left."""

    released: list[tuple[Agent, int]]
    kept: list[Move]


class LevelReleaser:
    """Goes through a level's plan; gates are asked about by `refusal(agent, edge)`, which says why not, or None."""

    def __init__(self, rows: LevelRoadmap) -> None:
        self._releaser = Releaser(
            sweeps_of(
                rows.edge_from,
                rows.edge_to,
                rows.edge_length_m,
                rows.clear_ptr,
                rows.clear_idx,
                rows.conflict_ptr,
                rows.conflict_idx,
            ),
            rows.n_vertices,
        )
        self._length_m: list[float] = rows.edge_length_m.tolist()
        self.gated: NDArray[np.bool_] = gated_edges(rows)

    def run(
        self,
        agents: dict[str, Agent],
        plan: list[Move],
        asks: NDArray[np.bool_],
        refusal: Callable[[Agent, int], Wait | None],
        release_m: float,
        limit: int,
    ) -> Outcome:
        """One pass. Sets each agent's `wait`; asks (m,) bool: edges for which `refusal` is to be asked."""
        team = list(agents.values())
        index = {name: i for i, name in enumerate(agents)}
        moves = np.array([(index[name], edge) for name, edge in plan], dtype=np.int32).reshape(-1, 2)
        for agent in team:
            agent.wait = NO_WAIT if agent.healthy or not agent.planned else Wait(WaitingKind.LINK, agent.name)

        def ask(i: int, edge: int) -> bool:
            wait = refusal(team[i], edge)
            if wait is not None:
                team[i].wait = wait
            return wait is None

        found = self._releaser.go_through(moves, self._standing(team), asks, ask, release_m, limit)
        for agent, other in zip(team, found.waits_for, strict=True):
            if other >= 0:
                agent.wait = Wait(WaitingKind.ROBOT, team[other].name)
        if not found.positions:
            return Outcome([], plan)
        gone = set(found.positions)
        released = [(agents[plan[k][0]], plan[k][1]) for k in found.positions]
        return Outcome(released, [move for k, move in enumerate(plan) if k not in gone])

    def _standing(self, team: list[Agent]) -> Standing:
        length_m = self._length_m
        return Standing(
            frontier=[agent.frontier for agent in team],
            ahead_m=[sum([length_m[action.edge] for action in agent.actions]) for agent in team],
            stopped=[not agent.healthy for agent in team],
            held=[(i, action.edge) for i, agent in enumerate(team) for action in agent.actions],
        )


def gated_edges(rows: LevelRoadmap) -> NDArray[np.bool_]:
    """(m,) edges that pass a door, enter a cabin or leave one."""
    lift_of = np.array(rows.cabin_lift, dtype=object)
    start, end = lift_of[rows.edge_from], lift_of[rows.edge_to]
    passes_door = np.array([bool(door) for door in rows.edge_door], dtype=bool)
    return np.asarray(passes_door | (start != end), dtype=bool)
