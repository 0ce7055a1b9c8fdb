"""A released path as a line, and where on it a robot is."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import pairwise

from building_ctrl.model.path import Waypoint

Point = tuple[float, float]

BACK_M = 0.3


class Track:
    """Points (metres) from where a robot stood on through its waypoints; positions on it are metres from its start.

    Point 0 is where the robot stood, point k + 1 waypoint `first_seq + k`. It only ever grows at the end.
    """

    def __init__(self, at: Point, first_seq: int) -> None:
        self.first_seq = first_seq
        self.points: list[Point] = [at]
        self.waypoints: list[Waypoint] = []
        self._at_m: list[float] = [0.0]

    @property
    def end_seq(self) -> int:
        """Number after the last waypoint."""
        return self.first_seq + len(self.waypoints)

    @property
    def length_m(self) -> float:
        return self._at_m[-1]

    def append(self, waypoint: Waypoint) -> None:
        point = (waypoint.x_m, waypoint.y_m)
        self._at_m.append(self._at_m[-1] + math.dist(self.points[-1], point))
        self.points.append(point)
        self.waypoints.append(waypoint)

    def at_m(self, seq: int) -> float:
        """Where a waypoint is; the start for the one before the first."""
        return self._at_m[seq - self.first_seq + 1]

    def waypoint(self, seq: int) -> Waypoint:
        return self.waypoints[seq - self.first_seq]

    def point_at(self, along_m: float) -> Point:
        """The point of the track at a distance from its start, clamped to its ends."""
        if along_m >= self.length_m or len(self.points) == 1:
            return self.points[-1]
        k = max(1, bisect_left(self._at_m, max(along_m, 0.0)))
        (ax, ay), (bx, by) = self.points[k - 1], self.points[k]
        length = self._at_m[k] - self._at_m[k - 1]
        share = (max(along_m, 0.0) - self._at_m[k - 1]) / length if length > 0.0 else 1.0
        return ax + share * (bx - ax), ay + share * (by - ay)

    def yaw_rad(self, seq: int) -> float:
        """Heading of the way to a waypoint."""
        k = seq - self.first_seq + 1
        while k > 1 and math.dist(self.points[k - 1], self.points[k]) < 1e-3:
            k -= 1
        (ax, ay), (bx, by) = self.points[k - 1], self.points[k]
        return math.atan2(by - ay, bx - ax)

    def locate(self, at: Point, from_m: float, to_m: float) -> tuple[float, float]:
        """(where on the track from from_m to to_m a point is nearest, its distance from there); of equally near ones
        the first: a robot is never taken to be further than it surely is."""
        best_m, best_gap = from_m, math.dist(at, self.point_at(from_m))
        for k, (a, b) in enumerate(pairwise(self.points)):
            low, high = max(self._at_m[k], from_m), min(self._at_m[k + 1], to_m)
            length = self._at_m[k + 1] - self._at_m[k]
            if high < low or length <= 0.0:
                continue
            dx, dy = (b[0] - a[0]) / length, (b[1] - a[1]) / length
            along = self._at_m[k] + (at[0] - a[0]) * dx + (at[1] - a[1]) * dy
            along = min(max(along, low), high)
            gap = math.dist(at, (a[0] + (along - self._at_m[k]) * dx, a[1] + (along - self._at_m[k]) * dy))
            if gap < best_gap - 1e-3:
                best_m, best_gap = along, gap
        return best_m, best_gap

    def is_straight(self, from_m: float, to_m: float, tolerance_m: float) -> bool:
        """Whether the track between two of its positions runs along the straight between them, and never back."""
        a, b = self.point_at(from_m), self.point_at(to_m)
        length = math.dist(a, b)
        if abs(length - abs(to_m - from_m)) > tolerance_m:
            return False
        between = [p for p, m in zip(self.points, self._at_m, strict=True) if from_m < m < to_m]
        if length < 1e-6:
            return all(math.dist(a, p) <= tolerance_m for p in between)
        dx, dy = (b[0] - a[0]) / length, (b[1] - a[1]) / length
        return all(abs(dx * (y - a[1]) - dy * (x - a[0])) <= tolerance_m for x, y in between)
