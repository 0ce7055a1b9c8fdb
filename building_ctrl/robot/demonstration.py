"""A robot without a body: it integrates the velocities it is told."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from building_ctrl.link.protocol import RobotReport
from building_ctrl.robot.client import RobotClient
from building_ctrl.robot.keys import RobotKeys

PERIOD_S = 0.02
TELL_S = 1.0


class DemonstrationRobot:
    """Drives a point with 0.8 m/s2 and 3 rad/s2. `start` is (x_m, y_m, yaw_rad)."""

    ACCELERATION_MPS2 = 0.8
    YAW_ACCELERATION_RADPS2 = 3.0

    def __init__(
        self,
        address: str,
        name: str,
        keys: RobotKeys | None,
        start: tuple[float, float, float],
        level: str = "",
    ) -> None:
        self._client = RobotClient(address, name, keys, software="building_ctrl demonstration robot")
        self._x_m, self._y_m, self._yaw_rad = start
        self._level = level
        self._v = 0.0
        self._w = 0.0

    def run(self, seconds: float, tell: Callable[[dict[str, object]], None]) -> None:
        """Drive for that long; `tell` gets the state once a second. Raises ValueError for a bad address."""
        end = time.monotonic() + seconds
        told = last = time.monotonic()
        with self._client as client:
            while (now := time.monotonic()) < end:
                target = client.poll(self.report())
                self.move(target.v_mps, target.w_radps, now - last)
                last = now
                if now - told >= TELL_S:
                    told = now
                    tell(self.state())
                client.wait(PERIOD_S)

    def report(self) -> RobotReport:
        """What the robot measures."""
        return RobotReport(self._x_m, self._y_m, self._yaw_rad, self._v, self._w, level=self._level)

    def move(self, v_mps: float, w_radps: float, dt_s: float) -> None:
        """One step of the kinematics, at most 0.1 s."""
        dt = min(dt_s, 0.1)
        most_v, most_w = self.ACCELERATION_MPS2 * dt, self.YAW_ACCELERATION_RADPS2 * dt
        self._v += max(-most_v, min(most_v, v_mps - self._v))
        self._w += max(-most_w, min(most_w, w_radps - self._w))
        middle = self._yaw_rad + 0.5 * self._w * dt
        self._x_m += self._v * math.cos(middle) * dt
        self._y_m += self._v * math.sin(middle) * dt
        self._yaw_rad = math.remainder(self._yaw_rad + self._w * dt, 2.0 * math.pi)

    def state(self) -> dict[str, object]:
        """For a line of text."""
        client = self._client
        link = "armed" if client.session.armed else "connected" if client.connected else "away"
        return {
            "link": link,
            "x": self._x_m,
            "y": self._y_m,
            "yaw": self._yaw_rad,
            "v": self._v,
            "refusal": "" if client.connected else client.refusal,
        }
