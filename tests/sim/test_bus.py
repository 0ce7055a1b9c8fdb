"""Virtual time: order, periods, delays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from building_ctrl.sim.bus import Bus, Delay, Delays, VirtualClock


def test_events_run_in_order_of_time_then_of_asking() -> None:
    clock = VirtualClock()
    seen: list[str] = []
    for time_s, name in ((2.0, "c"), (1.0, "a"), (2.0, "d"), (1.5, "b")):
        clock.at(time_s, seen.append, name)
    clock.run(1.9)
    assert seen == ["a", "b"] and clock.now == 1.9
    clock.run(2.0)
    assert seen == ["a", "b", "c", "d"]


def test_the_past_counts_as_now() -> None:
    clock = VirtualClock(5.0)
    seen: list[float] = []
    clock.at(1.0, lambda: seen.append(clock.now))
    clock.run(6.0)
    assert seen == [5.0]


def test_periods_do_not_drift() -> None:
    clock = VirtualClock(1.0)
    seen: list[float] = []
    clock.every(0.1, 0.05, seen.append)
    clock.run(101.0)
    assert len(seen) == 1000
    assert seen[-1] == pytest.approx(1.05 + 99.9, abs=1e-9)


def test_run_ends_early_when_told() -> None:
    clock = VirtualClock()
    seen: list[float] = []
    clock.every(1.0, 0.0, seen.append)
    clock.run(100.0, stop=lambda: len(seen) == 3)
    assert clock.now == 2.0


@given(st.integers(0, 1000), st.floats(0.001, 0.1), st.lists(st.floats(0.0, 0.05), min_size=1, max_size=40))
def test_messages_keep_their_order_and_come_within_the_delay(seed: int, mean_s: float, gaps: list[float]) -> None:
    clock = VirtualClock()
    delay = Delay(mean_s, mean_s / 2.0)
    bus = Bus(clock, Delays(delay, seed))
    heard: dict[str, list[tuple[int, float]]] = {"a": [], "b": []}
    bus.subscribe("topic", lambda message, now: heard["a"].append((message, now)))
    bus.subscribe("topic", lambda message, now: heard["b"].append((message, now)))
    sent: list[float] = []
    at = 0.0
    for number, gap in enumerate(gaps):
        at += gap
        sent.append(at)
        clock.at(at, bus.publish, "topic", number)
    clock.run(at + 1.0)
    for messages in heard.values():
        assert [number for number, _ in messages] == list(range(len(gaps)))
        for number, now in messages:
            assert now - sent[number] >= 0.5 * mean_s - 1e-9
    assert heard["a"][0][1] - sent[0] <= 1.5 * mean_s + 1e-9


def test_same_seed_same_delays() -> None:
    a, b, c = (Delays(Delay(0.01, 0.004), seed) for seed in (1, 1, 2))
    drawn = [[d.next_s() for _ in range(5000)] for d in (a, b, c)]
    assert drawn[0] == drawn[1] != drawn[2]
