"""Distances between points and segments in the plane, one by one and in arrays."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Float = NDArray[np.float64]


def point_segment_m(p: Point, a: Point, b: Point) -> float:
    """Distance from p to the segment a-b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    squared = dx * dx + dy * dy
    t = 0.0 if squared == 0.0 else ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / squared
    t = min(1.0, max(0.0, t))
    return math.hypot(a[0] + t * dx - p[0], a[1] + t * dy - p[1])


def segments_cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """True where the segments a-b and c-d share a point."""

    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    def touches(p: Point, q: Point, r: Point) -> bool:
        return point_segment_m(r, p, q) < 1e-9

    if side(a, b, c) * side(a, b, d) < 0.0 and side(c, d, a) * side(c, d, b) < 0.0:
        return True
    return touches(a, b, c) or touches(a, b, d) or touches(c, d, a) or touches(c, d, b)


def segment_segment_m(a: Point, b: Point, c: Point, d: Point) -> float:
    """Least distance between the segments a-b and c-d."""
    if segments_cross(a, b, c, d):
        return 0.0
    return min(
        point_segment_m(a, c, d), point_segment_m(b, c, d), point_segment_m(c, a, b), point_segment_m(d, a, b)
    )


def points_segments_m(px: Float, py: Float, ax: Float, ay: Float, bx: Float, by: Float) -> Float:
    """Distances from points to segments, element by element; all arguments broadcast."""
    dx, dy = bx - ax, by - ay
    squared = dx * dx + dy * dy
    t = ((px - ax) * dx + (py - ay) * dy) / np.where(squared == 0.0, 1.0, squared)
    t = np.clip(t, 0.0, 1.0)
    distance: Float = np.hypot(ax + t * dx - px, ay + t * dy - py)
    return distance


def segments_segments_m(first: Float, second: Float) -> Float:
    """Distances between segments, row by row; both (k, 4) as [ax, ay, bx, by]."""
    ax, ay, bx, by = first.T
    cx, cy, dx, dy = second.T
    distance: Float = np.minimum(
        np.minimum(points_segments_m(ax, ay, cx, cy, dx, dy), points_segments_m(bx, by, cx, cy, dx, dy)),
        np.minimum(points_segments_m(cx, cy, ax, ay, bx, by), points_segments_m(dx, dy, ax, ay, bx, by)),
    )

    def side(px: Float, py: Float, qx: Float, qy: Float, rx: Float, ry: Float) -> Float:
        return (qx - px) * (ry - py) - (qy - py) * (rx - px)

    crossing = (side(ax, ay, bx, by, cx, cy) * side(ax, ay, bx, by, dx, dy) < 0.0) & (
        side(cx, cy, dx, dy, ax, ay) * side(cx, cy, dx, dy, bx, by) < 0.0
    )
    distance[crossing] = 0.0
    return distance


def interval_below(far: Callable[[float], float], limit: float, length: float) -> tuple[float, float] | None:
    """The stretch of [0, length] where `far` is below the limit; None where there is none.

    `far` must be convex, as the distance from a moving point to a convex shape is: then the stretch is one
    interval, its inner point found by ternary search and its ends by bisection.
    """
    low, high = 0.0, length
    for _ in range(60):
        third = (high - low) / 3.0
        if far(low + third) <= far(high - third):
            high -= third
        else:
            low += third
    inner = min((0.0, length, (low + high) / 2.0), key=far)
    if far(inner) >= limit:
        return None
    return _edge_of(far, limit, inner, 0.0), _edge_of(far, limit, inner, length)


def _edge_of(far: Callable[[float], float], limit: float, inside: float, outside: float) -> float:
    if far(outside) < limit:
        return outside
    for _ in range(60):
        middle = (inside + outside) / 2.0
        if far(middle) < limit:
            inside = middle
        else:
            outside = middle
    return outside
