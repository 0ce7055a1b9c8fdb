"""The building as drawn: levels, lanes, walls, places, doors and lifts."""

from __future__ import annotations

import math

from fastapi import APIRouter

from building_ctrl.console.api.common import View, rounded
from building_ctrl.console.context import Ctx
from building_ctrl.model.building import Building, Door, Level, Lift, LiftDoor

router = APIRouter(tags=["building"])

Segment = tuple[float, float, float, float]
Point = tuple[float, float]


class PlaceView(View):
    """A place tasks may go to; `label` names it in the whole building."""

    label: str
    level: str
    name: str
    x_m: float
    y_m: float
    is_pickup: bool
    is_dropoff: bool
    is_charger: bool
    is_parking: bool


class DoorView(View):
    """A door across an opening, from (x1, y1) to (x2, y2)."""

    name: str
    kind: str
    opening: Segment


class LevelView(View):
    """One storey; segments are x1, y1, x2, y2 in metres, y up."""

    name: str
    elevation_m: float
    bounds: Segment
    walls: list[Segment]
    lanes: list[Segment]
    floors: list[list[Point]]
    doors: list[DoorView]
    places: list[PlaceView]


class LiftDoorView(View):
    """A cabin door's opening in the building's frame."""

    name: str
    opening: Segment


class LiftShaftView(View):
    """A lift's cabin as drawn: centre, yaw and size."""

    name: str
    kind: str
    x_m: float
    y_m: float
    yaw_rad: float
    width_m: float
    depth_m: float
    levels: list[str]
    doors: list[LiftDoorView]
    level_doors: dict[str, list[str]]


class BuildingView(View):
    """The whole building; levels from the lowest to the highest."""

    name: str
    levels: list[LevelView]
    lifts: list[LiftShaftView]


@router.get("/building")
def get_building(ctx: Ctx) -> BuildingView:
    """The building as drawn; it changes only with the map."""
    return building_view(ctx.building, frozenset(ctx.places.all()))


@router.get("/places")
def get_places(ctx: Ctx) -> list[PlaceView]:
    """Every place tasks may go to."""
    return [place for level in get_building(ctx).levels for place in level.places]


def building_view(building: Building, places: frozenset[tuple[str, str]]) -> BuildingView:
    """The drawing as the API shows it; `places` are the (level, name) pairs tasks may go to."""
    return BuildingView(
        name=building.name,
        levels=[_level(level, places) for level in building.levels],
        lifts=[_lift(lift) for lift in building.lifts],
    )


def _level(level: Level, places: frozenset[tuple[str, str]]) -> LevelView:
    points = [(rounded(v.x_m), rounded(v.y_m)) for v in level.vertices]
    drawn = {i for w in level.walls for i in (w.start, w.end)} | {i for f in level.floors for i in f.vertices}
    drawn |= {i for lane in level.lanes for i in (lane.start, lane.end)}
    shown = [points[i] for i in sorted(drawn)] or points or [(0.0, 0.0), (1.0, 1.0)]
    xs, ys = [x for x, _ in shown], [y for _, y in shown]
    return LevelView(
        name=level.name,
        elevation_m=level.elevation_m,
        bounds=(min(xs), min(ys), max(xs), max(ys)),
        walls=[(*points[w.start], *points[w.end]) for w in level.walls],
        lanes=[(*points[lane.start], *points[lane.end]) for lane in level.lanes],
        floors=[[points[i] for i in floor.vertices] for floor in level.floors],
        doors=[_door(door) for door in level.doors],
        places=_places(level, places),
    )


def _places(level: Level, places: frozenset[tuple[str, str]]) -> list[PlaceView]:
    found: dict[str, PlaceView] = {}
    for v in level.vertices:
        if (level.name, v.name) not in places or v.name in found:
            continue
        found[v.name] = PlaceView(
            label=f"{level.name}/{v.name}",
            level=level.name,
            name=v.name,
            x_m=rounded(v.x_m),
            y_m=rounded(v.y_m),
            is_pickup=bool(v.pickup_dispenser),
            is_dropoff=bool(v.dropoff_ingestor),
            is_charger=v.is_charger,
            is_parking=v.is_parking_spot,
        )
    return sorted(found.values(), key=lambda place: place.name)


def _door(door: Door) -> DoorView:
    opening = (rounded(door.start[0]), rounded(door.start[1]), rounded(door.end[0]), rounded(door.end[1]))
    return DoorView(name=door.name, kind=door.kind.value, opening=opening)


def _lift(lift: Lift) -> LiftShaftView:
    return LiftShaftView(
        name=lift.name,
        kind=lift.kind.value,
        x_m=rounded(lift.x_m),
        y_m=rounded(lift.y_m),
        yaw_rad=lift.yaw_rad,
        width_m=lift.width_m,
        depth_m=lift.depth_m,
        levels=list(lift.levels),
        doors=[LiftDoorView(name=d.name, opening=_cabin_opening(lift, d)) for d in lift.doors],
        level_doors={level: list(doors) for level, doors in lift.level_doors if doors},
    )


def _cabin_opening(lift: Lift, door: LiftDoor) -> Segment:
    """The door's line in the building's frame, from its pose in the cabin."""
    cos, sin = math.cos(lift.yaw_rad), math.sin(lift.yaw_rad)
    along = (0.5 * door.width_m * math.cos(door.yaw_rad), 0.5 * door.width_m * math.sin(door.yaw_rad))
    ends = ((door.x_m - along[0], door.y_m - along[1]), (door.x_m + along[0], door.y_m + along[1]))
    (ax, ay), (bx, by) = ((lift.x_m + cos * x - sin * y, lift.y_m + sin * x + cos * y) for x, y in ends)
    return rounded(ax), rounded(ay), rounded(bx), rounded(by)
