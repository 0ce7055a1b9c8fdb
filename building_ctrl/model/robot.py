"""Robots as the cloud knows them: three separate fields for work, motion and connection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class WorkState(IntEnum):
    STANDBY = 0
    PERFORMING = 1
    CHARGING = 2
    MAINTENANCE = 3
    MANUAL = 4
    ERROR = 5
    E_STOPPED = 6


class MotionState(IntEnum):
    STOPPED = 0
    MOVING = 1
    WAITING = 2


class Drive(IntEnum):
    """What a robot's wheels can do: drive where it points, or any way."""

    DIFFERENTIAL = 0
    OMNIDIRECTIONAL = 1


class Connection(IntEnum):
    NORMAL = 0
    LOST = 1


class LinkState(IntEnum):
    OK = 0
    DEGRADED = 1
    HOLD = 2
    LOST = 3


@dataclass(frozen=True, slots=True)
class RobotProfile:
    """What a robot is able to do; known to the cloud from its enrolment.

    `max_jerk_mps3` 0 sets no limit. `heading_free` lets an omnidirectional robot keep its heading at corners instead of
    turning into the lane's direction: only for robots whose footprint is a circle, as sweeps reckon with the heading.
    """

    name: str
    fleet: str
    radius_m: float = 0.30
    graph_mask: int = 1
    max_speed_mps: float = 1.2
    max_acceleration_mps2: float = 0.8
    max_yaw_rate_radps: float = 1.5
    max_yaw_acceleration_radps2: float = 3.0
    max_jerk_mps3: float = 4.0
    drive: Drive = Drive.DIFFERENTIAL
    heading_free: bool = False


@dataclass(frozen=True, slots=True)
class RobotState:
    """Newest state of one robot. `level` is empty while it is not known."""

    name: str
    fleet: str
    level: str
    x_m: float
    y_m: float
    yaw_rad: float
    speed_mps: float = 0.0
    battery_percent: float = 100.0
    age_s: float = 0.0
    work: WorkState = WorkState.STANDBY
    motion: MotionState = MotionState.STOPPED
    connection: Connection = Connection.NORMAL
    graph_mask: int = 1
    radius_m: float = 0.30
    path_epoch: int = 0
    reached_seq: int = 0
    released_seq: int = 0
    link: LinkState = LinkState.OK
    hold: int = 0
    position_sigma_m: float = 0.0
