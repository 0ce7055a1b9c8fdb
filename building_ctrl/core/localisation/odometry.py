"""Dead reckoning by a robot's wheels, corrected by fixes: an extended Kalman filter on SE(2) (Thrun, Burgard, Fox,
Probabilistic Robotics, 2005, 3.3, 5.4).

A fix is of the past: the filter keeps the states of the last seconds, corrects the one of the fix's time, and drives
the later ones anew from there.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.localisation.estimator import (
    DEFAULT_LOCALISATION,
    FixResult,
    LocalisationParameters,
    PoseEstimate,
    PoseFix,
    Sample,
)

Float = NDArray[np.float64]


@dataclass(slots=True)
class _State:
    """Belief at one sample: mean (3,) x_m, y_m, yaw_rad and covariance (3, 3)."""

    sample: Sample
    mean: Float
    covariance: Float


class OdometryEstimator:
    """Estimates the pose of one robot; see PoseEstimator. Untrusted until the first fix."""

    def __init__(self, parameters: LocalisationParameters = DEFAULT_LOCALISATION) -> None:
        self.parameters = parameters
        self._states: deque[_State] = deque()
        self._known = False
        self._trusted = False
        self._broken = False
        self._level = ""
        self._jumps: list[tuple[PoseFix, Sample]] = []
        self._newest: Sample | None = None

    @property
    def jumped(self) -> bool:
        """Whether fixes contradict the belief, and none has settled it yet."""
        return bool(self._jumps) or self._broken

    def sample(self, sample: Sample) -> None:
        """See PoseEstimator. Wheels that jump further than their speeds allow, or were not heard for long, leave the
        belief in doubt until the next fix that starts it anew."""
        if not all(map(math.isfinite, sample)):
            return
        last = self._newest
        if last is not None and sample.stamp_s <= last.stamp_s:
            return
        if last is not None and self._implausible(last, sample):
            self._broken = True
            self._states.clear()
            self._jumps.clear()
            self._known = False
        self._newest = sample
        if not self._states:
            self._states.append(_State(sample, np.zeros(3), np.eye(3) * 1e6))
            return
        self._states.append(self._driven(self._states[-1], sample))
        while sample.stamp_s - self._states[0].sample.stamp_s > self.parameters.memory_s:
            self._states.popleft()

    def fix(self, fix: PoseFix) -> FixResult:
        """See PoseEstimator."""
        covariance = _covariance(fix)
        if covariance is None:
            return FixResult.BAD
        at = self._nearest(fix.stamp_s)
        if at is None:
            return FixResult.TOO_OLD
        state = self._states[at]
        measured = np.array([fix.x_m, fix.y_m, fix.yaw_rad])
        if not self._known:
            self._start(at, measured, covariance, fix.level)
            return FixResult.STARTED
        error = measured - state.mean
        error[2] = math.remainder(error[2], 2.0 * math.pi)
        total = state.covariance + covariance
        elsewhere = bool(fix.level and self._level and fix.level != self._level)
        if elsewhere or float(error @ np.linalg.solve(total, error)) > self.parameters.gate:
            return self._on_jump(at, fix, measured, covariance)
        self._jumps.clear()
        gain = np.linalg.solve(total.T, state.covariance.T).T
        state.mean = state.mean + gain @ error
        rest = np.eye(3) - gain
        state.covariance = rest @ state.covariance @ rest.T + gain @ covariance @ gain.T
        self._level = fix.level or self._level
        self._redrive(at)
        return FixResult.TAKEN

    def estimate(self, now: float) -> PoseEstimate | None:
        """See PoseEstimator."""
        if not self._known or not self._states:
            return None
        state, p = self._states[-1], self.parameters
        c = state.covariance
        half, product = 0.5 * (c[0, 0] + c[1, 1]), c[0, 0] * c[1, 1] - c[0, 1] * c[1, 0]
        sigma_m = math.sqrt(half + math.sqrt(max(0.0, half * half - product)))
        yaw_sigma_rad = math.sqrt(c[2, 2])
        share = 1.0 if self._trusted else p.hysteresis
        good = sigma_m <= share * p.position_limit_m and yaw_sigma_rad <= share * p.yaw_limit_rad
        self._trusted = good and not self._jumps
        x, y, yaw = state.mean.tolist()
        if self._jumps:
            sigma_m = max(sigma_m, *(math.hypot(f.x_m - x, f.y_m - y) for f, _ in self._jumps))
        return PoseEstimate(x, y, yaw, sigma_m, yaw_sigma_rad, self._trusted, self._level)

    def _implausible(self, last: Sample, sample: Sample) -> bool:
        gap_s = sample.stamp_s - last.stamp_s
        way_m = math.hypot(sample.x_m - last.x_m, sample.y_m - last.y_m)
        fastest = max(math.hypot(last.v_mps, last.vy_mps), math.hypot(sample.v_mps, sample.vy_mps))
        return way_m > 2.0 * (fastest + 0.2) * gap_s + 0.05 or gap_s > 10.0 * self.parameters.longest_gap_s

    def _driven(self, state: _State, sample: Sample) -> _State:
        """The belief moved by what the wheels did since its sample."""
        last, p = state.sample, self.parameters
        c, s = math.cos(last.yaw_rad), math.sin(last.yaw_rad)
        dx, dy = sample.x_m - last.x_m, sample.y_m - last.y_m
        ahead, left = c * dx + s * dy, c * dy - s * dx
        turn = math.remainder(sample.yaw_rad - last.yaw_rad, 2.0 * math.pi)
        x, y, yaw = state.mean.tolist()
        c, s = math.cos(yaw), math.sin(yaw)
        mean = np.array([x + c * ahead - s * left, y + s * ahead + c * left, yaw + turn])
        jacobian = np.array([[1.0, 0.0, -s * ahead - c * left], [0.0, 1.0, c * ahead - s * left], [0.0, 0.0, 1.0]])
        way = math.hypot(ahead, left)
        doubt = p.slip_ratio**2 * way
        noise = np.diag([doubt, doubt, p.drift_radpm**2 * way + p.turn_ratio**2 * abs(turn)])
        return _State(sample, mean, jacobian @ state.covariance @ jacobian.T + noise)

    def _nearest(self, stamp_s: float) -> int | None:
        """Index of the state nearest to a time, None where it lies outside of what is kept."""
        if not self._states:
            return None
        first, last = self._states[0].sample.stamp_s, self._states[-1].sample.stamp_s
        if stamp_s < first - 0.1 or stamp_s > last + self.parameters.longest_gap_s:
            return None
        gaps = [abs(state.sample.stamp_s - stamp_s) for state in self._states]
        return gaps.index(min(gaps))

    def _start(self, at: int, measured: Float, covariance: Float, level: str) -> None:
        state = self._states[at]
        state.mean, state.covariance = measured, covariance
        self._known, self._broken = True, False
        self._jumps.clear()
        self._level = level or self._level
        self._redrive(at)

    def _on_jump(self, at: int, fix: PoseFix, measured: Float, covariance: Float) -> FixResult:
        """Keep fixes that contradict the belief; enough in a row that agree by the wheels are believed."""
        sample = self._states[at].sample
        if self._jumps and not self._agree(self._jumps[-1], (fix, sample)):
            self._jumps.clear()
        self._jumps.append((fix, sample))
        if len(self._jumps) < self.parameters.confirmations:
            return FixResult.JUMP
        self._start(at, measured, covariance, fix.level)
        return FixResult.STARTED

    def _agree(self, one: tuple[PoseFix, Sample], other: tuple[PoseFix, Sample]) -> bool:
        (a, before), (b, after) = one, other
        covariance = _covariance(a)
        if covariance is None or a.level != b.level:
            return False
        moved = self._driven(_State(before, np.array([a.x_m, a.y_m, a.yaw_rad]), covariance), after)
        error = np.array([b.x_m, b.y_m, b.yaw_rad]) - moved.mean
        error[2] = math.remainder(error[2], 2.0 * math.pi)
        total = moved.covariance + np.array(b.covariance).reshape(3, 3)
        return float(error @ np.linalg.solve(total, error)) <= self.parameters.gate

    def _redrive(self, at: int) -> None:
        for k in range(at + 1, len(self._states)):
            self._states[k] = self._driven(self._states[k - 1], self._states[k].sample)


def _covariance(fix: PoseFix) -> Float | None:
    """Covariance (3, 3) of a fix, None where the fix is not made of numbers or that is no covariance."""
    numbers = (fix.x_m, fix.y_m, fix.yaw_rad, fix.stamp_s, *fix.covariance)
    if len(fix.covariance) != 9 or not all(map(math.isfinite, numbers)):
        return None
    covariance = np.array(fix.covariance).reshape(3, 3)
    if not np.allclose(covariance, covariance.T, atol=1e-9) or float(np.linalg.eigvalsh(covariance)[0]) <= 0.0:
        return None
    return covariance
