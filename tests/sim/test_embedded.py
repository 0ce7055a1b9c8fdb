"""The embedded building without planners: doors, cars, grants and the checker together."""

from __future__ import annotations

import numpy as np
import pytest

from building_ctrl.model.building import Building, Door, DoorKind, Level, Lift, LiftDoor
from building_ctrl.model.door import DoorMode, DoorRequest
from building_ctrl.model.lift import LiftDoorState, LiftRequest, LiftRequestKind, RidePhase, RideState
from building_ctrl.model.roadmap import Roadmap, RoadmapParameters
from building_ctrl.sim.embedded import EmbeddedBuilding
from building_ctrl.sim.robots import BodyParameters
from building_ctrl.sim.spawns import ScenarioRobot

DT = 0.05
EXACT = BodyParameters(slip_ratio=0.0, pose_noise_m=0.0, yaw_noise_rad=0.0)


def world(x: float, y: float, yaw: float) -> EmbeddedBuilding:
    door = Door("door", "L1", DoorKind.SLIDING, (10.0, -1.0), (10.0, 1.0))
    lift = Lift(
        "lift", 0.0, 5.0, 0.0, 2.0, 2.0, (LiftDoor("front", 0.0, -1.1, 0.0, 1.2),),
        (("L1", ("front",)), ("L2", ("front",))), "L1", "L1",
    )  # fmt: skip
    building = Building("test", (Level("L1", 0.0, (), (), doors=(door,)), Level("L2", 4.0, (), ())), (lift,))
    robot = ScenarioRobot("r0", "fleet", "L1", 0, x, y, yaw, 1, 0.3)
    return EmbeddedBuilding(building, Roadmap("test", (), RoadmapParameters()), [robot], 1, body=EXACT)


class Time:
    def __init__(self, embedded: EmbeddedBuilding) -> None:
        self.embedded = embedded
        self.now = 0.0

    def run(self, seconds: float, v: float = 0.0) -> None:
        for _ in range(round(seconds / DT)):
            self.embedded.bodies.command(0, v, 0.0, self.now, self.now + 0.3)
            self.embedded.step(self.now, DT)
            self.now += DT

    def call_lift(self, level: str, session: str = "s1") -> None:
        request = LiftRequest("lift", session, LiftRequestKind.AGV_MODE, level, LiftDoorState.OPEN)
        self.embedded.lift_request(request, self.now)

    def ride(self, phase: RidePhase) -> None:
        self.embedded.ride_states([RideState("ride", "fleet", "r0", "lift", "L1", "L2", phase, "s1")])


def test_a_robot_that_drives_through_a_closed_door_is_seen() -> None:
    time = Time(world(8.0, 0.0, 0.0))
    time.run(5.0, v=0.8)
    assert time.embedded.findings.door_violations == 1
    assert time.embedded.incidents[0].detail == "r0 in door"


def test_a_door_opens_lets_through_and_stays_open_while_somebody_stands_in_it() -> None:
    time = Time(world(8.0, 0.0, 0.0))
    time.embedded.door_request(DoorRequest("door", "me", DoorMode.OPEN), time.now)
    time.run(5.0)
    assert time.embedded.door_states()[0].mode is DoorMode.OPEN
    time.run(2.5, v=0.8)
    assert abs(float(time.embedded.bodies.x_m[0]) - 10.0) < 0.5
    time.embedded.door_request(DoorRequest("door", "me", DoorMode.CLOSED), time.now)
    time.run(10.0)
    assert time.embedded.door_states()[0].mode is not DoorMode.CLOSED
    time.run(5.0, v=0.8)
    time.run(10.0)
    assert time.embedded.door_states()[0].mode is DoorMode.CLOSED


def test_door_changes_are_told_once() -> None:
    time = Time(world(8.0, 5.0, 0.0))
    time.embedded.door_request(DoorRequest("door", "me", DoorMode.OPEN), time.now)
    modes = []
    for _ in range(100):
        time.run(DT)
        modes += [state.mode for state in time.embedded.changed_door_states()]
    assert modes == [DoorMode.MOVING, DoorMode.OPEN]


def test_a_granted_ride_is_clean_and_ends_on_the_other_level() -> None:
    time = Time(world(0.0, 2.5, np.pi / 2))
    time.call_lift("L1")
    time.run(6.0)
    time.ride(RidePhase.BOARDING)
    time.run(3.2, v=0.8)
    assert time.embedded.bodies.cabin[0] == 0
    time.ride(RidePhase.RIDING)
    for _ in range(20):
        time.call_lift("L2")
        time.run(1.0)
    assert time.embedded.level_name(0) == "L2" and time.embedded.bodies.z_m[0] == pytest.approx(4.0)
    time.ride(RidePhase.ALIGHTING)
    time.run(5.0, v=-0.8)
    time.ride(RidePhase.DONE)
    time.run(1.0)
    assert time.embedded.bodies.cabin[0] == -1
    assert time.embedded.findings.boardings_without_grant == 0, time.embedded.incidents


@pytest.mark.parametrize("granted", [False, True])
def test_boarding_counts_against_a_robot_without_a_ride_or_after_its_end(granted: bool) -> None:
    time = Time(world(0.0, 2.5, np.pi / 2))
    time.call_lift("L1")
    time.run(6.0)
    if granted:
        time.ride(RidePhase.BOARDING)
        time.ride(RidePhase.CANCELLED)
    time.run(3.2, v=0.8)
    assert time.embedded.findings.boardings_without_grant == 1


def test_the_lift_door_does_not_close_on_a_robot() -> None:
    time = Time(world(0.0, 2.5, np.pi / 2))
    time.call_lift("L1")
    time.run(6.0)
    time.ride(RidePhase.BOARDING)
    time.run(2.2, v=0.8)
    in_door = abs(float(time.embedded.bodies.y_m[0]) - 3.9) < 0.3
    assert in_door
    for _ in range(15):
        time.call_lift("L2")
        time.run(1.0)
    assert time.embedded.level_name(0) == "L1"
    assert time.embedded.lift_states()[0].current_level == "L1"


def test_requests_to_what_is_not_here_are_passed_over() -> None:
    time = Time(world(0.0, 0.0, 0.0))
    time.embedded.door_request(DoorRequest("other", "me", DoorMode.OPEN), 0.0)
    time.embedded.lift_request(LiftRequest("other", "s", LiftRequestKind.AGV_MODE, "L1", LiftDoorState.OPEN), 0.0)
    time.run(0.1)
