"""What has to be open before a stretch may be released: doors and lift cabins."""

from __future__ import annotations

from typing import Protocol

from building_ctrl.core.path.agent import NO_WAIT, Wait
from building_ctrl.core.path.crossings import CrossingBook
from building_ctrl.core.path.rides import RideBook
from building_ctrl.model.path import WaitingKind
from building_ctrl.model.roadmap import LevelRoadmap


class Gate(Protocol):
    """Asked at the moment of release; answers NO_WAIT when the robot may go."""

    def door(self, robot: str, door: str) -> Wait:
        """For an edge that passes a door."""

    def enter_cabin(self, robot: str, lift: str) -> Wait:
        """For an edge that ends in a lift's cabin."""

    def leave_cabin(self, robot: str, lift: str) -> Wait:
        """For an edge that starts in a lift's cabin."""

    def ride_id(self, robot: str) -> str:
        """Ride under which the robot passes the cabin's door; empty: none."""


def refusal(gate: Gate, rows: LevelRoadmap, robot: str, edge: int) -> Wait | None:
    """For which door or lift a robot has to wait before it may use an edge; None: for none."""
    waits = []
    if rows.edge_door[edge]:
        waits.append(gate.door(robot, rows.edge_door[edge]))
    start_lift = rows.cabin_lift[int(rows.edge_from[edge])]
    end_lift = rows.cabin_lift[int(rows.edge_to[edge])]
    if end_lift and end_lift != start_lift:
        waits.append(gate.enter_cabin(robot, end_lift))
    if start_lift and end_lift != start_lift:
        waits.append(gate.leave_cabin(robot, start_lift))
    return next((wait for wait in waits if wait is not NO_WAIT), None)


class OpenGate:
    """Everything is open: levels without doors and lifts, and tests."""

    def door(self, robot: str, door: str) -> Wait:
        return NO_WAIT

    def enter_cabin(self, robot: str, lift: str) -> Wait:
        return NO_WAIT

    def leave_cabin(self, robot: str, lift: str) -> Wait:
        return NO_WAIT

    def ride_id(self, robot: str) -> str:
        return ""


class BookGate:
    """Doors and cabins as the door and the lift planner report them."""

    def __init__(self, rides: RideBook, crossings: CrossingBook) -> None:
        self._rides = rides
        self._crossings = crossings

    def door(self, robot: str, door: str) -> Wait:
        return NO_WAIT if self._crossings.granted(robot, door) else Wait(WaitingKind.DOOR, door)

    def enter_cabin(self, robot: str, lift: str) -> Wait:
        ride = self._rides.of(robot)
        open_for_it = ride is not None and ride.may_board and ride.lift == lift
        return NO_WAIT if open_for_it else Wait(WaitingKind.LIFT, lift)

    def leave_cabin(self, robot: str, lift: str) -> Wait:
        ride = self._rides.of(robot)
        open_for_it = ride is not None and ride.may_alight and ride.lift == lift
        return NO_WAIT if open_for_it else Wait(WaitingKind.LIFT, lift)

    def ride_id(self, robot: str) -> str:
        ride = self._rides.of(robot)
        return ride.request.ride_id if ride else ""
