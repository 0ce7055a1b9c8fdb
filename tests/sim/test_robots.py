"""Bodies: kinematics, expiry, limits, batteries, determinism."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.sim.robots import BodyParameters, Charger, RobotBodies, Spawn

EXACT = BodyParameters(slip_ratio=0.0, pose_noise_m=0.0, yaw_noise_rad=0.0)
DT = 0.05


def bodies(
    n: int = 1, parameters: BodyParameters = EXACT, seed: int = 1, chargers: tuple[Charger, ...] = ()
) -> RobotBodies:
    return RobotBodies([Spawn(0, 3.0 * i, 0.0, 0.0, 0.3) for i in range(n)], chargers, parameters, seed)


def drive(body: RobotBodies, v: float, w: float, seconds: float, start: float = 0.0) -> float:
    now = start
    for _ in range(round(seconds / DT)):
        for robot in range(len(body)):
            body.command(robot, v, w, now, now + 0.3)
        body.step(now, DT)
        now += DT
    return now


def test_drives_straight_at_the_commanded_speed() -> None:
    body = bodies()
    now = drive(body, 1.0, 0.0, 3.0)
    before = float(body.x_m[0])
    drive(body, 1.0, 0.0, 2.0, now)
    assert body.x_m[0] - before == pytest.approx(2.0, abs=1e-9)
    assert body.y_m[0] == pytest.approx(0.0, abs=1e-9)


def test_turns_on_an_exact_circle() -> None:
    body = bodies()
    now = drive(body, 0.5, 0.5, 3.0)
    x, y, yaw = float(body.x_m[0]), float(body.y_m[0]), float(body.yaw_rad[0])
    centre = (x - math.sin(yaw), y + math.cos(yaw))
    for _ in range(50):
        now = drive(body, 0.5, 0.5, DT, now)
        assert math.hypot(body.x_m[0] - centre[0], body.y_m[0] - centre[1]) == pytest.approx(1.0, abs=1e-9)


def test_expired_command_ends_in_a_controlled_stop() -> None:
    body = bodies()
    now = drive(body, 1.0, 0.0, 3.0)
    speeds = []
    for _ in range(60):
        body.step(now, DT)
        speeds.append(float(body.speed_mps[0]))
        now += DT
    falls = -np.diff(speeds)
    assert speeds[-1] == 0.0
    assert falls.max() <= EXACT.stop_ramp_mps2 * DT + 1e-9
    assert speeds[int(0.25 / DT)] >= 0.9, "the last command holds until it expires"


def test_command_acts_after_the_actuation_delay() -> None:
    body = bodies(parameters=BodyParameters(actuation_delay_s=0.12, slip_ratio=0.0))
    moved_at = None
    for k in range(10):
        if k == 0:
            body.command(0, 1.0, 0.0, 0.0, 5.0)
        body.step(k * DT, DT)
        if moved_at is None and body.speed_mps[0] > 0.0:
            moved_at = k * DT
    assert moved_at is not None and moved_at == pytest.approx(0.15)


def test_a_command_that_is_not_finite_is_dropped() -> None:
    body = bodies()
    body.command(0, math.nan, 0.0, 0.0, 5.0)
    body.command(0, 1.0, math.inf, 0.0, 5.0)
    for k in range(20):
        body.step(k * DT, DT)
    assert body.speed_mps[0] == 0.0 and np.isfinite(body.x_m[0])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(-6, 6), st.integers(1, 8)), min_size=1, max_size=12),
    st.integers(0, 1000),
)
def test_limits_hold_under_any_command(commands: list[tuple[float, float, int]], seed: int) -> None:
    p = BodyParameters()
    body = bodies(2, p, seed)
    now = 0.0
    for v, w, steps in commands:
        body.command(0, v, w, now, now + 0.3)
        for _ in range(steps):
            speed, rate = body.speed_mps.copy(), body.yaw_rate_radps.copy()
            body.step(now, DT)
            now += DT
            assert np.all(np.abs(body.speed_mps) <= p.max_speed_mps + 1e-9)
            assert np.all(np.abs(body.yaw_rate_radps) <= p.max_yaw_rate_radps + 1e-9)
            hardest = max(p.acceleration_mps2, p.braking_mps2, p.stop_ramp_mps2)
            assert np.all(np.abs(body.speed_mps - speed) <= hardest * DT + 1e-9)
            assert np.all(np.abs(body.yaw_rate_radps - rate) <= p.yaw_acceleration_radps2 * DT + 1e-9)
    assert body.x_m[1] == 3.0 and body.speed_mps[1] == 0.0, "a robot without commands stays where it is"


def test_same_seed_same_motion_bit_for_bit() -> None:
    runs = []
    for seed in (7, 7, 8):
        body = bodies(4, BodyParameters(), seed)
        drive(body, 0.8, 0.2, 5.0)
        runs.append((body.x_m.tobytes(), body.measured()[0].tobytes()))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_wheels_slip_a_little_and_no_more() -> None:
    body = bodies(20, BodyParameters(), 3)
    drive(body, 1.0, 0.0, 20.0)
    driven = body.x_m - 3.0 * np.arange(20)
    assert 0.001 < np.std(driven) < 0.5


def test_battery_drains_driving_and_charges_on_a_charger() -> None:
    body = bodies(2, chargers=(Charger(0, 3.0, 0.1), Charger(1, 0.0, 0.0)))
    body.battery_percent[:] = 50.0
    for k in range(200):
        body.step(k * DT, DT)
    assert body.battery_percent[1] > 50.0 and bool(body.charging[1])
    assert body.battery_percent[0] < 50.0 and not body.charging[0], "a charger on another level does not charge"


def test_an_empty_battery_stops_the_robot() -> None:
    body = bodies()
    now = drive(body, 1.0, 0.0, 2.0)
    body.battery_percent[:] = 0.0
    drive(body, 1.0, 0.0, 3.0, now)
    assert body.speed_mps[0] == 0.0
