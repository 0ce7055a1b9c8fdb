"""Rides in order: refused, assigned, called, repeated, shared fairly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from building_ctrl.core.lift import LiftParameters, LiftPlanner, LiftSpec, lift_specs
from building_ctrl.model.building import Building, Level, Lift, LiftDoor, LiftKind
from building_ctrl.model.lift import (
    LiftDoorState,
    LiftMode,
    LiftMotion,
    LiftRequest,
    LiftRequestKind,
    LiftState,
    RideAction,
    RidePhase,
    RideRequest,
)
from building_ctrl.sim.lifts import SimulatedLiftParameters

SPECS = (
    LiftSpec("A", (("L1", 0.0), ("L2", 4.0), ("L3", 8.0)), LiftKind.ROBOT_ONLY),
    LiftSpec("B", (("L3", 8.0), ("L4", 12.0)), LiftKind.ROBOT_ONLY),
)
STANDING = LiftState("A", ("L1", "L2", "L3"), "L1", "L1", LiftDoorState.CLOSED, LiftMotion.STOPPED, LiftMode.HUMAN, "")


def ride(**more: Any) -> RideRequest:
    fields: dict[str, Any] = {
        "ride_id": "x",
        "fleet": "fleet",
        "robot": "robot",
        "action": RideAction.REQUEST,
        "from_level": "L1",
        "to_level": "L3",
        "lease_s": 60.0,
    }
    return RideRequest(**(fields | more))


def planner_at_work(**more: Any) -> LiftPlanner:
    planner = LiftPlanner(SPECS, LiftParameters(learn_s=0.0, **more))
    planner.lift_state(STANDING, 0.0)
    return planner


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"to_level": "L1"}, "ride from level L1 to the same level"),
        ({"to_level": "L9"}, "no lift stops at level 'L9'"),
        ({"from_level": "cellar"}, "no lift stops at level 'cellar'"),
        ({"to_level": "L4"}, "no lift stops at both level 'L1' and level 'L4'"),
        ({"lifts": ("Z",)}, "no lift Z; there are A, B"),
        ({"lifts": ("B",)}, "no lift stops at level 'L1'"),
    ],
)
def test_what_cannot_be_is_refused_with_one_line(more: dict[str, Any], line: str) -> None:
    planner = planner_at_work()
    planner.ride_request(ride(**more), 0.0)
    (state,) = planner.step(0.0).rides
    assert (state.phase, state.reason) == (RidePhase.REFUSED, line)


def test_phases_of_an_undisturbed_ride(make_world: Any) -> None:
    world = make_world(("A",))
    rider = world.add("x", "L2", "L4", arrives_s=20.0)
    world.run_until_over()
    assert [phase.name for phase in rider.history] == [
        "REQUESTED", "ASSIGNED", "CALLED", "BOARDING", "RIDING", "ALIGHTING", "DONE",
    ]  # fmt: skip
    assert rider.seen.session_id == "building_ctrl/fleet/r-x/x"
    kinds = [request.kind for _, request in world.requests]
    assert kinds[-1] is LiftRequestKind.END_SESSION and kinds.count(LiftRequestKind.END_SESSION) == 1


def test_requests_are_repeated_until_shown_and_then_only_kept_alive() -> None:
    planner = planner_at_work(resend_s=1.5, keepalive_s=5.0)
    planner.ride_request(ride(action=RideAction.READY, from_level="L3", to_level="L1"), 0.0)
    sent = []
    for tick in range(31):
        now = tick * 0.1
        planner.lift_state(STANDING, now)
        sent += [(now, request) for request in planner.step(now).requests]
    wanted = LiftRequest("A", "building_ctrl/fleet/robot/x", LiftRequestKind.AGV_MODE, "L3", LiftDoorState.OPEN)
    assert [request for _, request in sent] == [wanted] * 3
    shown = replace(STANDING, session_id=wanted.session_id, mode=LiftMode.AGV, destination_level="L3")
    later = []
    for tick in range(31, 131):
        now = tick * 0.1
        planner.lift_state(shown, now)
        later += planner.step(now).requests
    assert later == [wanted] * 2


def test_a_ride_waits_while_another_session_owns_the_lift() -> None:
    planner = planner_at_work()
    planner.lift_state(replace(STANDING, session_id="other/1"), 0.1)
    planner.ride_request(ride(action=RideAction.READY), 0.1)
    decisions = planner.step(0.2)
    assert decisions.requests == ()
    assert decisions.rides[0].reason == "lift A is used by session other/1"
    planner.lift_state(STANDING, 1.0)
    assert [request.destination for request in planner.step(1.0).requests] == ["L1"]


@pytest.mark.parametrize("mode", [LiftMode.FIRE, LiftMode.OFFLINE, LiftMode.EMERGENCY, LiftMode.UNKNOWN])
def test_no_request_is_made_in_modes_that_take_none(mode: LiftMode) -> None:
    planner = planner_at_work()
    planner.ride_request(ride(action=RideAction.READY), 0.0)
    assert planner.step(0.0).requests
    planner.lift_state(replace(STANDING, mode=mode), 1.0)
    for tick in range(20):
        planner.lift_state(replace(STANDING, mode=mode), 1.0 + tick)
        decisions = planner.step(1.0 + tick)
        assert decisions.requests == ()
    assert decisions.rides[0].phase is RidePhase.REQUESTED and decisions.rides[0].reason
    planner.lift_state(STANDING, 30.0)
    kinds = [request.kind for request in planner.step(30.0).requests]
    assert LiftRequestKind.AGV_MODE in kinds


@pytest.mark.parametrize(
    "change",
    [
        {"current_level": "L2"},
        {"door": LiftDoorState.MOVING},
        {"motion": LiftMotion.UP},
        {"session_id": "other/1"},
        {"session_id": ""},
        {"mode": LiftMode.FIRE},
    ],
)
def test_boarding_needs_car_level_door_and_session(change: dict[str, Any]) -> None:
    planner = planner_at_work()
    planner.ride_request(ride(action=RideAction.READY), 0.0)
    planner.step(0.0)
    session = "building_ctrl/fleet/robot/x"
    good = replace(STANDING, door=LiftDoorState.OPEN, mode=LiftMode.AGV, session_id=session)
    planner.lift_state(replace(good, **change), 1.0)
    assert planner.step(1.0).rides[0].phase is not RidePhase.BOARDING
    planner.lift_state(good, 2.0)
    if change.get("mode") is None:
        assert planner.step(2.0).rides[0].phase is RidePhase.BOARDING
        assert planner.step(8.0).rides[0].phase is not RidePhase.BOARDING, "the state is too old"


def test_a_robot_that_is_far_is_not_granted_the_car_that_waits(make_world: Any) -> None:
    world = make_world(("A",))
    rider = world.add("x", "L1", "L2", arrives_s=30.0)
    world.run(25.0)
    assert world.rides["x"].phase is RidePhase.CALLED
    assert world.rides["x"].reason == "lift A waits for the robot"
    world.run_until(lambda: world.rides["x"].phase is RidePhase.BOARDING, 10.0)
    assert world.now >= rider.arrives_s - world.p.board_ahead_s - 1.1


def test_a_shared_car_is_called_so_that_both_meet(make_world: Any) -> None:
    world = make_world(("A",), kind=LiftKind.SHARED)
    rider = world.add("x", "L4", "L1", arrives_s=60.0)
    world.run_until_over()
    called_s = world.requests[0][0]
    assert 35.0 < called_s < 50.0
    assert rider.place == "out"


def test_people_on_a_shared_lift_delay_robots_but_do_not_starve_them(make_world: Any) -> None:
    world = make_world(("A",), kind=LiftKind.SHARED, sim=SimulatedLiftParameters(passengers_per_hour=400.0), seed=4)
    for i in range(4):
        world.add(f"x{i}", f"L{i + 1}", f"L{(i + 2) % 4 + 1}", arrives_s=10.0 * i)
    world.run_until_over(900.0)
    assert all(rider.place == "out" for rider in world.riders)


def test_a_robot_that_does_not_come_gives_the_lift_to_one_that_waits(make_world: Any) -> None:
    world = make_world(("A",))
    late = world.add("late", "L3", "L1", arrives_s=300.0)
    world.run(2.0)
    here = world.add("here", "L2", "L4", arrives_s=0.0)
    world.run_until(lambda: here.over, 200.0)
    assert here.place == "out"
    world.run_until_over(600.0)
    assert late.place == "out"


def test_two_robots_are_served_by_two_lifts(make_world: Any) -> None:
    world = make_world(("A", "B"))
    world.add("x", "L1", "L4")
    world.add("y", "L1", "L4")
    world.run_until(lambda: len({r.seen.lift for r in world.riders if r.seen}) == 2, 10.0)
    world.run_until_over()


def test_the_preferred_lift_is_taken_when_both_are_as_good(make_world: Any) -> None:
    world = make_world(("A", "B"))
    rider = world.add("x", "L1", "L4", lifts=("B", "A"))
    world.run_until(lambda: rider.seen is not None and bool(rider.seen.lift), 10.0)
    assert rider.seen.lift == "B"


def test_the_nearer_car_is_taken(make_world: Any) -> None:
    world = make_world(("A", "B"))
    first = world.add("x", "L1", "L4", lifts=("B",))
    world.run_until(lambda: first.over, 120.0)
    second = world.add("y", "L4", "L1", arrives_s=world.now)
    world.run_until(lambda: second.seen is not None and bool(second.seen.lift), 10.0)
    assert second.seen.lift == "B"


def test_no_robot_waits_before_a_door_another_one_leaves_by(make_world: Any) -> None:
    world = make_world(("A",))
    first = world.add("x", "L1", "L3")
    world.run_until(lambda: first.place == "inside", 60.0)
    second = world.add("y", "L3", "L1", arrives_s=0.0)
    world.run_until(lambda: first.place == "leaving", 60.0)
    assert second.seen.phase is RidePhase.REQUESTED
    world.run_until_over()


def test_nobody_is_overtaken_for_ever(make_world: Any) -> None:
    """One robot wants from L4; a stream of others shuttles between L1 and L2, which is always nearer."""
    world = make_world(("A",), parameters=LiftParameters(learn_s=0.0, max_overtakes=2))
    world.add("s0", "L1", "L2")
    world.run(1.0)
    far = world.add("far", "L4", "L1")
    count = 0
    while not far.over:
        waiting = [rider for rider in world.riders if not rider.over and rider is not far]
        while len(waiting) < 3:
            count += 1
            start, end = ("L1", "L2") if count % 2 else ("L2", "L1")
            waiting.append(world.add(f"s{count}", start, end, arrives_s=world.now))
        world.run(1.0)
        assert world.now < 400.0, "the robot at L4 starves"
    assert far.place == "out"


def test_higher_priority_goes_first() -> None:
    planner = planner_at_work()
    planner.ride_request(ride(ride_id="first", robot="r1", action=RideAction.READY), 0.0)
    planner.ride_request(ride(ride_id="urgent", robot="r2", action=RideAction.READY, priority=5), 0.1)
    phases = {state.ride_id: state.phase for state in planner.step(0.2).rides}
    assert phases == {"first": RidePhase.REQUESTED, "urgent": RidePhase.ASSIGNED}


def test_one_robot_a_berth_unless_told_otherwise() -> None:
    for berths in (1, 2):
        planner = planner_at_work(berth_rides=berths)
        for i in range(3):
            planner.ride_request(ride(ride_id=f"x{i}", robot=f"r{i}"), 0.0)
        assigned = [s for s in planner.step(0.1).rides if s.phase is RidePhase.ASSIGNED]
        assert len(assigned) == berths


def test_a_new_ride_of_a_robot_replaces_the_old_one_and_keeps_its_place() -> None:
    planner = planner_at_work()
    planner.ride_request(ride(ride_id="old"), 0.0)
    planner.step(0.1)
    planner.ride_request(ride(ride_id="new"), 0.2)
    states = {state.ride_id: state for state in planner.step(0.3).rides}
    assert states["old"].phase is RidePhase.CANCELLED and "new" in states["old"].reason
    assert states["new"].phase is RidePhase.ASSIGNED and states["new"].lift == "A"


def test_the_same_id_for_another_robot_is_ignored_with_an_alarm() -> None:
    planner = planner_at_work()
    planner.ride_request(ride(), 0.0)
    planner.ride_request(ride(robot="thief", action=RideAction.CANCEL), 0.1)
    decisions = planner.step(0.2)
    assert decisions.rides[0].robot == "robot" and not decisions.rides[0].phase.ended
    assert [alarm.kind for alarm in decisions.alarms if alarm.active and alarm.source == "thief"] == ["ride_id_clash"]


def test_boarding_without_a_grant_is_an_alarm_and_the_robot_is_brought_out() -> None:
    planner = planner_at_work()
    planner.ride_request(ride(), 0.0)
    planner.step(0.0)
    planner.ride_request(ride(action=RideAction.BOARDED), 0.1)
    decisions = planner.step(0.2)
    assert decisions.rides[0].phase is RidePhase.RIDING
    assert "ride_boarded_without_grant" in {alarm.kind for alarm in decisions.alarms}
    assert decisions.requests[-1].destination == "L3"


@pytest.mark.parametrize("lease_s", [float("nan"), float("inf"), -1.0, 0.0])
def test_every_lease_ends(lease_s: float) -> None:
    planner = planner_at_work()
    planner.ride_request(ride(lease_s=lease_s, eta_s=float("nan")), 0.0)
    planner.step(0.0)
    (state,) = planner.step(200.0).rides
    assert state.phase is RidePhase.FAILED


def test_a_session_nobody_speaks_of_is_kept_until_a_person_ends_it() -> None:
    planner = planner_at_work(orphan_s=10.0)
    orphan = replace(STANDING, session_id="building_ctrl/fleet/robot/old", mode=LiftMode.AGV)
    for tick in range(40):
        planner.lift_state(orphan, 0.5 * tick)
        decisions = planner.step(0.5 * tick)
        assert decisions.requests == ()
    assert "lift_session_orphaned" in {alarm.kind for alarm in decisions.alarms}
    planner.ride_request(ride(ride_id="y", robot="other", action=RideAction.READY), 20.0)
    decisions = planner.step(20.0)
    assert decisions.requests == () and decisions.rides[0].phase is RidePhase.REQUESTED, "the cabin may be occupied"
    with pytest.raises(ValueError, match="name"):
        planner.clear_session("A", "", 20.0)
    with pytest.raises(KeyError):
        planner.clear_session("Z", "Kim", 20.0)
    planner.clear_session("A", "Kim", 20.0)
    (request,) = planner.step(20.1).requests
    assert (request.kind, request.session_id) == (LiftRequestKind.END_SESSION, orphan.session_id)


def test_a_robot_in_a_cabin_finds_its_ride_after_a_restart_though_the_session_is_lost() -> None:
    planner = LiftPlanner(SPECS, LiftParameters())
    planner.lift_state(STANDING, 0.0)
    planner.step(0.0)
    planner.ride_request(ride(action=RideAction.BOARDED, lifts=("A",)), 0.1)
    decisions = planner.step(0.2)
    assert decisions.rides[0].lift == "A" and decisions.rides[0].phase is RidePhase.RIDING
    assert [(request.kind, request.destination) for request in decisions.requests] == [(LiftRequestKind.AGV_MODE, "L3")]


def test_a_robot_in_an_unknown_cabin_is_an_alarm() -> None:
    specs = (SPECS[0], replace(SPECS[0], name="C"))
    planner = LiftPlanner(specs, LiftParameters())
    planner.ride_request(ride(action=RideAction.BOARDED), 0.0)
    decisions = planner.step(0.1)
    assert "ride_without_lift" in {alarm.kind for alarm in decisions.alarms}
    session = decisions.rides[0].session_id
    planner.lift_state(replace(STANDING, lift="C", session_id=session), 1.0)
    assert planner.step(1.0).rides[0].lift == "C"


def test_fire_of_some_fleets_and_of_all() -> None:
    planner = planner_at_work()
    planner.fire(True, 0.0, "emergency signal", ("others",))
    planner.ride_request(ride(action=RideAction.READY), 0.0)
    assert planner.step(0.0).rides[0].phase is RidePhase.ASSIGNED
    planner.fire(True, 0.1)
    decisions = planner.step(0.1)
    assert decisions.rides[0].phase is RidePhase.REQUESTED
    assert decisions.rides[0].reason == "fire alarm: no boarding"
    assert {alarm.source for alarm in decisions.alarms if alarm.kind == "fire"} == {
        "fire alarm", "emergency signal",
    }  # fmt: skip
    planner.fire(False, 0.2)
    assert planner.step(0.3).rides[0].phase is RidePhase.ASSIGNED


def test_a_latched_fire_ends_by_a_person_alone() -> None:
    planner = planner_at_work(fire_latched=True)
    planner.ride_request(ride(action=RideAction.READY), 0.0)
    planner.fire(True, 0.0)
    planner.fire(False, 1.0)
    assert planner.step(1.0).rides[0].phase is RidePhase.REQUESTED
    with pytest.raises(ValueError, match="name"):
        planner.reset_fire("", 2.0)
    planner.reset_fire("Kim", 2.0)
    assert planner.step(2.0).rides[0].phase is RidePhase.ASSIGNED


def test_a_latched_fire_is_not_reset_while_its_signal_is_given() -> None:
    planner = planner_at_work(fire_latched=True)
    planner.ride_request(ride(), 0.0)
    planner.fire(True, 0.0)
    planner.reset_fire("Kim", 1.0)
    assert planner.step(1.0).rides[0].phase is RidePhase.REQUESTED


def test_ended_rides_are_forgotten_and_unknown_ends_are_answered() -> None:
    planner = planner_at_work()
    planner.ride_request(ride(action=RideAction.CANCEL), 0.0)
    planner.ride_request(ride(ride_id="y", robot="r2", action=RideAction.ALIGHTED), 0.0)
    assert [state.phase for state in planner.step(1.0).rides] == [RidePhase.CANCELLED, RidePhase.DONE]
    assert planner.step(32.0).rides == ()


def test_lifts_of_no_map_are_ignored() -> None:
    planner = planner_at_work()
    planner.lift_state(replace(STANDING, lift="elsewhere"), 0.0)
    assert planner.step(0.0).requests == ()


def test_specs_of_a_building() -> None:
    door = LiftDoor("front", 0.0, 1.0, 0.0, 1.0)
    doors = (("L2", ("front",)), ("L1", ("front",)), ("L3", ()))
    lift = Lift("A", 0.0, 0.0, 0.0, 2.0, 2.0, (door,), doors, "L2", "L1", LiftKind.ROBOT_ONLY)
    levels = tuple(Level(name, height, (), ()) for name, height in (("L1", 0.0), ("L2", 4.5), ("L3", 9.0)))
    (spec,) = lift_specs(Building("b", levels, (lift,)))
    assert spec.levels == (("L1", 0.0), ("L2", 4.5))
    assert (spec.kind, spec.initial_level) == (LiftKind.ROBOT_ONLY, "L2")
    assert spec.travel_s("L1", "L2") == spec.travel_s("L2", "L1") > 0.0
    with pytest.raises(KeyError, match="L3"):
        spec.elevation_m("L3")


def open_for(session: str, level: str = "L1") -> LiftState:
    return replace(
        STANDING, current_level=level, destination_level=level, door=LiftDoorState.OPEN, mode=LiftMode.AGV,
        session_id=session,
    )  # fmt: skip


def test_a_state_older_than_the_end_of_the_session_grants_nothing() -> None:
    """END_SESSION is on its way while states still show the open car: the door may be about to close."""
    session = "building_ctrl/fleet/robot/x"
    planner = planner_at_work(confirm_s=0.3)
    planner.ride_request(ride(eta_s=50.0), 0.0)
    planner.step(0.0)
    planner.lift_state(open_for(session), 1.0)
    assert planner.step(1.0).rides[0].phase is RidePhase.CALLED
    planner.fire(True, 1.1)
    assert [request.kind for request in planner.step(1.1).requests] == [LiftRequestKind.END_SESSION]
    planner.fire(False, 1.15)
    planner.ride_request(ride(action=RideAction.READY), 1.15)
    for now in (1.15, 1.2, 1.3, 1.4):
        planner.lift_state(open_for(session), now)
        assert planner.step(now).rides[0].phase is not RidePhase.BOARDING
    planner.lift_state(open_for(session), 1.6)
    assert planner.step(1.6).rides[0].phase is RidePhase.BOARDING


@pytest.mark.parametrize("action", [RideAction.CANCEL, RideAction.REQUEST, RideAction.READY])
def test_news_from_before_boarding_does_not_end_a_ride_with_a_robot_in_the_cabin(action: RideAction) -> None:
    planner = planner_at_work()
    planner.ride_request(ride(action=RideAction.READY), 0.0)
    planner.step(0.0)
    planner.lift_state(open_for("building_ctrl/fleet/robot/x"), 1.0)
    assert planner.step(1.0).rides[0].phase is RidePhase.BOARDING
    planner.ride_request(ride(action=RideAction.BOARDED), 2.0)
    planner.ride_request(ride(action=action), 2.1)
    assert planner.step(2.2).rides[0].phase is RidePhase.RIDING


def test_after_a_restart_a_robot_before_an_open_car_may_be_in_its_doorway() -> None:
    planner = LiftPlanner(SPECS, LiftParameters())
    session = "building_ctrl/fleet/robot/x"
    planner.lift_state(open_for(session), 0.0)
    planner.ride_request(ride(eta_s=30.0, lease_s=5.0), 0.1)
    for tick in range(60):
        planner.lift_state(open_for(session), 0.2 + tick)
        decisions = planner.step(0.2 + tick)
        assert all(request.kind is LiftRequestKind.AGV_MODE for request in decisions.requests)
        assert all(request.destination == "L1" for request in decisions.requests)
    assert "ride_silent_in_doorway" in {alarm.kind for alarm in decisions.alarms}


def test_nobody_boards_a_car_that_another_robot_is_in() -> None:
    planner = planner_at_work()
    planner.ride_request(ride(action=RideAction.READY), 0.0)
    planner.step(0.0)
    planner.ride_request(ride(ride_id="y", robot="inside", action=RideAction.BOARDED, lifts=("A",)), 0.5)
    planner.lift_state(open_for("building_ctrl/fleet/robot/x"), 1.0)
    decisions = planner.step(1.0)
    phases = {state.ride_id: state.phase for state in decisions.rides}
    assert phases == {"x": RidePhase.REQUESTED, "y": RidePhase.RIDING}
    assert [request.kind for request in decisions.requests] == [LiftRequestKind.END_SESSION]
    planner.lift_state(STANDING, 2.0)
    (request,) = planner.step(2.0).requests
    assert request.session_id == "building_ctrl/fleet/inside/y" and request.destination == "L3"


def test_a_robot_believed_gone_that_speaks_from_a_cabin_is_served_again() -> None:
    planner = planner_at_work()
    planner.ride_request(ride(action=RideAction.READY), 0.0)
    planner.step(0.0)
    planner.lift_state(open_for("building_ctrl/fleet/robot/x"), 1.0)
    planner.step(1.0)
    planner.clear_ride("x", "Kim", 2.0)
    assert planner.step(2.0).rides[0].reason == "cleared by Kim"
    planner.ride_request(ride(action=RideAction.BOARDED, lifts=("A",)), 3.0)
    assert planner.step(3.0).rides[0].phase is RidePhase.RIDING
    planner.ride_request(ride(action=RideAction.ALIGHTED), 4.0)
    planner.ride_request(ride(action=RideAction.BOARDED), 4.1)
    assert planner.step(4.2).rides[0].phase is RidePhase.DONE, "news from before"
    with pytest.raises(KeyError, match="no ride 'z'"):
        planner.clear_ride("z", "Kim", 5.0)
