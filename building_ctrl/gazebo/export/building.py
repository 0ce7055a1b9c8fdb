"""A building and its robots as a world."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

from building_ctrl.core.lift.spec import lift_specs
from building_ctrl.gazebo.export import colours
from building_ctrl.gazebo.export.bits import leaf_bits
from building_ctrl.gazebo.export.leaves import door_look, leaf_parts, line_of, plan_leaves
from building_ctrl.gazebo.export.levels import level_model, wall_height_m
from building_ctrl.gazebo.export.lifts import LiftNames, lift_models
from building_ctrl.gazebo.export.robots import robot_entries, robot_model
from building_ctrl.gazebo.export.shafts import LiftRoom, lift_room
from building_ctrl.gazebo.names import DoorEntry, LiftEntry, WorldIndex, tokens
from building_ctrl.gazebo.world import Model, Pose, Sun, World, WorldOptions
from building_ctrl.model.building import Building, Door
from building_ctrl.sim.spawns import ScenarioRobot

SUNS = (
    Sun("sun", (-0.4, 0.5, -0.9), 0.60, shadows=True),
    Sun("fill", (0.6, -0.3, -0.5), 0.18, shadows=False),
)
TOP_M = 2.5  # what stands on the highest level
VIEW_YAW_RAD = math.radians(68.0)
VIEW_PITCH_RAD = math.radians(50.0)
VIEW_ACROSS = math.tan(0.42)  # half the angle a window sees at least, to the side
VIEW_UP = math.tan(0.26)  # and up and down


def describe(building: Building, robots: Sequence[ScenarioRobot], options: WorldOptions | None = None) -> World:
    """The world of a building. Lifts that open nowhere are left out: `closed_lifts` names them.

    Raises ValueError where the building has no levels.
    """
    options = options or WorldOptions()
    if not building.levels:
        raise ValueError(f"map {building.name!r} has no levels: there is nothing to put into a world")
    level_tokens = tokens(level.name for level in building.levels)
    rooms = [lift_room(lift) for lift in building.lifts if lift.levels]
    models = [
        model
        for number, level in enumerate(building.levels)
        if (model := level_model(building, number, level_tokens[level.name], rooms, options)) is not None
    ]
    bits = leaf_bits(_door_places(building, rooms))
    doors, door_models = _doors(building, options, bits)
    lifts, lift_models_ = _lifts(building, rooms, level_tokens, bits[len(doors) :])
    elevations = {level.name: level.elevation_m for level in building.levels}
    entries = robot_entries(robots, tokens(robot.name for robot in robots), elevations, options.lidar)
    models += door_models + lift_models_
    models += [robot_model(entry, number) for number, entry in enumerate(entries)]
    world_name = tokens([building.name])[building.name]
    levels = tuple((level.name, level.elevation_m) for level in building.levels)
    index = WorldIndex(building.name, world_name, levels, entries, tuple(doors), tuple(lifts))
    return World(world_name, tuple(models), SUNS, overview(building), index, options)


def closed_lifts(building: Building) -> tuple[str, ...]:
    """Names of lifts that open at no level."""
    return tuple(lift.name for lift in building.lifts if not lift.levels)


def overview(building: Building) -> Pose:
    """A camera that sees the whole building from the front and above."""
    points = [(v.x_m, v.y_m, level.elevation_m) for level in building.levels for v in level.vertices] or [(0, 0, 0)]
    low = [min(p[axis] for p in points) for axis in range(3)]
    high = [max(p[axis] for p in points) for axis in range(3)]
    high[2] += TOP_M
    middle = [(a + b) / 2.0 for a, b in zip(low, high, strict=True)]
    cy, sy = math.cos(VIEW_YAW_RAD), math.sin(VIEW_YAW_RAD)
    cp, sp = math.cos(VIEW_PITCH_RAD), math.sin(VIEW_PITCH_RAD)
    away = 0.0
    for corner in product(*zip(low, high, strict=True)):
        dx, dy, dz = (a - b for a, b in zip(corner, middle, strict=True))
        ahead = cp * (cy * dx + sy * dy) - sp * dz
        side = cy * dy - sy * dx
        up = sp * (cy * dx + sy * dy) + cp * dz
        away = max(away, abs(side) / VIEW_ACROSS - ahead, abs(up) / VIEW_UP - ahead)
    return Pose(
        middle[0] - away * cp * cy,
        middle[1] - away * cp * sy,
        middle[2] + away * sp,
        pitch_rad=VIEW_PITCH_RAD,
        yaw_rad=VIEW_YAW_RAD,
    )


def _door_places(building: Building, rooms: Sequence[LiftRoom]) -> list[tuple[str, tuple[float, float], float]]:
    """Level, middle and reach of every door, then of every lift's landing doors (with those of no level)."""
    places = []
    for door in _all_doors(building):
        (ax, ay), (bx, by) = door.start, door.end
        places.append((door.level, ((ax + bx) / 2.0, (ay + by) / 2.0), 1.5 * math.dist(door.start, door.end)))
    for room in rooms:
        places.append(("", room.hole.centre, math.hypot(*room.hole.size) / 2.0 + 0.5))
    return places


def _all_doors(building: Building) -> list[Door]:
    return [door for level in building.levels for door in level.doors]


def _doors(building: Building, options: WorldOptions, bits: Sequence[int]) -> tuple[list[DoorEntry], list[Model]]:
    named = tokens(door.name for door in _all_doors(building))
    entries: list[DoorEntry] = []
    models: list[Model] = []
    for number, level in enumerate(building.levels):
        height_m = wall_height_m(building, number, options)
        for door in level.doors:
            model = f"door_{named[door.name]}"
            look = door_look(door, height_m, colours.door(door.kind), bits[len(entries)])
            origin = line_of(door.start, door.end, level.elevation_m)
            links, joints, driven = leaf_parts(model, "", "world", plan_leaves(door), Pose(), look)
            models.append(Model(model, tuple(links), tuple(joints), origin))
            entries.append(DoorEntry(door.name, level.name, model, tuple(driven)))
    return entries, models


def _lifts(
    building: Building, rooms: Sequence[LiftRoom], level_tokens: dict[str, str], bits: Sequence[int]
) -> tuple[list[LiftEntry], list[Model]]:
    specs = {spec.name: spec for spec in lift_specs(building)}
    named = tokens(room.lift.name for room in rooms)
    entries, models = [], []
    for room, bit in zip(rooms, bits, strict=True):
        names = LiftNames(named[room.lift.name], level_tokens, bit)
        made, entry = lift_models(room, specs[room.lift.name], names)
        models += made
        entries.append(entry)
    return entries, models
