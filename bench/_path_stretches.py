"""How near the whole stretches that robots hold come to each other, by plane geometry of its own."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from _path_bodies import Body
from numpy.typing import NDArray

from building_ctrl.model.roadmap import Roadmap

Float = NDArray[np.float64]


def least_stretch_gap(bodies: Iterable[Body], roadmap: Roadmap) -> float:
    """Least gap of the footprints of two robots wherever each of them is on what is released to it, metres."""
    least = float("inf")
    by_level: dict[str, list[tuple[Float, Float, float, int]]] = {}
    for number, body in enumerate(bodies):
        if not body.lift:
            points = [(body.x_m, body.y_m), *((w.x_m, w.y_m) for w in body.waypoints)]
            line = np.array(points if len(points) > 1 else points * 2)
            by_level.setdefault(body.level, []).append((line[:-1], line[1:], body.radius_m, number))
    for row in roadmap.levels:
        rows = by_level.get(row.level, [])
        if len(rows) < 2:
            continue
        start = np.concatenate([a for a, _, _, _ in rows])
        end = np.concatenate([b for _, b, _, _ in rows])
        radius = np.concatenate([np.full(len(a), r) for a, _, r, _ in rows])
        owner = np.concatenate([np.full(len(a), n) for a, _, _, n in rows])
        gap = _distances(start, end) - radius[:, None] - radius[None, :]
        gap[owner[:, None] == owner[None, :]] = np.inf
        least = min(least, float(gap.min()))
    return least


def _distances(start: Float, end: Float) -> Float:
    """(k, k) distances of segments to each other."""
    along = end - start
    length2 = np.maximum((along**2).sum(axis=1), 1e-12)
    found = np.full((len(start), len(start)), np.inf)
    for points in (start, end):
        off = points[:, None, :] - start[None, :, :]
        t = np.clip((off * along[None, :, :]).sum(axis=2) / length2[None, :], 0.0, 1.0)
        found = np.minimum(found, np.hypot(*(off - t[:, :, None] * along[None, :, :]).transpose(2, 0, 1)))
    found = np.minimum(found, found.T)
    side_start = _sides(start, end, start)
    side_end = _sides(start, end, end)
    splits = side_start * side_end < 0.0
    return np.where(splits & splits.T, 0.0, found)


def _sides(a: Float, b: Float, points: Float) -> Float:
    """(k, k) on which side of segment i point j lies, by sign."""
    along, off = b - a, points[None, :, :] - a[:, None, :]
    side: Float = along[:, None, 0] * off[:, :, 1] - along[:, None, 1] * off[:, :, 0]
    return side
