"""Dead reckoning with fixes, in virtual time."""

from __future__ import annotations

import math
import random

import pytest

from building_ctrl.core.localisation import FixResult, OdometryEstimator, PoseFix, ReportedPoses, Sample

COVARIANCE = (0.0004, 0.0, 0.0, 0.0, 0.0004, 0.0, 0.0, 0.0, 0.0001)
DT_S = 0.05


class Drifting:
    """A robot that drives in bends; its wheels slip by 2 % and turn 0.01 rad a metre too far."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.estimator = OdometryEstimator()
        self.now = 50.0
        self.truth = [4.0, 7.0, 0.3]
        self.wheels = [0.0, 0.0, 1.0]
        self.truths: list[tuple[float, tuple[float, float, float]]] = []

    def step(self, v: float = 0.8) -> None:
        self.now += DT_S
        w = 0.4 * math.sin(self.now)
        for pose, speed, rate in (
            (self.truth, v, w),
            (self.wheels, v * (1.02 + self.dice.gauss(0.0, 0.01)), w + 0.01 * v),
        ):
            pose[0] += speed * math.cos(pose[2] + 0.5 * rate * DT_S) * DT_S
            pose[1] += speed * math.sin(pose[2] + 0.5 * rate * DT_S) * DT_S
            pose[2] += rate * DT_S
        self.truths.append((self.now, (self.truth[0], self.truth[1], self.truth[2])))
        self.estimator.sample(Sample(*self.wheels, v, 0.0, w, self.now))

    def fix(self, late_steps: int = 4, off_m: float = 0.0) -> FixResult:
        stamp, (x, y, yaw) = self.truths[-1 - late_steps]
        g = self.dice.gauss
        fix = PoseFix(x + off_m + g(0.0, 0.02), y + g(0.0, 0.02), yaw + g(0.0, 0.01), COVARIANCE, stamp, "L1")
        return self.estimator.fix(fix)

    def error_m(self) -> float:
        estimate = self.estimator.estimate(self.now)
        assert estimate is not None
        return math.hypot(estimate.x_m - self.truth[0], estimate.y_m - self.truth[1])


@pytest.mark.parametrize("seed", range(4))
def test_drifting_wheels_with_fixes_at_2_hz_stay_within_6_cm(seed: int) -> None:
    robot = Drifting(seed)
    errors, inside = [], []
    for k in range(1200):
        robot.step()
        if k >= 10 and k % 10 == 0:
            robot.fix()
        if k > 60:
            errors.append(robot.error_m())
            estimate = robot.estimator.estimate(robot.now)
            assert estimate is not None and estimate.trusted and estimate.level == "L1"
            inside.append(errors[-1] <= 3.0 * estimate.position_sigma_m)
    assert max(errors) < 0.06
    assert sum(inside) / len(inside) > 0.98
    by_wheels = math.hypot(robot.wheels[0] - robot.truth[0] + 4.0, robot.wheels[1] - robot.truth[1] + 7.0)
    assert by_wheels > 0.5


def test_without_fixes_it_is_not_known_then_trusted_then_doubted_as_it_drives() -> None:
    robot = Drifting(1)
    for _ in range(10):
        robot.step()
    assert robot.estimator.estimate(robot.now) is None
    assert robot.fix() is FixResult.STARTED
    sigmas = []
    for _ in range(600):
        robot.step()
        estimate = robot.estimator.estimate(robot.now)
        assert estimate is not None
        sigmas.append(estimate.position_sigma_m)
    assert sigmas == sorted(sigmas) and sigmas[0] < 0.04
    assert not estimate.trusted
    for _ in range(200):
        robot.step(0.0)
    standing = robot.estimator.estimate(robot.now)
    assert standing is not None and standing.position_sigma_m == pytest.approx(sigmas[-1], rel=0.02)


def test_a_lone_wild_fix_is_passed_over_and_steady_ones_move_the_robot() -> None:
    robot = Drifting(2)
    for k in range(100):
        robot.step()
        if k % 10 == 9:
            robot.fix()
    assert robot.fix(off_m=3.0) is FixResult.JUMP
    doubt = robot.estimator.estimate(robot.now)
    assert doubt is not None and not doubt.trusted and doubt.position_sigma_m > 2.0 and robot.error_m() < 0.1
    robot.step()
    assert robot.fix() is FixResult.TAKEN
    assert robot.estimator.estimate(robot.now).trusted  # type: ignore[union-attr]
    robot.truth[0] += 2.0
    results = []
    for _ in range(40):
        robot.step()
        if robot.now - robot.truths[0][0] > 0 and len(robot.truths) % 10 == 0:
            results.append(robot.fix())
    assert results[:3] == [FixResult.JUMP, FixResult.JUMP, FixResult.STARTED]
    assert robot.error_m() < 0.1 and not robot.estimator.jumped


def test_wheels_that_start_anew_leave_the_pose_unknown_until_a_fix() -> None:
    robot = Drifting(3)
    for k in range(60):
        robot.step()
        if k % 10 == 9:
            robot.fix()
    robot.wheels[0] += 40.0
    robot.step()
    assert robot.estimator.estimate(robot.now) is None and robot.estimator.jumped
    for _ in range(10):
        robot.step()
    assert robot.fix() is FixResult.STARTED and robot.error_m() < 0.1


def test_fixes_that_are_late_bad_or_of_the_future_change_nothing() -> None:
    robot = Drifting(4)
    for k in range(100):
        robot.step()
        if k % 10 == 9:
            robot.fix()
    before = robot.estimator.estimate(robot.now)
    fix = PoseFix(1.0, 1.0, 0.0, COVARIANCE, robot.now)
    estimator = robot.estimator
    assert estimator.fix(fix._replace(stamp_s=robot.now - 30.0)) is FixResult.TOO_OLD
    assert estimator.fix(fix._replace(stamp_s=robot.now + 30.0)) is FixResult.TOO_OLD
    assert estimator.fix(fix._replace(x_m=math.nan)) is FixResult.BAD
    assert estimator.fix(fix._replace(covariance=(0.0,) * 9)) is FixResult.BAD
    assert estimator.fix(fix._replace(covariance=(-1.0, *COVARIANCE[1:]))) is FixResult.BAD
    assert estimator.estimate(robot.now) == before


def test_reported_poses_pass_through() -> None:
    poses = ReportedPoses()
    assert poses.estimate(1.0) is None
    poses.sample(Sample(1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 5.0))
    assert poses.estimate(5.0)[:3] == (1.0, 2.0, 3.0)  # type: ignore[index]
    assert poses.fix(PoseFix(0.0, 0.0, 0.0, COVARIANCE, 5.0)) is FixResult.BAD
