from __future__ import annotations

import numpy as np
from building_world import two_level_building

from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.core.path.lanes import LaneBook, numbered_lanes
from building_ctrl.model.building import Building, Lane, Level, Vertex


def building_of_three() -> Building:
    """Level "b" below level "a": one two-way lane of graph 0, one one-way, one two-way of graph 1 over the first."""
    points = tuple(Vertex(i, 4.0 * i, 0.0, name=f"p{i}") for i in range(3))
    lanes = (Lane(0, 0, 1), Lane(1, 2, 1, bidirectional=False), Lane(2, 1, 0, graph_idx=1))
    return Building("numbers", (Level("b", 0.0, points, lanes), Level("a", 4.0, points, lanes)))


def test_lanes_are_numbered_as_open_rmf_s_map_tools_do() -> None:
    """Levels by name, lanes in map order, forward before backward, each graph on its own."""
    rows = [(lane.level, lane.start, lane.end) for lane in numbered_lanes(building_of_three(), 0)]
    assert rows == [("a", 0, 1), ("a", 1, 0), ("a", 2, 1), ("b", 0, 1), ("b", 1, 0), ("b", 2, 1)]
    rows = [(lane.level, lane.start, lane.end) for lane in numbered_lanes(building_of_three(), 1)]
    assert rows == [("a", 1, 0), ("a", 0, 1), ("b", 1, 0), ("b", 0, 1)]


def test_a_lane_is_a_chain_of_edges_in_driving_order() -> None:
    building = two_level_building()
    roadmap = build_roadmap(building)
    book = LaneBook(building, roadmap)
    seen: dict[str, set[int]] = {}
    for number, lane in enumerate(book.lanes(0)):
        name, edges = book.edges(0, number)
        rows = roadmap.level(name)
        drawn = building.level(name).vertices
        assert rows.map_vertex[rows.edge_from[edges[0]]] == lane.start
        assert rows.map_vertex[rows.edge_to[edges[-1]]] == lane.end
        assert (rows.edge_to[edges[:-1]] == rows.edge_from[edges[1:]]).all()
        a, b = drawn[lane.start], drawn[lane.end]
        assert abs(rows.edge_length_m[edges].sum() - np.hypot(b.x_m - a.x_m, b.y_m - a.y_m)) < 1e-9
        assert not seen.setdefault(name, set()) & set(edges.tolist())
        seen[name] |= set(edges.tolist())
    assert all(seen[rows.level] == set(range(rows.n_edges)) for rows in roadmap.levels)


def test_lanes_over_the_same_two_vertices_are_the_same_edges() -> None:
    building = building_of_three()
    book = LaneBook(building, build_roadmap(building))
    assert book.edges(1, 1)[1].tolist() == book.edges(0, 0)[1].tolist()
    assert book.edges(1, 0)[1].tolist() == book.edges(0, 1)[1].tolist()
    assert not set(book.edges(0, 2)[1].tolist()) & set(book.edges(0, 0)[1].tolist())
