"""Tasks: asked for, followed, cancelled, by Open-RMF's task API as everybody's."""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Header, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from building_ctrl.console.api.common import View, problems, word
from building_ctrl.console.context import Context, Ctx, NoAnswer
from building_ctrl.console.picture import Picture
from building_ctrl.core.task import detail
from building_ctrl.core.task.open_rmf import BAD_REQUEST
from building_ctrl.model.task import Task

router = APIRouter(tags=["tasks"])

Name = Annotated[str, Field(min_length=1, max_length=200)]
RequestId = Annotated[str | None, Header(alias="Idempotency-Key", max_length=100)]
REFUSALS = problems(
    _409="the dispatcher refuses it as things are now",
    _422="the request itself is wrong",
    _503="the dispatcher does not answer; asking again with the same Idempotency-Key is safe",
)


class TaskStatusName(str, Enum):
    queued = "queued"
    assigned = "assigned"
    underway = "underway"
    completed = "completed"
    failed = "failed"
    cancelled = "cancelled"


class StageKind(str, Enum):
    waiting = "waiting"
    going = "going"
    serving = "serving"
    stuck = "stuck"
    ended = "ended"


class StageView(View):
    """How far a task is: stop `stop` of `stops`, at or on the way to `place`; `reason` of a wait or end."""

    kind: StageKind
    stop: int
    stops: int
    place: str
    reason: str


class TaskView(View):
    """One task; times in seconds since the Unix epoch, 0: not yet."""

    task_id: str
    category: str
    places: list[str]
    status: TaskStatusName
    stage: StageView
    fleet: str
    robot: str
    requester: str
    priority: int
    submitted_s: float
    started_s: float
    ended_s: float


class TasksView(View):
    """Open tasks and those ended lately, the newest first; `age_s` null: the dispatcher said nothing yet."""

    age_s: float | None
    completed: int
    failed: int
    tasks: list[TaskView]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dwell_s: float = Field(5.0, ge=0, le=3600, description="stay at every stop, seconds")
    priority: int = Field(0, ge=0, le=10)
    fleet: str = Field("", max_length=200, description="only robots of this fleet")
    robot: str = Field("", max_length=200, description="only this robot; needs its fleet")


class DeliveryRequest(_Request):
    """Fetch something at one place and bring it to another."""

    category: Literal["delivery"]
    from_place: Name = Field(description="NAME or LEVEL/NAME")
    to_place: Name = Field(description="NAME or LEVEL/NAME")


class PatrolRequest(_Request):
    """Visit places in order, some rounds."""

    category: Literal["patrol"]
    places: list[Name] = Field(min_length=1, max_length=100)
    rounds: int = Field(1, ge=1, le=100)


NewTask = Annotated[DeliveryRequest | PatrolRequest, Field(discriminator="category")]


class TaskAccepted(View):
    """The dispatcher has the task and will not lose it."""

    task_id: str
    status: str


class CancelAccepted(View):
    """The dispatcher has ended the task."""

    task_id: str


@router.get("/tasks")
def get_tasks(ctx: Ctx) -> TasksView:
    """Open tasks and those ended lately."""
    return tasks_view(ctx.picture, ctx.now())


@router.get("/tasks/{task_id}", responses=problems(_404="no such task"))
def get_task(task_id: str, ctx: Ctx) -> TaskView:
    """One task."""
    for task in ctx.picture.tasks.value.tasks:
        if task.request.task_id == task_id:
            return _task(task)
    raise HTTPException(404, f"no task {task_id!r} is open or ended lately")


@router.post("/tasks", status_code=202, responses=REFUSALS)
async def post_task(body: NewTask, ctx: Ctx, request_id: RequestId = None) -> TaskAccepted:
    """Asks the dispatcher for a task and waits for its word."""
    request: dict[str, Any] = {
        "category": body.category,
        "description": _description(body),
        "priority": {"type": "binary", "value": body.priority},
        "requester": "console",
    }
    if body.fleet:
        request["fleet_name"] = body.fleet
    message: dict[str, Any] = {"type": "dispatch_task_request", "request": request}
    if body.robot:
        if not body.fleet:
            raise HTTPException(422, "body.robot: a task for one robot needs its fleet")
        message |= {"type": "robot_task_request", "robot": body.robot, "fleet": body.fleet}
    answer = await _ask(ctx, message, request_id)
    state = answer["state"]
    return TaskAccepted(task_id=state["booking"]["id"], status=state.get("status", "queued"))


@router.post("/tasks/{task_id}/cancel", status_code=202, responses=REFUSALS)
async def cancel_task(task_id: str, ctx: Ctx, request_id: RequestId = None) -> CancelAccepted:
    """Asks the dispatcher to end a task and waits for its word."""
    await _ask(ctx, {"type": "cancel_task_request", "task_id": task_id}, request_id)
    return CancelAccepted(task_id=task_id)


def tasks_view(picture: Picture, now: float) -> TasksView:
    """Tasks as the dispatcher shows them."""
    heard = picture.tasks
    tasks = sorted(heard.value.tasks, key=lambda t: (-t.submitted_s, t.request.task_id))
    return TasksView(
        age_s=heard.age_s(now),
        completed=heard.value.completed,
        failed=heard.value.failed,
        tasks=[_task(task) for task in tasks],
    )


def _task(task: Task) -> TaskView:
    stage = detail.read(task.detail)
    return TaskView(
        task_id=task.request.task_id,
        category=task.request.category.value,
        places=list(task.request.places),
        status=TaskStatusName(word(task.status)),
        stage=StageView(
            kind=StageKind(stage.kind),
            stop=stage.stop,
            stops=stage.stops,
            place=stage.place,
            reason=stage.reason,
        ),
        fleet=task.fleet,
        robot=task.robot,
        requester=task.request.requester,
        priority=task.request.priority,
        submitted_s=task.submitted_s,
        started_s=task.started_s,
        ended_s=task.ended_s,
    )


def _description(body: DeliveryRequest | PatrolRequest) -> dict[str, Any]:
    if isinstance(body, PatrolRequest):
        return {"places": body.places, "rounds": body.rounds, "dwell_s": body.dwell_s}
    handover = {"handler": "", "payload": []}
    return {
        "pickup": {"place": body.from_place, **handover},
        "dropoff": {"place": body.to_place, **handover},
        "dwell_s": body.dwell_s,
    }


async def _ask(ctx: Context, message: dict[str, Any], request_id: str | None) -> dict[str, Any]:
    """The dispatcher's answer to a request that holds. Raises HTTPException where it does not."""
    key = f"console-{request_id or uuid4().hex}"
    try:
        answer = json.loads(await ctx.bus.ask_dispatcher(json.dumps(message, ensure_ascii=False), key))
    except NoAnswer as error:
        raise HTTPException(503, str(error)) from error
    if answer.get("success"):
        return dict(answer)
    errors = answer.get("errors") or [{}]
    code = 422 if errors[0].get("code") == BAD_REQUEST else 409
    raise HTTPException(code, errors[0].get("detail") or "refused without a reason")
