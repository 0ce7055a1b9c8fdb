"""Robots' bodies: differential-drive kinematics, batteries, and the ride in a lift's cabin.

A body knows nothing of maps or plans: it obeys velocity commands until they expire, then brakes. All
bodies are stepped together; element i of every array is robot i.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from building_ctrl.sim.compiled import compiled

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

BETWEEN_LEVELS = -1
CHARGER_REACH_M = 0.35


@dataclass(frozen=True, slots=True)
class BodyParameters:
    """What a body is capable of, and how far it is from perfect.

    `acceleration_mps2` bounds speeding up, `braking_mps2` slowing down on command, `stop_ramp_mps2` the
    controlled stop when commands ran out. A command acts `actuation_delay_s` after it arrived. Wheels turn
    off the command by `slip_ratio` (1 sigma, slowly wandering); measured poses are off by `pose_noise_m`
    and `yaw_noise_rad` (1 sigma).
    """

    max_speed_mps: float = 1.2
    acceleration_mps2: float = 0.9
    braking_mps2: float = 1.5
    stop_ramp_mps2: float = 0.8
    max_yaw_rate_radps: float = 1.8
    yaw_acceleration_radps2: float = 4.0
    actuation_delay_s: float = 0.04
    slip_ratio: float = 0.01
    slip_time_s: float = 2.0
    pose_noise_m: float = 0.004
    yaw_noise_rad: float = 0.003
    drain_idle_percent_per_s: float = 0.0012
    drain_driving_percent_per_s: float = 0.005
    charge_percent_per_s: float = 0.02

    def record(self) -> NDArray[Any]:
        """The same as a structured array (1,), for compiled code."""
        dtype = np.dtype([(f.name, np.float64) for f in fields(self)])
        return np.array([astuple(self)], dtype=dtype)


@dataclass(frozen=True, slots=True)
class Charger:
    """Where a body charges: level index and position in metres."""

    level: int
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class Spawn:
    """Where a body starts: level index, pose, radius of its footprint."""

    level: int
    x_m: float
    y_m: float
    yaw_rad: float
    radius_m: float
    elevation_m: float = 0.0


class RobotBodies:
    """True and measured state of all bodies.

    Arrays have shape (n,): `x_m, y_m, z_m, yaw_rad, speed_mps, yaw_rate_radps, battery_percent` float64,
    `level` int64 (BETWEEN_LEVELS in a car under way), `cabin` int64 (index of the lift whose cabin carries
    the body, or -1). The same seed and the same commands give the same motion bit for bit.
    """

    def __init__(
        self,
        spawns: Sequence[Spawn],
        chargers: Sequence[Charger] = (),
        parameters: BodyParameters | None = None,
        seed: int = 0,
    ) -> None:
        self.parameters = parameters or BodyParameters()
        self.x_m = np.array([s.x_m for s in spawns], dtype=np.float64)
        self.y_m = np.array([s.y_m for s in spawns], dtype=np.float64)
        self.z_m = np.array([s.elevation_m for s in spawns], dtype=np.float64)
        self.yaw_rad = np.array([s.yaw_rad for s in spawns], dtype=np.float64)
        self.radius_m = np.array([s.radius_m for s in spawns], dtype=np.float64)
        self.level = np.array([s.level for s in spawns], dtype=np.int64)
        n = len(spawns)
        self.cabin = np.full(n, -1, dtype=np.int64)
        self.speed_mps = np.zeros(n)
        self.yaw_rate_radps = np.zeros(n)
        self.battery_percent = np.full(n, 100.0)
        self.charging = np.zeros(n, dtype=np.bool_)
        self._command = np.zeros((n, 3))  # v_mps, w_radps, expires_s
        self._command[:, 2] = -np.inf
        self._pending: deque[tuple[float, int, float, float, float]] = deque()
        self._pending_all: deque[tuple[float, Float, Float]] = deque()
        self._slip = np.zeros((2, n))
        self._numbers = self.parameters.record()
        self._charger_level = np.array([c.level for c in chargers], dtype=np.int64)
        self._charger_xy = np.array([(c.x_m, c.y_m) for c in chargers], dtype=np.float64).reshape(-1, 2)
        self._random = np.random.default_rng(seed)

    def __len__(self) -> int:
        return int(self.x_m.shape[0])

    def command(self, robot: int, v_mps: float, w_radps: float, now: float, expires_s: float) -> None:
        """Take a velocity command that arrived at `now`; it acts after the actuation delay and until
        `expires_s`.

        Commands are given in order of arrival. One that is not finite is dropped.
        """
        if math.isfinite(v_mps) and math.isfinite(w_radps):
            self._pending.append((now + self.parameters.actuation_delay_s, robot, v_mps, w_radps, expires_s))

    def command_all(self, v_mps: Float, w_radps: Float, now: float) -> None:
        """Take set points of all bodies (n,), finite, that arrived at `now`; they act after the actuation delay and
        until others do. For owners who give no single commands."""
        self._pending_all.append((now + self.parameters.actuation_delay_s, v_mps.copy(), w_radps.copy()))

    def step(self, now: float, dt_s: float) -> None:
        """Move all bodies from `now` to `now + dt_s` (exact arcs of constant velocity, Thrun et al. 2005,
        5.3)."""
        self._take_commands(now)
        noise = self._random.standard_normal((2, len(self)))
        keep = math.exp(-dt_s / self.parameters.slip_time_s)
        self._slip *= keep
        self._slip += self.parameters.slip_ratio * math.sqrt(1.0 - keep * keep) * noise
        _move(
            self.x_m, self.y_m, self.yaw_rad, self.speed_mps, self.yaw_rate_radps, self.battery_percent,
            self.charging, self.level, self._command, self._slip, self._charger_level, self._charger_xy,
            self._numbers, now, dt_s,
        )  # fmt: skip

    def measured(self) -> tuple[Float, Float, Float]:
        """Poses as the robots' localisation reports them: x_m, y_m, yaw_rad, each (n,)."""
        noise = self._random.standard_normal((3, len(self)))
        p = self.parameters
        return (
            self.x_m + p.pose_noise_m * noise[0],
            self.y_m + p.pose_noise_m * noise[1],
            self.yaw_rad + p.yaw_noise_rad * noise[2],
        )

    def _take_commands(self, now: float) -> None:
        pending = self._pending
        while pending and pending[0][0] <= now + 1e-9:
            _, robot, v_mps, w_radps, expires_s = pending.popleft()
            self._command[robot] = (v_mps, w_radps, expires_s)
        while self._pending_all and self._pending_all[0][0] <= now + 1e-9:
            _, v_all, w_all = self._pending_all.popleft()
            self._command[:, 0], self._command[:, 1], self._command[:, 2] = v_all, w_all, np.inf


@compiled
def _toward(value: float, goal: float, most: float) -> float:
    return value + min(max(goal - value, -most), most)


@compiled
def _move(
    x_m: Float, y_m: Float, yaw_rad: Float, speed_mps: Float, yaw_rate_radps: Float, battery_percent: Float,
    charging: Bool, level: Int, command: Float, slip: Float, charger_level: Int, charger_xy: Float,
    numbers: Any, now: float, dt: float,
) -> None:  # fmt: skip
    p = numbers[0]
    for i in range(x_m.shape[0]):
        obeys = command[i, 2] > now and battery_percent[i] > 0.0
        v_goal = min(max(command[i, 0], -p.max_speed_mps), p.max_speed_mps) if obeys else 0.0
        w_goal = min(max(command[i, 1], -p.max_yaw_rate_radps), p.max_yaw_rate_radps) if obeys else 0.0
        v = speed_mps[i]
        rate = p.acceleration_mps2
        if abs(v_goal) < abs(v):
            rate = p.braking_mps2 if obeys else p.stop_ramp_mps2
        speed_mps[i] = v = _toward(v, v_goal, rate * dt)
        yaw_rate_radps[i] = w = _toward(yaw_rate_radps[i], w_goal, p.yaw_acceleration_radps2 * dt)
        turn = (w + v * slip[1, i]) * dt
        way = v * (1.0 + slip[0, i]) * dt
        chord = way if abs(turn) < 1e-9 else way * math.sin(0.5 * turn) / (0.5 * turn)
        x_m[i] += chord * math.cos(yaw_rad[i] + 0.5 * turn)
        y_m[i] += chord * math.sin(yaw_rad[i] + 0.5 * turn)
        yaw_rad[i] = (yaw_rad[i] + turn + math.pi) % (2.0 * math.pi) - math.pi
        driving = abs(v) > 0.01
        charging[i] = False
        if not driving:
            for c in range(charger_level.shape[0]):
                dx, dy = x_m[i] - charger_xy[c, 0], y_m[i] - charger_xy[c, 1]
                if charger_level[c] == level[i] and dx * dx + dy * dy <= CHARGER_REACH_M * CHARGER_REACH_M:
                    charging[i] = True
        drain = p.drain_driving_percent_per_s if driving else p.drain_idle_percent_per_s
        change = p.charge_percent_per_s if charging[i] else -drain
        battery_percent[i] = min(max(battery_percent[i] + change * dt, 0.0), 100.0)
