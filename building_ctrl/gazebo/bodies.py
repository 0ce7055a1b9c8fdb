"""Robots' bodies that Gazebo moves: set points in, true poses out, and a battery that Gazebo knows nothing of."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from building_ctrl.gazebo.world_port import WorldFrame
from building_ctrl.sim.robots import CHARGER_REACH_M, BodyParameters, Charger, RobotBodies, Spawn

Float = NDArray[np.float64]


class GazeboBodies(RobotBodies):
    """The same arrays as RobotBodies; they change by `take` alone. What robots measure is the truth."""

    def __init__(
        self, spawns: Sequence[Spawn], chargers: Sequence[Charger] = (), parameters: BodyParameters | None = None
    ) -> None:
        super().__init__(spawns, chargers, parameters)
        self.set_points: Float = np.zeros((len(spawns), 2))
        self.tilt_rad: Float = np.zeros(len(spawns))

    def command(self, robot: int, v_mps: float, w_radps: float, now: float, expires_s: float) -> None:
        """Take a set point, in force until the next. One that is not finite is dropped; an empty battery
        drives nothing."""
        if math.isfinite(v_mps) and math.isfinite(w_radps):
            empty = self.battery_percent[robot] <= 0.0
            self.set_points[robot] = (0.0, 0.0) if empty else (v_mps, w_radps)

    def command_all(self, v_mps: Float, w_radps: Float, now: float) -> None:
        """Take set points of all bodies (n,), as `command` does."""
        full = self.battery_percent > 0.0
        self.set_points[:, 0], self.set_points[:, 1] = v_mps * full, w_radps * full

    def step(self, now: float, dt_s: float) -> None:
        """Only the batteries: Gazebo moves the bodies."""
        driving = np.abs(self.speed_mps) > 0.01
        away_m = np.hypot(self.x_m[:, None] - self._charger_xy[:, 0], self.y_m[:, None] - self._charger_xy[:, 1])
        near = (away_m <= CHARGER_REACH_M) & (self.level[:, None] == self._charger_level)
        self.charging[:] = near.any(axis=1) & ~driving
        p = self.parameters
        drain = np.where(driving, p.drain_driving_percent_per_s, p.drain_idle_percent_per_s)
        change = np.where(self.charging, p.charge_percent_per_s, -drain)
        np.clip(self.battery_percent + change * dt_s, 0.0, 100.0, out=self.battery_percent)

    def take(self, frame: WorldFrame) -> None:
        """The truth of a frame; levels and cabins are left to who knows the lifts."""
        pose = frame.pose
        self.x_m[:], self.y_m[:], self.z_m[:], self.yaw_rad[:] = pose[:, 0], pose[:, 1], pose[:, 2], pose[:, 5]
        self.tilt_rad = np.hypot(pose[:, 3], pose[:, 4])
        self.speed_mps[:], self.yaw_rate_radps[:] = frame.twist[:, 0], frame.twist[:, 2]

    def measured(self) -> tuple[Float, Float, Float]:
        """Poses as the robots' localisation reports them: the true ones."""
        return self.x_m.copy(), self.y_m.copy(), self.yaw_rad.copy()
