"""Robots: what they do, how they move, whether they are connected, and for whom they wait."""

from __future__ import annotations

from enum import Enum

from fastapi import APIRouter, HTTPException

from building_ctrl.console.api.common import View, problems, rounded, word
from building_ctrl.console.context import Ctx
from building_ctrl.console.picture import Heard, Picture
from building_ctrl.console.robot_table import RobotTable
from building_ctrl.model.path import TravelState, WaitingKind
from building_ctrl.model.robot import Connection, MotionState, WorkState

router = APIRouter(tags=["robots"])


class Travel(str, Enum):
    unknown = "unknown"
    idle = "idle"
    moving = "moving"
    arrived = "arrived"
    refused = "refused"
    quarantined = "quarantined"


class Waiting(str, Enum):
    none = "none"
    robot = "robot"
    door = "door"
    lift = "lift"
    place = "place"
    link = "link"
    operator = "operator"


class Work(str, Enum):
    standby = "standby"
    performing = "performing"
    charging = "charging"
    maintenance = "maintenance"
    manual = "manual"
    error = "error"
    e_stopped = "e_stopped"


class Motion(str, Enum):
    stopped = "stopped"
    moving = "moving"
    waiting = "waiting"


class ConnectionName(str, Enum):
    normal = "normal"
    lost = "lost"


class WayView(View):
    """Where a robot is on its way, as the path planner says; `age_s` null: it said nothing yet."""

    robot: str
    task_id: str
    destination: str
    travel: Travel
    waiting: Waiting
    waiting_for: str
    eta_s: float | None


class RobotView(View):
    """One robot; `age_s` is the age of its newest pose."""

    name: str
    fleet: str
    level: str
    x_m: float
    y_m: float
    yaw_rad: float
    speed_mps: float
    radius_m: float
    battery_percent: float
    age_s: float
    work: Work
    motion: Motion
    connection: ConnectionName
    way: WayView | None


class RobotsView(View):
    """All robots; `age_s` is the time since anything was heard of them, null: never."""

    age_s: float | None
    robots: list[RobotView]


@router.get("/robots")
def get_robots(ctx: Ctx) -> RobotsView:
    """All robots."""
    now, heard = ctx.now(), ctx.picture.robots
    busy = _busy(ctx.picture)
    robots = [_robot(heard, i, ctx.picture, busy, now) for i in range(len(heard.value))]
    return RobotsView(age_s=heard.age_s(now), robots=robots)


@router.get("/robots/{name}", responses=problems(_404="no such robot"))
def get_robot(name: str, ctx: Ctx) -> RobotView:
    """One robot."""
    heard = ctx.picture.robots
    if name not in heard.value.names:
        raise HTTPException(404, f"no robot {name!r} is connected")
    i = heard.value.names.index(name)
    return _robot(heard, i, ctx.picture, _busy(ctx.picture), ctx.now())


def _robot(heard: Heard[RobotTable], i: int, picture: Picture, busy: set[str], now: float) -> RobotView:
    """Row i of the table."""
    table = heard.value
    name = table.names[i]
    work = WorkState(int(table.work[i]))
    if work is WorkState.STANDBY and name in busy:
        work = WorkState.PERFORMING
    travel = picture.travel.value.get(name)
    return RobotView(
        name=name,
        fleet=table.fleets[i],
        level=table.level_name(i),
        x_m=rounded(table.x_m[i]),
        y_m=rounded(table.y_m[i]),
        yaw_rad=rounded(table.yaw_rad[i]),
        speed_mps=rounded(table.speed_mps[i]),
        radius_m=rounded(table.radius_m[i]),
        battery_percent=rounded(table.battery_percent[i], 1),
        age_s=rounded(float(table.age_s[i]) + (heard.age_s(now) or 0.0)),
        work=Work(word(work)),
        motion=Motion(word(MotionState(int(table.motion[i])))),
        connection=ConnectionName(word(Connection(int(table.connection[i])))),
        way=way_view(travel) if travel else None,
    )


def _busy(picture: Picture) -> set[str]:
    """Robots that have a task: a robot's own report knows nothing of tasks."""
    return {task.robot for task in picture.tasks.value.tasks if task.robot and not task.status.ended}


def way_view(state: TravelState) -> WayView:
    """A travel state as the API shows it."""
    return WayView(
        robot=state.robot,
        task_id=state.task_id,
        destination=state.destination,
        travel=Travel(word(state.status)),
        waiting=Waiting(word(state.waiting_kind)),
        waiting_for=state.waiting_for if state.waiting_kind is not WaitingKind.NONE else "",
        eta_s=rounded(state.eta_s, 1) if state.eta_s >= 0.0 else None,
    )
