"""The seam of localisation: samples of robots and fixes of others in, poses with their uncertainty out.

A scan matcher, a particle filter or a camera system plugs in at one of two places: as a process that publishes
`robot_pose_fixes` (where robots were seen, when, and how sure that is), or as a PoseEstimator of its own, which gets
every sample and gives the pose. Either way nothing else changes: the pilot drives by `estimate` and by nothing
else, and not at all while that is not `trusted`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol

Covariance = tuple[float, float, float, float, float, float, float, float, float]


class Sample(NamedTuple):
    """What a robot reports: pose (of its localiser, or of its wheels since an arbitrary start), speeds in its own
    frame, and when that was measured, on the caller's clock."""

    x_m: float
    y_m: float
    yaw_rad: float
    v_mps: float
    vy_mps: float
    w_radps: float
    stamp_s: float


class PoseFix(NamedTuple):
    """Where a robot was seen at `stamp_s`, on the caller's clock. `covariance` (3, 3) row by row of x, y (m2) and yaw
    (rad2); `level` empty: the one it was on."""

    x_m: float
    y_m: float
    yaw_rad: float
    covariance: Covariance
    stamp_s: float
    level: str = ""


class PoseEstimate(NamedTuple):
    """Pose at the time of the newest sample. `position_sigma_m` is 1 sigma along the worse axis. `trusted`: good enough
    to drive by."""

    x_m: float
    y_m: float
    yaw_rad: float
    position_sigma_m: float
    yaw_sigma_rad: float
    trusted: bool
    level: str = ""


class FixResult(IntEnum):
    """What became of a fix."""

    TAKEN = 0
    STARTED = 1  # the robot is where the fix says: the first one, or after a jump that others confirmed
    JUMP = 2  # too far from where the robot was believed to be
    TOO_OLD = 3
    BAD = 4


class PoseEstimator(Protocol):
    """Estimates the pose of one robot."""

    def sample(self, sample: Sample) -> None:
        """A newer sample of the robot."""

    def fix(self, fix: PoseFix) -> FixResult:
        """Where something else saw the robot. Never raises for what it says."""

    def estimate(self, now: float) -> PoseEstimate | None:
        """The pose at the newest sample's time; None while it is not known at all."""


@dataclass(frozen=True, slots=True)
class LocalisationParameters:
    """Odometry grows uncertain by `slip_ratio` of the way (1 sigma over one metre, as a random walk), by
    `turn_ratio` of the angle turned likewise, and by `drift_radpm` of heading a metre. A
    fix is a jump beyond `gate` (squared
    Mahalanobis distance; 16.27: one in 1,000 of good ones); `confirmations` fixes in a row that agree with each other
    move the robot there. A pose is trusted below both `..._limit`s, and again below `hysteresis` of them. Samples are
    kept `memory_s` for fixes that come late.
    """

    slip_ratio: float = 0.03
    turn_ratio: float = 0.03
    drift_radpm: float = 0.02
    gate: float = 16.27
    confirmations: int = 3
    position_limit_m: float = 0.10
    yaw_limit_rad: float = 0.15
    hysteresis: float = 0.7
    memory_s: float = 2.0
    longest_gap_s: float = 0.5


DEFAULT_LOCALISATION = LocalisationParameters()


class ReportedPoses:
    """Passes on the poses that a robot with a localiser of its own reports; it is trusted as long as it says so itself.
    Jumps of such poses are the pilot's business: it stops a robot that is off its path."""

    def __init__(self) -> None:
        self._newest: Sample | None = None

    def sample(self, sample: Sample) -> None:
        """See PoseEstimator."""
        self._newest = sample

    def fix(self, fix: PoseFix) -> FixResult:
        """See PoseEstimator: the robot knows better."""
        return FixResult.BAD

    def estimate(self, now: float) -> PoseEstimate | None:
        """See PoseEstimator."""
        s = self._newest
        return None if s is None else PoseEstimate(s.x_m, s.y_m, s.yaw_rad, 0.0, 0.0, True)
