"""Plane geometry of the embedded building and its checker: their own, so that a mistake in the planners'
geometry cannot hide itself. Compiled; metres and radians."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from building_ctrl.sim.compiled import compiled

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@compiled
def segment_distance(px: float, py: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Distance of a point to the segment a-b."""
    dx, dy = bx - ax, by - ay
    length2 = max(dx * dx + dy * dy, 1e-12)
    t = min(max(((px - ax) * dx + (py - ay) * dy) / length2, 0.0), 1.0)
    return math.hypot(px - ax - t * dx, py - ay - t * dy)


@compiled
def inside_rectangle(px: float, py: float, x: float, y: float, yaw: float, width: float, depth: float) -> bool:
    """Whether a point lies in a rectangle centred at x, y, `width` along its own x axis."""
    dx, dy = px - x, py - y
    along = dx * math.cos(yaw) + dy * math.sin(yaw)
    across = dy * math.cos(yaw) - dx * math.sin(yaw)
    return abs(along) <= 0.5 * width and abs(across) <= 0.5 * depth


@compiled
def inside_cabins(x_m: Float, y_m: Float, cabin: Float, out: Bool) -> None:
    """out (n, k): whether point i lies in rectangle k of cabin (k, 5) [x_m, y_m, yaw_rad, width_m,
    depth_m]."""
    for i in range(x_m.shape[0]):
        for k in range(cabin.shape[0]):
            c = cabin[k]
            out[i, k] = inside_rectangle(x_m[i], y_m[i], c[0], c[1], c[2], c[3], c[4])


@compiled
def touching_segments(
    x_m: Float, y_m: Float, radius_m: Float, level: Int, segment: Float, segment_level: Int, out: Int
) -> int:
    """Pairs (circle, segment) on one level that overlap, as rows of out (n * k, 2); returns their number.

    segment_level (k,) is in ascending order.
    """
    found = 0
    k = segment.shape[0]
    for i in range(x_m.shape[0]):
        for s in range(np.searchsorted(segment_level, level[i]), k):
            if segment_level[s] != level[i]:
                break
            a = segment[s]
            if segment_distance(x_m[i], y_m[i], a[0], a[1], a[2], a[3]) < radius_m[i]:
                out[found, 0] = i
                out[found, 1] = s
                found += 1
    return found


@compiled
def near_pairs(
    x_m: Float, y_m: Float, old_x_m: Float, old_y_m: Float, radius_m: Float, group: Int, limit_m: float,
    pairs: Int, gaps: Float,
) -> int:  # fmt: skip
    """Pairs (i < j) of circles of one group whose least gap in straight motion from old to new is at most limit_m.

    pairs (n * n, 2) and gaps (n * n,) are filled; returns the number of pairs. Circles are sorted by group and by the
    lower end of what they sweep along x, so that only those whose sweeps come near each other there are looked at.
    """
    found = 0
    n = x_m.shape[0]
    low = np.empty(n)
    high = np.empty(n)
    for i in range(n):
        low[i] = min(x_m[i], old_x_m[i]) - radius_m[i]
        high[i] = max(x_m[i], old_x_m[i]) + radius_m[i]
    by_low = np.argsort(low)
    order = by_low[np.argsort(group[by_low], kind="mergesort")]
    for a in range(n):
        first = order[a]
        for b in range(a + 1, n):
            second = order[b]
            if group[first] != group[second] or low[second] - high[first] > limit_m:
                break
            i, j = min(first, second), max(first, second)
            away = segment_distance(
                0.0, 0.0, old_x_m[j] - old_x_m[i], old_y_m[j] - old_y_m[i], x_m[j] - x_m[i], y_m[j] - y_m[i]
            )
            gap = away - radius_m[i] - radius_m[j]
            if gap <= limit_m:
                pairs[found, 0] = i
                pairs[found, 1] = j
                gaps[found] = gap
                found += 1
    return found


def rotated(x: float, y: float, yaw: float) -> tuple[float, float]:
    """A point turned about the origin."""
    return x * math.cos(yaw) - y * math.sin(yaw), x * math.sin(yaw) + y * math.cos(yaw)
