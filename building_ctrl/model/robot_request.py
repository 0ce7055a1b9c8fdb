"""Requests to robots by people and programs, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class RobotRequestKind(IntEnum):
    """Values of RobotRequest.msg."""

    PAUSE = 1
    PROTECTIVE_STOP = 2
    E_STOP = 3
    RESUME = 4
    MANUAL = 5


class RequestStatus(IntEnum):
    """Values of RobotRequestStates.msg."""

    ACCEPTED = 1
    DONE = 2
    REFUSED = 3


class StopCategory(IntEnum):
    """Stop categories of IEC 60204-1, 9.2.2.

    UNCONTROLLED (0): drives cut off and brakes engaged at once. CONTROLLED_THEN_OFF (1): the robot ramps down along
    its path, drives are cut off at standstill. CONTROLLED (2): it ramps down, drives stay on and hold it.
    """

    UNCONTROLLED = 0
    CONTROLLED_THEN_OFF = 1
    CONTROLLED = 2


@dataclass(frozen=True, slots=True)
class RobotRequest:
    """What `who` asks of a robot, and why."""

    request_id: str
    robot: str
    kind: RobotRequestKind
    category: StopCategory = StopCategory.CONTROLLED
    who: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class RobotRequestState:
    """A request and what became of it; `at_s` seconds since the Unix epoch. `holds`: the robot stands, or is driven by
    hand, because of it now."""

    request: RobotRequest
    status: RequestStatus
    detail: str = ""
    at_s: float = 0.0
    holds: bool = False
