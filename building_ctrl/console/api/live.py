"""The summary browsers get once a second beside the binary frames."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Query

from building_ctrl.console.api.alarms import AlarmView, alarms_view
from building_ctrl.console.api.common import View, rounded
from building_ctrl.console.api.doors import DoorStateView, doors_view
from building_ctrl.console.api.health import ages
from building_ctrl.console.api.lifts import LiftView, RideView, lifts_view
from building_ctrl.console.api.robots import WayView, way_view
from building_ctrl.console.api.tasks import TasksView, tasks_view
from building_ctrl.console.context import Context, Ctx
from building_ctrl.model.path import ReleasedPath

router = APIRouter(tags=["live"])

PATH_KEPT_S = 10.0


class PathView(View):
    """A robot's released path and what is planned beyond, as x, y, x, y ... in metres."""

    robot: str
    released: list[float]
    horizon: list[float]


class SummaryView(View):
    """Everything but poses; paths only of the level that is watched. Ages and times in seconds."""

    type: Literal["summary"] = "summary"
    now_s: float
    ages_s: dict[str, float | None]
    ways: list[WayView]
    lifts: list[LiftView]
    rides: list[RideView]
    doors: list[DoorStateView]
    tasks: TasksView
    alarms: list[AlarmView]
    level: str
    paths: list[PathView]


@router.get("/summary")
def get_summary(ctx: Ctx, level: str = Query("", max_length=200)) -> SummaryView:
    """The message the WebSocket sends once a second, with the paths of one level."""
    return summary(ctx, level)


def summary(ctx: Context, level: str) -> SummaryView:
    """The summary for those who watch one level."""
    now, picture = ctx.now(), ctx.picture
    lifts = lifts_view(picture, [lift.name for lift in ctx.building.lifts], now)
    paths = (h.value for h in picture.paths.values() if now - h.at_s <= PATH_KEPT_S)
    return SummaryView(
        now_s=now,
        ages_s=ages(picture, now),
        ways=[way_view(state) for state in picture.travel.value.values()],
        lifts=lifts.lifts,
        rides=lifts.rides,
        doors=doors_view(picture, ctx.building, now),
        tasks=tasks_view(picture, now),
        alarms=alarms_view(picture),
        level=level,
        paths=[_path(path) for path in paths if path.level == level],
    )


def _path(path: ReleasedPath) -> PathView:
    return PathView(
        robot=path.robot,
        released=[rounded(c, 2) for p in path.waypoints for c in (p.x_m, p.y_m)],
        horizon=[rounded(c, 2) for point in path.horizon for c in point],
    )
