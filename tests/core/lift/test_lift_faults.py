"""Every kind of fault at every stage of a ride: nothing moves onto a robot, and the ride ends once it can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from building_ctrl.model.lift import LiftMode, RideAction, RidePhase

STAGES: dict[str, Callable[[Any, Any], bool]] = {
    "requested": lambda world, rider: rider.seen is not None,
    "called": lambda world, rider: rider.seen is not None and rider.seen.phase is RidePhase.CALLED,
    "car waits": lambda world, rider: world.lifts["A"].stands_open_at == rider.from_level,
    "entering": lambda world, rider: rider.place == "entering",
    "inside": lambda world, rider: rider.place == "inside",
    "under way": lambda world, rider: rider.place == "inside" and world.lifts["A"].moving,
    "arrived": lambda world, rider: rider.place == "inside" and world.lifts["A"].stands_open_at == rider.to_level,
    "leaving": lambda world, rider: rider.place == "leaving",
    "out": lambda world, rider: rider.place == "out",
}


def restart(world: Any) -> None:
    world.restart_planner()


def silence(world: Any) -> None:
    world.lifts["A"].silent = True
    world.run(12.0)
    world.lifts["A"].silent = False


def no_messages(world: Any) -> None:
    channels = (world.to_lift, world.from_lift, world.to_planner)
    for channel in channels:
        channel.loss = 1.0
    world.run(20.0)
    for channel in channels:
        channel.loss = 0.0


def half_of_the_messages(world: Any) -> None:
    for channel in (world.to_lift, world.from_lift, world.to_planner):
        channel.loss, channel.repeat = 0.5, 0.5
    world.run(30.0)
    for channel in (world.to_lift, world.from_lift, world.to_planner):
        channel.loss = channel.repeat = 0.0


def stuck_door(world: Any) -> None:
    world.lifts["A"].stuck_door = True
    world.run(20.0)
    world.lifts["A"].stuck_door = False


def stuck_car(world: Any) -> None:
    world.lifts["A"].stuck_car = True
    world.run(20.0)
    world.lifts["A"].stuck_car = False


def dead_robot(world: Any) -> None:
    world.riders[0].frozen = True
    world.run(30.0)
    world.riders[0].frozen = False
    world.riders[0].until_s = max(world.riders[0].until_s, world.now + 1.0)


def silent_robot(world: Any) -> None:
    world.riders[0].silent = True
    world.run(30.0)
    world.riders[0].silent = False


def lost_session(world: Any) -> None:
    world.sensor = True
    world.lifts["A"].obstructed = any(rider.between_doors for rider in world.riders)
    world.fault()
    world.lifts["A"].drop_session(world.now)


def mode(which: LiftMode) -> Callable[[Any], None]:
    def change(world: Any) -> None:
        world.sensor = True
        world.lifts["A"].obstructed = any(rider.between_doors for rider in world.riders)
        world.fault()
        world.lifts["A"].set_mode(which, world.now)
        world.run(40.0)
        world.fault()
        world.lifts["A"].set_mode(LiftMode.HUMAN, world.now)

    return change


def fire_alarm(world: Any) -> None:
    world.planner.fire(True, world.now)
    world.run(40.0)
    world.planner.fire(False, world.now)


def fire_flickers(world: Any) -> None:
    for _ in range(8):
        world.planner.fire(True, world.now)
        world.run(0.3)
        world.planner.fire(False, world.now)
        world.run(0.2)


def path_planner_restarts(world: Any) -> None:
    """The robot's ride goes on under another id; nothing is remembered of the old one."""
    rider = world.riders[0]
    rider.ride_id, rider.seen, rider.sent_s = "again", None, -1e9
    if rider.place == "out":
        rider.ride_id = "first"


def both_restart(world: Any) -> None:
    path_planner_restarts(world)
    world.restart_planner()


FAULTS: dict[str, Callable[[Any], None]] = {
    "lift planner restarts": restart,
    "path planner restarts": path_planner_restarts,
    "both planners restart": both_restart,
    "lift reports nothing": silence,
    "no message arrives": no_messages,
    "half of the messages": half_of_the_messages,
    "door stuck": stuck_door,
    "car stuck": stuck_car,
    "robot dead": dead_robot,
    "robot silent": silent_robot,
    "session lost": lost_session,
    "lift in FIRE": mode(LiftMode.FIRE),
    "lift OFFLINE": mode(LiftMode.OFFLINE),
    "lift in EMERGENCY": mode(LiftMode.EMERGENCY),
    "lift UNKNOWN": mode(LiftMode.UNKNOWN),
    "fire alarm": fire_alarm,
    "fire alarm flickers": fire_flickers,
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_at_stage(make_world: Any, fault: str, stage: str) -> None:
    world = make_world(("A",))
    rider = world.add("first", "L3", "L1", arrives_s=16.0)
    world.add("second", "L4", "L2", arrives_s=20.0)
    world.run_until(lambda: STAGES[stage](world, rider), 120.0)
    FAULTS[fault](world)
    world.run_until_over(600.0)
    world.run(60.0)
    assert world.lifts["A"].state().session_id == ""
    assert not world.alarms
    assert world.riders[1].place == "out" or "message" in fault  # its lease may have run out


@pytest.mark.parametrize(
    ("stage", "alarm"),
    [
        ("entering", "ride_silent_in_doorway"),
        ("inside", "ride_silent_in_cabin"),
        ("under way", "ride_silent_in_cabin"),
        ("leaving", "ride_silent_in_cabin"),
    ],
)
def test_a_dead_robot_keeps_its_lift_until_a_person_clears_it(make_world: Any, stage: str, alarm: str) -> None:
    world = make_world(("A",))
    rider = world.add("first", "L3", "L1")
    world.run_until(lambda: STAGES[stage](world, rider), 120.0)
    rider.frozen = True
    other = world.add("second", "L2", "L4")
    session = world.lifts["A"].state().session_id
    world.run(300.0)
    assert world.lifts["A"].state().session_id == session
    assert world.lifts["A"].stands_open_at == ("L3" if stage == "entering" else "L1")
    assert other.place == "outside" and not other.seen.phase.ended
    assert f"{alarm}/{rider.robot}" in world.alarms
    world.riders.remove(rider)  # carried away
    with pytest.raises(ValueError, match="name"):
        world.planner.clear_ride("first", " ", world.now)
    world.planner.clear_ride("first", "Kim", world.now)
    world.run_until_over(120.0)
    assert other.place == "out" and not world.alarms


@pytest.mark.parametrize("stage", ["requested", "called", "car waits"])
def test_a_robot_that_dies_before_boarding_loses_its_ride(make_world: Any, stage: str) -> None:
    world = make_world(("A",))
    rider = world.add("first", "L3", "L1", arrives_s=60.0)
    other = world.add("second", "L2", "L4", arrives_s=1.0)
    world.run_until(lambda: STAGES[stage](world, rider), 120.0)
    rider.frozen = True
    world.run_until(lambda: world.rides["first"].phase.ended, 60.0)
    assert world.rides["first"].phase is RidePhase.FAILED and "nothing heard" in world.rides["first"].reason
    world.run_until(lambda: other.over, 120.0)
    assert other.place == "out"


def test_cancel_is_refused_between_boarding_and_alighting(make_world: Any) -> None:
    world = make_world(("A",))
    rider = world.add("first", "L3", "L1")
    world.run_until(lambda: rider.place == "inside", 120.0)
    world.run(1.0)
    world.planner.ride_request(replace(rider.request(world.now), action=RideAction.CANCEL), world.now)
    world.run(0.2)
    assert world.rides["first"].phase in (RidePhase.RIDING, RidePhase.ALIGHTING)
    world.run_until_over(120.0)
    assert rider.place == "out"


def test_a_lift_in_fire_lets_robots_out_where_it_stands_open(make_world: Any) -> None:
    world = make_world(("A",))
    rider = world.add("first", "L2", "L4")
    world.run_until(lambda: rider.place == "inside" and world.lifts["A"].moving, 120.0)
    sent = len(world.requests)
    world.lifts["A"].set_mode(LiftMode.FIRE, world.now)
    world.run(1.0)
    sent = len(world.requests)
    world.run_until_over(120.0)
    assert rider.ended_level == "L1" and rider.place == "out"
    assert world.rides["first"].to_level == "L1" and world.rides["first"].phase is RidePhase.DONE
    assert len(world.requests) == sent, "no request may be made in FIRE"


def test_a_ride_moves_to_another_lift_when_its_own_fails(make_world: Any) -> None:
    world = make_world(("A", "B"))
    rider = world.add("first", "L4", "L1", arrives_s=30.0)
    world.run_until(lambda: rider.seen is not None and rider.seen.phase is RidePhase.CALLED, 60.0)
    first = rider.seen.lift
    world.lifts[first].set_mode(LiftMode.OFFLINE, world.now)
    world.run_until_over(200.0)
    assert rider.place == "out" and rider.seen.lift != first
    assert f"lift_out_of_service/{first}" in world.alarms


def test_a_car_that_does_not_come_is_given_up_for_another(make_world: Any) -> None:
    world = make_world(("A", "B"))
    rider = world.add("first", "L4", "L1", lifts=("A", "B"))
    world.lifts["A"].stuck_car = True
    world.run_until_over(300.0)
    assert rider.place == "out" and rider.seen.lift == "B"


def test_grant_needs_a_state_newer_than_the_session_given_up(make_world: Any) -> None:
    """END_SESSION is on its way while an old state still shows the open car: no boarding on that."""
    world = make_world(("A",))
    rider = world.add("first", "L1", "L3", arrives_s=60.0)
    world.run_until(lambda: STAGES["car waits"](world, rider), 120.0)
    world.run(1.0)
    world.from_lift.delay_s = 0.3
    world.planner.fire(True, world.now)
    world.tick()
    world.planner.fire(False, world.now)
    rider.arrives_s = world.now
    world.planner.ride_request(rider.request(world.now), world.now)
    world.run_until_over(120.0)
    assert rider.place == "out"
