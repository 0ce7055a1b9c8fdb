"""Robots as points that follow their released paths exactly, and an independent check of how near they come."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numba
import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import Connection, MotionState, RobotState, WorkState

FOREVER = float("inf")


@dataclass(slots=True)
class Body:
    """A robot: where it is, the waypoints released to it, and what ails it.

    `group` is the index of its level, or that of the moving cabin it rides in after all levels. `still_until_s` ends a
    stall, inf: dead. `silent_until_s` ends a silence of its radio; a silent robot drives on to where it may and stops.
    """

    name: str
    level: str
    x_m: float
    y_m: float
    radius_m: float = 0.30
    graph_mask: int = 1
    lift: str = ""
    near_lift: str = ""  # lift whose cabin or door it is at
    group: int = 0
    epoch: int = 0
    reached: int = 0
    waypoints: list[Waypoint] = field(default_factory=list)  # [0] has number `reached`
    held: bool = False
    still_until_s: float = -FOREVER
    silent_until_s: float = -FOREVER
    work: WorkState = WorkState.STANDBY
    speed_mps: float = 0.0
    driven_m: float = 0.0

    def state(self, now: float) -> RobotState:
        """What its gateway reports."""
        lost = self.silent_until_s > now
        return RobotState(
            self.name,
            "fleet",
            self.level,
            self.x_m,
            self.y_m,
            0.0,
            speed_mps=self.speed_mps,
            work=self.work,
            motion=MotionState.MOVING if self.speed_mps else MotionState.STOPPED,
            connection=Connection.LOST if lost else Connection.NORMAL,
            graph_mask=self.graph_mask,
            radius_m=self.radius_m,
            path_epoch=self.epoch,
            reached_seq=self.reached,
            released_seq=self.reached + len(self.waypoints),
        )

    def release(self, path: ReleasedPath) -> None:
        """Take a released path as the pilot does: append what is new, a newer epoch starts afresh. Raises ValueError
        where waypoints are missing between."""
        if path.epoch < self.epoch:
            return
        self.held = path.hold
        if path.epoch > self.epoch:
            self.epoch, self.reached = path.epoch, path.first_seq
            self.waypoints.clear()
        known = self.reached + len(self.waypoints)
        if path.first_seq > known:
            raise ValueError(f"{self.name}: released waypoints {known} to {path.first_seq - 1} never came")
        self.waypoints.extend(path.waypoints[max(0, known - path.first_seq) :])

    def drive(self, seconds: float, speed_mps: float, end: int) -> None:
        """Follow the path for a time, at most to before the waypoint `end` places ahead."""
        left_s, start_m = seconds, self.driven_m
        while self.waypoints and end > 0 and left_s > 1e-9:
            ahead = self.waypoints[0]
            speed = min(speed_mps, ahead.speed_limit_mps or speed_mps)
            dx, dy = ahead.x_m - self.x_m, ahead.y_m - self.y_m
            distance = math.hypot(dx, dy)
            step = min(distance, speed * left_s)
            self.driven_m += step
            left_s -= step / speed
            if step >= distance - 1e-9:
                self.x_m, self.y_m = ahead.x_m, ahead.y_m
                self.waypoints.pop(0)
                self.reached += 1
                end -= 1
            else:
                self.x_m += dx * step / distance
                self.y_m += dy * step / distance
        self.speed_mps = (self.driven_m - start_m) / seconds


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def nearest_gaps(
    old: NDArray[np.float64], new: NDArray[np.float64], radius: NDArray[np.float64], group: NDArray[np.int64],
    order: NDArray[np.int64], bad: NDArray[np.int64],
) -> tuple[float, int]:  # fmt: skip
    """Least gap between circles of one group that move straight from old to new (n, 2), and how many overlap.

    `order` sorts by group; pairs that overlap are written to bad (k, 2) as far as there is room.
    """
    least, found, n = np.inf, 0, order.shape[0]
    for a in range(n):
        i = order[a]
        for b in range(a + 1, n):
            j = order[b]
            if group[i] != group[j]:
                break
            sx, sy = old[j, 0] - old[i, 0], old[j, 1] - old[i, 1]
            dx, dy = new[j, 0] - new[i, 0] - sx, new[j, 1] - new[i, 1] - sy
            length2 = max(dx * dx + dy * dy, 1e-12)
            t = min(max(-(sx * dx + sy * dy) / length2, 0.0), 1.0)
            gap = math.hypot(sx + t * dx, sy + t * dy) - radius[i] - radius[j]
            least = min(least, gap)
            if gap < -1e-6:
                if found < bad.shape[0]:
                    bad[found, 0], bad[found, 1] = i, j
                found += 1
    return least, found
