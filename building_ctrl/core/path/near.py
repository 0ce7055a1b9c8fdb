"""Which lanes a robot standing or driving somewhere would touch, from plain geometry: for robots off the roadmap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.roadmap import LevelRoadmap

Float = NDArray[np.float64]
Point = tuple[float, float]


def edges_near(rows: LevelRoadmap, line: Sequence[Point], reach_m: float) -> NDArray[np.bool_]:
    """(m,) whether an edge comes nearer than `reach_m` to a line through points [(x_m, y_m)]; one point is a line."""
    near = np.zeros(rows.n_edges, dtype=bool)
    start = np.stack([rows.x_m[rows.edge_from], rows.y_m[rows.edge_from]], axis=1)
    end = np.stack([rows.x_m[rows.edge_to], rows.y_m[rows.edge_to]], axis=1)
    for a, b in pairwise(line) if len(line) > 1 else zip(line, line, strict=True):
        near |= _segment_distances(start, end, np.array(a, dtype=float), np.array(b, dtype=float)) < reach_m
    return near


def distance_to_line(x_m: float, y_m: float, line: Sequence[Point]) -> float:
    """Distance of a point to a line through points, metres; inf for a line without points."""
    if len(line) == 1:
        return math.hypot(x_m - line[0][0], y_m - line[0][1])
    return min((point_to_segment(x_m, y_m, a, b) for a, b in pairwise(line)), default=float("inf"))


def point_to_segment(x_m: float, y_m: float, a: Point, b: Point) -> float:
    """Distance of a point to the segment a-b, metres."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length2 = dx * dx + dy * dy
    t = 0.0 if length2 == 0.0 else min(max(((x_m - a[0]) * dx + (y_m - a[1]) * dy) / length2, 0.0), 1.0)
    return math.hypot(x_m - a[0] - t * dx, y_m - a[1] - t * dy)


def _segment_distances(start: Float, end: Float, a: Float, b: Float) -> Float:
    """(m,) distances of the segments start-end (m, 2) to the segment a-b."""
    ends = np.minimum(_to_segments(a, start, end), _to_segments(b, start, end))
    ends = np.minimum(ends, np.minimum(_to_segment(start, a, b), _to_segment(end, a, b)))
    crossing = (_side(a, b, start) * _side(a, b, end) < 0.0) & (_side(start, end, a) * _side(start, end, b) < 0.0)
    return np.where(crossing, 0.0, ends)


def _to_segments(point: Float, start: Float, end: Float) -> Float:
    along = end - start
    length2 = np.maximum((along**2).sum(axis=1), 1e-12)
    t = np.clip(((point - start) * along).sum(axis=1) / length2, 0.0, 1.0)
    away: Float = np.hypot(*(point - start - along * t[:, None]).T)
    return away


def _to_segment(points: Float, a: Float, b: Float) -> Float:
    along = b - a
    t = np.clip(((points - a) @ along) / max(float(along @ along), 1e-12), 0.0, 1.0)
    away: Float = np.hypot(*(points - a - t[:, None] * along).T)
    return away


def _side(a: Float, b: Float, point: Float) -> Float:
    """Sign tells on which side of a-b a point lies; arguments are (2,) or (m, 2)."""
    ax, ay = a[..., 0], a[..., 1]
    side: Float = (b[..., 0] - ax) * (point[..., 1] - ay) - (b[..., 1] - ay) * (point[..., 0] - ax)
    return side
