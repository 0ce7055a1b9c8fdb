"""The room a lift takes: the hole in the floors, the cabin's sides, and where its doors are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from building_ctrl.building.zones import lift_door_leaf
from building_ctrl.gazebo.export.leaves import MOST_PANELS, Leaf, sliding_leaves
from building_ctrl.gazebo.export.plan import Opening, Rectangle
from building_ctrl.model.building import DoorKind, Lift, LiftDoor

CABIN_WALL_M = 0.04
CLEARANCE_M = 0.01  # between the cabin's floor and the levels'
SIDE_M = CABIN_WALL_M / 2.0 + CLEARANCE_M
LEAF_OFFSET_M = 0.035  # of cabin leaves inwards and landing leaves outwards, off the line of the door
SHAFT_WALL_M = 0.06
OPENING_DEPTH_M = 0.30
LEAST_PANEL_M = 0.15

_SINGLE = (DoorKind.SLIDING, DoorKind.TELESCOPE)
_TELESCOPES = (DoorKind.TELESCOPE, DoorKind.DOUBLE_TELESCOPE)
_SIDES = ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0))


@dataclass(frozen=True, slots=True)
class CabinDoor:
    """A cabin door put on a side of the cabin.

    `yaw_rad` is the direction of its line in the cabin's frame with the outside to the right; along it the
    opening is from `low_m` to `high_m` and the cabin from `left_m` to `right_m`, around the middle of the
    side at `out_m` from the cabin's centre.
    """

    number: int
    door: LiftDoor
    side: int
    yaw_rad: float
    out_m: float
    low_m: float
    high_m: float
    left_m: float
    right_m: float

    def leaves(self, layer_m: float) -> list[Leaf]:
        """Panels that fit beside the opening; where nothing fits the leaf goes up.

        Layers follow each other away from the line of the door, on the side `layer_m` is on.
        """
        step = math.copysign(0.045, layer_m)
        rooms = (self.low_m - self.left_m, self.right_m - self.high_m)
        if self.door.kind in _SINGLE:
            toward = -1 if rooms[0] >= rooms[1] else 1
            parts = [(self.low_m, self.high_m - self.low_m, toward)]
        else:
            half = (self.high_m - self.low_m) / 2.0
            parts = [(self.low_m, half, -1), (self.low_m + half, half, 1)]
        least = 2 if self.door.kind in _TELESCOPES else 1
        leaves: list[Leaf] = []
        for x, width, toward in parts:
            panels = self._panels(width, rooms[0] if toward < 0 else rooms[1], least)
            if panels:
                leaves += sliding_leaves(x, width, toward, panels, layer_m, step)
            else:
                leaves.append(Leaf(x, width, toward, 2.0, rises=True, layer_m=layer_m))
        return leaves

    def _panels(self, width_m: float, room_m: float, least: int) -> int:
        if room_m < LEAST_PANEL_M:
            return 0
        needed = math.ceil(width_m / (room_m + 0.02))
        return max(least, needed) if needed <= MOST_PANELS else 0


@dataclass(frozen=True, slots=True)
class LiftRoom:
    """A lift's hole (the cabin's floor and CLEARANCE_M around it) and its doors, in the cabin's frame."""

    lift: Lift
    hole: Rectangle
    doors: tuple[CabinDoor, ...]

    @property
    def floor(self) -> Rectangle:
        """The cabin's floor."""
        h = self.hole
        g = CLEARANCE_M
        return Rectangle(h.x_m, h.y_m, h.yaw_rad, h.left_m + g, h.low_m + g, h.right_m - g, h.high_m - g)

    def openings(self, level: str) -> list[Opening]:
        """Where walls of a level must not stand: in the shaft, where there is one, and before its doors."""
        opens = dict(self.lift.level_doors).get(level, ())
        found = [Opening(self.hole, parallel_only=False)]
        for cabin_door in self.doors:
            if cabin_door.door.name in opens:
                a, b = lift_door_leaf(self.lift, cabin_door.door)
                yaw = math.atan2(b[1] - a[1], b[0] - a[0])
                area = Rectangle(a[0], a[1], yaw, 0.0, -OPENING_DEPTH_M, math.dist(a, b), OPENING_DEPTH_M)
                found.append(Opening(area))
        return found


def lift_room(lift: Lift) -> LiftRoom:
    """The room of a lift that opens somewhere."""
    half_w, half_d = lift.width_m / 2.0, lift.depth_m / 2.0
    reach = [half_d, half_w, half_d, half_w]
    sides = [_side_of(lift, door) for door in lift.doors]
    extents = [r + SIDE_M for r in reach]
    for side, door in zip(sides, lift.doors, strict=True):
        nx, ny = _SIDES[side]
        out = nx * door.x_m + ny * door.y_m
        extents[side] = max(out, reach[side]) + CLEARANCE_M / 2.0
    doors = tuple(
        _cabin_door(number, lift, door, side, extents[side] - CLEARANCE_M / 2.0)
        for number, (door, side) in enumerate(zip(lift.doors, sides, strict=True), start=1)
    )
    hole = Rectangle(lift.x_m, lift.y_m, lift.yaw_rad, -extents[3], -extents[0], extents[1], extents[2])
    return LiftRoom(lift, hole, doors)


def _side_of(lift: Lift, door: LiftDoor) -> int:
    """Index of the side a door is on: front (-y), right, back, left."""
    along_x = abs(math.cos(door.yaw_rad)) >= abs(math.sin(door.yaw_rad))
    if along_x:
        return 0 if door.y_m < 0.0 else 2
    return 3 if door.x_m < 0.0 else 1


def _cabin_door(number: int, lift: Lift, door: LiftDoor, side: int, out_m: float) -> CabinDoor:
    nx, ny = _SIDES[side]
    yaw = math.atan2(nx, -ny)
    along = math.cos(yaw) * door.x_m + math.sin(yaw) * door.y_m
    half = (lift.width_m if side in (0, 2) else lift.depth_m) / 2.0
    low = max(along - door.width_m / 2.0, -half)
    high = min(along + door.width_m / 2.0, half)
    return CabinDoor(number, door, side, yaw, out_m, low, high, -half, half)
