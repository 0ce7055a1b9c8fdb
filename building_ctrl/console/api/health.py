"""Whether the console hears the building."""

from __future__ import annotations

from enum import Enum

from fastapi import APIRouter

from building_ctrl.console.api.common import View, rounded
from building_ctrl.console.context import Ctx
from building_ctrl.console.picture import Picture

router = APIRouter(tags=["health"])

STALE_S = 5.0


class HealthName(str, Enum):
    ok = "ok"
    degraded = "degraded"


class HealthView(View):
    """`ages_s`: time since each source was heard, null: never; `degraded` where one is silent."""

    status: HealthName
    building: str
    ages_s: dict[str, float | None]


@router.get("/health")
def get_health(ctx: Ctx) -> HealthView:
    """Whether the console hears the building."""
    ages_s = ages(ctx.picture, ctx.now())
    silent = any(age is None or age > STALE_S for age in ages_s.values())
    status = HealthName.degraded if silent else HealthName.ok
    return HealthView(status=status, building=ctx.building.name, ages_s=ages_s)


def ages(picture: Picture, now: float) -> dict[str, float | None]:
    """Seconds since the robots, the path planner and the dispatcher were heard."""
    heard = {
        "robots": picture.robots.age_s(now),
        "travel": picture.travel.age_s(now),
        "tasks": picture.tasks.age_s(now),
    }
    return {name: None if age is None else rounded(age, 1) for name, age in heard.items()}
