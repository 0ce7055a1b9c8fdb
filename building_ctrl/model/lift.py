"""Lifts as Open-RMF describes them, and rides: a robot's use of a lift."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class LiftDoorState(IntEnum):
    CLOSED = 0
    MOVING = 1
    OPEN = 2


class LiftMotion(IntEnum):
    STOPPED = 0
    UP = 1
    DOWN = 2
    UNKNOWN = 3


class LiftMode(IntEnum):
    UNKNOWN = 0
    HUMAN = 1
    AGV = 2
    FIRE = 3
    OFFLINE = 4
    EMERGENCY = 5

    @property
    def takes_requests(self) -> bool:
        """Whether robots may ask for the lift in this mode."""
        return self in (LiftMode.HUMAN, LiftMode.AGV)


class LiftRequestKind(IntEnum):
    END_SESSION = 0
    AGV_MODE = 1
    HUMAN_MODE = 2


@dataclass(frozen=True, slots=True)
class LiftRequest:
    """rmf_lift_msgs/LiftRequest."""

    lift: str
    session_id: str
    kind: LiftRequestKind
    destination: str
    door: LiftDoorState


@dataclass(frozen=True, slots=True)
class LiftState:
    """rmf_lift_msgs/LiftState."""

    lift: str
    available_levels: tuple[str, ...]
    current_level: str
    destination_level: str
    door: LiftDoorState
    motion: LiftMotion
    mode: LiftMode
    session_id: str

    def open_for(self, session_id: str, level: str) -> bool:
        """Whether a robot with that session may pass the cabin door at that level now."""
        return (
            self.mode.takes_requests
            and self.session_id == session_id
            and self.current_level == level
            and self.door is LiftDoorState.OPEN
            and self.motion is LiftMotion.STOPPED
        )

    def lets_out(self, session_id: str, level: str) -> bool:
        """Whether a robot in the cabin may leave it at that level now.

        Beside `open_for`: a lift in FIRE or EMERGENCY mode drops every session, and a robot aboard leaves
        wherever the car stands open.
        """
        recalled = (
            self.mode in (LiftMode.FIRE, LiftMode.EMERGENCY)
            and self.current_level == level
            and self.door is LiftDoorState.OPEN
            and self.motion is LiftMotion.STOPPED
        )
        return recalled or self.open_for(session_id, level)


class RideAction(IntEnum):
    REQUEST = 0
    READY = 1
    BOARDED = 2
    ALIGHTED = 3
    CANCEL = 4


class RidePhase(IntEnum):
    REQUESTED = 0
    ASSIGNED = 1
    CALLED = 2
    BOARDING = 3
    RIDING = 4
    ALIGHTING = 5
    DONE = 6
    CANCELLED = 7
    FAILED = 8
    REFUSED = 9

    @property
    def ended(self) -> bool:
        return self >= RidePhase.DONE


@dataclass(frozen=True, slots=True)
class RideRequest:
    """What a path planner says of one ride; repeated as the heartbeat of its lease."""

    ride_id: str
    fleet: str
    robot: str
    action: RideAction
    from_level: str
    to_level: str
    lifts: tuple[str, ...] = ()
    eta_s: float = -1.0
    lease_s: float = 10.0
    priority: int = 0


@dataclass(frozen=True, slots=True)
class RideState:
    """What a lift planner says of one ride."""

    ride_id: str
    fleet: str
    robot: str
    lift: str
    from_level: str
    to_level: str
    phase: RidePhase
    session_id: str = ""
    reason: str = ""
    eta_s: float = -1.0
