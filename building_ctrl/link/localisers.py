"""Where robots are that report only what their wheels say: one estimator a robot, fed by telemetry and by fixes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from building_ctrl.core.localisation import FixResult, OdometryEstimator, PoseEstimate, PoseEstimator, PoseFix, Sample
from building_ctrl.link.protocol.messages import Flag, Telemetry

UNKNOWN_SIGMA_M = 1000.0
_ODOMETRY = int(Flag.ODOMETRY)


class RobotFix(NamedTuple):
    """A fix of one robot; its `stamp_s` on the gateway's clock."""

    robot: str
    fix: PoseFix


def by_odometry(telemetry: Telemetry) -> bool:
    """Whether the pose in telemetry is only what the wheels say."""
    return bool(telemetry.flags & _ODOMETRY)


class Localisers:
    """`make` gives a new estimator: the place to plug in another one."""

    def __init__(self, make: Callable[[], PoseEstimator] = OdometryEstimator) -> None:
        self._make = make
        self._estimators: dict[str, PoseEstimator] = {}
        self._newest: dict[str, PoseEstimate | None] = {}

    def sample(self, robot: str, t: Telemetry, measured_s: float) -> PoseEstimate | None:
        """Telemetry of a robot measured at `measured_s`; the pose to drive by, None while it is not known."""
        estimator = self._estimators.setdefault(robot, self._make())
        estimator.sample(Sample(t.x, t.y, t.yaw, t.v, t.vy, t.w, measured_s))
        estimate = estimator.estimate(measured_s)
        self._newest[robot] = estimate
        return estimate

    def fix(self, fix: RobotFix) -> FixResult | None:
        """A fix; None where the robot does not need any."""
        estimator = self._estimators.get(fix.robot)
        return None if estimator is None else estimator.fix(fix.fix)

    def sigma_m(self, robot: str) -> float:
        """Uncertainty of the position: 0 for robots that localise themselves, UNKNOWN_SIGMA_M while unknown."""
        if robot not in self._newest:
            return 0.0
        estimate = self._newest[robot]
        return UNKNOWN_SIGMA_M if estimate is None else min(UNKNOWN_SIGMA_M, estimate.position_sigma_m)

    def forget(self, robot: str) -> None:
        """The robot is gone, or localises itself from now on."""
        self._estimators.pop(robot, None)
        self._newest.pop(robot, None)
