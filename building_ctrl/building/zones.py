"""Where a standing robot would hold a door open: doors, their swing, lift doors and cabins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from building_ctrl.building.geometry import (
    Point,
    interval_below,
    point_segment_m,
    segment_segment_m,
    segments_cross,
)
from building_ctrl.model.building import Door, DoorKind, Level, Lift, LiftDoor
from building_ctrl.model.roadmap import RoadmapParameters

Segment = tuple[Point, Point]
Interval = tuple[float, float]

_SWING_STEP_DEGREES = 15.0


def door_margin_m(parameters: RoadmapParameters) -> float:
    """Distance a robot's centre keeps from a door leaf it doesn't hold."""
    return parameters.radius_m + parameters.tracking_error_m + parameters.door_clearance_m


def door_leaves(door: Door) -> tuple[tuple[Point, Point, float], ...]:
    """(hinge or fixed side, free side, turn sense) of each closed leaf; the sense is 0 where it slides."""
    (ax, ay), (bx, by) = door.start, door.end
    swings = door.kind in (DoorKind.HINGED, DoorKind.DOUBLE_HINGED, DoorKind.SPEED_GATE)
    sense = float(-door.motion_direction) if swings else 0.0
    if door.kind in (
        DoorKind.DOUBLE_HINGED,
        DoorKind.DOUBLE_SLIDING,
        DoorKind.DOUBLE_TELESCOPE,
        DoorKind.SPEED_GATE,
    ):
        share = door.right_left_ratio / (1.0 + door.right_left_ratio)
        middle = (ax + share * (bx - ax), ay + share * (by - ay))
        return (door.start, middle, sense), (door.end, middle, -sense)
    if door.hinge_at_end:
        return ((door.end, door.start, -sense),)
    return ((door.start, door.end, sense),)


def swing_segments(door: Door) -> tuple[Segment, ...]:
    """The leaves of a swinging door at steps of its motion, closed first; of any other door the closed leaf.

    A leaf turns about its hinge as Open-RMF's simulated doors do: clockwise from above where
    motion_direction is 1 and the hinge is at the start.
    """
    segments: list[Segment] = [(door.start, door.end)]
    steps = max(1, math.ceil(abs(door.motion_degrees) / _SWING_STEP_DEGREES))
    for hinge, free, sense in door_leaves(door):
        if sense == 0.0 or door.kind is DoorKind.SPEED_GATE:
            continue
        for step in range(1, steps + 1):
            segments.append(
                (hinge, turned(free, hinge, sense * math.radians(door.motion_degrees) * step / steps))
            )
    return tuple(segments)


def turned(point: Point, about: Point, angle_rad: float) -> Point:
    """The point turned counter-clockwise about another."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    dx, dy = point[0] - about[0], point[1] - about[1]
    return about[0] + c * dx - s * dy, about[1] + s * dx + c * dy


def lift_point(lift: Lift, x_m: float, y_m: float) -> Point:
    """A point of the cabin's frame in the building's frame."""
    c, s = math.cos(lift.yaw_rad), math.sin(lift.yaw_rad)
    return lift.x_m + c * x_m - s * y_m, lift.y_m + s * x_m + c * y_m


def lift_door_leaf(lift: Lift, door: LiftDoor) -> Segment:
    """The two sides of a lift's door in the building's frame."""
    dx, dy = math.cos(door.yaw_rad) * door.width_m / 2.0, math.sin(door.yaw_rad) * door.width_m / 2.0
    return lift_point(lift, door.x_m - dx, door.y_m - dy), lift_point(lift, door.x_m + dx, door.y_m + dy)


def cabin_corners(lift: Lift) -> tuple[Point, Point, Point, Point]:
    """The cabin's corners, counter-clockwise, in the building's frame."""
    w, d = lift.width_m / 2.0, lift.depth_m / 2.0
    return lift_point(lift, -w, -d), lift_point(lift, w, -d), lift_point(lift, w, d), lift_point(lift, -w, d)


def cabin_distance_m(lift: Lift, point: Point) -> float:
    """Distance from a point to the rectangle of the cabin, 0 inside."""
    c, s = math.cos(lift.yaw_rad), math.sin(lift.yaw_rad)
    dx, dy = point[0] - lift.x_m, point[1] - lift.y_m
    across = abs(c * dx + s * dy) - lift.width_m / 2.0
    along = abs(-s * dx + c * dy) - lift.depth_m / 2.0
    return math.hypot(max(across, 0.0), max(along, 0.0))


@dataclass(frozen=True, slots=True)
class DoorZone:
    """A door some lane passes."""

    door: Door
    sweep: tuple[Segment, ...]
    margin_m: float

    def holds(self, point: Point) -> bool:
        """Would a robot standing here hold the door open?"""
        return point_segment_m(point, self.door.start, self.door.end) < self.margin_m - 1e-6

    def crossed(self, a: Point, b: Point) -> bool:
        return segments_cross(a, b, self.door.start, self.door.end)

    def keep_off(self, a: Point, b: Point) -> Interval | None:
        """Stretch of a-b, metres from a, where nobody should wait: the leaf's line and its swing."""
        stretches = [s for c, d in self.sweep if (s := within(self.margin_m, a, b, c, d)) is not None]
        return (min(s[0] for s in stretches), max(s[1] for s in stretches)) if stretches else None

    def core(self, a: Point, b: Point) -> Interval | None:
        """As keep_off, without the swing."""
        return within(self.margin_m, a, b, self.door.start, self.door.end)


@dataclass(frozen=True, slots=True)
class LiftZone:
    """A lift that opens on the level."""

    lift: Lift
    leaves: tuple[Segment, ...]
    margin_m: float

    def holds(self, point: Point) -> bool:
        """Would a robot standing here be in the cabin or keep its door from closing?"""
        if cabin_distance_m(self.lift, point) <= 0.0:
            return True
        return any(point_segment_m(point, a, b) < self.margin_m - 1e-6 for a, b in self.leaves)

    def keep_off(self, a: Point, b: Point, boarding: bool) -> Interval | None:
        """Stretch of a-b where nobody may wait; a boarding lane also keeps off the cabin's walls."""
        stretches = [s for c, d in self.leaves if (s := within(self.margin_m, a, b, c, d)) is not None]
        wall_m = self.margin_m if boarding else 1e-6
        reach_m = math.hypot(self.lift.width_m, self.lift.depth_m) / 2.0 + wall_m
        if point_segment_m((self.lift.x_m, self.lift.y_m), a, b) < reach_m:
            inside = self._inside(a, b, wall_m)
            stretches += [inside] if inside is not None else []
        return (min(s[0] for s in stretches), max(s[1] for s in stretches)) if stretches else None

    def _inside(self, a: Point, b: Point, wall_m: float) -> Interval | None:
        length = math.dist(a, b)

        def far(s: float) -> float:
            t = s / length if length else 0.0
            return cabin_distance_m(self.lift, (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))

        return interval_below(far, wall_m, length)


def within(distance_m: float, a: Point, b: Point, c: Point, d: Point) -> Interval | None:
    """Stretch of a-b, metres from a, nearer than distance_m to the segment c-d."""
    if segment_segment_m(a, b, c, d) >= distance_m:
        return None
    length = math.dist(a, b)

    def far(s: float) -> float:
        t = s / length if length else 0.0
        return point_segment_m((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])), c, d)

    return interval_below(far, distance_m, length)


def door_zones(level: Level, lanes: Sequence[Segment], parameters: RoadmapParameters) -> tuple[DoorZone, ...]:
    """Zones of the doors that at least one lane passes."""
    margin_m = door_margin_m(parameters)
    return tuple(
        DoorZone(door, swing_segments(door), margin_m)
        for door in level.doors
        if any(segments_cross(a, b, door.start, door.end) for a, b in lanes)
    )


def lift_zones(level: Level, lifts: Sequence[Lift], parameters: RoadmapParameters) -> tuple[LiftZone, ...]:
    """Zones of the lifts that open on the level."""
    margin_m = door_margin_m(parameters)
    zones = []
    for lift in lifts:
        opening = dict(lift.level_doors).get(level.name, ())
        leaves = tuple(lift_door_leaf(lift, door) for door in lift.doors if door.name in opening)
        if leaves:
            zones.append(LiftZone(lift, leaves, margin_m))
    return tuple(zones)
