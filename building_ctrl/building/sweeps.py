"""What robots of a class sweep on their part of a level, and from it the conflict sets of several classes together.

A robot that stands at a vertex may turn there and then needs the circle around its turning point, except where every
way on is straight ahead. On an edge it sweeps the hull of its footprint at both ends, with the headings it may have:
off the edge's direction by the class's heading error, and by the bends it drives through without stopping. All is
grown by the tracking error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.building.conflicts import Csr, Int, csr, expand
from building_ctrl.building.convex import Pieces, convex_hull, near_pieces, pieces_of, rotated
from building_ctrl.building.draft import Draft
from building_ctrl.building.geometry import Point
from building_ctrl.model.robot_class import RobotClass

SMOOTH_BEND_RAD = 0.35  # robots stop and turn on the spot at corners beyond this
STRAIGHT_RAD = 0.02
_HEADING_STEP_RAD = 0.25


@dataclass(frozen=True, slots=True)
class Sweeps:
    """Of one class: what standing at each vertex (n pieces) and driving each edge (m pieces) covers.

    A move along an edge needs the pieces of its two ends as well. `may_turn` (n,) says where there is room to turn.
    """

    stand: Pieces
    drive: Pieces
    may_turn: NDArray[np.bool_]


def sweeps_of(draft: Draft, robots: RobotClass) -> Sweeps:
    """Sweeps of all vertices and edges of a draft, in its order."""
    footprint, margin_m = robots.footprint, robots.tracking_error_m
    turning_m = footprint.radius_m + margin_m
    points = draft.points
    if footprint.is_circle:
        lines = [(points[e.start], points[e.end]) for e in draft.edges]
        return Sweeps(
            pieces_of([[p] for p in points], [turning_m] * len(points)),
            pieces_of(lines, [turning_m] * len(lines)),
            np.ones(len(points), np.bool_),
        )
    bends = _Bends(draft)
    shapes = _Shapes(robots)
    turns = [bends.must_turn(v) for v in range(len(points))]
    standing = []
    for v, point in enumerate(points):
        straight = [] if turns[v] else shapes.swept(0.0, *bends.headings(v), point)
        standing.append(([point], turning_m) if turns[v] else (straight, shapes.rounding_m))
    driving = []
    for number, edge in enumerate(draft.edges):
        low, high = bends.range_on(number)
        length_m = math.dist(points[edge.start], points[edge.end])
        driving.append(shapes.swept(length_m, low, high, points[edge.start], bends.heading[number]))
    return Sweeps(
        pieces_of([corners for corners, _ in standing], [r for _, r in standing]),
        pieces_of(driving, [shapes.rounding_m] * len(driving)),
        np.array(turns, np.bool_),
    )


def passage_width_m(robots: RobotClass) -> float:
    """How wide an opening must be for robots of a class to drive through it straight on."""
    off_rad = robots.heading_error_rad
    across = [y for sense in (-1.0, 0.0, 1.0) for _, y in rotated(robots.footprint.corners, sense * off_rad)]
    return 2.0 * (max(abs(y) for y in across) + robots.footprint.rounding_m + robots.tracking_error_m)


class _Shapes:
    """Hulls of a footprint over a straight and a range of headings; those of equal straights are made once."""

    def __init__(self, robots: RobotClass) -> None:
        self._footprint = robots.footprint
        self._error_rad = robots.heading_error_rad
        # Between two sampled headings a corner runs on an arc, at most this far outside of their chord.
        sagitta_m = self._footprint.radius_m * (1.0 - math.cos(_HEADING_STEP_RAD / 2.0))
        self.rounding_m = self._footprint.rounding_m + robots.tracking_error_m + sagitta_m
        self._known: dict[tuple[float, float, float], list[Point]] = {}

    def swept(
        self, length_m: float, low_rad: float, high_rad: float, start: Point, along_rad: float = 0.0
    ) -> list[Point]:
        """Corners of the hull over a straight from `start`, headings from low to high relative to its direction."""
        key = (round(length_m, 9), round(low_rad, 9), round(high_rad, 9))
        local = self._known.get(key)
        if local is None:
            local = self._known[key] = self._hull(*key)
        return [(start[0] + x, start[1] + y) for x, y in rotated(local, along_rad)]

    def _hull(self, length_m: float, low_rad: float, high_rad: float) -> list[Point]:
        low, high = low_rad - self._error_rad, high_rad + self._error_rad
        steps = max(1, math.ceil((high - low) / _HEADING_STEP_RAD))
        corners = []
        for step in range(steps + 1):
            turned = rotated(self._footprint.corners, low + (high - low) * step / steps)
            corners += [(x + reach, y) for x, y in turned for reach in {0.0, length_m}]
        return convex_hull(corners)


class _Bends:
    """Directions of a draft's edges and how they change at its vertices."""

    def __init__(self, draft: Draft) -> None:
        points, edges = draft.points, draft.edges
        self._edges = edges
        self.heading = [
            math.atan2(points[e.end][1] - points[e.start][1], points[e.end][0] - points[e.start][0])
            for e in edges
        ]
        self._into: list[list[int]] = [[] for _ in points]
        self._out: list[list[int]] = [[] for _ in points]
        for number, edge in enumerate(edges):
            self._into[edge.end].append(number)
            self._out[edge.start].append(number)

    def must_turn(self, vertex: int) -> bool:
        """Whether some way through the vertex, or from a start there, needs a turn on the spot."""
        into, out = self._into[vertex], self._out[vertex]
        if not into or not out:
            return True
        return any(abs(self._bend(a, b)) > SMOOTH_BEND_RAD for a in into for b in out)

    def headings(self, vertex: int) -> tuple[float, float]:
        """(lowest, highest) heading on the ways through a vertex at which nobody turns."""
        first = self.heading[self._into[vertex][0]]
        around = [*self._into[vertex], *self._out[vertex]]
        off = [_wrapped(self.heading[e] - first) for e in around]
        return first + min(off), first + max(off)

    def range_on(self, edge: int) -> tuple[float, float]:
        """(lowest, highest) heading relative to the edge's, of robots that round the bends at its ends in passing."""
        before = [-self._bend(other, edge) for other in self._into[self._edges[edge].start]]
        after = [self._bend(edge, other) for other in self._out[self._edges[edge].end]]
        smooth = [b for b in (*before, *after) if STRAIGHT_RAD < abs(b) <= SMOOTH_BEND_RAD]
        return min((0.0, *smooth)), max((0.0, *smooth))

    def _bend(self, before: int, after: int) -> float:
        return _wrapped(self.heading[after] - self.heading[before])


def _wrapped(angle_rad: float) -> float:
    return (angle_rad + math.pi) % (2.0 * math.pi) - math.pi


@dataclass(frozen=True, slots=True)
class _Touching:
    """Index pairs that touch, over all classes: vertex-vertex, vertex-edge and edge-edge."""

    vertex_vertex: tuple[Int, Int]
    vertex_edge: tuple[Int, Int]
    edge_edge: tuple[Int, Int]


def joint_conflict_sets(sweeps: list[Sweeps], edge_from: Int, edge_to: Int) -> tuple[Csr, Csr, Csr]:
    """(clear, stand, conflict) as LevelRoadmap describes them; vertices and edges numbered class after class."""
    touching = _touching(sweeps)
    n, m = sum(len(s.stand) for s in sweeps), len(edge_from)
    ends = csr(np.concatenate([edge_from, edge_to]), np.concatenate([np.arange(m)] * 2), n)

    v, w = touching.vertex_vertex
    apart = v != w
    stand = csr(v[apart], w[apart], n)

    near_v, near_e = touching.vertex_edge
    at_end, beside = expand(ends, v, w)
    row, vertex = _unique(np.concatenate([near_e, at_end]), np.concatenate([near_v, beside]), n)
    others = edge_from[row] != vertex

    e, f = touching.edge_edge
    at_vertex, driving = expand(ends, near_v, near_e)
    at_other_end, at_first_end = expand(ends, beside, at_end)
    first = np.concatenate([e, at_vertex, driving, at_first_end, np.arange(m)])
    second = np.concatenate([f, driving, at_vertex, at_other_end, np.arange(m)])
    return csr(row[others], vertex[others], m), stand, csr(*_unique(first, second, m), m)


def _touching(sweeps: list[Sweeps]) -> _Touching:
    at_v = np.cumsum([0, *(len(s.stand) for s in sweeps)])
    at_e = np.cumsum([0, *(len(s.drive) for s in sweeps)])
    found: tuple[list[tuple[Int, Int]], list[tuple[Int, Int]], list[tuple[Int, Int]]] = ([], [], [])
    for k, one in enumerate(sweeps):
        for j, other in enumerate(sweeps):
            pairs = (
                (found[0], one.stand, other.stand, at_v[k], at_v[j]),
                (found[1], one.stand, other.drive, at_v[k], at_e[j]),
                (found[2], one.drive, other.drive, at_e[k], at_e[j]),
            )
            for into, first, second, base, other_base in pairs:
                a, b = near_pieces(first, second)
                into.append((a + base, b + other_base))
    joined = [
        (np.concatenate([a for a, _ in part]), np.concatenate([b for _, b in part])) for part in found
    ]
    return _Touching(*joined)


def _unique(rows: Int, columns: Int, n_columns: int) -> tuple[Int, Int]:
    keys = np.unique(rows.astype(np.int64) * max(1, n_columns) + columns)
    return keys // max(1, n_columns), keys % max(1, n_columns)
