"""Distances to goals: computed when first asked for, kept within a bound of memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._shortest import breadth_first, dijkstra
from building_ctrl.core.path.solver.graph import PlanningGraph
from building_ctrl.core.path.solver.network import Profile, make_profile, profile_key

IntArray = npt.NDArray[np.int32]
MAX_PROFILES = 256


class DistanceTables:
    """Reverse shortest paths by (goal, navigation graphs, allowed vertices), for the present closures.

    ``values`` (rows, v) float32: distance from each vertex to the row's goal, inf where there is no way.
    Rows not used for longest are overwritten once ``table_bytes`` is reached; a call that needs more rows
    than that at once gets them all the same. Changed closures or congestion weights forget every row.
    """

    def __init__(self, graph: PlanningGraph, table_bytes: int = 128 << 20) -> None:
        self._graph = graph
        self._max_rows = max(1, table_bytes // max(1, 4 * graph.n_vertices))
        self._price = graph.edge_cost
        self._uniform = _is_uniform(self._price)
        self._closed: npt.NDArray[np.bool_] = np.zeros(graph.n_edges, dtype=bool)
        self._scratch = np.empty((2, graph.n_vertices), dtype=np.int32)
        self.values = np.empty((0, graph.n_vertices), dtype=np.float32)
        self._total_calls = 0
        self._forget()

    def _forget(self) -> None:
        self._profiles: dict[tuple[int, bytes], Profile] = {}
        self._row_of: dict[tuple[int, bytes], IntArray] = {}
        self._owner: list[tuple[tuple[int, bytes], int] | None] = [None] * len(self.values)
        self._used_at: npt.NDArray[np.int64] = np.zeros(len(self.values), dtype=np.int64)
        self._calls = 0

    @property
    def calls(self) -> int:
        """Grows whenever rows are looked up; row numbers are good until then."""
        return self._total_calls

    @property
    def n_rows(self) -> int:
        """Rows held at present."""
        return sum(owner is not None for owner in self._owner)

    def set_edges(self, closed: npt.NDArray[np.bool_], weight: npt.NDArray[np.float32]) -> None:
        """Set the closed edges (m,) bool and weights (m,) float32; anything new forgets all rows."""
        price = self._graph.edge_cost + weight
        crowded = len(self._profiles) > MAX_PROFILES
        if crowded or not (np.array_equal(closed, self._closed) and np.array_equal(price, self._price)):
            self._closed = closed.copy()
            self._price = price
            self._uniform = _is_uniform(price)
            self._forget()

    def profile(self, graphs: int, allowed: npt.NDArray[np.bool_]) -> Profile:
        """The graph as agents with this mask and these allowed vertices (v,) bool may use it."""
        key = profile_key(graphs, allowed)
        if key not in self._profiles:
            self._profiles[key] = make_profile(self._graph, graphs, allowed, self._closed, self._price)
            self._row_of[key] = np.full(self._graph.n_vertices, -1, dtype=np.int32)
        return self._profiles[key]

    def rows(self, profiles: list[Profile], profile_of: IntArray, goal: IntArray) -> IntArray:
        """Row of ``values`` for each agent (n,) int32, -1 for agents without a goal.

        profile_of (n,) indexes ``profiles``; goal (n,). Missing rows are computed.
        """
        self._calls += 1
        self._total_calls += 1
        rows = np.full(goal.size, -1, dtype=np.int32)
        wanted = [np.flatnonzero((profile_of == p) & (goal >= 0)) for p in range(len(profiles))]
        missing = []
        for profile, agents in zip(profiles, wanted, strict=True):
            held = self._row_of[profile.key][goal[agents]]
            self._used_at[held[held >= 0]] = self._calls
            missing.append(np.unique(goal[agents][held < 0]))
        free = self._free_rows(sum(goals.size for goals in missing))
        for profile, agents, goals in zip(profiles, wanted, missing, strict=True):
            if goals.size:
                self._fill(profile, goals, free[: goals.size])
                free = free[goals.size :]
            rows[agents] = self._row_of[profile.key][goal[agents]]
        return rows

    def _fill(self, profile: Profile, goals: IntArray, rows: IntArray) -> None:
        for goal, row in zip(goals.tolist(), rows.tolist(), strict=True):
            self._owner[row] = (profile.key, goal)
        self._row_of[profile.key][goals] = rows
        self._used_at[rows] = self._calls
        queue, slot = self._scratch
        if self._uniform:
            cost = self._price[0] if self._graph.n_edges else np.float32(1.0)
            breadth_first(profile.in_ptr, profile.in_from, cost, goals, rows, self.values, queue)
        else:
            dijkstra(profile.in_ptr, profile.in_from, profile.in_cost, goals, rows, self.values, queue, slot)

    def _free_rows(self, count: int) -> IntArray:
        empty = np.array([row for row, owner in enumerate(self._owner) if owner is None], dtype=np.int32)
        if empty.size < count and len(self.values) < self._max_rows:
            target = min(self._max_rows, max(2 * len(self.values), len(self.values) + count - empty.size))
            empty = np.concatenate([empty, self._grow(target)])
        if empty.size < count:
            empty = np.concatenate([empty, self._evict(count - empty.size)])
        if empty.size < count:
            empty = np.concatenate([empty, self._grow(len(self.values) + count - empty.size)])
        return empty[:count]

    def _grow(self, rows: int) -> IntArray:
        before = len(self.values)
        values = np.empty((rows, self._graph.n_vertices), dtype=np.float32)
        values[:before] = self.values
        self.values = values
        self._owner.extend([None] * (rows - before))
        self._used_at = np.concatenate([self._used_at, np.zeros(rows - before, dtype=np.int64)])
        return np.arange(before, rows, dtype=np.int32)

    def _evict(self, count: int) -> IntArray:
        owned = np.array([owner is not None for owner in self._owner], dtype=bool)
        idle = np.flatnonzero(owned & (self._used_at < self._calls))
        oldest = idle[np.argsort(self._used_at[idle], kind="stable")][:count].astype(np.int32)
        for row in oldest.tolist():
            owner = self._owner[row]
            if owner is not None:
                self._row_of[owner[0]][owner[1]] = -1
                self._owner[row] = None
        return oldest


def _is_uniform(price: npt.NDArray[np.float32]) -> bool:
    return bool(price.size == 0 or (price == price[0]).all())
