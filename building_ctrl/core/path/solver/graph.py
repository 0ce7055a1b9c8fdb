"""The planning graph: directed edges with the vertices that must be clear while an edge is swept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float32]
MaskArray = npt.NDArray[np.uint32]

ALL_GRAPHS = 0xFFFFFFFF


@dataclass(frozen=True, eq=False)
class PlanningGraph:
    """A directed graph in compressed rows; ``v`` vertices, ``m`` edges.

    edge_ptr (v + 1,) int32: the edges that leave vertex ``u`` are ``edge_ptr[u]:edge_ptr[u + 1]``.
    edge_to (m,) int32; edge_cost (m,) float32, above 0, e.g. seconds.
    edge_graphs (m,) uint32: bit mask of the navigation graphs that may use the edge.
    clear_ptr (m + 1,) int32, clear_idx int32: the vertices that must be empty of other agents while the
    edge is swept; they include the edge's end and not its start.

    Raises ValueError, naming the array and the entry, when the arrays are inconsistent.
    """

    n_vertices: int
    edge_ptr: IntArray
    edge_to: IntArray
    edge_cost: FloatArray
    edge_graphs: MaskArray
    clear_ptr: IntArray
    clear_idx: IntArray

    def __post_init__(self) -> None:
        for name, dtype in _DTYPES.items():
            array = np.ascontiguousarray(getattr(self, name), dtype=dtype)
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        _check_rows("edge_ptr", self.edge_ptr, self.n_vertices, self.edge_to.size)
        _check_rows("clear_ptr", self.clear_ptr, self.n_edges, self.clear_idx.size)
        _check_range("edge_to", self.edge_to, self.n_vertices)
        _check_range("clear_idx", self.clear_idx, self.n_vertices)
        if self.edge_cost.shape != (self.n_edges,) or self.edge_graphs.shape != (self.n_edges,):
            raise ValueError(f"edge_cost and edge_graphs need one entry for each of the {self.n_edges} edges")
        bad_cost = np.flatnonzero(~(np.isfinite(self.edge_cost) & (self.edge_cost > 0)))
        if bad_cost.size:
            edge = int(bad_cost[0])
            raise ValueError(f"edge_cost[{edge}] is {self.edge_cost[edge]}: must be finite and above 0")
        self._check_clear_lists()

    def _check_clear_lists(self) -> None:
        edge_of = np.repeat(np.arange(self.n_edges, dtype=np.int64), np.diff(self.clear_ptr))
        own_start = np.flatnonzero(self.clear_idx == self.edge_from[edge_of])
        if own_start.size:
            edge = int(edge_of[own_start[0]])
            raise ValueError(f"clear list of edge {edge} holds the vertex the edge starts from")
        has_end = np.zeros(self.n_edges, dtype=bool)
        has_end[edge_of[self.clear_idx == self.edge_to[edge_of]]] = True
        if not has_end.all():
            edge = int(np.flatnonzero(~has_end)[0])
            raise ValueError(f"clear list of edge {edge} lacks the edge's end, vertex {self.edge_to[edge]}")
        key = edge_of * self.n_vertices + self.clear_idx
        if np.unique(key).size != key.size:
            raise ValueError("clear_idx names a vertex twice for one edge")

    @property
    def n_edges(self) -> int:
        return int(self.edge_to.size)

    @cached_property
    def edge_from(self) -> IntArray:
        """(m,) int32: the vertex each edge starts from."""
        return np.repeat(np.arange(self.n_vertices, dtype=np.int32), np.diff(self.edge_ptr))

    @cached_property
    def only_ends(self) -> bool:
        """True when no edge sweeps anything but its own end, as on a grid."""
        return bool(self.clear_idx.size == self.n_edges)

    def find_edge(self, start: int, end: int) -> int:
        """The first edge from ``start`` to ``end``, -1 if there is none."""
        first, last = self.edge_ptr[start], self.edge_ptr[start + 1]
        hits = np.flatnonzero(self.edge_to[first:last] == end)
        return int(first + hits[0]) if hits.size else -1


_DTYPES = {
    "edge_ptr": np.int32,
    "edge_to": np.int32,
    "edge_cost": np.float32,
    "edge_graphs": np.uint32,
    "clear_ptr": np.int32,
    "clear_idx": np.int32,
}


def _check_rows(name: str, ptr: IntArray, rows: int, size: int) -> None:
    if ptr.shape != (rows + 1,):
        raise ValueError(f"{name} has shape {ptr.shape}: expected ({rows + 1},)")
    if ptr[0] != 0 or ptr[-1] != size or (np.diff(ptr) < 0).any():
        raise ValueError(f"{name} must rise from 0 to {size}")


def _check_range(name: str, values: IntArray, n_vertices: int) -> None:
    bad = np.flatnonzero((values < 0) | (values >= n_vertices))
    if bad.size:
        raise ValueError(f"{name}[{bad[0]}] is {values[bad[0]]}: there are {n_vertices} vertices")


def build_graph(
    n_vertices: int,
    edges: npt.ArrayLike,
    edge_cost: npt.ArrayLike | None = None,
    edge_graphs: npt.ArrayLike | None = None,
    clear: Sequence[Sequence[int]] | None = None,
) -> tuple[PlanningGraph, IntArray]:
    """Graph from a list of edges (m, 2) [from, to] in any order.

    ``clear[k]`` holds further vertices that must be empty while edge ``k`` is swept; its end is added.
    Cost defaults to 1.0 and ``edge_graphs`` to every graph.

    Returns the graph and ``edge_index`` (m,) int32: the graph's edge for each given one.
    Raises ValueError as PlanningGraph does, and for lists of unequal length.
    """
    pairs = np.asarray(edges, dtype=np.int32).reshape(-1, 2)
    m = len(pairs)
    cost = np.ones(m, dtype=np.float32) if edge_cost is None else np.asarray(edge_cost, dtype=np.float32)
    graphs: MaskArray = np.asarray(np.full(m, ALL_GRAPHS) if edge_graphs is None else edge_graphs, dtype=np.uint32)
    if cost.shape != (m,) or graphs.shape != (m,) or (clear is not None and len(clear) != m):
        raise ValueError(f"edge_cost, edge_graphs and clear need one entry for each of the {m} edges")
    _check_range("edges", pairs.ravel(), n_vertices)
    order = np.argsort(pairs[:, 0], kind="stable")
    further: Sequence[Sequence[int]] = [()] * m if clear is None else clear
    lists = [sorted({*map(int, further[k]), int(pairs[k, 1])}) for k in order.tolist()]
    graph = PlanningGraph(
        n_vertices=n_vertices,
        edge_ptr=_row_starts(np.bincount(pairs[:, 0], minlength=n_vertices)),
        edge_to=pairs[order, 1],
        edge_cost=cost[order],
        edge_graphs=graphs[order],
        clear_ptr=_row_starts(np.array([len(entry) for entry in lists], dtype=np.int64)),
        clear_idx=np.array([vertex for entry in lists for vertex in entry], dtype=np.int32),
    )
    edge_index = np.empty(m, dtype=np.int32)
    edge_index[order] = np.arange(m, dtype=np.int32)
    return graph, edge_index


def _row_starts(counts: npt.NDArray[np.int64]) -> IntArray:
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int32)


def grid_graph(free: npt.ArrayLike) -> tuple[PlanningGraph, IntArray]:
    """4-connected grid; ``free`` (rows, columns) bool.

    Returns the graph and ``vertex_of`` (rows, columns) int32: the vertex of each cell, -1 where blocked.
    """
    cells = np.asarray(free, dtype=bool)
    vertex_of = np.full(cells.shape, -1, dtype=np.int32)
    vertex_of[cells] = np.arange(int(cells.sum()), dtype=np.int32)
    across = np.stack([vertex_of[:, :-1], vertex_of[:, 1:]], axis=-1).reshape(-1, 2)
    down = np.stack([vertex_of[:-1], vertex_of[1:]], axis=-1).reshape(-1, 2)
    pairs = np.concatenate([across, down])
    pairs = pairs[(pairs >= 0).all(axis=1)]
    graph, _ = build_graph(int(cells.sum()), np.concatenate([pairs, pairs[:, ::-1]]))
    return graph, vertex_of
