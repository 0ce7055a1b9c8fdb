"""The simulated lift: Open-RMF sessions, doors, motion and faults."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from building_ctrl.core.lift import LiftSpec
from building_ctrl.model.lift import (
    LiftDoorState,
    LiftMode,
    LiftMotion,
    LiftRequest,
    LiftRequestKind,
)
from building_ctrl.sim.lifts import SimulatedLift, SimulatedLiftParameters

SPEC = LiftSpec("A", (("L1", 0.0), ("L2", 4.0), ("L3", 8.0), ("L4", 12.0)), initial_level="L2")
AGV, HUMAN, END = LiftRequestKind.AGV_MODE, LiftRequestKind.HUMAN_MODE, LiftRequestKind.END_SESSION
OPEN, CLOSED, MOVING = LiftDoorState.OPEN, LiftDoorState.CLOSED, LiftDoorState.MOVING


def ask(level: str, session: str = "s", kind: LiftRequestKind = AGV, door: LiftDoorState = OPEN) -> LiftRequest:
    return LiftRequest("A", session, kind, level, door)


def run(lift: SimulatedLift, start: float, seconds: float, dt: float = 0.1) -> float:
    for tick in range(1, round(seconds / dt) + 1):
        lift.step(start + tick * dt)
    return start + seconds


def test_it_begins_closed_at_its_initial_level() -> None:
    state = SimulatedLift(SPEC).state()
    assert (state.current_level, state.door, state.motion) == ("L2", CLOSED, LiftMotion.STOPPED)
    assert (state.mode, state.session_id) == (LiftMode.HUMAN, "")
    assert state.available_levels == ("L1", "L2", "L3", "L4")


def test_a_robot_is_taken_from_level_to_level() -> None:
    lift = SimulatedLift(SPEC)
    lift.request(ask("L4"), 0.0)
    lift.step(0.1)
    assert (lift.state().motion, lift.state().destination_level) == (LiftMotion.UP, "L4")
    expected = SPEC.travel_s("L2", "L4") + SPEC.door_opening_s
    lift.step(expected - 0.1)
    assert lift.state().door is MOVING
    lift.step(expected + 0.1)
    assert lift.state().open_for("s", "L4") and lift.cabin_height_m == 12.0
    lift.request(ask("L4"), expected + 15.0)
    lift.step(expected + 25.0)
    assert lift.state().open_for("s", "L4"), "AGV mode keeps the door open"
    lift.request(ask("L1"), expected + 25.0)
    lift.step(expected + 25.1)
    assert lift.state().door is MOVING and lift.state().motion is LiftMotion.STOPPED
    lift.step(expected + 50.0)
    assert lift.state().open_for("s", "L1")


def test_the_first_session_owns_the_lift_until_it_ends() -> None:
    lift = SimulatedLift(SPEC)
    lift.request(ask("L3", "first"), 0.0)
    lift.request(ask("L1", "second"), 0.1)
    lift.request(ask("L1", "second", END), 0.2)
    assert (lift.state().session_id, lift.state().destination_level) == ("first", "L3")
    lift.request(ask("", "first", END), 0.3)
    lift.request(ask("L1", "second"), 0.4)
    assert (lift.state().session_id, lift.state().destination_level) == ("second", "L1")


def test_doors_close_after_the_session_and_the_dwell_time() -> None:
    lift = SimulatedLift(SPEC)
    lift.request(ask("L2"), 0.0)
    lift.step(10.0)
    assert lift.stands_open_at == "L2"
    lift.request(ask("L2", kind=END), 10.0)
    lift.step(10.0 + SPEC.door_closing_s + 0.1)
    assert lift.state().door is CLOSED and lift.state().mode is LiftMode.HUMAN


@pytest.mark.parametrize("level", ["L9", ""])
def test_levels_not_served_are_ignored(level: str) -> None:
    lift = SimulatedLift(SPEC)
    lift.request(ask(level), 0.0)
    assert lift.state().session_id == ""


def test_requests_to_others_and_without_a_session_are_ignored() -> None:
    lift = SimulatedLift(SPEC)
    lift.request(replace(ask("L1"), lift="B"), 0.0)
    lift.request(ask("L1", session=""), 0.0)
    assert lift.state().session_id == "" and lift.state().destination_level == "L2"


@pytest.mark.parametrize("mode", [LiftMode.FIRE, LiftMode.OFFLINE, LiftMode.EMERGENCY, LiftMode.UNKNOWN])
def test_modes_that_take_no_requests_end_the_session(mode: LiftMode) -> None:
    lift = SimulatedLift(SPEC)
    lift.request(ask("L4"), 0.0)
    lift.set_mode(mode, 1.0)
    lift.request(ask("L1"), 2.0)
    assert lift.state().session_id == "" and lift.state().mode is mode
    lift.set_mode(LiftMode.HUMAN, 60.0)
    lift.request(ask("L1"), 61.0)
    assert lift.state().session_id == "s"


def test_fire_recalls_the_car_and_keeps_it_open() -> None:
    lift = SimulatedLift(SPEC, SimulatedLiftParameters(recall_level="L3"))
    lift.request(ask("L4"), 0.0)
    lift.set_mode(LiftMode.FIRE, 2.0)
    lift.step(60.0)
    assert lift.stands_open_at == "L3" and lift.state().mode is LiftMode.FIRE
    assert lift.state().lets_out("gone", "L3") and not lift.state().open_for("gone", "L3")


def test_a_session_nobody_renews_is_dropped() -> None:
    lift = SimulatedLift(SPEC, SimulatedLiftParameters(session_timeout_s=30.0))
    lift.request(ask("L3"), 0.0)
    lift.request(ask("L3"), 20.0)
    lift.step(49.0)
    assert lift.state().session_id == "s"
    lift.step(51.0)
    assert lift.state().session_id == ""


def test_a_door_does_not_close_on_an_obstruction() -> None:
    lift = SimulatedLift(SPEC)
    lift.request(ask("L2"), 0.0)
    now = run(lift, 0.0, 5.0)
    lift.request(ask("L4"), now)
    now = run(lift, now, 1.0)
    assert 0.0 < lift.door_opening < 1.0
    lift.obstructed = True
    now = run(lift, now, 25.0)
    assert lift.stands_open_at == "L2"
    lift.obstructed = False
    lift.request(ask("L4"), now)
    run(lift, now, 29.0)
    assert lift.stands_open_at == "L4"


def test_a_stuck_door_and_a_stuck_car_stay_where_they_are() -> None:
    lift = SimulatedLift(SPEC)
    lift.stuck_door = True
    lift.request(ask("L2"), 0.0)
    lift.step(20.0)
    assert lift.door_opening == 0.0 and lift.state().door is not OPEN
    lift.stuck_door, lift.stuck_car = False, True
    lift.request(ask("L4"), 20.0)
    lift.step(40.0)
    assert lift.cabin_height_m == 4.0
    lift.request(ask("L4"), 40.0)
    lift.stuck_car = False
    lift.step(65.0)
    assert lift.stands_open_at == "L4"


def test_a_silent_lift_hears_nothing() -> None:
    lift = SimulatedLift(SPEC)
    lift.silent = True
    lift.request(ask("L4"), 0.0)
    assert lift.state().session_id == ""


def test_the_nearest_level_is_reported_under_way() -> None:
    lift = SimulatedLift(SPEC)
    lift.request(ask("L4"), 0.0)
    seen = []
    for tick in range(300):
        lift.step(tick * 0.05)
        if lift.state().current_level not in seen[-1:]:
            seen.append(lift.state().current_level)
    assert seen == ["L2", "L3", "L4"]


def test_time_of_a_step_does_not_matter() -> None:
    def height_and_door(dt: float, start: float) -> tuple[float, float, str]:
        lift = SimulatedLift(SPEC, SimulatedLiftParameters(passengers_per_hour=60.0, seed=5), start)
        chance = random.Random(1)
        now = start
        for i in range(12):
            target = start + 20.0 * (i + 1)
            while now < target - 1e-9:
                now = min(now + dt, target)
                lift.step(now)
            lift.request(ask(f"L{chance.randint(1, 4)}", f"s{i // 3}"), now)
        lift.step(now + 7.0)
        return round(lift.cabin_height_m, 3), round(lift.door_opening, 3), lift.state().session_id

    for start in (0.0, 1.7e9):
        coarse, fine = height_and_door(5.0, start), height_and_door(0.05, start)
        assert coarse == pytest.approx(fine, abs=2e-3) if isinstance(coarse, float) else coarse == fine


def test_people_ride_and_robots_take_turns_with_them() -> None:
    lift = SimulatedLift(SPEC, SimulatedLiftParameters(passengers_per_hour=600.0, seed=2))
    visited, got_it = set(), 0.0
    for tick in range(6000):
        now = tick * 0.1
        lift.step(now)
        visited.add(lift.stands_open_at)
        if now > 300.0 and not got_it:
            if tick % 15 == 0:
                lift.request(ask("L1", "robot"), now)
            got_it = now if lift.state().session_id == "robot" else 0.0
    assert {"L1", "L2", "L3", "L4"} <= visited
    assert 300.0 < got_it < 400.0


def test_the_same_seed_gives_the_same_people() -> None:
    def heights(seed: int) -> list[float]:
        lift = SimulatedLift(SPEC, SimulatedLiftParameters(passengers_per_hour=300.0, seed=seed))
        trace = []
        for tick in range(600):
            lift.step(float(tick))
            trace.append(lift.cabin_height_m)
        return trace

    assert heights(1) == heights(1) != heights(2)


def test_the_car_never_moves_with_an_open_door() -> None:
    lift = SimulatedLift(SPEC, SimulatedLiftParameters(passengers_per_hour=200.0, seed=3))
    chance = random.Random(7)
    height, opening = lift.cabin_height_m, 0.0
    for tick in range(20000):
        now = tick * 0.05
        lift.step(now)
        assert min(opening, lift.door_opening) == 0.0 or lift.cabin_height_m == height
        height, opening = lift.cabin_height_m, lift.door_opening
        if chance.random() < 0.02:
            kind = chance.choice([AGV, HUMAN, END])
            door = chance.choice([OPEN, CLOSED])
            lift.request(ask(f"L{chance.randint(1, 4)}", chance.choice("ab"), kind, door), now)
        if chance.random() < 0.002:
            lift.set_mode(chance.choice(list(LiftMode)), now)
        if chance.random() < 0.01:
            lift.obstructed = chance.random() < 0.5
