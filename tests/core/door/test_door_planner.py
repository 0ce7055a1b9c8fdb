"""Crossings in order: opened ahead, kept open for followers, closed after, refused, failed, relayed."""

from __future__ import annotations

from typing import Any

import pytest

from building_ctrl.core.door import DoorParameters, DoorPlanner, DoorSpec, door_specs
from building_ctrl.model.building import Building, Door, DoorKind, Level
from building_ctrl.model.door import (
    CrossingAction,
    CrossingPhase,
    CrossingRequest,
    DoorMode,
    DoorRequest,
    DoorState,
)

OURS = "building_ctrl/door_planner"


def crossing(**more: Any) -> CrossingRequest:
    fields: dict[str, Any] = {
        "crossing_id": "c",
        "fleet": "fleet",
        "robot": "robot",
        "door": "d0",
        "level": "L1",
        "action": CrossingAction.REQUEST,
        "eta_s": 0.0,
        "lease_s": 5.0,
    }
    return CrossingRequest(**(fields | more))


def test_a_robot_that_is_announced_does_not_stop(make_corridor: Any) -> None:
    corridor = make_corridor()
    passer = corridor.add("c", arrives_s=30.0)
    corridor.run_until_over()
    opened_s = next(now for now, request in corridor.requests if request.mode is DoorMode.OPEN)
    assert passer.waited_s == 0.0
    assert 25.0 <= opened_s <= 29.0, "opened as late as possible"
    corridor.run(10.0)
    assert corridor.doors["d0"].opening == 0.0


def test_the_door_stays_open_for_a_follower_and_closes_after(make_corridor: Any) -> None:
    corridor = make_corridor()
    corridor.add("a", arrives_s=10.0)
    corridor.add("b", arrives_s=16.0)
    corridor.run_until_over()
    corridor.run(8.0)
    modes = [request.mode for _, request in corridor.requests]
    assert modes.index(DoorMode.CLOSED) == len(modes) - 1, modes
    assert all(passer.waited_s == 0.0 for passer in corridor.passers)
    assert corridor.doors["d0"].opening == 0.0


def test_both_directions_are_granted_together(make_corridor: Any) -> None:
    corridor = make_corridor()
    corridor.add("a", arrives_s=10.0)
    corridor.add("b", arrives_s=10.0)
    corridor.run_until(lambda: all(p.place == "doorway" for p in corridor.passers), 20.0)
    assert {session.requester_id for session in corridor.sessions} == {"fleet/r-a", "fleet/r-b"}


def test_a_gate_is_not_left_open_for_somebody_far_away(make_corridor: Any) -> None:
    corridor = make_corridor((DoorKind.SPEED_GATE,))
    first = corridor.add("a", arrives_s=10.0, walk_s=2.0)
    corridor.add("b", arrives_s=18.0)
    corridor.run_until(lambda: first.over)
    corridor.run(2.0)
    assert corridor.doors["d0"].opening == 0.0
    corridor.run_until_over()
    assert all(passer.waited_s == 0.0 for passer in corridor.passers)


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"door": "gone"}, "no door 'gone'"),
        ({"level": "L9"}, "door 'd0' is on level 'L1', not 'L9'"),
    ],
)
def test_what_cannot_be_is_refused_with_one_line(make_corridor: Any, more: dict[str, str], line: str) -> None:
    planner = make_corridor().planner
    planner.crossing_request(crossing(**more), 0.0)
    (state,) = planner.step(0.0).crossings
    assert (state.phase, state.reason) == (CrossingPhase.REFUSED, line)


def test_requests_may_be_repeated(make_corridor: Any) -> None:
    corridor = make_corridor()
    for _ in range(5):
        corridor.planner.crossing_request(crossing(), corridor.now)
    corridor.run(0.5)
    assert len(corridor.crossings) == 1 and len(corridor.requests) == 1


def test_requests_are_resent_until_the_door_obeys_and_no_more(make_corridor: Any) -> None:
    corridor = make_corridor()
    corridor.doors["d0"].silent = True
    corridor.add("c")
    corridor.run(6.2)
    assert 4 <= len(corridor.requests) <= 5
    corridor.doors["d0"].silent = False
    corridor.run_until(lambda: corridor.passers[0].place == "doorway")
    before = len(corridor.requests)
    corridor.run(3.0)
    assert len(corridor.requests) == before


@pytest.mark.parametrize("fault", ["stuck", "silent", "offline"])
def test_a_door_that_does_not_open_fails_the_crossing_with_an_alarm(make_corridor: Any, fault: str) -> None:
    corridor = make_corridor()
    setattr(corridor.doors["d0"], fault, True)
    passer = corridor.add("c")
    corridor.run_until(lambda: passer.over, 60.0)
    assert passer.seen.phase is CrossingPhase.FAILED and "d0" in passer.seen.reason
    assert "door_not_opening/d0" in corridor.alarms
    setattr(corridor.doors["d0"], fault, False)
    corridor.add("again", arrives_s=corridor.now)
    corridor.run_until_over()
    corridor.run(10.0)
    assert not corridor.alarms


def test_a_lease_that_ends_before_the_grant_ends_the_crossing(make_corridor: Any) -> None:
    corridor = make_corridor()
    passer = corridor.add("c", arrives_s=100.0)
    corridor.run(1.0)
    passer.frozen = True
    corridor.run_until(lambda: corridor.crossings["c"].phase is CrossingPhase.EXPIRED, 10.0)


@pytest.mark.parametrize("place", ["before", "doorway"])
def test_after_the_grant_a_silent_robot_keeps_the_door_open(make_corridor: Any, place: str) -> None:
    corridor = make_corridor()
    passer = corridor.add("c", arrives_s=10.0)
    granted = CrossingPhase.GRANTED
    corridor.run_until(lambda: passer.place == place and passer.seen is not None and passer.seen.phase is granted)
    passer.frozen = True
    corridor.run(120.0)
    assert corridor.doors["d0"].opening == 1.0
    assert f"crossing_silent_in_doorway/{passer.robot}" in corridor.alarms
    corridor.passers.clear()
    with pytest.raises(ValueError, match="name"):
        corridor.planner.clear_crossing("c", "", corridor.now)
    with pytest.raises(KeyError):
        corridor.planner.clear_crossing("x", "Kim", corridor.now)
    corridor.planner.clear_crossing("c", "Kim", corridor.now)
    corridor.run(10.0)
    assert corridor.doors["d0"].opening == 0.0 and not corridor.alarms


def test_a_planner_that_starts_anew_does_not_close_onto_a_robot(make_corridor: Any) -> None:
    corridor = make_corridor()
    passer = corridor.add("c", arrives_s=5.0)
    corridor.run_until(lambda: passer.place == "doorway")
    corridor.restart_planner()
    corridor.run(1.5)
    passer.frozen = True
    corridor.run(30.0)
    assert corridor.doors["d0"].opening == 1.0
    passer.frozen = False
    corridor.run_until_over()
    corridor.run(10.0)
    assert corridor.doors["d0"].opening == 0.0


def test_an_end_that_reaches_a_new_planner_closes_the_door(make_corridor: Any) -> None:
    corridor = make_corridor()
    passer = corridor.add("c", arrives_s=5.0)
    corridor.run_until(lambda: passer.place == "doorway")
    passer.place = "through"
    corridor.restart_planner()
    corridor.run_until_over()
    corridor.run(10.0)
    assert corridor.doors["d0"].opening == 0.0


def test_another_robot_with_the_same_id_is_told_apart(make_corridor: Any) -> None:
    planner = make_corridor().planner
    planner.crossing_request(crossing(), 0.0)
    planner.crossing_request(crossing(robot="thief", action=CrossingAction.END), 0.1)
    decisions = planner.step(0.2)
    assert decisions.crossings[0].robot == "robot" and not decisions.crossings[0].phase.ended
    assert [alarm.kind for alarm in decisions.alarms] == ["crossing_id_clash"]


def test_holds_of_other_fleets_are_relayed_and_expire(make_corridor: Any) -> None:
    corridor = make_corridor(parameters=DoorParameters(external_lease_s=20.0))
    corridor.planner.external_request(DoorRequest("d0", "other/x", DoorMode.OPEN), corridor.now)
    corridor.run(10.0)
    assert [request for _, request in corridor.requests] == [DoorRequest("d0", "other/x", DoorMode.OPEN)]
    assert [session.requester_id for session in corridor.sessions] == ["other/x"]
    assert corridor.doors["d0"].opening == 1.0
    corridor.run(20.0)
    assert corridor.doors["d0"].opening == 0.0 and not corridor.sessions


def test_one_fleet_does_not_close_a_door_another_holds(make_corridor: Any) -> None:
    corridor = make_corridor()
    passer = corridor.add("c", walk_s=20.0)
    corridor.run_until(lambda: passer.place == "doorway")
    corridor.planner.external_request(DoorRequest("d0", "other/x", DoorMode.OPEN), corridor.now)
    corridor.run(1.0)
    corridor.planner.external_request(DoorRequest("d0", "other/x", DoorMode.CLOSED), corridor.now)
    corridor.run(5.0)
    assert all(request.mode is DoorMode.OPEN for _, request in corridor.requests)
    corridor.run_until_over()
    corridor.run(10.0)
    closed = {request.requester_id for _, request in corridor.requests if request.mode is DoorMode.CLOSED}
    assert closed == {OURS, "other/x"} and corridor.doors["d0"].opening == 0.0


def test_requests_for_doors_not_on_the_map_are_relayed_as_they_are(make_corridor: Any) -> None:
    planner = make_corridor().planner
    for mode in (DoorMode.OPEN, DoorMode.CLOSED):
        request = DoorRequest("elsewhere", "other/x", mode)
        planner.external_request(request, 0.0)
        assert planner.step(0.0).requests == (request,)


def test_our_own_requests_are_not_relayed(make_corridor: Any) -> None:
    planner = make_corridor().planner
    planner.external_request(DoorRequest("d0", OURS, DoorMode.OPEN), 0.0)
    assert planner.step(0.0).requests == ()


def test_an_open_door_is_not_granted_on_a_state_from_before_the_request() -> None:
    planner = DoorPlanner([DoorSpec("d0", "L1")], DoorParameters(learn_s=0.0))
    planner.door_state(DoorState("d0", DoorMode.OPEN), 10.0)
    planner.crossing_request(crossing(), 10.1)
    assert planner.step(10.1).crossings[0].phase is CrossingPhase.OPENING
    planner.door_state(DoorState("d0", DoorMode.OPEN), 10.2)
    assert planner.step(10.2).crossings[0].phase is CrossingPhase.OPENING
    planner.door_state(DoorState("d0", DoorMode.OPEN), 10.4)
    assert planner.step(10.4).crossings[0].phase is CrossingPhase.GRANTED


def test_a_grant_is_not_published_on_an_old_state() -> None:
    planner = DoorPlanner([DoorSpec("d0", "L1")])
    planner.crossing_request(crossing(lease_s=60.0), 0.0)
    planner.step(0.0)
    planner.door_state(DoorState("d0", DoorMode.OPEN), 3.0)
    assert planner.step(3.0).crossings[0].phase is CrossingPhase.GRANTED
    decisions = planner.step(9.0)
    assert decisions.crossings[0].phase is CrossingPhase.OPENING
    assert "does not report" in decisions.crossings[0].reason
    assert "door_silent" in {alarm.kind for alarm in decisions.alarms}


def test_fire_doors_are_not_held_in_fire(make_corridor: Any) -> None:
    corridor = make_corridor((DoorKind.HINGED, DoorKind.SLIDING), DoorParameters(fire_doors=frozenset({"d0"})))
    corridor.add("a", arrives_s=20.0)
    corridor.add("b", arrives_s=20.0, door="d1")
    corridor.planner.fire(True, 0.0)
    corridor.run(40.0)
    assert corridor.doors["d0"].opening == 0.0 and corridor.passers[0].place == "before"
    assert "fire" in corridor.passers[0].seen.reason
    assert corridor.passers[1].place == "through"
    corridor.planner.fire(False, corridor.now)
    corridor.run_until_over()
    assert corridor.passers[0].place == "through"


@pytest.mark.parametrize("lease_s", [float("nan"), float("inf"), -1.0, 0.0])
def test_every_lease_ends(make_corridor: Any, lease_s: float) -> None:
    planner = make_corridor().planner
    planner.crossing_request(crossing(lease_s=lease_s, eta_s=float("nan")), 0.0)
    planner.step(0.0)
    assert planner.step(200.0).crossings[0].phase is CrossingPhase.EXPIRED


def test_ended_crossings_are_forgotten() -> None:
    planner = DoorPlanner([DoorSpec("d0", "L1")])
    planner.crossing_request(crossing(action=CrossingAction.END), 0.0)
    assert planner.step(5.0).crossings[0].phase is CrossingPhase.DONE
    assert planner.step(11.0).crossings == ()


def test_specs_of_a_building() -> None:
    gate = Door("gate", "L1", DoorKind.SPEED_GATE, (0.0, 0.0), (1.0, 0.0))
    level = Level("L1", 0.0, (), (), doors=(gate,))
    (spec,) = door_specs(Building("b", (level,)))
    assert (spec.name, spec.level, spec.kind, spec.is_gate) == ("gate", "L1", DoorKind.SPEED_GATE, True)
    assert spec.opening_s < 1.0


def test_a_door_found_open_may_have_a_robot_in_its_doorway() -> None:
    planner = DoorPlanner([DoorSpec("d0", "L1")])
    planner.door_state(DoorState("d0", DoorMode.OPEN), 0.0)
    planner.crossing_request(crossing(eta_s=60.0), 0.1)
    for tick in range(40):
        planner.door_state(DoorState("d0", DoorMode.OPEN), 0.2 + tick)
        decisions = planner.step(0.2 + tick)
        assert all(request.mode is DoorMode.OPEN for request in decisions.requests)
    assert not decisions.crossings[0].phase.ended
    assert "crossing_silent_in_doorway" in {alarm.kind for alarm in decisions.alarms}
