"""Lifts and doors that report what their leaves and cabins do, moved here by perfect motors."""

from __future__ import annotations

from itertools import pairwise

import pytest

from building_ctrl.core.door.spec import DoorSpec
from building_ctrl.core.lift.spec import LiftSpec
from building_ctrl.gazebo.devices import PhysicalDoor, PhysicalLift, Target, opening_of
from building_ctrl.gazebo.names import DoorEntry, DrivenJoint, Landing, LiftEntry
from building_ctrl.model.door import DoorMode, DoorRequest
from building_ctrl.model.lift import LiftDoorState, LiftMotion, LiftRequest, LiftRequestKind
from building_ctrl.sim.lifts import SimulatedLiftParameters

DT = 0.02


def leaf(model: str, joint: str, travel: float) -> DrivenJoint:
    return DrivenJoint(model, joint, 0.0, travel, 1.0, 100.0)


def moved(position: float, target: Target) -> float:
    """Where a perfect motor is after one frame."""
    goal, velocity, most = target
    goal += velocity * DT
    return position + min(max(goal - position, -most * DT), most * DT)


class Door:
    def __init__(self) -> None:
        entry = DoorEntry("d", "L1", "door_d", (leaf("door_d", "a", 0.5), leaf("door_d", "b", 1.2)))
        self.device = PhysicalDoor(DoorSpec("d", "L1", opening_s=2.0, closing_s=3.0), entry, 0.0)
        self.at = [0.0, 0.0]
        self.now = 0.0
        self.jammed = False

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / DT)):
            self.now += DT
            if not self.jammed:
                self.at = [moved(p, target) for p, target in zip(self.at, self.device.targets(), strict=True)]
            self.device.measure(self.at)
            self.device.step(self.now)

    @property
    def mode(self) -> DoorMode:
        return self.device.state().mode

    def ask(self, mode: DoorMode) -> None:
        self.device.request(DoorRequest("d", "me", mode), self.now)


def test_leaves_are_open_together_or_not() -> None:
    leaves = (leaf("m", "a", 0.5), leaf("m", "b", 1.0))
    assert opening_of(leaves, (0.5, 1.0)) == opening_of(leaves, (0.499, 0.995)) == 1.0
    assert opening_of(leaves, (0.001, 0.0)) == 0.0
    assert opening_of(leaves, (0.5, 0.0)) == pytest.approx(0.5)
    assert 0.0 < opening_of(leaves, (0.02, 0.0)) < opening_of(leaves, (0.5, 0.97)) < 1.0


def test_a_door_is_open_when_its_leaves_are() -> None:
    door = Door()
    door.run(0.1)
    assert door.mode is DoorMode.CLOSED
    door.ask(DoorMode.OPEN)
    door.run(1.0)
    assert door.mode is DoorMode.MOVING and door.at == pytest.approx([0.25, 0.6], abs=0.02)
    door.run(1.1)
    assert door.mode is DoorMode.OPEN and door.at == pytest.approx([0.5, 1.2])
    door.ask(DoorMode.CLOSED)
    door.run(0.5 + 3.2)
    assert door.mode is DoorMode.CLOSED and door.at == pytest.approx([0.0, 0.0])


def test_a_leaf_that_does_not_move_is_never_reported_open() -> None:
    door = Door()
    door.jammed = True
    door.ask(DoorMode.OPEN)
    door.run(20.0)
    assert door.mode is DoorMode.MOVING
    door.jammed = False
    door.run(2.5)
    assert door.mode is DoorMode.OPEN


def test_a_stuck_door_holds_where_it_is() -> None:
    door = Door()
    door.ask(DoorMode.OPEN)
    door.run(1.0)
    door.device.stuck = True
    before = list(door.at)
    door.run(1.0)
    assert door.at == before


class Lift:
    """Two levels; at L2 the landing has a leaf of its own, and so has L1."""

    def __init__(self) -> None:
        cabin_leaf = leaf("lift_A", "door_1_leaf_1_joint", 0.6)
        landings = tuple(
            Landing(level, "front", (cabin_leaf,), (leaf("landing_A", f"{level}_leaf", 0.6),)) for level in ("L1", "L2")
        )
        cabin = DrivenJoint("lift_A", "cabin_joint", -4.0, 4.0, 2.0, 1e5)
        entry = LiftEntry("A", "lift_A", "landing_A", cabin, 0.0, landings)
        spec = LiftSpec("A", (("L1", 0.0), ("L2", 4.0)), initial_level="L1")
        self.device = PhysicalLift(spec, entry, SimulatedLiftParameters(), 0.0)
        self.at = [0.0, 0.0, 0.0, 0.0]  # cabin, cabin leaf, leaves of L1 and L2
        self.now = 0.0
        self.blocked = False

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / DT)):
            self.now += DT
            targets = self.device.targets()
            cabin = self.at[0] if self.blocked else moved(self.at[0], targets[0])
            self.at = [cabin, *(moved(p, target) for p, target in zip(self.at[1:], targets[1:], strict=True))]
            self.device.measure(self.at[0], self.at[1:])
            self.device.step(self.now)

    def ask(self, level: str) -> None:
        kind, door = LiftRequestKind.AGV_MODE, LiftDoorState.OPEN
        self.device.request(LiftRequest("A", "s", kind, level, door), self.now)


def test_a_car_travels_with_closed_doors_and_opens_where_it_is() -> None:
    lift = Lift()
    lift.ask("L1")
    lift.run(2.2)
    assert lift.device.state().door is LiftDoorState.OPEN
    assert lift.at == pytest.approx([0.0, 0.6, 0.6, 0.0], abs=0.01)
    lift.ask("L2")
    heights, seen_open_on_the_way = [0.0], False
    while lift.now < 30.0 and (lift.device.state().door is not LiftDoorState.OPEN or lift.at[0] < 3.9):
        lift.run(DT)
        heights.append(lift.at[0])
        if 0.05 < lift.at[0] < 3.95:
            seen_open_on_the_way |= max(lift.at[1:]) > 0.01
            assert lift.device.state().motion is LiftMotion.UP
    assert not seen_open_on_the_way
    assert max(b - a for a, b in pairwise(heights)) / DT <= lift.device.spec.speed_mps + 0.01
    assert lift.at == pytest.approx([4.0, 0.6, 0.0, 0.6], abs=0.01)
    assert lift.device.stands_open_at == "L2"


def test_a_car_that_does_not_arrive_is_under_way() -> None:
    lift = Lift()
    lift.ask("L2")
    lift.blocked = True
    lift.run(60.0)
    assert lift.device.moving and lift.device.state().door is LiftDoorState.CLOSED
    lift.blocked = False
    lift.ask("L2")
    lift.run(10.0)
    assert lift.device.stands_open_at == "L2"
