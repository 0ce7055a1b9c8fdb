"""True footprints that are no circles, for the checker and for door edges: how far apart they are as they turn.

Circles around footprints find the pairs worth a look; here those are looked at. The geometry is the simulator's own,
so that a mistake in the planners' cannot hide itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.footprint import Footprint
from building_ctrl.sim.compiled import compiled

Float = NDArray[np.float64]
Int = NDArray[np.int64]

STEP_M = 0.01
MOST_STEPS = 64


class TrueShapes:
    """Footprints of all robots; element i belongs to robot i."""

    def __init__(self, footprints: Sequence[Footprint]) -> None:
        most = max(len(f.corners) for f in footprints)
        padded = [[*f.corners, *[f.corners[-1]] * (most - len(f.corners))] for f in footprints]
        self._corners = np.array(padded, dtype=np.float64)
        self._rounding_m = np.array([f.rounding_m for f in footprints], dtype=np.float64)

    @classmethod
    def of(cls, footprints: Sequence[Footprint]) -> TrueShapes | None:
        """None where all are circles, which need no second look."""
        return None if all(f.is_circle for f in footprints) else cls(footprints)

    def refine(self, old_pose: Float, pose: Float, pairs: Int, gaps: Float) -> None:
        """gaps (p,): the least gap of each of the pairs (p, 2) on the way from old_pose to pose, negative where they
        overlap. Poses are (n, 3) [x_m, y_m, yaw_rad]; the way is straight and turns evenly."""
        refine_gaps(self._corners, self._rounding_m, old_pose, pose, pairs, gaps)

    def touching(self, pose: Float, rows: Int, segment: Float) -> Int:
        """Those of the rows (p, 2) [robot, segment] whose footprint covers the segment; segment (k, 4)."""
        kept = np.zeros(rows.shape[0], dtype=np.bool_)
        covers(self._corners, self._rounding_m, pose, rows, segment, kept)
        return rows[kept]


@compiled
def placed(corners: Float, x: float, y: float, yaw: float) -> Float:
    """(k, 2) corners of a footprint at a pose."""
    c, s = math.cos(yaw), math.sin(yaw)
    out = np.empty_like(corners)
    for i in range(corners.shape[0]):
        out[i, 0] = x + c * corners[i, 0] - s * corners[i, 1]
        out[i, 1] = y + s * corners[i, 0] + c * corners[i, 1]
    return out


@compiled
def corner_gap(a: Float, b: Float) -> tuple[float, float]:
    """(least distance of a corner of `a` to an edge of `b`, greatest separation of `a` along a normal of `b`)."""
    least, most = np.inf, -np.inf
    k = b.shape[0]
    for e in range(k):
        px, py = b[e, 0], b[e, 1]
        dx, dy = b[(e + 1) % k, 0] - px, b[(e + 1) % k, 1] - py
        length = math.hypot(dx, dy)
        outside = np.inf
        for i in range(a.shape[0]):
            qx, qy = a[i, 0] - px, a[i, 1] - py
            if length < 1e-9:
                least = min(least, math.hypot(qx, qy))
                continue
            t = min(max((qx * dx + qy * dy) / (length * length), 0.0), 1.0)
            least = min(least, math.hypot(qx - t * dx, qy - t * dy))
            outside = min(outside, (qx * dy - qy * dx) / length)
        if length >= 1e-9:
            most = max(most, outside)
    return least, most


@compiled
def convex_gap(a: Float, b: Float) -> float:
    """Distance of two convex polygons, counter-clockwise; the negative depth where they overlap. Points and segments
    count as polygons."""
    near_a, apart_a = corner_gap(a, b)
    near_b, apart_b = corner_gap(b, a)
    apart = max(apart_a, apart_b)
    if apart > 0.0 or apart == -np.inf:
        return min(near_a, near_b)
    return apart


@compiled
def refine_gaps(corners: Float, rounding_m: Float, old_pose: Float, pose: Float, pairs: Int, gaps: Float) -> None:
    """See TrueShapes.refine."""
    for p in range(pairs.shape[0]):
        i, j = pairs[p, 0], pairs[p, 1]
        moved = 0.0
        turned = np.zeros(2)
        for side in range(2):
            r = pairs[p, side]
            turned[side] = (pose[r, 2] - old_pose[r, 2] + math.pi) % (2.0 * math.pi) - math.pi
            reach = 0.0
            for c in range(corners.shape[1]):
                reach = max(reach, math.hypot(corners[r, c, 0], corners[r, c, 1]))
            way = math.hypot(pose[r, 0] - old_pose[r, 0], pose[r, 1] - old_pose[r, 1])
            moved += way + reach * abs(turned[side])
        steps = min(MOST_STEPS, max(1, math.ceil(moved / STEP_M)))
        least = np.inf
        for k in range(steps + 1):
            t = k / steps
            a = placed(
                corners[i],
                old_pose[i, 0] + t * (pose[i, 0] - old_pose[i, 0]),
                old_pose[i, 1] + t * (pose[i, 1] - old_pose[i, 1]),
                old_pose[i, 2] + t * turned[0],
            )
            b = placed(
                corners[j],
                old_pose[j, 0] + t * (pose[j, 0] - old_pose[j, 0]),
                old_pose[j, 1] + t * (pose[j, 1] - old_pose[j, 1]),
                old_pose[j, 2] + t * turned[1],
            )
            least = min(least, convex_gap(a, b))
        gaps[p] = least - rounding_m[i] - rounding_m[j]


@compiled
def covers(
    corners: Float, rounding_m: Float, pose: Float, rows: Int, segment: Float, kept: NDArray[np.bool_]
) -> None:
    """See TrueShapes.touching."""
    for p in range(rows.shape[0]):
        i = rows[p, 0]
        line = segment[rows[p, 1]].copy().reshape(2, 2)
        shape = placed(corners[i], pose[i, 0], pose[i, 1], pose[i, 2])
        kept[p] = convex_gap(shape, line) < rounding_m[i]
