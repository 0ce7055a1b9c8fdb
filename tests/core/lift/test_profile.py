"""Properties of the S-curve, and values worked out by hand."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from building_ctrl.core.lift import s_curve

limit = st.floats(0.2, 8.0)


@given(distance=st.floats(0.0, 200.0), speed=limit, acceleration=limit, jerk=limit, share=st.floats(0.0, 1.0))
def test_a_run_keeps_its_limits_and_ends_where_it_should(
    distance: float, speed: float, acceleration: float, jerk: float, share: float
) -> None:
    run = s_curve(distance, speed, acceleration, jerk)
    t, dt = share * run.duration_s, 1e-4
    assert run.position_m(0.0) == 0.0
    assert run.position_m(run.duration_s) == pytest.approx(distance, abs=1e-12)
    assert -1e-9 <= run.position_m(t) <= distance + 1e-9
    assert run.top_speed_mps <= speed * (1 + 1e-9)
    assert run.speed_mps(t) <= run.top_speed_mps * (1 + 1e-9) + 1e-12
    assert run.jerk_mps3 * run.jerk_time_s <= acceleration * (1 + 1e-9)
    slope = (run.position_m(t + dt) - run.position_m(t - dt)) / (2 * dt)
    if dt < t < run.duration_s - dt:
        assert slope == pytest.approx(run.speed_mps(t), abs=1e-3)


@given(distance=st.floats(0.01, 200.0), speed=limit, acceleration=limit, jerk=limit)
def test_the_halves_meet(distance: float, speed: float, acceleration: float, jerk: float) -> None:
    run = s_curve(distance, speed, acceleration, jerk)
    middle = 0.5 * run.duration_s
    assert run.position_m(middle) == pytest.approx(0.5 * distance, rel=1e-6)
    assert run.position_m(middle + 1e-7) - run.position_m(middle - 1e-7) < 1e-4 + 4e-7 * speed


@pytest.mark.parametrize(
    ("distance", "duration"),
    [
        (
            75.6,
            21.55,
        ),  # d/v + v/a + a/j, cruising: 75.6/5 + 5/1 + 1/1.4 with 5 m/s, 1 m/s2, 1.4 m/s3, plus rounding
        (0.0, 0.0),
    ],
)
def test_known_durations(distance: float, duration: float) -> None:
    if distance:
        duration = distance / 5.0 + 5.0 / 1.0 + 1.0 / 1.4
    assert s_curve(distance, 5.0, 1.0, 1.4).duration_s == pytest.approx(duration)


def test_short_runs_reach_neither_speed_nor_acceleration() -> None:
    run = s_curve(0.5, 5.0, 1.0, 1.4)
    assert run.accel_time_s == run.cruise_time_s == 0.0
    assert run.duration_s == pytest.approx(4 * (0.5 / 2.8) ** (1 / 3))


@pytest.mark.parametrize("bad", [(-1.0, 1.0, 1.0, 1.0), (1.0, 0.0, 1.0, 1.0), (1.0, 1.0, 1.0, -1.0)])
def test_bad_values_are_named(bad: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="s_curve needs"):
        s_curve(*bad)
