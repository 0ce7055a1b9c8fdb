"""Destinations, released paths and what a path planner says of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A point of a released path. `lift` and `ride_id` are set where the way to it enters, leaves or lies in a cabin,
    `door` where it passes a door."""

    x_m: float
    y_m: float
    speed_limit_mps: float = 0.0
    lift: str = ""
    ride_id: str = ""
    door: str = ""


@dataclass(frozen=True, slots=True)
class ReleasedPath:
    """Waypoints a robot may drive to, numbered first_seq, first_seq + 1 ...; only ever appended to in an epoch.

    `hold`: the robot shall stand where it is until a path without it comes; what is released stays its own.
    """

    robot: str
    level: str
    epoch: int
    first_seq: int
    waypoints: tuple[Waypoint, ...]
    horizon: tuple[tuple[float, float], ...] = ()
    hold: bool = False

    @property
    def end_seq(self) -> int:
        """Number after the last waypoint."""
        return self.first_seq + len(self.waypoints)


@dataclass(frozen=True, slots=True)
class DestinationRequest:
    """Send a robot to a place. A repeated request with the same task_id and place changes nothing.

    Robots of a higher priority, and those that have to be there by an earlier deadline_s (seconds since the Unix epoch,
    0: none), go first.
    """

    fleet: str
    robot: str
    level: str
    place: str
    task_id: str
    priority: int = 0
    deadline_s: float = 0.0

    def repeats(self, other: DestinationRequest | None) -> bool:
        """Whether this is the same order, whatever its priority and deadline."""
        return other is not None and replace(self, priority=0, deadline_s=0.0) == replace(
            other, priority=0, deadline_s=0.0
        )


class TravelStatus(IntEnum):
    UNKNOWN = 0
    IDLE = 1
    MOVING = 2
    ARRIVED = 3
    REFUSED = 4
    QUARANTINED = 5


class WaitingKind(IntEnum):
    NONE = 0
    ROBOT = 1
    DOOR = 2
    LIFT = 3
    PLACE = 4
    LINK = 5
    OPERATOR = 6


@dataclass(frozen=True, slots=True)
class TravelState:
    """One robot on its way: status, and for what and for whom it waits."""

    robot: str
    level: str
    task_id: str
    destination: str
    status: TravelStatus
    waiting_kind: WaitingKind = WaitingKind.NONE
    waiting_for: str = ""
    eta_s: float = -1.0
