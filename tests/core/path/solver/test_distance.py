"""Distance tables: right, lazy, within their bound, and forgotten when closures change."""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.core.path.solver import DistanceTables, PlanningGraph, build_graph, grid_graph


def _plain_dijkstra(graph: PlanningGraph, goal: int, usable: npt.NDArray[np.bool_]) -> list[float]:
    into: dict[int, list[int]] = {}
    for edge in np.flatnonzero(usable).tolist():
        into.setdefault(int(graph.edge_to[edge]), []).append(edge)
    found = [float("inf")] * graph.n_vertices
    queue = [(0.0, goal)]
    while queue:
        distance, vertex = heapq.heappop(queue)
        if distance >= found[vertex]:
            continue
        found[vertex] = distance
        for edge in into.get(vertex, []):
            heapq.heappush(queue, (distance + float(graph.edge_cost[edge]), int(graph.edge_from[edge])))
    return found


def _row(tables: DistanceTables, goal: int, allowed: npt.NDArray[np.bool_], graphs: int = 1) -> list[float]:
    profile = tables.profile(graphs, allowed)
    row = tables.rows([profile], np.zeros(1, dtype=np.int32), np.array([goal], dtype=np.int32))
    return tables.values[row[0]].tolist()


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_distances_are_those_of_a_plain_search(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 12))
    vertices = st.integers(0, n - 1)
    pairs = data.draw(st.lists(st.tuples(vertices, vertices).filter(lambda p: p[0] != p[1]), max_size=30))
    even = data.draw(st.booleans())
    cost = [1.0 if even else data.draw(st.sampled_from([0.5, 1.0, 2.0, 7.0])) for _ in pairs]
    graph, _ = build_graph(n, pairs, cost, [data.draw(st.sampled_from([1, 2, 3])) for _ in pairs])
    closed = np.array([data.draw(st.booleans()) for _ in pairs], dtype=bool)
    allowed = np.array([data.draw(st.booleans()) for _ in range(n)], dtype=bool)
    tables = DistanceTables(graph)
    tables.set_edges(closed, np.zeros(len(pairs), dtype=np.float32))
    usable = ((graph.edge_graphs & 1) != 0) & ~closed & allowed[graph.edge_to]
    goal = data.draw(vertices)
    assert _row(tables, goal, allowed) == _plain_dijkstra(graph, goal, usable)


def test_rows_are_shared_kept_and_bounded() -> None:
    graph, _ = grid_graph([[True] * 10])
    tables = DistanceTables(graph, table_bytes=3 * 4 * 10)
    everywhere = np.ones(10, dtype=bool)
    profile = tables.profile(1, everywhere)
    none = np.zeros(4, dtype=np.int32)
    rows = tables.rows([profile], none, np.array([7, 7, -1, 2], dtype=np.int32))
    assert rows[0] == rows[1] != rows[3]
    assert rows[2] == -1
    assert tables.n_rows == 2
    for goal in range(10):
        assert _row(tables, goal, everywhere) == [abs(goal - vertex) for vertex in range(10)]
        assert tables.n_rows <= 3
    many = tables.rows([profile], np.zeros(6, dtype=np.int32), np.arange(6, dtype=np.int32))
    assert np.unique(many).size == 6


def test_closures_and_weights_forget_the_rows() -> None:
    graph, _ = grid_graph([[True] * 4])
    tables, everywhere = DistanceTables(graph), np.ones(4, dtype=bool)
    open_edges, no_weight = np.zeros(6, dtype=bool), np.zeros(6, dtype=np.float32)
    assert _row(tables, 0, everywhere) == [0, 1, 2, 3]
    tables.set_edges(open_edges, no_weight)
    assert tables.n_rows == 1
    closed = open_edges.copy()
    closed[graph.find_edge(2, 1)] = True
    tables.set_edges(closed, no_weight)
    assert _row(tables, 0, everywhere) == [0, 1, float("inf"), float("inf")]
    weight = no_weight.copy()
    weight[graph.find_edge(2, 1)] = 4.0
    tables.set_edges(open_edges, weight)
    assert _row(tables, 0, everywhere) == [0, 1, 6, 7]
