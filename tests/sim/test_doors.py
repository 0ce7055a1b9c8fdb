"""The simulated door: holds, sensors, faults."""

from __future__ import annotations

import pytest

from building_ctrl.core.door import DoorSpec
from building_ctrl.model.door import DoorMode, DoorRequest
from building_ctrl.sim.doors import SimulatedDoor, SimulatedDoorParameters

SPEC = DoorSpec("d", "L1", opening_s=2.0, closing_s=4.0)


def ask(mode: DoorMode, requester: str = "a") -> DoorRequest:
    return DoorRequest("d", requester, mode)


@pytest.mark.parametrize("start", [0.0, 1.7e9])
@pytest.mark.parametrize("dt", [0.05, 1.0, 30.0])
def test_it_opens_and_closes_in_its_times(start: float, dt: float) -> None:
    door = SimulatedDoor(SPEC, start_s=start)

    def run(since: float, until: float) -> None:
        now = since
        while now < until:
            now = min(now + dt, until)
            door.step(start + now)

    assert door.state().mode is DoorMode.CLOSED
    door.request(ask(DoorMode.OPEN), start)
    run(0.0, 1.0)
    assert door.opening == pytest.approx(0.5, abs=1e-6) and door.state().mode is DoorMode.MOVING
    run(1.0, 2.1)
    assert door.opening == 1.0 and door.state().mode is DoorMode.OPEN
    door.request(ask(DoorMode.CLOSED), start + 3.0)
    run(3.0, 5.5)
    assert door.opening == pytest.approx(0.5, abs=1e-6), "0.5 s delay, then 4 s to close"
    assert door.state().mode is DoorMode.MOVING
    run(5.5, 7.6)
    assert door.opening == 0.0 and door.state().mode is DoorMode.CLOSED


def test_it_stays_open_while_any_requester_holds_it() -> None:
    door = SimulatedDoor(SPEC)
    door.request(ask(DoorMode.OPEN, "a"), 0.0)
    door.request(ask(DoorMode.OPEN, "b"), 1.0)
    door.request(ask(DoorMode.CLOSED, "a"), 5.0)
    door.step(30.0)
    assert door.opening == 1.0
    door.request(ask(DoorMode.CLOSED, "b"), 30.0)
    door.step(40.0)
    assert door.opening == 0.0


def test_a_hold_may_time_out() -> None:
    door = SimulatedDoor(SPEC, SimulatedDoorParameters(hold_timeout_s=10.0))
    door.request(ask(DoorMode.OPEN), 0.0)
    door.request(ask(DoorMode.OPEN), 8.0)
    door.step(17.0)
    assert door.opening == 1.0
    door.step(30.0)
    assert door.opening == 0.0


def test_it_does_not_close_on_an_obstruction() -> None:
    door = SimulatedDoor(SPEC)
    door.request(ask(DoorMode.OPEN), 0.0)
    door.request(ask(DoorMode.CLOSED), 5.0)
    door.step(6.0)
    door.obstructed = True
    door.step(20.0)
    assert door.opening == 1.0
    door.obstructed = False
    door.step(30.0)
    assert door.opening == 0.0


def test_a_person_opens_it_for_a_time() -> None:
    door = SimulatedDoor(SPEC)
    door.push(5.0, 0.0)
    door.step(4.0)
    assert door.opening == 1.0
    door.step(10.0)
    assert door.opening == 0.0


@pytest.mark.parametrize("fault", ["stuck", "silent", "offline"])
def test_a_faulty_door_does_not_open(fault: str) -> None:
    door = SimulatedDoor(SPEC)
    setattr(door, fault, True)
    door.request(ask(DoorMode.OPEN), 0.0)
    door.step(10.0)
    assert door.opening == 0.0
    assert (door.state().mode is DoorMode.OFFLINE) == (fault == "offline")


@pytest.mark.parametrize("mode", [DoorMode.MOVING, DoorMode.OFFLINE, DoorMode.UNKNOWN])
def test_other_modes_and_other_doors_are_ignored(mode: DoorMode) -> None:
    door = SimulatedDoor(SPEC)
    door.request(ask(mode), 0.0)
    door.request(DoorRequest("e", "a", DoorMode.OPEN), 0.0)
    door.request(ask(DoorMode.CLOSED), 0.0)
    door.step(10.0)
    assert door.opening == 0.0
