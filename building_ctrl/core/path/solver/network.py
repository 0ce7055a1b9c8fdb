"""What each kind of agent may use: the graph filtered by navigation graphs, class and closures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._jit import kernel_arrays
from building_ctrl.core.path.solver.graph import ALL_GRAPHS, PlanningGraph
from building_ctrl.core.path.solver.request import CheckedRequest

IntArray = npt.NDArray[np.int32]
IndexArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]


@kernel_arrays
class Net(NamedTuple):
    """Arrays the kernels read; an *arc* is an edge as one profile of agents may use it.

    ptr (profiles, v + 1): the arcs of profile ``p`` that leave ``u`` are ``ptr[p, u]:ptr[p, u + 1]``.
    to, edge (arcs,): end vertex and edge; cost (arcs,): edge cost with congestion weight.
    edge_from, edge_to (m,), clear_ptr, clear_idx: as in PlanningGraph. wait_cost (1,): cost of a step spent
    standing, the median edge cost. stay_cost (1,): what an agent takes a step's standstill for when it chooses
    a step, the least edge cost. tie_noise (1,): keys closer than that count as equal.
    """

    ptr: IndexArray
    to: IndexArray
    edge: IndexArray
    cost: FloatArray
    edge_from: IndexArray
    edge_to: IndexArray
    clear_ptr: IndexArray
    clear_idx: IndexArray
    wait_cost: FloatArray
    stay_cost: FloatArray
    tie_noise: FloatArray


@dataclass(frozen=True, eq=False)
class Profile:
    """Agents with the same navigation graphs and allowed vertices.

    arc_ptr (v + 1,), arc_edge (arcs,): usable edges by start vertex; arc_cost: with congestion weights.
    in_ptr (v + 1,), in_from, in_cost: the same arcs by end vertex.
    """

    key: tuple[int, bytes]
    arc_ptr: IntArray
    arc_edge: IntArray
    arc_cost: FloatArray
    in_ptr: IntArray
    in_from: IntArray
    in_cost: FloatArray


def make_profile(
    graph: PlanningGraph,
    graphs: int,
    allowed: npt.NDArray[np.bool_],
    closed: npt.NDArray[np.bool_],
    price: FloatArray,
) -> Profile:
    """Filter the graph. allowed (v,) bool, closed (m,) bool, price (m,) float32: what an edge costs."""
    usable = ((graph.edge_graphs & np.uint32(graphs)) != 0) & ~closed & allowed[graph.edge_to]
    arc_edge = np.flatnonzero(usable).astype(np.int32)
    arc_from, arc_to = graph.edge_from[arc_edge], graph.edge_to[arc_edge]
    by_end = np.argsort(arc_to, kind="stable")
    arc_ptr = _starts(arc_from, graph.n_vertices)
    return Profile(
        key=profile_key(graphs, allowed),
        arc_ptr=arc_ptr,
        arc_edge=arc_edge,
        arc_cost=price[arc_edge],
        in_ptr=_starts(arc_to, graph.n_vertices),
        in_from=arc_from[by_end],
        in_cost=price[arc_edge][by_end],
    )


def profile_key(graphs: int, allowed: npt.NDArray[np.bool_]) -> tuple[int, bytes]:
    return graphs, b"" if allowed.all() else np.packbits(allowed).tobytes()


def _starts(vertices: IntArray, n_vertices: int) -> IntArray:
    counts = np.bincount(vertices, minlength=n_vertices)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int32)


def join_profiles(graph: PlanningGraph, profiles: list[Profile]) -> Net:
    """Concatenate the profiles' arcs."""
    edge = np.concatenate([profile.arc_edge for profile in profiles])
    first = np.cumsum([0] + [profile.arc_edge.size for profile in profiles[:-1]])
    ptr = np.stack([profile.arc_ptr + offset for profile, offset in zip(profiles, first, strict=True)])
    some_cost = graph.edge_cost if graph.n_edges else np.ones(1, dtype=np.float32)
    return Net(
        ptr=ptr.astype(np.int64),
        to=graph.edge_to[edge].astype(np.int64),
        edge=edge.astype(np.int64),
        cost=np.concatenate([profile.arc_cost for profile in profiles]),
        edge_from=graph.edge_from.astype(np.int64),
        edge_to=graph.edge_to.astype(np.int64),
        clear_ptr=graph.clear_ptr.astype(np.int64),
        clear_idx=graph.clear_idx.astype(np.int64),
        wait_cost=np.array([np.median(some_cost)], dtype=np.float32),
        stay_cost=np.array([some_cost.min()], dtype=np.float32),
        tie_noise=np.array([0.9 * some_cost.min()], dtype=np.float32),
    )


def split_profiles(request: CheckedRequest) -> tuple[IntArray, list[tuple[int, npt.NDArray[np.bool_]]]]:
    """Profile of each agent (n,) int32, and (graphs, allowed (v,)) of each profile."""
    if request.n_agents == 0:
        return np.empty(0, dtype=np.int32), [(ALL_GRAPHS, np.ones(request.allowed.shape[1], dtype=bool))]
    kinds = request.graphs.astype(np.int64) << 16 | request.agent_class
    values, profile_of = np.unique(kinds, return_inverse=True)
    pairs = [(int(kind >> 16), request.allowed[int(kind & 0xFFFF)]) for kind in values]
    return profile_of.astype(np.int32), pairs
