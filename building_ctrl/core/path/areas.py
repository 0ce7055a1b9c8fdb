"""What of a roadmap a closed area or line touches."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.roadmap import LevelRoadmap

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Point = tuple[float, float]


def closed_edges(rows: LevelRoadmap, points: Sequence[Point], margin_m: float) -> tuple[Bool, Bool]:
    """(edges no robot may enter (m,), vertices that lie inside (n,)) of an area or a line.

    A robot whose centre is within `margin_m` of the area touches it. An edge is closed when its sweep touches the area
    and it does not start inside: robots inside can always drive out.
    """
    x, y = rows.x_m, rows.y_m
    inside = _point_gaps(x, y, points) <= margin_m
    start, end = rows.edge_from, rows.edge_to
    touches = inside[end] | (_edge_gaps(x[start], y[start], x[end], y[end], points) <= margin_m)
    return touches & ~inside[start], inside


def _sides(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    closed = [*points, points[0]] if len(points) > 2 else list(points)
    return list(pairwise(closed))


def _point_gaps(x: Float, y: Float, points: Sequence[Point]) -> Float:
    """(n,) distance to the area or line, 0 inside."""
    gaps = np.full(x.shape, np.inf)
    within = np.zeros(x.shape, dtype=bool)
    for (ax, ay), (bx, by) in _sides(points):
        gaps = np.minimum(gaps, _to_segment(x, y, ax, ay, bx, by))
        if ay != by and len(points) > 2:
            crosses = ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
            within ^= crosses
    return np.where(within, 0.0, gaps)


def _edge_gaps(ax: Float, ay: Float, bx: Float, by: Float, points: Sequence[Point]) -> Float:
    """(m,) distance of straight edges to the area's outline or the line."""
    gaps = np.full(ax.shape, np.inf)
    for (cx, cy), (dx, dy) in _sides(points):
        for px, py in ((cx, cy), (dx, dy)):
            gaps = np.minimum(gaps, _to_segment(np.full(ax.shape, px), np.full(ax.shape, py), ax, ay, bx, by))
        gaps = np.minimum(gaps, _to_segment(ax, ay, cx, cy, dx, dy))
        gaps = np.minimum(gaps, _to_segment(bx, by, cx, cy, dx, dy))
        side_a, side_b = _side(ax, ay, cx, cy, dx, dy), _side(bx, by, cx, cy, dx, dy)
        side_c, side_d = _side(cx, cy, ax, ay, bx, by), _side(dx, dy, ax, ay, bx, by)
        gaps = np.where((side_a * side_b < 0.0) & (side_c * side_d < 0.0), 0.0, gaps)
    return gaps


def _to_segment(
    x: Float, y: Float, ax: Float | float, ay: Float | float, bx: Float | float, by: Float | float
) -> Float:
    dx, dy = np.subtract(bx, ax), np.subtract(by, ay)
    length2 = np.maximum(dx * dx + dy * dy, 1e-12)
    along = np.clip(((x - ax) * dx + (y - ay) * dy) / length2, 0.0, 1.0)
    return np.asarray(np.hypot(x - ax - along * dx, y - ay - along * dy), dtype=np.float64)


def _side(
    x: Float | float, y: Float | float, ax: Float | float, ay: Float | float, bx: Float | float, by: Float | float
) -> Float:
    """Sign tells on which side of the line a-b a point is."""
    return np.asarray(np.subtract(bx, ax) * np.subtract(y, ay) - np.subtract(by, ay) * np.subtract(x, ax))
