"""Robots of other fleets between `model.fleet` and Open-RMF's messages."""

from __future__ import annotations

import math
from typing import Any

from rmf_fleet_msgs import msg as rmf_fleet

from building_ctrl.model.fleet import FleetMode, FleetRobot, PathOrder, PathPoint
from building_ctrl.nodes.convert import seconds, time_msg


def fleet_robots(message: Any) -> tuple[list[FleetRobot], list[str]]:
    """(robots of a FleetState, names of those whose state makes no sense)."""
    found, bad = [], []
    for row in message.robots:
        at = row.location
        if not row.name or not all(math.isfinite(v) for v in (at.x, at.y, at.yaw)):
            bad.append(row.name)
            continue
        known = row.mode.mode in FleetMode.__members__.values()
        found.append(
            FleetRobot(
                name=row.name,
                fleet=message.name,
                level=at.level_name,
                x_m=float(at.x),
                y_m=float(at.y),
                yaw_rad=float(at.yaw),
                mode=FleetMode(row.mode.mode) if known else FleetMode.IDLE,
                order_id=row.task_id,
                left=len(row.path),
                stamp_s=seconds(at.t),
                battery_percent=float(row.battery_percent),
            )
        )
    return found, bad


def path_request_msg(order: PathOrder, now: float) -> rmf_fleet.PathRequest:
    """Every pose has the time of sending: robots wait for later ones."""
    return rmf_fleet.PathRequest(
        fleet_name=order.fleet,
        robot_name=order.robot,
        path=[_location(point, order.level, now) for point in order.points],
        task_id=order.order_id,
    )


def _location(point: PathPoint, level: str, now: float) -> rmf_fleet.Location:
    return rmf_fleet.Location(
        t=time_msg(now),
        x=point.x_m,
        y=point.y_m,
        yaw=point.yaw_rad,
        obey_approach_speed_limit=point.speed_limit_mps > 0.0,
        approach_speed_limit=point.speed_limit_mps,
        level_name=level,
        index=point.seq,
    )
