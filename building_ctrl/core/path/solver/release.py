"""Which planned moves may be released: those that no earlier, unfinished move of another agent touches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._release import (
    ANSWER,
    ASKS,
    CURSOR,
    FREE,
    HELD_BACK,
    NO,
    NOBODY,
    TOUCHED,
    YES,
    Pass,
    Sweeps,
    begin_pass,
    go_on,
)

IntArray = npt.NDArray[np.int32]
Move = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Standing:
    """Where ``n`` agents are before a pass.

    frontier (n,): end of what is released; ahead_m (n,): its length from the last vertex reached; stopped (n,): gets
    nothing more. held: (agent, edge) of what is released and not finished.
    """

    frontier: Sequence[int]
    ahead_m: Sequence[float]
    stopped: Sequence[bool]
    held: Sequence[Move]


@dataclass(frozen=True, eq=False)
class Released:
    """Outcome of a pass. positions: indices of the moves released, in order; waits_for (n,): the agent whose move or
    frontier is in the way of the next one, -1 where nobody is."""

    positions: list[int]
    waits_for: list[int]


def sweeps_of(
    edge_from: npt.ArrayLike,
    edge_to: npt.ArrayLike,
    length_m: npt.ArrayLike,
    clear_ptr: npt.ArrayLike,
    clear_idx: npt.ArrayLike,
    conflict_ptr: npt.ArrayLike,
    conflict_idx: npt.ArrayLike,
) -> Sweeps:
    """A level's edges, with the types the kernels expect; arrays as in LevelRoadmap."""

    def whole(values: npt.ArrayLike) -> IntArray:
        return np.ascontiguousarray(values, dtype=np.int32)

    return Sweeps(
        edge_from=whole(edge_from),
        edge_to=whole(edge_to),
        length_m=np.ascontiguousarray(length_m, dtype=np.float64),
        clear_ptr=whole(clear_ptr),
        clear_idx=whole(clear_idx),
        conflict_ptr=whole(conflict_ptr),
        conflict_idx=whole(conflict_idx),
    )


class Releaser:
    """Goes through plans of one level. The rules are those of docs/explanation/coordination.md."""

    def __init__(self, sweeps: Sweeps, n_vertices: int) -> None:
        self._sweeps = sweeps
        self._first, self._second = np.empty((2, sweeps.edge_to.size), dtype=np.int32)
        self._at = np.empty(n_vertices, dtype=np.int32)

    def go_through(
        self,
        moves: npt.NDArray[np.int32],
        standing: Standing,
        asks: npt.NDArray[np.bool_],
        ask: Callable[[int, int], bool],
        release_m: float,
        limit: int,
    ) -> Released:
        """moves (k, 2) [agent, edge], of which the first ``limit`` are looked at.

        asks (m,) bool: edges for which ``ask(agent, edge)`` says whether they may be used, asked only where nothing
        else is in the way. An agent gets moves while its path ahead is not longer than release_m, and at least one.
        """
        state = self._state(moves, standing, asks)
        agents, edges = np.array(standing.held, dtype=np.int32).reshape(-1, 2).T.copy()
        begin_pass(self._sweeps, state, agents, edges)
        while go_on(self._sweeps, state, release_m, limit) == ASKS:
            at = int(state.counters[CURSOR])
            state.counters[ANSWER] = YES if ask(int(state.agent[at]), int(state.edge[at])) else NO
        waits = np.where(state.stop == TOUCHED, state.holder, NOBODY)
        return Released(np.flatnonzero(state.released).tolist(), waits.tolist())

    def _state(self, moves: IntArray, standing: Standing, asks: npt.NDArray[np.bool_]) -> Pass:
        ahead_m = np.array(standing.ahead_m, dtype=np.float64)
        n = ahead_m.size
        return Pass(
            first=self._first,
            second=self._second,
            at=self._at,
            frontier=np.array(standing.frontier, dtype=np.int32),
            ahead_m=ahead_m,
            busy=(ahead_m > 0.0).astype(np.uint8),
            stop=np.where(np.array(standing.stopped, dtype=bool), HELD_BACK, FREE).astype(np.uint8),
            holder=np.full(n, NOBODY, dtype=np.int32),
            agent=np.ascontiguousarray(moves[:, 0]),
            edge=np.ascontiguousarray(moves[:, 1]),
            released=np.zeros(len(moves), dtype=np.uint8),
            asks=asks,
            counters=np.zeros(2, dtype=np.int64),
        )


def warm_up() -> None:
    """Compile the kernels, or load them from the cache."""
    sweeps = sweeps_of([0], [1], [1.0], [0, 1], [1], [0, 1], [0])
    standing = Standing([0], [0.0], [False], [])
    moves = np.zeros((1, 2), dtype=np.int32)
    Releaser(sweeps, 2).go_through(moves, standing, np.zeros(1, dtype=bool), lambda agent, edge: True, 1.0, 1)
