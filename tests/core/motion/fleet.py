"""A pilot and ideal bodies in virtual time, without a link."""

from __future__ import annotations

import numpy as np

from building_ctrl.core.motion import Pilot, PilotParameters
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import RobotProfile

STEP_S = 0.05
SUBSTEPS = 5


class Fleet:
    """Bodies obey at once, within 0.8 m/s2 and 3 rad/s2; poses are observed without delay."""

    def __init__(self, n: int = 1, profile: RobotProfile | None = None, start: float = 1000.0) -> None:
        self.pilot = Pilot(PilotParameters(downlink_s=0.0, actuation_s=0.0), capacity=1)
        base = profile or RobotProfile("r", "f")
        self.profiles = [
            RobotProfile(
                f"r{i}",
                "f",
                max_speed_mps=base.max_speed_mps,
                max_acceleration_mps2=base.max_acceleration_mps2,
                max_yaw_rate_radps=base.max_yaw_rate_radps,
            )
            for i in range(n)
        ]
        self.index = [self.pilot.add_robot(p) for p in self.profiles]
        self.x, self.y, self.yaw, self.v, self.w = (np.zeros(n) for _ in range(5))
        self.now = start
        self.blind = False

    def release(
        self,
        robot: int,
        *waypoints: Waypoint | tuple[float, float],
        first: int = 0,
        epoch: int = 1,
        level: str = "L1",
    ) -> int:
        points = tuple(p if isinstance(p, Waypoint) else Waypoint(*p) for p in waypoints)
        return self.pilot.release(ReleasedPath(f"r{robot}", level, epoch, first, points))

    def step(self) -> None:
        n = len(self.index)
        if not self.blind:
            stamp = np.full(n, self.now)
            self.pilot.observe(self.index, self.x, self.y, self.yaw, self.v, self.w, stamp)
        commands = self.pilot.step(self.now)
        v, w = commands.v_mps[self.index].copy(), commands.w_radps[self.index].copy()
        h = STEP_S / SUBSTEPS
        for _ in range(SUBSTEPS):
            self.v += np.clip(v - self.v, -0.8 * h, 0.8 * h)
            self.w += np.clip(w - self.w, -3.0 * h, 3.0 * h)
            middle = self.yaw + 0.5 * self.w * h
            self.x += self.v * np.cos(middle) * h
            self.y += self.v * np.sin(middle) * h
            self.yaw += self.w * h
        self.now += STEP_S

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.step()

    def reached(self, robot: int = 0) -> int:
        return int(self.pilot.states(self.now).reached_seq[robot])
