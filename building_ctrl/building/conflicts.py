"""Conflict sets of a level: which standing and moving discs come too near to each other.

Every robot is a disc whose centre follows straight edges; two are too near where their centres may come
closer than `separation_m`. Sets are exact for straight edges: the sweep of an edge is a capsule around its
segment.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from building_ctrl.building.geometry import Float, points_segments_m, segments_segments_m

Int = NDArray[np.int64]
Csr = tuple[NDArray[np.int32], NDArray[np.int32]]

EPSILON_M = 1e-9
_BLOCK = 512


def near_segment_pairs(first: Float, second: Float, separation_m: float) -> tuple[Int, Int]:
    """Pairs (i, j) of rows of the (k, 4) first and (l, 4) second segments nearer than separation_m."""
    return _near(first, second, separation_m, segments_segments_m)


def near_points(points: Float, segments: Float, separation_m: float) -> tuple[Int, Int]:
    """Pairs (segment, point) nearer than separation_m; points are (n, 2)."""

    def distance(segment_rows: Float, point_rows: Float) -> Float:
        ax, ay, bx, by = segment_rows.T
        return points_segments_m(point_rows[:, 0], point_rows[:, 1], ax, ay, bx, by)

    boxes = np.concatenate([points, points], axis=1) if len(points) else np.zeros((0, 4))
    return _near(segments, boxes, separation_m, distance)


def _near(
    first: Float, second: Float, separation_m: float, distance: Callable[[Float, Float], Float]
) -> tuple[Int, Int]:
    """Pairs of rows nearer than separation_m: bounding boxes block by block, then the exact distance."""
    found_i: list[Int] = [np.zeros(0, np.int64)]
    found_j: list[Int] = [np.zeros(0, np.int64)]
    low = np.minimum(second[:, :2], second[:, 2:])
    high = np.maximum(second[:, :2], second[:, 2:])
    for begin in range(0, len(first), _BLOCK):
        rows = first[begin : begin + _BLOCK]
        row_low = np.minimum(rows[:, :2], rows[:, 2:]) - separation_m
        row_high = np.maximum(rows[:, :2], rows[:, 2:]) + separation_m
        boxes = (row_low[:, None, 0] < high[None, :, 0]) & (row_high[:, None, 0] > low[None, :, 0])
        boxes &= (row_low[:, None, 1] < high[None, :, 1]) & (row_high[:, None, 1] > low[None, :, 1])
        i, j = np.nonzero(boxes)
        near = distance(rows[i], second[j]) < separation_m - EPSILON_M
        found_i.append(i[near] + begin)
        found_j.append(j[near])
    return np.concatenate(found_i), np.concatenate(found_j)


def csr(rows: Int, columns: Int, n_rows: int) -> Csr:
    """(ptr, idx) of the pairs, columns sorted within each row."""
    order = np.lexsort((columns, rows))
    ptr = np.zeros(n_rows + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=n_rows), out=ptr[1:])
    return ptr, columns[order].astype(np.int32)


def conflict_sets(
    x_m: Float, y_m: Float, edge_from: Int, edge_to: Int, separation_m: float
) -> tuple[Csr, Csr, Csr]:
    """(clear, stand, conflict) of a level, as LevelRoadmap describes them."""
    points = np.stack([x_m, y_m], axis=1)
    pairs, which = np.unique(
        np.stack([np.minimum(edge_from, edge_to), np.maximum(edge_from, edge_to)], axis=1),
        axis=0,
        return_inverse=True,
    )
    segments = np.concatenate([points[pairs[:, 0]], points[pairs[:, 1]]], axis=1)
    members = csr(which.reshape(-1).astype(np.int64), np.arange(len(edge_from)), len(pairs))

    row, vertex = near_points(points, segments, separation_m)
    row, vertex = expand(members, row, vertex)
    keep = edge_from[row] != vertex
    clear = csr(row[keep], vertex[keep], len(edge_from))

    standing = np.concatenate([points, points], axis=1)
    v, w = near_points(points, standing, separation_m)
    keep = v != w
    stand = csr(v[keep], w[keep], len(points))

    first, second = near_segment_pairs(segments, segments, separation_m)
    first, second = expand(members, first, second)
    second, first = expand(members, second, first)
    return clear, stand, csr(first, second, len(edge_from))


def expand(members: Csr, rows: Int, columns: Int) -> tuple[Int, Int]:
    """Pairs (row, column) repeated for every member of the row."""
    ptr, idx = members
    counts = (ptr[1:] - ptr[:-1])[rows].astype(np.int64)
    total = int(counts.sum())
    offsets = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    return idx[np.repeat(ptr[:-1][rows].astype(np.int64), counts) + offsets].astype(np.int64), np.repeat(
        columns, counts
    )
