"""Walls and floors in the plane: corners close, openings open, holes stay holes."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from building_ctrl.building.geometry import point_segment_m
from building_ctrl.gazebo.export.plan import STRIP_M, Opening, Rectangle, opening_of, slabs, standing_walls

T = 0.10
angles = st.floats(-math.pi, math.pi)


def polar(length: float, angle: float) -> tuple[float, float]:
    return length * math.cos(angle), length * math.sin(angle)


def inside(area: Rectangle, point: tuple[float, float], margin: float = 0.0) -> bool:
    x, y = area.local(point)
    return area.left_m + margin < x < area.right_m - margin and area.low_m + margin < y < area.high_m - margin


@given(angles, angles)
def test_two_walls_that_meet_close_the_corner(first: float, second: float) -> None:
    assume(abs(math.remainder(first - second, 2 * math.pi)) > 0.1)
    corner = (0.0, 0.0)
    walls = standing_walls([(polar(3.0, first), corner), (corner, polar(3.0, second))], (), T)
    assert len(walls) == 2
    for a, b in walls:
        assert math.dist(a, b) == pytest.approx(3.0 + T / 2)
        assert point_segment_m(corner, a, b) < 1e-9


@given(angles)
def test_a_wall_that_ends_on_another_reaches_into_it_and_its_free_end_stays(angle: float) -> None:
    stem = ((0.0, 0.0), polar(2.0, angle))
    bar = (polar(5.0, angle + 1.3), polar(-5.0, angle + 1.3))
    _, (a, b) = standing_walls([bar, stem], (), T)
    assert math.dist(a, b) == pytest.approx(2.0 + T / 2)
    assert b == pytest.approx(stem[1])


def test_a_door_cuts_the_wall_it_is_drawn_in_and_no_other() -> None:
    door = opening_of((2.0, 0.0), (3.0, 0.0), 0.2)
    across = ((2.0, -1.0), (2.0, 1.0))
    walls = standing_walls([((0.0, 0.05), (6.0, 0.05)), across], [door], T)
    assert [tuple(round(x, 3) for p in wall for x in p) for wall in walls] == [
        (0.0, 0.05, 2.0, 0.05),
        (3.0, 0.05, 6.0, 0.05),
        (2.0, -1.0, 2.0, 1.0),
    ]


def test_walls_drawn_twice_and_walls_without_length_stand_once_or_not() -> None:
    wall = ((0.0, 0.0), (1.0, 0.0))
    assert len(standing_walls([wall, wall, (wall[1], wall[0]), (wall[0], wall[0])], (), T)) == 1


@given(st.floats(0, 6), st.floats(-3, 3), angles, st.floats(0.3, 2), st.floats(0.3, 2))
def test_nothing_of_a_wall_is_left_in_a_shaft(x: float, y: float, yaw: float, width: float, depth: float) -> None:
    shaft = Rectangle(x, y, yaw, -width, -depth, width, depth)
    for a, b in standing_walls([((0.0, 0.0), (6.0, 0.0))], [Opening(shaft, parallel_only=False)], T):
        for k in range(101):
            point = (a[0] + (b[0] - a[0]) * k / 100, a[1] + (b[1] - a[1]) * k / 100)
            assert not inside(shaft, point, 1e-6)


shafts = st.tuples(st.floats(-8, 8), st.floats(-8, 8), st.floats(0.6, 1.5), st.floats(0.6, 1.5))
OUTLINE = [(-12.0, -12.0), (12.0, -12.0), (12.0, 12.0), (-12.0, 12.0)]


@given(st.lists(shafts, max_size=4), st.sampled_from([0.0, 0.4, -1.1]))
def test_slabs_cover_all_beside_the_holes_once(drawn: list[tuple[float, float, float, float]], yaw: float) -> None:
    holes = [Rectangle(x, y, yaw, -w, -d, w, d) for x, y, w, d in drawn]
    found = slabs(OUTLINE, holes)
    for i in range(-23, 24, 2):
        for j in range(-23, 24, 2):
            point = (0.5 * i + 0.0317, 0.5 * j + 0.0171)
            if any(inside(hole, point, -2e-3) for hole in holes):
                assert not any(inside(slab, point, 2e-3) for slab in found) or not any(
                    inside(hole, point, 4e-3) for hole in holes
                )
            else:
                assert sum(inside(slab, point, -1e-6) for slab in found) >= 1
    for one, other in combinations(found, 2):
        assert not inside(one, other.centre)


@given(st.floats(0.1, 1.4))
def test_a_hole_turned_against_the_first_keeps_its_shape_to_a_strip(yaw: float) -> None:
    straight = Rectangle(-5.0, 0.0, 0.0, -1.0, -1.0, 1.0, 1.0)
    turned = Rectangle(5.0, 0.0, yaw, -1.0, -1.0, 1.0, 1.0)
    found = slabs(OUTLINE, [straight, turned])
    for k in range(40):
        angle = 2 * math.pi * k / 40
        out = STRIP_M * 2.0
        edge = (1.0 + out) / max(abs(math.cos(angle)), abs(math.sin(angle)))
        assert any(inside(slab, turned.point(*polar(edge, angle)), -1e-6) for slab in found)
        within = (1.0 - 1e-3) / max(abs(math.cos(angle)), abs(math.sin(angle)))
        assert not any(inside(slab, turned.point(*polar(within, angle))) for slab in found)
