"""Do robots fit into the lifts they are drawn lanes into?"""

from __future__ import annotations

import math

import numpy as np

from building_ctrl.building.findings import Findings
from building_ctrl.building.sweeps import passage_width_m
from building_ctrl.model.building import Building, Lift, Point
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.model.robot_class import RobotClass


def check_cabins(findings: Findings, building: Building, roadmap: Roadmap, robots: RobotClass) -> None:
    """Reports each lift in whose cabin robots of a class can't turn, by its tightest level, and whose doors are too
    narrow for them."""
    for lift in building.lifts:
        rooms = [
            (room_to_turn_m(lift, (float(arrays.x_m[v]), float(arrays.y_m[v]))), arrays.level)
            for arrays in roadmap.levels
            for v in np.flatnonzero(np.array(arrays.cabin_lift) == lift.name).tolist()
        ]
        if not rooms:
            continue
        room_m, level = min(rooms)
        item, at = f"lift {lift.name!r}", (lift.x_m, lift.y_m)
        if room_m < robots.reach_m - 1e-6:
            findings.warning("cabin_small", level, item, at, room_m=max(room_m, 0.0), need_m=robots.reach_m)
        need_m = passage_width_m(robots)
        for door in lift.doors:
            if door.width_m < need_m - 1e-6:
                findings.warning(
                    "lift_door_narrow", "", item, at, door=door.name, width_m=door.width_m, need_m=need_m
                )


def room_to_turn_m(lift: Lift, point: Point) -> float:
    """Radius of the largest circle around a point that lies in the cabin; negative outside of it."""
    c, s = math.cos(lift.yaw_rad), math.sin(lift.yaw_rad)
    dx, dy = point[0] - lift.x_m, point[1] - lift.y_m
    across, along = abs(c * dx + s * dy), abs(-s * dx + c * dy)
    return min(lift.width_m / 2.0 - across, lift.depth_m / 2.0 - along)
