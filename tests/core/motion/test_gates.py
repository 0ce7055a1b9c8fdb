"""Cabin doors: nobody passes one that the lift does not show open for the robot's own session."""

from __future__ import annotations

import random

import pytest

from building_ctrl.model.lift import LiftDoorState, LiftMode, LiftMotion, LiftState, RidePhase, RideState
from building_ctrl.model.path import Waypoint
from tests.core.motion.fleet import Fleet

SILL_X_M = 2.3
CABIN = Waypoint(3.0, 0.0, lift="lift1", ride_id="ride1")
BERTH = Waypoint(1.5, 0.0)


def lift(
    session: str = "s1",
    level: str = "L1",
    door: LiftDoorState = LiftDoorState.OPEN,
    motion: LiftMotion = LiftMotion.STOPPED,
    mode: LiftMode = LiftMode.AGV,
    name: str = "lift1",
) -> LiftState:
    return LiftState(name, ("L1", "L2"), level, level, door, motion, mode, session)


def ride(session: str = "s1", phase: RidePhase = RidePhase.BOARDING) -> RideState:
    return RideState("ride1", "f", "r0", "lift1", "L1", "L2", phase, session)


def at_the_berth() -> Fleet:
    fleet = Fleet()
    fleet.release(0, BERTH, CABIN)
    fleet.run(8.0)
    assert abs(fleet.x[0] - 1.5) < 0.05
    return fleet


def tell(fleet: Fleet, state: LiftState, rides: tuple[RideState, ...] = (ride(),)) -> None:
    fleet.pilot.ride_states(rides)
    fleet.pilot.lift_states((state,), fleet.now)


@pytest.mark.parametrize(
    ("state", "rides"),
    [
        (None, (ride(),)),
        (lift(), ()),
        (lift(), (ride(session=""),)),
        (lift(session=""), (ride(session=""),)),
        (lift(session="another"), (ride(),)),
        (lift(level="L2"), (ride(),)),
        (lift(door=LiftDoorState.MOVING), (ride(),)),
        (lift(door=LiftDoorState.CLOSED), (ride(),)),
        (lift(motion=LiftMotion.UP), (ride(),)),
        (lift(mode=LiftMode.FIRE), (ride(),)),
        (lift(mode=LiftMode.OFFLINE), (ride(),)),
        (lift(name="lift2"), (ride(),)),
        (lift(), (ride(phase=RidePhase.CANCELLED),)),
    ],
)
def test_it_waits_before_a_cabin_that_is_not_open_for_it(
    state: LiftState | None, rides: tuple[RideState, ...]
) -> None:
    fleet = at_the_berth()
    for _ in range(100):
        fleet.pilot.ride_states(rides)
        if state is not None:
            fleet.pilot.lift_states((state,), fleet.now)
        fleet.step()
    assert abs(fleet.x[0] - 1.5) < 0.05 and fleet.reached() == 1


def test_it_enters_when_open_and_counts_the_cabin_as_reached() -> None:
    fleet = at_the_berth()
    tell(fleet, lift())
    fleet.run(4.0)
    assert fleet.reached() == 2


def test_a_state_from_long_ago_does_not_open() -> None:
    fleet = at_the_berth()
    tell(fleet, lift())
    fleet.pilot.hold(0, 1)  # type: ignore[arg-type]
    fleet.run(6.0)
    fleet.pilot.hold(0, 1, False)  # type: ignore[arg-type]
    fleet.run(5.0)
    assert abs(fleet.x[0] - 1.5) < 0.05


def test_a_door_that_shuts_before_the_robot_is_in_stops_it() -> None:
    fleet = at_the_berth()
    tell(fleet, lift())
    while fleet.x[0] < 1.8:
        fleet.step()
    tell(fleet, lift(door=LiftDoorState.MOVING))
    fleet.run(3.0)
    assert fleet.v[0] == 0.0 and fleet.x[0] < SILL_X_M
    tell(fleet, lift())
    fleet.run(5.0)
    assert fleet.reached() == 2


def test_once_inside_it_drives_on_to_its_place() -> None:
    fleet = at_the_berth()
    tell(fleet, lift())
    while fleet.x[0] < 2.5:
        fleet.step()
    tell(fleet, lift(door=LiftDoorState.MOVING))
    fleet.run(4.0)
    assert fleet.reached() == 2


def test_leaving_needs_the_door_open_at_the_other_level() -> None:
    fleet = at_the_berth()
    tell(fleet, lift())
    fleet.run(5.0)
    out = Waypoint(1.5, 0.0, lift="lift1", ride_id="ride1")
    fleet.release(0, out, Waypoint(-1.0, 0.0), first=2, level="L2")
    for state in (lift(), lift(level="L2", door=LiftDoorState.CLOSED), lift(level="L2", session="s2")):
        tell(fleet, state)
        fleet.run(2.0)
        assert abs(fleet.x[0] - 3.0) < 0.1
    tell(fleet, lift(level="L2"))
    fleet.run(4.0)
    tell(fleet, lift(session="", door=LiftDoorState.CLOSED))
    fleet.run(8.0)
    assert fleet.reached() == 4, "beyond the lift its door does not matter"


def test_arriving_in_a_moving_cabin_is_not_claimed_before_the_car_is_there() -> None:
    fleet = at_the_berth()
    tell(fleet, lift())
    fleet.run(5.0)
    fleet.release(0, CABIN, first=2, level="L2")
    tell(fleet, lift(level="L1", motion=LiftMotion.UP, door=LiftDoorState.CLOSED))
    fleet.run(1.0)
    assert fleet.reached() == 2
    tell(fleet, lift(level="L2"))
    fleet.run(0.2)
    assert fleet.reached() == 3


def test_a_fresh_pilot_knows_a_robot_in_a_cabin_by_its_waypoint() -> None:
    fleet = Fleet()
    fleet.x[0] = 3.0
    out = Waypoint(1.5, 0.0, lift="lift1", ride_id="ride1")
    fleet.release(0, out, first=7, epoch=9, level="L2")
    fleet.run(2.0)
    assert fleet.x[0] == 3.0
    tell(fleet, lift(level="L2"))
    fleet.run(10.0)
    assert fleet.reached() == 8


@pytest.mark.parametrize("seed", range(15))
def test_whatever_the_lift_does_the_sill_is_crossed_only_while_open_for_us(seed: int) -> None:
    rng = random.Random(seed)
    fleet = at_the_berth()
    open_until, speed_then, state = -1.0, 0.0, lift(door=LiftDoorState.CLOSED)
    for _ in range(3000):
        if rng.random() < 0.03:
            state = lift(
                session=rng.choice(["s1", "s1", "s2", ""]),
                level=rng.choice(["L1", "L1", "L2"]),
                door=rng.choice([LiftDoorState.OPEN, LiftDoorState.OPEN, LiftDoorState.MOVING]),
            )
        tell(fleet, state)
        if state.open_for("s1", "L1"):
            open_until, speed_then = fleet.now, float(fleet.v[0])
        before = fleet.x[0]
        fleet.step()
        if before < SILL_X_M <= fleet.x[0]:
            assert fleet.now - open_until <= speed_then / 0.8 + 0.15, "it went on although the door was shut"
        if fleet.reached() == 2:
            return
    assert fleet.x[0] < SILL_X_M


def test_the_path_of_a_planner_that_took_over_in_the_cabin_leads_out_of_it_in_a_fire() -> None:
    fleet = Fleet()
    tell(fleet, lift(level="L2", mode=LiftMode.FIRE), (ride(phase=RidePhase.ALIGHTING),))
    out = Waypoint(1.5, 0.0, lift="lift1", ride_id="ride1")
    fleet.release(0, out, epoch=9, level="L2")
    for _ in range(120):
        tell(fleet, lift(level="L2", mode=LiftMode.FIRE), (ride(phase=RidePhase.ALIGHTING),))
        fleet.step()
    assert fleet.reached() == 1
