"""Roadmaps keep their contract on any building; conflict sets agree with geometry that shares no code."""

from __future__ import annotations

import itertools
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from maps_for_tests import SHARED_MAPS, two_levels

from building_ctrl.building.document import format_document
from building_ctrl.building.loader import load_building, parse_map
from building_ctrl.building.roadmap import build_level, build_roadmap
from building_ctrl.building.tower import generate_tower
from building_ctrl.model.building import Building, Door, DoorKind, Lane, Level, Lift, LiftDoor, Vertex
from building_ctrl.model.roadmap import LevelRoadmap, RoadmapParameters

PARAMETERS = RoadmapParameters()
COORDINATE = st.integers(0, 60).map(lambda n: n * 0.25)


def level_of(points: list[tuple[float, float]], lanes: list[Lane], doors: tuple[Door, ...] = ()) -> Level:
    return Level(
        "L1", 0.0, tuple(Vertex(i, x, y) for i, (x, y) in enumerate(points)), tuple(lanes), doors=doors
    )


def sampled(arrays: LevelRoadmap, edge: int, steps: int = 200) -> np.ndarray:
    """Points along an edge, (steps + 1, 2)."""
    a, b = int(arrays.edge_from[edge]), int(arrays.edge_to[edge])
    t = np.linspace(0.0, 1.0, steps + 1)[:, None]
    start = np.array([arrays.x_m[a], arrays.y_m[a]])
    end = np.array([arrays.x_m[b], arrays.y_m[b]])
    return start + t * (end - start)


def between(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)).min())


def check_contract(arrays: LevelRoadmap) -> None:
    n, m = arrays.n_vertices, arrays.n_edges
    assert arrays.edge_ptr[0] == 0 and arrays.edge_ptr[-1] == m and len(arrays.edge_ptr) == n + 1
    order = list(zip(arrays.edge_from.tolist(), arrays.edge_to.tolist(), strict=True))
    assert order == sorted(set(order))
    assert all(a != b for a, b in order)
    for vertex in range(n):
        assert all(arrays.edge_from[arrays.edge_ptr[vertex] : arrays.edge_ptr[vertex + 1]] == vertex)
    for edge, (a, b) in enumerate(order):
        reverse = int(arrays.edge_reverse[edge])
        assert reverse == (order.index((b, a)) if (b, a) in order else -1)
        assert arrays.edge_graphs[edge] != 0
        length = math.hypot(arrays.x_m[a] - arrays.x_m[b], arrays.y_m[a] - arrays.y_m[b])
        assert arrays.edge_length_m[edge] == pytest.approx(length)
        assert arrays.edge_speed_mps[edge] > 0
        assert edge in arrays.conflicts(edge)
        assert list(arrays.conflicts(edge)) == sorted(set(arrays.conflicts(edge).tolist()))
    for name in (
        "names",
        "map_vertex",
        "is_parking",
        "is_charger",
        "is_holding",
        "is_place",
        "cabin_lift",
        "in_doorway",
    ):
        assert len(getattr(arrays, name)) == n


def check_sets(arrays: LevelRoadmap, separation_m: float) -> None:
    """Compares the sets with distances sampled along the edges; within a hair of the limit both will do."""
    points = np.stack([arrays.x_m, arrays.y_m], axis=1)
    lines = [sampled(arrays, edge) for edge in range(arrays.n_edges)]
    longest = float(arrays.edge_length_m.max()) if arrays.n_edges else 0.0
    hair = longest / 200 + 1e-6
    for edge, line in enumerate(lines):
        clear = set(arrays.clear_idx[arrays.clear_ptr[edge] : arrays.clear_ptr[edge + 1]].tolist())
        assert int(arrays.edge_to[edge]) in clear and int(arrays.edge_from[edge]) not in clear
        for vertex in range(arrays.n_vertices):
            if vertex != int(arrays.edge_from[edge]):
                agree(between(line, points[vertex : vertex + 1]), separation_m, hair, vertex in clear)
        found = set(arrays.conflicts(edge).tolist())
        for other, second in enumerate(lines):
            agree(between(line[::4], second[::4]), separation_m, 5 * hair, other in found)
    for a, b in itertools.product(range(arrays.n_vertices), repeat=2):
        stand = set(arrays.stand_idx[arrays.stand_ptr[a] : arrays.stand_ptr[a + 1]].tolist())
        if a == b:
            assert a not in stand
        else:
            agree(float(np.hypot(*(points[a] - points[b]))), separation_m, 1e-8, b in stand)


def agree(distance: float, limit: float, hair: float, listed: bool) -> None:
    if abs(distance - limit) > hair:
        assert listed == (distance < limit)


@st.composite
def levels(draw: st.DrawFn) -> Level:
    points = draw(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=7, unique=True))
    pairs = list(itertools.permutations(range(len(points)), 2))
    lanes = [
        Lane(i, a, b, bidirectional=draw(st.booleans()), graph_idx=draw(st.integers(0, 3)),
             speed_limit_mps=draw(st.sampled_from([0.0, 0.5])))
        for i, (a, b) in enumerate(draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=6)))
    ]  # fmt: skip
    doors = []
    for i in range(draw(st.integers(0, 2))):
        x, y = draw(COORDINATE), draw(COORDINATE)
        end = (x + 1.5, y) if draw(st.booleans()) else (x, y - 1.0)
        doors.append(Door(f"d{i}", "L1", draw(st.sampled_from(list(DoorKind))), (x, y), end))
    return level_of(points, lanes, tuple(doors))


@given(levels(), st.sampled_from([0.2, 0.3, 0.7]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_level_keeps_the_contract(level: Level, radius_m: float) -> None:
    parameters = RoadmapParameters(radius_m=radius_m)
    arrays = build_level(level, (), parameters)
    check_contract(arrays)
    if arrays.n_edges <= 60:
        check_sets(arrays, parameters.separation_m)
    check_doors(level, arrays, parameters)


def check_doors(level: Level, arrays: LevelRoadmap, parameters: RoadmapParameters) -> None:
    """Nobody stands in the zone of a passed door, unless flagged; whoever crosses a leaf has the door."""
    margin_m = parameters.radius_m + parameters.tracking_error_m + parameters.door_clearance_m
    leaves = {
        door.name: np.linspace(door.start, door.end, 400)
        for door in level.doors
        if any(
            crosses(at(level, lane.start), at(level, lane.end), door.start, door.end) for lane in level.lanes
        )
    }
    for vertex in range(arrays.n_vertices):
        point = np.array([[arrays.x_m[vertex], arrays.y_m[vertex]]])
        near = [name for name, leaf in leaves.items() if between(point, leaf) < margin_m - 5e-3]
        if near:
            assert arrays.in_doorway[vertex]
        if arrays.in_doorway[vertex]:
            assert any(between(point, leaf) < margin_m + 5e-3 for leaf in leaves.values())
            incident = [
                e for e in range(arrays.n_edges) if vertex in (arrays.edge_from[e], arrays.edge_to[e])
            ]
            assert all(arrays.edge_door[e] for e in incident)
    for edge in range(arrays.n_edges):
        a = (arrays.x_m[arrays.edge_from[edge]], arrays.y_m[arrays.edge_from[edge]])
        b = (arrays.x_m[arrays.edge_to[edge]], arrays.y_m[arrays.edge_to[edge]])
        crossed = [
            d.name for d in level.doors if d.name in leaves and crosses(a, b, d.start, d.end, strict=True)
        ]
        if crossed:
            assert arrays.edge_door[edge] in crossed
        reverse = int(arrays.edge_reverse[edge])
        if reverse >= 0:
            assert arrays.edge_door[reverse] == arrays.edge_door[edge]


def at(level: Level, index: int) -> tuple[float, float]:
    return level.vertices[index].x_m, level.vertices[index].y_m


def crosses(
    a: tuple[float, float],
    b: tuple[float, float],
    c: tuple[float, float],
    d: tuple[float, float],
    strict: bool = False,
) -> bool:
    """By solving for the parameters of the crossing point; parallel lines count as apart when strict."""
    matrix = np.array([[b[0] - a[0], c[0] - d[0]], [b[1] - a[1], c[1] - d[1]]])
    if abs(np.linalg.det(matrix)) < 1e-9:
        return not strict and between(np.linspace(a, b, 500), np.linspace(c, d, 500)) < 1e-6
    t, s = np.linalg.solve(matrix, np.array([c[0] - a[0], c[1] - a[1]]))
    slack = -1e-6 if strict else 1e-9
    return bool(-slack <= t <= 1 + slack and -slack <= s <= 1 + slack)


def test_long_lanes_are_split_evenly_at_the_pitch() -> None:
    arrays = build_level(level_of([(0, 0), (5.5, 0)], [Lane(0, 0, 1)]), (), PARAMETERS)
    assert sorted(arrays.x_m) == pytest.approx([0.0, 1.1, 2.2, 3.3, 4.4, 5.5])
    assert list(arrays.map_vertex) == [0, 1, -1, -1, -1, -1]
    wide = build_level(level_of([(0, 0), (5.5, 0)], [Lane(0, 0, 1)]), (), RoadmapParameters(radius_m=0.9))
    assert float(wide.edge_length_m.min()) >= RoadmapParameters(radius_m=0.9).separation_m


def test_lanes_of_several_graphs_become_one_edge() -> None:
    lanes = [
        Lane(0, 0, 1, bidirectional=True, graph_idx=0, speed_limit_mps=0.8),
        Lane(1, 1, 0, bidirectional=False, graph_idx=2),
        Lane(2, 0, 1, bidirectional=True, graph_idx=5, speed_limit_mps=0.4),
    ]
    arrays = build_level(level_of([(0, 0), (1, 0)], lanes), (), PARAMETERS)
    assert arrays.n_edges == 2
    assert arrays.edge_graphs[arrays.edge_between(0, 1)] == 0b100001
    assert arrays.edge_graphs[arrays.edge_between(1, 0)] == 0b100101
    assert arrays.edge_speed_mps.tolist() == [0.4, 0.4]
    assert arrays.edge_between(0, 0) == -1


def test_a_one_way_lane_has_no_way_back() -> None:
    arrays = build_level(level_of([(0, 0), (2, 0)], [Lane(0, 0, 1, bidirectional=False)]), (), PARAMETERS)
    assert arrays.edge_reverse.tolist() == [-1, -1]
    assert np.isinf(arrays.edge_speed_mps).all()


def test_one_edge_passes_a_door_and_nobody_waits_at_it() -> None:
    door = Door("d", "L1", DoorKind.SLIDING, (5.0, -0.7), (5.0, 0.7))
    arrays = build_level(level_of([(0, 0), (10, 0)], [Lane(0, 0, 1)], (door,)), (), PARAMETERS)
    passing = [e for e in range(arrays.n_edges) if arrays.edge_door[e]]
    assert len(passing) == 2 and int(arrays.edge_reverse[passing[0]]) == passing[1]
    assert arrays.edge_length_m[passing[0]] == pytest.approx(1.0, abs=0.01)
    assert not arrays.in_doorway.any()


def test_robots_wait_outside_the_swing_of_a_hinged_door() -> None:
    door = Door("d", "L1", DoorKind.HINGED, (5.0, -0.6), (5.0, 0.6), motion_direction=-1)
    arrays = build_level(level_of([(0, 0), (10, 0)], [Lane(0, 0, 1)], (door,)), (), PARAMETERS)
    edge = next(e for e in range(arrays.n_edges) if arrays.edge_door[e])
    ends = sorted([float(arrays.x_m[arrays.edge_from[edge]]), float(arrays.x_m[arrays.edge_to[edge]])])
    assert ends[0] < 5.0 - 1.2 and ends[1] == pytest.approx(5.5, abs=0.01)


def test_a_vertex_in_a_doorway_is_flagged_and_its_edges_carry_the_door() -> None:
    door = Door("d", "L1", DoorKind.SLIDING, (2.2, -0.7), (2.2, 0.7))
    lanes = [Lane(0, 0, 1), Lane(1, 1, 2)]
    arrays = build_level(level_of([(0, 0), (2, 0), (2, 4)], lanes, (door,)), (), PARAMETERS)
    assert not arrays.in_doorway.any()
    arrays = build_level(level_of([(0, 0), (2, 0), (6, 0)], lanes, (door,)), (), PARAMETERS)
    assert [int(arrays.map_vertex[v]) for v in np.flatnonzero(arrays.in_doorway)] == [1]
    assert {int(arrays.edge_from[e]) for e in range(arrays.n_edges) if arrays.edge_door[e] == "d"} >= {1}


def test_two_doors_in_a_row_are_two_edges() -> None:
    doors = tuple(Door(f"d{x}", "L1", DoorKind.SLIDING, (x, -0.7), (x, 0.7)) for x in (4.0, 4.6))
    arrays = build_level(level_of([(0, 0), (10, 0)], [Lane(0, 0, 1)], doors), (), PARAMETERS)
    assert {d for d in arrays.edge_door if d} == {"d4.0", "d4.6"}
    assert arrays.in_doorway.sum() == 1


def test_near_vertices_count_as_one_with_all_their_flags() -> None:
    vertices = (
        Vertex(0, 0.0, 0.0), Vertex(1, 2.0, 0.0, is_parking_spot=True), Vertex(2, 2.03, 0.0, "spot"),
        Vertex(3, 4.0, 0.0),
    )  # fmt: skip
    level = Level("L1", 0.0, vertices, (Lane(0, 0, 1), Lane(1, 2, 3), Lane(2, 1, 2)))
    arrays = build_level(level, (), PARAMETERS)
    spot = arrays.names.index("spot")
    assert arrays.is_parking[spot] and arrays.is_place[spot] and int(arrays.map_vertex[spot]) == 2
    assert sorted(v for v in arrays.map_vertex if v >= 0) == [0, 2, 3]


def lift_at(x_m: float, y_m: float) -> Lift:
    door = LiftDoor("south", 0.0, -1.1, 0.0, 1.2)
    return Lift("lift", x_m, y_m, 0.0, 2.0, 2.0, (door,), (("L1", ("south",)),), "L1", "L1")


def test_the_berth_stands_clear_of_the_cabin_and_one_edge_boards() -> None:
    vertices = (Vertex(0, 0.0, -6.0), Vertex(1, 0.0, 0.0, lift_cabin="lift"))
    level = Level("L1", 0.0, vertices, (Lane(0, 0, 1),))
    arrays = build_level(level, (lift_at(0.0, 0.0),), PARAMETERS)
    cabin = arrays.cabin_lift.index("lift")
    into = [e for e in range(arrays.n_edges) if int(arrays.edge_to[e]) == cabin]
    assert len(into) == 1
    berth = int(arrays.edge_from[into[0]])
    assert float(arrays.y_m[berth]) == pytest.approx(-1.6, abs=0.01)
    assert not arrays.in_doorway.any()


def test_nobody_waits_in_front_of_a_lift_on_a_passing_lane() -> None:
    level = level_of([(-6, -1.3), (6, -1.3)], [Lane(0, 0, 1)])
    arrays = build_level(level, (lift_at(0.0, 0.0),), PARAMETERS)
    gaps = np.hypot(np.maximum(np.abs(arrays.x_m) - 0.6, 0.0), arrays.y_m + 1.1)
    assert float(gaps.min()) >= 0.5
    assert not arrays.in_doorway.any()


def test_a_vertex_at_a_lift_door_is_flagged() -> None:
    level = level_of([(-6, -1.3), (0, -1.3)], [Lane(0, 0, 1)])
    arrays = build_level(level, (lift_at(0.0, 0.0),), PARAMETERS)
    assert [int(arrays.map_vertex[v]) for v in np.flatnonzero(arrays.in_doorway)] == [1]
    assert set(arrays.edge_door) == {""}


def test_an_empty_level_has_an_empty_roadmap() -> None:
    building = parse_map(format_document(two_levels())).building
    empty = Building("b", (*building.levels, Level("L3", 9.0, (), ())), building.lifts)
    roadmap = build_roadmap(empty)
    assert roadmap.level("L3").n_vertices == 0 and roadmap.level("L3").n_edges == 0
    assert roadmap.find_place("far") == ("L2", roadmap.level("L2").names.index("far"))


@pytest.mark.parametrize("name", ["office", "hotel"])
def test_maps_drawn_by_others(name: str) -> None:
    path = SHARED_MAPS / name / f"{name}.building.yaml"
    if not path.exists():
        pytest.skip(f"no demo map {name} beside the checkout")
    building = load_building(path)
    roadmap = build_roadmap(building)
    for level, arrays in zip(building.levels, roadmap.levels, strict=True):
        check_contract(arrays)
        check_doors(level, arrays, roadmap.parameters)
    expected = {
        "office": {"L1": (50, 102, {"coe_door", "hardware_door"})},
        "hotel": {
            "L1": (114, 226, {"L1_door1", "L1_door2", "L1_door4", "L1_door5"}),
            "L2": (52, 102, {"L2_door2"}),
            "L3": (52, 102, {"L3_door2"}),
        },
    }[name]
    found = {a.level: (a.n_vertices, a.n_edges, set(a.edge_door) - {""}) for a in roadmap.levels}
    assert found == expected


def test_the_same_map_gives_the_same_roadmap() -> None:
    document = generate_tower(levels=2, robots=20)
    first, second = (build_roadmap(parse_map(format_document(document)).building) for _ in range(2))
    for a, b in zip(first.levels, second.levels, strict=True):
        assert a.names == b.names and (a.conflict_idx == b.conflict_idx).all() and (a.x_m == b.x_m).all()
