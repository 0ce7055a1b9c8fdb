"""Doors: open, closed, moving, or not answering."""

from __future__ import annotations

from enum import Enum

from fastapi import APIRouter

from building_ctrl.console.api.common import View, rounded, word
from building_ctrl.console.context import Ctx
from building_ctrl.console.picture import Picture
from building_ctrl.model.building import Building

router = APIRouter(tags=["doors"])


class DoorModeName(str, Enum):
    closed = "closed"
    moving = "moving"
    open = "open"
    offline = "offline"
    unknown = "unknown"


class DoorStateView(View):
    """What a door reports; `age_s` null: nothing yet."""

    name: str
    level: str
    age_s: float | None
    mode: DoorModeName


@router.get("/doors")
def get_doors(ctx: Ctx) -> list[DoorStateView]:
    """All doors, as they report."""
    return doors_view(ctx.picture, ctx.building, ctx.now())


def doors_view(picture: Picture, building: Building, now: float) -> list[DoorStateView]:
    """Doors of the map in its order, then others that report."""
    levels = {door.name: level.name for level in building.levels for door in level.doors}
    names = [*levels, *(name for name in sorted(picture.doors) if name not in levels)]
    return [_door(picture, name, levels.get(name, ""), now) for name in names]


def _door(picture: Picture, name: str, level: str, now: float) -> DoorStateView:
    heard = picture.doors.get(name)
    if heard is None:
        return DoorStateView(name=name, level=level, age_s=None, mode=DoorModeName.unknown)
    age_s = heard.age_s(now)
    return DoorStateView(
        name=name,
        level=level,
        age_s=None if age_s is None else rounded(age_s, 1),
        mode=DoorModeName(word(heard.value.mode)),
    )
