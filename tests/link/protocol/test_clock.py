from __future__ import annotations

import random

import pytest

from building_ctrl.link.protocol import ClockFilter


def test_offset_is_that_of_the_shortest_round_trip() -> None:
    clock = ClockFilter()
    clock.add(0.0, 100.05, 100.05, 0.06)
    clock.add(1.0, 101.01, 101.01, 1.02)
    clock.add(2.0, 102.5, 102.5, 2.51)
    assert clock.offset_s == pytest.approx(100.0)
    assert clock.round_trip_s == pytest.approx(0.51)


def test_offset_is_right_within_half_the_least_round_trip_under_random_delays() -> None:
    rng = random.Random(1)
    clock = ClockFilter()
    for k in range(40):
        up, down = rng.uniform(0.005, 0.08), rng.uniform(0.005, 0.08)
        clock.add(k, k + down - 7.0, k + down - 7.0 + 0.001, k + down + 0.001 + up)
    assert abs(clock.offset_s + 7.0) < 0.02


def test_impossible_exchanges_are_left_out() -> None:
    clock = ClockFilter()
    clock.add(1.0, 5.0, 4.0, 2.0)
    clock.add(2.0, 5.0, 9.0, 2.5)
    assert not clock.known and clock.worst_round_trip_s() == 0.0
