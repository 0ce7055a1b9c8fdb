"""A slotcar: a simulated robot of another fleet, with the behaviour Open-RMF's simulation plugins document and show.

- A path request of an id it has, or without points, is passed over; any other replaces its path.
- More than 1 m from the first point it reports an adapter error and stands; else it drops that point and drives
  straight from where it is to the next.
- It turns on the spot towards each point, drives, and stops at it (2 cm); at the last it turns to its yaw.
- It reports twice a second; path requests take effect after `delay_s`.
"""

from __future__ import annotations

import math

from building_ctrl.model.fleet import FleetMode, FleetRobot, PathOrder, PathPoint

SPEED_MPS = 0.7
TURN_RADPS = 0.8
REPORT_S = 0.5
NEAR_M = 0.02
ERROR_M = 1.0


class Slotcar:
    """One robot; `tick` moves it, `told` is its newest report."""

    def __init__(self, name: str, fleet: str, level: str, x_m: float, y_m: float, delay_s: float = 0.2) -> None:
        self.name, self.fleet, self.level = name, fleet, level
        self.x_m, self.y_m, self.yaw_rad = x_m, y_m, 0.0
        self.delay_s = delay_s
        self.order_id = ""
        self.points: list[PathPoint] = []
        self.error = False
        self.errors = 0
        self.stuck = False
        self._inbox: list[tuple[float, PathOrder]] = []
        self._next_report_s = 0.0
        self.told: FleetRobot | None = None

    def request(self, order: PathOrder, now: float) -> None:
        self._inbox.append((now + self.delay_s, order))

    def tick(self, now: float, dt: float) -> None:
        for due, order in list(self._inbox):
            if due <= now:
                self._inbox.remove((due, order))
                self._take(order)
        if not self.stuck:
            self._drive(dt)
        if now >= self._next_report_s:
            self._next_report_s = now + REPORT_S
            mode = FleetMode.ADAPTER_ERROR if self.error else FleetMode.MOVING if self.points else FleetMode.IDLE
            self.told = FleetRobot(
                self.name, self.fleet, self.level, self.x_m, self.y_m, self.yaw_rad, mode, self.order_id,
                left=len(self.points), stamp_s=now,
            )  # fmt: skip

    def _take(self, order: PathOrder) -> None:
        if order.order_id == self.order_id or not order.points:
            return
        self.order_id = order.order_id
        first = order.points[0]
        self.error = math.dist((first.x_m, first.y_m), (self.x_m, self.y_m)) > ERROR_M
        self.errors += self.error
        self.points = [] if self.error else list(order.points[1:])

    def _drive(self, dt: float) -> None:
        if not self.points:
            return
        goal = self.points[0]
        dx, dy = goal.x_m - self.x_m, goal.y_m - self.y_m
        gap = math.hypot(dx, dy)
        if gap <= NEAR_M:
            self.points.pop(0)
            return
        bearing = (math.atan2(dy, dx) - self.yaw_rad + math.pi) % (2 * math.pi) - math.pi
        if abs(bearing) > math.radians(5.0):
            self.yaw_rad += math.copysign(min(abs(bearing), TURN_RADPS * dt), bearing)
            return
        limit = goal.speed_limit_mps or SPEED_MPS
        step = min(gap, min(SPEED_MPS, limit) * dt)
        self.x_m += dx / gap * step
        self.y_m += dy / gap * step
