"""Time-optimal motion of a lift car from rest to rest with limited speed, acceleration and jerk (S-curve).

Method: seven-segment profile; G. Barney, L. Al-Sharif, Elevator Traffic Handbook (2nd ed., 2016), chapter 5.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SCurve:
    """One run of `distance_m`: phases of jerk, of constant acceleration, of constant speed, and mirrored."""

    distance_m: float
    jerk_mps3: float
    jerk_time_s: float
    accel_time_s: float
    cruise_time_s: float

    @property
    def duration_s(self) -> float:
        """Time from rest to rest."""
        return 4.0 * self.jerk_time_s + 2.0 * self.accel_time_s + self.cruise_time_s

    @property
    def top_speed_mps(self) -> float:
        """Greatest speed reached."""
        return self.jerk_mps3 * self.jerk_time_s * (self.jerk_time_s + self.accel_time_s)

    def position_m(self, time_s: float) -> float:
        """Distance gone `time_s` after the start, clamped to the run."""
        total = self.duration_s
        if time_s <= 0.0:
            return 0.0
        if time_s >= total:
            return self.distance_m
        if time_s > 0.5 * total:
            return self.distance_m - self._first_half_m(total - time_s)
        return self._first_half_m(time_s)

    def speed_mps(self, time_s: float) -> float:
        """Speed `time_s` after the start."""
        total = self.duration_s
        if time_s <= 0.0 or time_s >= total:
            return 0.0
        t = min(time_s, total - time_s)
        j, t_j, t_a = self.jerk_mps3, self.jerk_time_s, self.accel_time_s
        if t <= t_j:
            return 0.5 * j * t * t
        if t <= t_j + t_a:
            return 0.5 * j * t_j * t_j + j * t_j * (t - t_j)
        left = max(2.0 * t_j + t_a - t, 0.0)
        return self.top_speed_mps - 0.5 * j * left * left

    def _first_half_m(self, t: float) -> float:
        j, t_j, t_a = self.jerk_mps3, self.jerk_time_s, self.accel_time_s
        if t <= t_j:
            return j * t**3 / 6.0
        accel = j * t_j
        speed_1 = 0.5 * accel * t_j
        x_1 = accel * t_j * t_j / 6.0
        if t <= t_j + t_a:
            s = t - t_j
            return x_1 + speed_1 * s + 0.5 * accel * s * s
        speed_2 = speed_1 + accel * t_a
        x_2 = x_1 + speed_1 * t_a + 0.5 * accel * t_a * t_a
        s = min(t - t_j - t_a, t_j)
        x_3 = x_2 + speed_2 * s + 0.5 * accel * s * s - j * s**3 / 6.0
        return x_3 + self.top_speed_mps * max(t - 2.0 * t_j - t_a, 0.0)


def s_curve(distance_m: float, speed_mps: float, acceleration_mps2: float, jerk_mps3: float) -> SCurve:
    """The fastest run over `distance_m` (>= 0) within the limits (> 0). Raises ValueError on other values."""
    if distance_m < 0.0 or min(speed_mps, acceleration_mps2, jerk_mps3) <= 0.0:
        raise ValueError(
            f"s_curve needs distance >= 0 and limits > 0, not distance {distance_m} m, speed {speed_mps} m/s,"
            f" acceleration {acceleration_mps2} m/s2, jerk {jerk_mps3} m/s3"
        )
    v, a, j = speed_mps, acceleration_mps2, jerk_mps3
    reaches_a = v * j >= a * a
    t_j = a / j if reaches_a else (v / j) ** 0.5
    t_a = v / a - t_j if reaches_a else 0.0
    to_full_speed = v * (2.0 * t_j + t_a)
    if distance_m >= to_full_speed:
        return SCurve(distance_m, j, t_j, t_a, (distance_m - to_full_speed) / v)
    if reaches_a and distance_m >= 2.0 * a**3 / (j * j):
        peak = 0.5 * a * (-a / j + ((a / j) ** 2 + 4.0 * distance_m / a) ** 0.5)
        return SCurve(distance_m, j, t_j, max(peak / a - t_j, 0.0), 0.0)
    return SCurve(distance_m, j, (distance_m / (2.0 * j)) ** (1.0 / 3.0), 0.0, 0.0)
