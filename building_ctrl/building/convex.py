"""Convex pieces of the plane with rounded corners, and which of them come nearer to each other than nothing.

A piece is all points within a rounding of a convex polygon; one corner makes a disc, two a capsule.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.building.geometry import Float, Point, points_segments_m

Int = NDArray[np.int64]

EPSILON_M = 1e-9
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Pieces:
    """`corners` (p, k, 2) metres, counter-clockwise, the last repeated where a piece has fewer than k; `rounding_m`
    (p,)."""

    corners: Float
    rounding_m: Float

    def __len__(self) -> int:
        return int(self.rounding_m.shape[0])


def pieces_of(polygons: Sequence[Sequence[Point]], rounding_m: Sequence[float]) -> Pieces:
    """Pieces from lists of corners of any length."""
    most = max((len(corners) for corners in polygons), default=1)
    padded = [[*corners, *[corners[-1]] * (most - len(corners))] for corners in polygons]
    return Pieces(np.array(padded, np.float64).reshape(-1, most, 2), np.array(rounding_m, np.float64))


def convex_hull(points: Sequence[Point]) -> list[Point]:
    """Corners of the convex hull, counter-clockwise (monotone chain; Andrew, 1979)."""
    ordered = sorted(set(points))
    if len(ordered) <= 2:
        return ordered

    def chain(along: Sequence[Point]) -> list[Point]:
        kept: list[Point] = []
        for p in along:
            while len(kept) > 1 and _turn(kept[-2], kept[-1], p) <= 1e-12:
                kept.pop()
            kept.append(p)
        return kept[:-1]

    return chain(ordered) + chain(ordered[::-1])


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def near_pieces(first: Pieces, second: Pieces) -> tuple[Int, Int]:
    """Pairs (i, j) of a first and a second piece that overlap: bounding boxes block by block, then exactly."""
    found_i: list[Int] = [np.zeros(0, np.int64)]
    found_j: list[Int] = [np.zeros(0, np.int64)]
    low, high = _boxes(second)
    row_low, row_high = _boxes(first)
    for begin in range(0, len(first), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        boxes = (row_low[block, None, 0] < high[None, :, 0]) & (row_high[block, None, 0] > low[None, :, 0])
        boxes &= (row_low[block, None, 1] < high[None, :, 1]) & (row_high[block, None, 1] > low[None, :, 1])
        i, j = np.nonzero(boxes)
        i += begin
        limit = first.rounding_m[i] + second.rounding_m[j] - EPSILON_M
        near = polygon_gaps_m(first.corners[i], second.corners[j]) < limit
        found_i.append(i[near])
        found_j.append(j[near])
    return np.concatenate(found_i), np.concatenate(found_j)


def _boxes(pieces: Pieces) -> tuple[Float, Float]:
    grown = pieces.rounding_m[:, None]
    return pieces.corners.min(axis=1) - grown, pieces.corners.max(axis=1) + grown


def polygon_gaps_m(first: Float, second: Float) -> Float:
    """(p,) distances between the convex polygons of first (p, k, 2) and second (p, l, 2), 0 where they overlap.

    Convex polygons are apart where an edge's normal or direction, or the line between them, separates them; the
    distance is then that of a corner of one to an edge of the other.
    """
    if len(first) == 0:
        return np.zeros(0)
    gaps = np.minimum(_corners_to_edges(first, second), _corners_to_edges(second, first))
    return np.where(_separated(first, second), gaps, 0.0)


def _corners_to_edges(corners: Float, polygon: Float) -> Float:
    least = np.full(len(corners), np.inf)
    px, py = corners[:, :, 0], corners[:, :, 1]
    k = polygon.shape[1]
    for edge in range(k if k > 2 else 1):
        a, b = polygon[:, edge, None, :], polygon[:, (edge + 1) % k, None, :]
        distance = points_segments_m(px, py, a[..., 0], a[..., 1], b[..., 0], b[..., 1])
        np.minimum(least, distance.min(axis=1), out=least)
    return least


def _separated(first: Float, second: Float) -> NDArray[np.bool_]:
    apart = np.zeros(len(first), dtype=np.bool_)
    axes = [second.mean(axis=1) - first.mean(axis=1)]
    for polygon in (first, second):
        along = np.roll(polygon, -1, axis=1) - polygon
        for edge in range(polygon.shape[1]):
            axes += [along[:, edge], np.stack([-along[:, edge, 1], along[:, edge, 0]], axis=1)]
    for axis in axes:
        one = np.einsum("pkd,pd->pk", first, axis)
        other = np.einsum("pkd,pd->pk", second, axis)
        slack = 1e-12 * (axis**2).sum(axis=1)
        apart |= (other.min(axis=1) > one.max(axis=1) + slack) | (one.min(axis=1) > other.max(axis=1) + slack)
    return apart


def rotated(corners: Sequence[Point], angle_rad: float) -> list[Point]:
    """The corners turned counter-clockwise about the origin."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return [(c * x - s * y, s * x + c * y) for x, y in corners]
