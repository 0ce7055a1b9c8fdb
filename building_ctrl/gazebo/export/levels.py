"""Levels as models: floors with holes for the shafts, and walls with openings for the doors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from building_ctrl.building.geometry import Point
from building_ctrl.gazebo.export import bits, colours
from building_ctrl.gazebo.export.plan import Rectangle, Segment, opening_of, slabs, standing_walls
from building_ctrl.gazebo.export.shafts import LiftRoom
from building_ctrl.gazebo.world import Box, Link, Model, Part, Pose, Prism, Rgba, Surface, WorldOptions
from building_ctrl.model.building import Building, Level

SLAB_M = 0.20
SILL_M = 0.30
APRON_M = 1.0  # floor beyond what is drawn
DOOR_OPENING_M = 0.20
HEADROOM_M = 0.30
LEAST_WALL_M = 0.50


def level_model(
    building: Building, number: int, token: str, rooms: Sequence[LiftRoom], options: WorldOptions
) -> Model | None:
    """The level as a static model; None for a level on which nothing is drawn."""
    level = building.levels[number]
    passing = [room for room in rooms if _passes(building, room, level)]
    outline = [(v.x_m, v.y_m) for v in level.vertices] + [p for room in passing for p in room.hole.corners]
    if not outline:
        return None
    floor = (*_floor_parts(level, number, outline, passing), *_sills(level, passing))
    walls = _wall_parts(level, number, passing, wall_height_m(building, number, options), options.wall_thickness_m)
    links = [Link("floor", tuple(floor)), Link("walls", tuple(walls))]
    return Model(
        f"level_{token}",
        tuple(link for link in links if link.parts),
        pose=Pose(z_m=level.elevation_m),
        static=True,
    )


def wall_height_m(building: Building, number: int, options: WorldOptions) -> float:
    """Height of a level's walls: what is asked for, and no more than fits under the next level."""
    here = building.levels[number].elevation_m
    above = [level.elevation_m for level in building.levels[number + 1 :] if level.elevation_m > here]
    room = min(above) - here - HEADROOM_M if above else options.wall_height_m
    return max(min(options.wall_height_m, room), LEAST_WALL_M)


def _passes(building: Building, room: LiftRoom, level: Level) -> bool:
    elevations = [building.level(name).elevation_m for name in room.lift.levels]
    return min(elevations) <= level.elevation_m <= max(elevations)


def _floor_parts(level: Level, number: int, outline: Sequence[Point], rooms: Sequence[LiftRoom]) -> list[Part]:
    """What robots drive on covers all that is drawn; what is seen are the floors drawn, if there are any."""
    xs, ys = [p[0] for p in outline], [p[1] for p in outline]
    low, high = (min(xs) - APRON_M, min(ys) - APRON_M), (max(xs) + APRON_M, max(ys) + APRON_M)
    corners = [low, (high[0], low[1]), high, (low[0], high[1])]
    surface, colour = Surface(bits.STATIC), colours.level_floor(number)
    seen = None if level.floors else colour
    parts = [
        _slab(f"slab_{k}", slab, SLAB_M, seen, surface)
        for k, slab in enumerate(slabs(corners, [room.hole for room in rooms]), start=1)
    ]
    for k, floor in enumerate(level.floors, start=1):
        ring = tuple((level.vertices[v].x_m, level.vertices[v].y_m) for v in floor.vertices)
        holes = [room.hole.corners for room in rooms if any(_inside(c, ring) for c in room.hole.corners)]
        parts.append(Part(f"floor_{k}", Prism((ring, *holes), SLAB_M), Pose(z_m=-SLAB_M), colour))
    return parts


def _slab(name: str, area: Rectangle, thickness_m: float, colour: Rgba | None, surface: Surface) -> Part:
    (x, y), (width, depth) = area.centre, area.size
    pose = Pose(x, y, -thickness_m / 2.0, yaw_rad=area.yaw_rad)
    return Part(name, Box(width, depth, thickness_m), pose, colour, surface)


def _sills(level: Level, rooms: Sequence[LiftRoom]) -> list[Part]:
    """Plates before the doors of shafts that lie askew to the slabs, whose edges there are stepped."""
    parts = []
    for number, room in enumerate(rooms, start=1):
        askew = abs(math.remainder(room.hole.yaw_rad - rooms[0].hole.yaw_rad, math.pi / 2.0)) > 1e-6
        opens = dict(room.lift.level_doors).get(level.name, ())
        for door in room.doors if askew else ():
            if door.door.name not in opens:
                continue
            near = door.out_m + 0.005
            plate = Rectangle(
                room.lift.x_m, room.lift.y_m, room.lift.yaw_rad + door.yaw_rad,
                door.left_m, -near - SILL_M, door.right_m, -near,
            )  # fmt: skip
            name = f"sill_{number}_{door.number}"
            parts.append(_slab(name, plate, SLAB_M, colours.CABIN_FLOOR, Surface(bits.STATIC)))
    return parts


def _wall_parts(
    level: Level, number: int, rooms: Iterable[LiftRoom], height_m: float, thickness_m: float
) -> list[Part]:
    openings = [opening_of(door.start, door.end, DOOR_OPENING_M) for door in level.doors]
    for room in rooms:
        openings += room.openings(level.name)
    drawn: list[Segment] = [(_at(level, wall.start), _at(level, wall.end)) for wall in level.walls]
    colour, surface = colours.level_wall(number), Surface(bits.STATIC, friction=0.3)
    parts = []
    for k, (a, b) in enumerate(standing_walls(drawn, openings, thickness_m), start=1):
        yaw = math.atan2(b[1] - a[1], b[0] - a[0])
        pose = Pose((a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0, height_m / 2.0, yaw_rad=yaw)
        parts.append(Part(f"wall_{k}", Box(math.dist(a, b), thickness_m, height_m), pose, colour, surface))
    return parts


def _at(level: Level, vertex: int) -> Point:
    return level.vertices[vertex].x_m, level.vertices[vertex].y_m


def _inside(point: Point, ring: Sequence[Point]) -> bool:
    """Even-odd rule."""
    x, y = point
    odd = False
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            odd = not odd
    return odd
