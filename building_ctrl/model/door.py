"""Doors as Open-RMF describes them, and crossings: a robot's passage through a door."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class DoorMode(IntEnum):
    CLOSED = 0
    MOVING = 1
    OPEN = 2
    OFFLINE = 3
    UNKNOWN = 4


@dataclass(frozen=True, slots=True)
class DoorRequest:
    """rmf_door_msgs/DoorRequest."""

    door: str
    requester_id: str
    mode: DoorMode


@dataclass(frozen=True, slots=True)
class DoorState:
    """rmf_door_msgs/DoorState."""

    door: str
    mode: DoorMode


class CrossingAction(IntEnum):
    REQUEST = 0
    END = 1


class CrossingPhase(IntEnum):
    REQUESTED = 0
    OPENING = 1
    GRANTED = 2
    DONE = 3
    EXPIRED = 4
    FAILED = 5
    REFUSED = 6

    @property
    def ended(self) -> bool:
        return self >= CrossingPhase.DONE


@dataclass(frozen=True, slots=True)
class CrossingRequest:
    """What a path planner says of one crossing; repeated as the heartbeat of its lease."""

    crossing_id: str
    fleet: str
    robot: str
    door: str
    level: str
    action: CrossingAction
    eta_s: float = -1.0
    lease_s: float = 10.0
    from_front: bool = True


@dataclass(frozen=True, slots=True)
class CrossingState:
    """What a door planner says of one crossing."""

    crossing_id: str
    fleet: str
    robot: str
    door: str
    phase: CrossingPhase
    reason: str = ""
    eta_s: float = -1.0
