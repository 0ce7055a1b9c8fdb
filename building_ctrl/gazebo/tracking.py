"""How far robots are off the paths that were released to them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.path import ReleasedPath

Float = NDArray[np.float64]

BIN_M = 0.001
BINS = 3000
KEPT_BEHIND = 4
LEAST_SPEED_MPS = 0.02


class TrackingError:
    """Distances of moving robots from the lines of their released paths, kept as a histogram of millimetres."""

    def __init__(self, names: Sequence[str]) -> None:
        self._points: dict[str, dict[int, tuple[float, float]]] = {name: {} for name in names}
        self._epoch: dict[str, int] = {}
        self._names = tuple(names)
        self._at: dict[str, tuple[float, float]] = {}
        self._histogram = np.zeros(BINS, dtype=np.int64)
        self.most_m = 0.0

    def released(self, paths: Iterable[ReleasedPath]) -> None:
        """Take released paths. The way to a waypoint begins at the one before; to the first, where the robot
        stands."""
        for path in paths:
            points = self._points.get(path.robot)
            if points is None:
                continue
            if self._epoch.get(path.robot, path.epoch) != path.epoch:
                points.clear()
            self._epoch[path.robot] = path.epoch
            before = path.first_seq - 1
            if path.waypoints and before not in points and path.robot in self._at:
                points[before] = self._at[path.robot]
            for seq, waypoint in enumerate(path.waypoints, start=path.first_seq):
                points[seq] = (waypoint.x_m, waypoint.y_m)
            for seq in [seq for seq in points if seq < path.first_seq - KEPT_BEHIND]:
                del points[seq]

    def observe(self, x_m: Float, y_m: Float, speed_mps: Float) -> None:
        """Take one instant, all arrays (n,)."""
        self._at = dict(zip(self._names, zip(x_m.tolist(), y_m.tolist(), strict=True), strict=True))
        for i in np.nonzero(np.abs(speed_mps) > LEAST_SPEED_MPS)[0].tolist():
            points = self._points[self._names[i]]
            if len(points) >= 2:
                self._add(_distance(float(x_m[i]), float(y_m[i]), [points[seq] for seq in sorted(points)]))

    @property
    def count(self) -> int:
        """Number of distances taken."""
        return int(self._histogram.sum())

    def percentile_m(self, percent: float) -> float | None:
        """Nearest-rank percentile, to a millimetre; None where nothing was measured."""
        if not self.count:
            return None
        rank = max(1, math.ceil(percent / 100.0 * self.count))
        return float((np.searchsorted(np.cumsum(self._histogram), rank) + 1) * BIN_M)

    def _add(self, distance_m: float) -> None:
        self.most_m = max(self.most_m, distance_m)
        self._histogram[min(int(distance_m / BIN_M), BINS - 1)] += 1


def _distance(x: float, y: float, line: Sequence[tuple[float, float]]) -> float:
    """Distance of a point to a line of two points or more."""
    a = np.array(line[:-1])
    d = np.array(line[1:]) - a
    p = np.array([x, y]) - a
    t = np.clip((p * d).sum(axis=1) / np.maximum((d * d).sum(axis=1), 1e-12), 0.0, 1.0)
    off = p - t[:, None] * d
    return float(np.sqrt((off * off).sum(axis=1)).min())
