"""Robots of other fleets, as Open-RMF's fleet_states show them and its path requests drive them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class FleetMode(IntEnum):
    """rmf_fleet_msgs/RobotMode."""

    IDLE = 0
    CHARGING = 1
    MOVING = 2
    PAUSED = 3
    WAITING = 4
    EMERGENCY = 5
    GOING_HOME = 6
    DOCKING = 7
    ADAPTER_ERROR = 8
    CLEANING = 9
    PERFORMING_ACTION = 10
    ACTION_COMPLETED = 11


@dataclass(frozen=True, slots=True)
class FleetRobot:
    """What a fleet says of one robot. `order_id` is the path request it follows or has ended (task_id on the wire),
    `left` how many of its points are ahead; `stamp_s` is when it was there, by the fleet's clock: the same again is old
    news."""

    name: str
    fleet: str
    level: str
    x_m: float
    y_m: float
    yaw_rad: float
    mode: FleetMode = FleetMode.IDLE
    order_id: str = ""
    left: int = 0
    stamp_s: float = 0.0
    battery_percent: float = 100.0


@dataclass(frozen=True, slots=True)
class PathPoint:
    """A pose of a path request. `seq` is the number of the released waypoint, speed_limit_mps 0: none."""

    x_m: float
    y_m: float
    yaw_rad: float
    seq: int
    speed_limit_mps: float = 0.0


@dataclass(frozen=True, slots=True)
class PathOrder:
    """A path request: from about where the robot is, along the points, and stop at the last."""

    fleet: str
    robot: str
    level: str
    order_id: str
    points: tuple[PathPoint, ...]
