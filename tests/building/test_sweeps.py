"""Conflict sets of several footprints: no pair that sampling finds in touch is missed, and few are listed for
nothing. The sampling shares no geometry with what it judges."""

from __future__ import annotations

import itertools
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
from _sampled_sweeps import Sampler, touch

from building_ctrl.building.convex import convex_hull, near_pieces, pieces_of, polygon_gaps_m
from building_ctrl.building.roadmap import build_level
from building_ctrl.building.sweeps import SMOOTH_BEND_RAD
from building_ctrl.core.motion.parameters import PilotParameters
from building_ctrl.model.building import Lane, Level, Vertex
from building_ctrl.model.footprint import circle, polygon, rectangle
from building_ctrl.model.roadmap import LevelRoadmap, RoadmapParameters
from building_ctrl.model.robot_class import RobotClass, RobotClasses

SHAPES = (circle(0.25), circle(0.4), rectangle(0.9, 0.6), polygon(((-0.3, -0.35), (0.6, 0.0), (-0.3, 0.35))))
COORDINATE = st.integers(0, 16).map(lambda n: n * 0.25)


@dataclass(frozen=True)
class World:
    classes: RobotClasses
    arrays: LevelRoadmap


@st.composite
def worlds(draw: st.DrawFn) -> World:
    points = draw(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=5, unique=True))
    pairs = list(itertools.permutations(range(len(points)), 2))
    lanes = [
        Lane(i, a, b, bidirectional=draw(st.booleans()))
        for i, (a, b) in enumerate(draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=4)))
    ]
    shapes = draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=2))
    classes = RobotClasses(
        [RobotClass(f"c{i}", shape, draw(st.sampled_from([0.05, 0.10]))) for i, shape in enumerate(shapes)]
    )
    return world(points, lanes, classes)


def world(points: list[tuple[float, float]], lanes: list[Lane], classes: RobotClasses) -> World:
    level = Level("L1", 0.0, tuple(Vertex(i, x, y) for i, (x, y) in enumerate(points)), tuple(lanes))
    return World(classes, build_level(level, (), RoadmapParameters(), classes))


@given(worlds())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_no_conflict_is_missed(made: World) -> None:
    assume(made.arrays.n_edges <= 20)
    check_none_missed(made, 0.12)


@st.composite
def one_way_lanes(draw: st.DrawFn) -> World:
    """Two long one-way lanes near each other: away from their ends only the footprints decide, not the circles."""
    angle = draw(st.sampled_from([0.0, 0.1, -0.2, math.pi, math.pi - 0.1]))
    x, y = draw(st.floats(-1.0, 1.0)), draw(st.floats(0.4, 1.2))
    x += 4.5 if abs(angle) > 1.0 else 0.0
    points = [(0.0, 0.0), (4.5, 0.0), (x, y), (x + 4.5 * math.cos(angle), y + 4.5 * math.sin(angle))]
    lanes = [Lane(0, 0, 1, bidirectional=False), Lane(1, 2, 3, bidirectional=False)]
    shape = draw(st.sampled_from(SHAPES[2:]))
    return world(points, lanes, RobotClasses([RobotClass("a", shape, draw(st.sampled_from([0.05, 0.10])))]))


@given(one_way_lanes())
@settings(max_examples=15, deadline=None)
def test_no_conflict_is_missed_between_lanes_without_turns(made: World) -> None:
    arrays = made.arrays
    for vertex in np.flatnonzero(~arrays.may_turn).tolist():
        into, out = arrays.edge_to == vertex, arrays.edge_from == vertex
        assert into.sum() == out.sum() == 1 and arrays.map_vertex[vertex] < 0
    assert arrays.may_turn.sum() == 4
    check_none_missed(made, 0.10)


def check_none_missed(made: World, step_m: float) -> None:
    arrays = made.arrays
    sampler = Sampler(arrays, made.classes, step_m)
    error = [sampler.class_of(v).tracking_error_m for v in range(arrays.n_vertices)]
    stood = [sampler.turned_at(v) for v in range(arrays.n_vertices)]
    driven = [sampler.driven_on(e) for e in range(arrays.n_edges)]
    for e in range(arrays.n_edges):
        start = int(arrays.edge_from[e])
        clear = set(arrays.clear_idx[arrays.clear_ptr[e] : arrays.clear_ptr[e + 1]].tolist())
        assert int(arrays.edge_to[e]) in clear and start not in clear
        for v in range(arrays.n_vertices):
            if v != start and touch(driven[e], stood[v], error[start] + error[v]):
                assert v in clear
        found = set(arrays.conflicts(e).tolist())
        assert e in found
        for f in range(e, arrays.n_edges):
            assert (f in found) == (e in arrays.conflicts(f))
            if touch(driven[e], driven[f], error[start] + error[int(arrays.edge_from[f])]):
                assert f in found
    for v, w in itertools.combinations(range(arrays.n_vertices), 2):
        near = set(arrays.stand_idx[arrays.stand_ptr[v] : arrays.stand_ptr[v + 1]].tolist())
        if touch(stood[v], stood[w], error[v] + error[w]):
            assert w in near


@given(worlds())
@settings(max_examples=40, deadline=None)
def test_who_ends_at_a_vertex_keeps_its_neighbours_clear(made: World) -> None:
    arrays = made.arrays
    for e in range(arrays.n_edges):
        end = int(arrays.edge_to[e])
        near = set(arrays.stand_idx[arrays.stand_ptr[end] : arrays.stand_ptr[end + 1]].tolist())
        clear = set(arrays.clear_idx[arrays.clear_ptr[e] : arrays.clear_ptr[e + 1]].tolist())
        assert near - {int(arrays.edge_from[e])} <= clear


@given(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=6, unique=True), st.sampled_from([0.2, 0.45]))
@settings(max_examples=40, deadline=None)
def test_circles_of_two_classes_are_as_exact_as_those_of_one(points: list[tuple[float, float]], radius: float) -> None:
    lanes = [Lane(i, i, i + 1) for i in range(len(points) - 1)]
    one = world(points, lanes, RobotClasses([RobotClass("a", circle(radius))])).arrays
    twice = RobotClasses([RobotClass("a", circle(radius)), RobotClass("b", circle(radius))])
    both = world(points, lanes, twice).arrays
    n, m = one.n_vertices, one.n_edges
    assert both.n_vertices == 2 * n and both.n_edges == 2 * m
    for e in range(m):
        assert sorted({f % m for f in both.conflicts(e).tolist()}) == one.conflicts(e).tolist()
        assert len(both.conflicts(e)) == 2 * len(one.conflicts(e))


@given(
    st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=1, max_size=6),
    st.lists(st.tuples(st.floats(-1, 4), st.floats(-1, 4)), min_size=1, max_size=6),
)
@settings(max_examples=100, deadline=None)
def test_gaps_of_polygons(first: list[tuple[float, float]], second: list[tuple[float, float]]) -> None:
    a, b = convex_hull(first), convex_hull(second)
    gap = float(polygon_gaps_m(np.array([a]), np.array([b]))[0])
    sampled = np.array(filled(a)), np.array(filled(b))
    nearest = float(np.sqrt(((sampled[0][:, None] - sampled[1][None]) ** 2).sum(axis=2)).min())
    assert nearest - 0.6 <= gap <= nearest + 1e-9


def filled(corners: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Mixtures of the corners: points all over a convex polygon."""
    found = [
        tuple((1 - t) * p + t * q for p, q in zip(a, b, strict=True))
        for a in corners
        for b in corners
        for t in np.linspace(0.0, 1.0, 11)
    ]
    middle = np.mean(corners, axis=0)
    return [tuple(middle + s * (np.array(p) - middle)) for p in found for s in (1.0, 0.75, 0.5, 0.25, 0.0)]  # type: ignore[misc]


def test_pieces_of_different_lengths() -> None:
    made = pieces_of([[(0.0, 0.0)], [(5.0, 0.0), (6.0, 0.0), (6.0, 1.0)]], [0.5, 0.1])
    i, j = near_pieces(made, pieces_of([[(0.8, 0.0)], [(6.2, 0.5)]], [0.31, 0.11]))
    assert list(zip(i.tolist(), j.tolist(), strict=True)) == [(0, 0), (1, 1)]


def test_a_one_way_lane_needs_no_room_to_turn() -> None:
    """Two rectangles pass each other on parallel one-way lanes on which two circles around them could not."""
    points = [(0.0, 0.0), (6.0, 0.0), (6.0, 1.1), (0.0, 1.1)]
    lanes = [Lane(0, 0, 1, bidirectional=False), Lane(1, 2, 3, bidirectional=False)]
    arrays = world(points, lanes, RobotClasses([RobotClass("cart", rectangle(0.9, 0.6))])).arrays
    inner = [e for e in range(arrays.n_edges) if not arrays.may_turn[arrays.edge_from[e]]]
    assert inner and arrays.may_turn.sum() == 4
    free = [e for e in inner if not arrays.may_turn[arrays.edge_to[e]]]
    for e in free:
        assert all(
            arrays.y_m[arrays.edge_from[f]] == arrays.y_m[arrays.edge_from[e]]
            for f in arrays.conflicts(e).tolist()
            if f in free
        )
    round_ones = world(points, lanes, RobotClasses([RobotClass("disc", circle(rectangle(0.9, 0.6).radius_m))])).arrays
    assert len(round_ones.conflict_idx) > len(arrays.conflict_idx)


def test_classes_keep_bits_of_their_own() -> None:
    classes = RobotClasses([RobotClass("a", graphs=(0, 2)), RobotClass("b", graphs=(1,)), RobotClass("c", graphs=(2,))])
    assert [robots.mask for robots in classes.all] == [0b101, 0b010, 1 << 31]
    with pytest.raises(ValueError, match="given twice"):
        RobotClasses([RobotClass("a"), RobotClass("a")])
    with pytest.raises(ValueError, match="no graph bit is left"):
        RobotClasses([RobotClass(f"c{i}") for i in range(34)])


def test_names_resolve_in_the_graph_of_the_class() -> None:
    vertices = (Vertex(0, 0.0, 0.0, "home"), Vertex(1, 5.0, 0.0, is_parking_spot=True), Vertex(2, 9.0, 0.0, "far"))
    lanes = (Lane(0, 0, 1), Lane(1, 1, 2, graph_idx=1))
    classes = RobotClasses([RobotClass("a", circle(0.25)), RobotClass("b", circle(0.5), graphs=(0, 1))])
    arrays = build_level(Level("L1", 0.0, vertices, lanes), (), RoadmapParameters(), classes)
    a, b = (robots.mask for robots in classes.all)
    assert arrays.vertex_of("home", a) != arrays.vertex_of("home", b) >= 0
    assert arrays.vertex_of("far", a) == -1 and arrays.names[arrays.vertex_of("far", b)] == "far"
    parked = next(v for v in range(arrays.n_vertices) if arrays.is_parking[v])
    twin = arrays.vertex_of(f"#{parked}", b)
    assert twin != parked and arrays.map_vertex[twin] == arrays.map_vertex[parked] == 1
    assert arrays.nearest_vertex(5.0, 0.0, b) == (twin, 0.0)
    assert arrays.nearest_vertex(5.0, 0.0, 1 << 9) == (-1, math.inf)


@pytest.mark.parametrize(
    ("corners", "problem"),
    [
        (((0.0, 0.0), (1.0, 0.0)), "at least 3"),
        (((-1.0, -1.0), (1.0, -1.0), (0.2, 0.0), (1.0, 1.0), (-1.0, 1.0)), "not convex"),
        (((0.5, -1.0), (1.0, -1.0), (1.0, 1.0), (0.5, 1.0)), "must lie inside"),
        (((-9.0, -1.0), (1.0, -1.0), (1.0, 1.0)), "beyond"),
        (((0.0, 1.0), (-0.6, -0.8), (0.95, 0.3), (-0.95, 0.3), (0.6, -0.8)), "crosses itself"),
    ],
)
def test_footprints_that_are_none(corners: tuple[tuple[float, float], ...], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        polygon(corners)


def test_a_polygon_may_be_given_either_way_round() -> None:
    corners = ((-0.3, -0.35), (0.6, 0.0), (-0.3, 0.35))
    assert polygon(corners) == polygon(corners[::-1]) or set(polygon(corners[::-1]).corners) == set(corners)
    assert rectangle(0.9, 0.6).width_m == pytest.approx(0.6) and rectangle(0.9, 0.6).length_m == pytest.approx(0.9)
    assert rectangle(0.9, 0.6).radius_m == pytest.approx(math.hypot(0.45, 0.3))


def test_robots_turn_on_the_spot_where_sweeps_say_so() -> None:
    """The pilot drives through bends up to its own limit; sweeps have to reckon with the same one."""
    assert PilotParameters().corner_rad == SMOOTH_BEND_RAD
    assert PilotParameters().tracking_error_m == RobotClass("any").tracking_error_m


def test_where_robots_turn() -> None:
    """At ends, at corners and wherever a lane may be driven both ways; not in passing on a one-way lane."""
    points = [(0.0, 0.0), (5.0, 0.0), (5.0, 5.0), (9.0, 6.0)]
    lanes = [Lane(i, i, i + 1, bidirectional=False) for i in range(3)]
    cart = RobotClasses([RobotClass("cart", rectangle(0.9, 0.6))])
    arrays = world(points, lanes, cart).arrays
    assert [bool(arrays.may_turn[v]) for v in range(4)] == [True, True, True, True]
    assert not arrays.may_turn[4:].any()
    both_ways = [Lane(0, 0, 1), Lane(1, 1, 2), Lane(2, 2, 3)]
    assert world(points, both_ways, cart).arrays.may_turn.all()
    bent = world([(0.0, 0.0), (4.0, 0.0), (8.0, 1.0)], lanes[:2], cart).arrays
    assert not bent.may_turn[1]
