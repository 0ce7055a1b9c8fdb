"""Lifts as models: a shaft, a cabin that slides along z with its doors, and doors at the landings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from building_ctrl.building.geometry import Point
from building_ctrl.core.lift.spec import LiftSpec
from building_ctrl.gazebo.export import bits, colours
from building_ctrl.gazebo.export.leaves import DOOR_HEIGHT_M, LeafLook, leaf_parts
from building_ctrl.gazebo.export.plan import Rectangle
from building_ctrl.gazebo.export.shafts import (
    CABIN_WALL_M,
    LEAF_OFFSET_M,
    SHAFT_WALL_M,
    CabinDoor,
    LiftRoom,
)
from building_ctrl.gazebo.names import CABIN_JOINT, CABIN_LINK, DrivenJoint, Landing, LiftEntry
from building_ctrl.gazebo.world import Box, Inertia, Joint, Link, Model, Part, Pose, Rgba, Surface
from building_ctrl.model.building import Lift

CABIN_HEIGHT_M = 2.2
FLOOR_M = 0.10
CABIN_KG = 800.0
CABIN_EFFORT_N = 40000.0
SPEED_MARGIN = 1.25
OVERTRAVEL_M = 0.05


@dataclass(frozen=True, slots=True)
class LiftNames:
    """Token of the lift, tokens of all levels, and the bit of its landing doors."""

    token: str
    levels: Mapping[str, str]
    landing_bits: int


def lift_models(room: LiftRoom, spec: LiftSpec, names: LiftNames) -> tuple[list[Model], LiftEntry]:
    """Shaft, cabin and landing doors, and what drives them."""
    lift = room.lift
    initial = spec.initial_level if spec.serves(spec.initial_level) else spec.level_names[0]
    zero_m = spec.elevation_m(initial)
    cabin_model, cabin, cabin_leaves = _cabin_model(room, spec, names, zero_m)
    landing_model, landings = _landings(room, spec, names, cabin_leaves)
    entry = LiftEntry(lift.name, cabin_model.name, landing_model.name, cabin, zero_m, tuple(landings))
    return [_shaft_model(room, spec, names), cabin_model, landing_model], entry


def _cabin_model(
    room: LiftRoom, spec: LiftSpec, names: LiftNames, zero_m: float
) -> tuple[Model, DrivenJoint, dict[str, tuple[DrivenJoint, ...]]]:
    lift = room.lift
    model = f"lift_{names.token}"
    surface = Surface(bits.CABIN)
    parts = [_floor_part(room, surface), *_cabin_walls(room, surface)]
    w, d = lift.width_m, lift.depth_m
    moments = (
        CABIN_KG * (d * d + CABIN_HEIGHT_M**2) / 12.0,
        CABIN_KG * (w * w + CABIN_HEIGHT_M**2) / 12.0,
        CABIN_KG * (w * w + d * d) / 12.0,
    )
    inertia = Inertia(CABIN_KG, moments, (0.0, 0.0, CABIN_HEIGHT_M / 2.0))
    links = [Link(CABIN_LINK, tuple(parts), inertia=inertia, gravity=False)]
    lowest, highest = spec.levels[0][1] - zero_m, spec.levels[-1][1] - zero_m
    limits = (lowest - OVERTRAVEL_M, highest + OVERTRAVEL_M)
    top = SPEED_MARGIN * spec.speed_mps
    joints = [Joint(CABIN_JOINT, "world", CABIN_LINK, (0.0, 0.0, 1.0), True, limits, top, CABIN_EFFORT_N)]
    leaves: dict[str, tuple[DrivenJoint, ...]] = {}
    look = _look(lift, spec, bits.CABIN)
    for cabin_door in room.doors:
        prefix = f"door_{cabin_door.number}_"
        line = _line(cabin_door)
        more_links, more_joints, driven = leaf_parts(
            model, prefix, CABIN_LINK, cabin_door.leaves(LEAF_OFFSET_M), line, look
        )
        links += more_links
        joints += more_joints
        leaves[cabin_door.door.name] = tuple(driven)
    pose = Pose(lift.x_m, lift.y_m, zero_m, yaw_rad=lift.yaw_rad)
    cabin = DrivenJoint(model, CABIN_JOINT, *limits, top, CABIN_EFFORT_N, by_speed=True)
    return Model(model, tuple(links), tuple(joints), pose), cabin, leaves


def _floor_part(room: LiftRoom, surface: Surface) -> Part:
    x, y = _middle(room.floor)
    width, depth = room.floor.size
    return Part("floor", Box(width, depth, FLOOR_M), Pose(x, y, -FLOOR_M / 2.0), colours.CABIN_FLOOR, surface)


def _cabin_walls(room: LiftRoom, surface: Surface) -> list[Part]:
    """Walls of the sides, beside and above the doors, around the robots' room."""
    lift, floor = room.lift, room.floor
    colour = colours.cabin(lift.kind)
    parts = []
    for side in range(4):
        doors = [door for door in room.doors if door.side == side]
        reach = (-floor.low_m, floor.right_m, floor.high_m, -floor.left_m)[side]
        left, right = _ends(floor, side)
        off = LEAF_OFFSET_M + CABIN_WALL_M / 2.0 if doors else CABIN_WALL_M / 2.0
        for k, (low, high) in enumerate(_between(doors, left, right), start=1):
            parts.append(_panel(f"wall_{side}_{k}", side, reach - off, low, high, 0.0, CABIN_HEIGHT_M, colour, surface))
    return parts


def _landings(
    room: LiftRoom, spec: LiftSpec, names: LiftNames, cabin_leaves: Mapping[str, tuple[DrivenJoint, ...]]
) -> tuple[Model, list[Landing]]:
    lift = room.lift
    model = f"landing_{names.token}"
    opens = dict(lift.level_doors)
    links: list[Link] = []
    joints: list[Joint] = []
    landings: list[Landing] = []
    look = _look(lift, spec, names.landing_bits)
    for level, elevation_m in spec.levels:
        for cabin_door in room.doors:
            if cabin_door.door.name not in opens[level]:
                continue
            prefix = f"door_{cabin_door.number}_{names.levels[level]}_"
            line = _line(cabin_door, elevation_m)
            made = leaf_parts(model, prefix, "world", cabin_door.leaves(-LEAF_OFFSET_M), line, look)
            links += made[0]
            joints += made[1]
            name = cabin_door.door.name
            landings.append(Landing(level, name, cabin_leaves[name], tuple(made[2])))
    pose = Pose(lift.x_m, lift.y_m, 0.0, yaw_rad=lift.yaw_rad)
    return Model(model, tuple(links), tuple(joints), pose), landings


def _shaft_model(room: LiftRoom, spec: LiftSpec, names: LiftNames) -> Model:
    """Walls around the hole from the lowest to the highest level served, open at the landings."""
    lift, hole = room.lift, room.hole
    opens = dict(lift.level_doors)
    bottom = spec.levels[0][1] - FLOOR_M
    top = spec.levels[-1][1] + CABIN_HEIGHT_M
    surface = Surface(bits.STATIC)
    parts = []
    for side in range(4):
        reach = (-hole.low_m, hole.right_m, hole.high_m, -hole.left_m)[side] + SHAFT_WALL_M / 2.0
        corner = SHAFT_WALL_M if side % 2 == 0 else 0.0
        left, right = (end + sign * corner for end, sign in zip(_ends(hole, side), (-1.0, 1.0), strict=True))
        at = bottom
        pieces: list[tuple[float, float, float, float]] = []
        for level, elevation_m in spec.levels:
            doors = [d for d in room.doors if d.side == side and d.door.name in opens[level]]
            if not doors:
                continue
            head = min(elevation_m + DOOR_HEIGHT_M, top)
            pieces += [(left, right, at, elevation_m)]
            pieces += [(low, high, elevation_m, head) for low, high in _between(doors, left, right)]
            at = head
        pieces.append((left, right, at, top))
        kept = [piece for piece in pieces if piece[3] - piece[2] > 1e-3]
        for k, (low, high, z_low, z_high) in enumerate(kept, start=1):
            name = f"wall_{side}_{k}"
            parts.append(_panel(name, side, reach, low, high, z_low, z_high, colours.SHAFT, surface, SHAFT_WALL_M))
    pose = Pose(lift.x_m, lift.y_m, 0.0, yaw_rad=lift.yaw_rad)
    return Model(f"shaft_{names.token}", (Link("shaft", tuple(parts)),), pose=pose, static=True)


def _look(lift: Lift, spec: LiftSpec, leaf_bits: int) -> LeafLook:
    shortest = min(spec.door_opening_s, spec.door_closing_s)
    return LeafLook(DOOR_HEIGHT_M, colours.lift_door(lift.kind), leaf_bits, shortest)


def _line(door: CabinDoor, z_m: float = 0.0) -> Pose:
    """The line of a door in the cabin's frame, from the middle of its side."""
    nx, ny = math.sin(door.yaw_rad), -math.cos(door.yaw_rad)
    return Pose(nx * door.out_m, ny * door.out_m, z_m, yaw_rad=door.yaw_rad)


def _ends(area: Rectangle, side: int) -> tuple[float, float]:
    """Ends of a side along its line, whose direction has the outside to the right."""
    return (
        (area.left_m, area.right_m),
        (area.low_m, area.high_m),
        (-area.right_m, -area.left_m),
        (-area.high_m, -area.low_m),
    )[side]


def _between(doors: list[CabinDoor], left_m: float, right_m: float) -> list[tuple[float, float]]:
    """What is left of a side beside its doors."""
    kept, at = [], left_m
    for low, high in [*sorted((door.low_m, door.high_m) for door in doors), (right_m, right_m)]:
        if low - at > 0.01:
            kept.append((at, low))
        at = max(at, high)
    return kept


def _panel(
    name: str, side: int, out_m: float, low: float, high: float, bottom: float, top: float,
    colour: Rgba, surface: Surface, thickness_m: float = CABIN_WALL_M,
) -> Part:  # fmt: skip
    """A wall along a side, `out_m` from the cabin's centre."""
    yaw = side * math.pi / 2.0
    along = (low + high) / 2.0
    c, s = math.cos(yaw), math.sin(yaw)
    pose = Pose(c * along + s * out_m, s * along - c * out_m, (bottom + top) / 2.0, yaw_rad=yaw)
    return Part(name, Box(high - low, thickness_m, top - bottom), pose, colour, surface)


def _middle(area: Rectangle) -> Point:
    return (area.left_m + area.right_m) / 2.0, (area.low_m + area.high_m) / 2.0
