"""Open-RMF's task API in JSON: requests of `task_api_requests` read, answers of `task_api_responses` written.

The shapes follow the schemas of rmf_api_msgs: dispatch_task_request, robot_task_request, cancel_task_request,
kill_task_request, dispatch_task_response, task_state and simple_response. Beyond them a description may have
`dwell_s`, the stay at every stop in seconds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from building_ctrl.core.task.compose import stops_of_phases
from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus

MAX_BYTES = 65536
MAX_ROUNDS = 1000
BAD_REQUEST = 5
REFUSED = 6
NOT_RECORDED = 7
STATUS_NAMES = {
    TaskStatus.QUEUED: "queued",
    TaskStatus.ASSIGNED: "standby",
    TaskStatus.UNDERWAY: "underway",
    TaskStatus.COMPLETED: "completed",
    TaskStatus.FAILED: "failed",
    TaskStatus.CANCELLED: "canceled",
}
_MISSING = object()


class BadApiRequest(ValueError):
    """A request that cannot be read; the message says in one line what is wrong and where."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Asks for a task; `request.task_id` is empty."""

    request: TaskRequest


@dataclass(frozen=True, slots=True)
class Cancel:
    """Asks for the end of a task."""

    task_id: str


def read_request(text: str) -> Dispatch | Cancel:
    """Reads one request. Raises BadApiRequest."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise BadApiRequest(f"the request is larger than {MAX_BYTES} bytes")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadApiRequest(f"the request is no JSON: {error}") from error
    if not isinstance(message, dict):
        raise BadApiRequest("the request is no JSON object")
    kind = _get(message, "type", str, "request")
    if kind in ("cancel_task_request", "kill_task_request"):
        return Cancel(_get(message, "task_id", str, kind))
    if kind == "dispatch_task_request":
        return Dispatch(_task(_get(message, "request", dict, kind), "", ""))
    if kind == "robot_task_request":
        robot, fleet = _get(message, "robot", str, kind), _get(message, "fleet", str, kind)
        return Dispatch(_task(_get(message, "request", dict, kind), fleet, robot))
    raise BadApiRequest(f"requests of type {kind!r} are not served here")


def _task(request: dict[str, Any], fleet: str, robot: str) -> TaskRequest:
    category = _get(request, "category", str, "request")
    description = _get(request, "description", dict, "request")
    where = "request.description"
    kind, stops = _stops(category, description, where)
    start_millis = _get(request, "unix_millis_earliest_start_time", int, "request", 0)
    dwell_s = _get(description, "dwell_s", (int, float), where, 5.0)
    return TaskRequest(
        "",
        kind,
        stops,
        priority=_priority(request),
        requester=_get(request, "requester", str, "request", ""),
        dwell_s=float(dwell_s),
        fleet=fleet or _get(request, "fleet_name", str, "request", ""),
        robot=robot,
        earliest_start_s=start_millis / 1000.0,
    )


def _stops(category: str, description: dict[str, Any], where: str) -> tuple[TaskCategory, tuple[str, ...]]:
    if category == "delivery":
        return TaskCategory.DELIVERY, (
            *_handovers(description, "pickup", where),
            *_handovers(description, "dropoff", where),
        )
    if category == "patrol":
        rounds = _get(description, "rounds", int, where, 1)
        places = _get(description, "places", list, where)
        if not 1 <= rounds <= MAX_ROUNDS:
            raise BadApiRequest(f"{where}.rounds is {rounds}: it must be from 1 to {MAX_ROUNDS}")
        if not all(isinstance(place, str) for place in places):
            raise BadApiRequest(f"{where}.places must be a list of names")
        return TaskCategory.PATROL, tuple(places) * rounds
    if category == "compose":
        try:
            carries, stops = stops_of_phases(_get(description, "phases", list, where), f"{where}.phases")
        except ValueError as error:
            raise BadApiRequest(str(error)) from error
        return TaskCategory.DELIVERY if carries else TaskCategory.PATROL, stops
    raise BadApiRequest(f"tasks of category {category!r} are not served here")


def _handovers(description: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    """Places of `pickup` or `dropoff`, which is one handover or a list of them."""
    value = _get(description, key, (dict, list), where)
    handovers = value if isinstance(value, list) else [value]
    if not handovers or not all(isinstance(h, dict) for h in handovers):
        raise BadApiRequest(f"{where}.{key} must name a place")
    return tuple(_get(h, "place", str, f"{where}.{key}") for h in handovers)


def _priority(request: dict[str, Any]) -> int:
    priority = _get(request, "priority", dict, "request", {})
    return int(_get(priority, "value", int, "request.priority", 0))


def _get(
    table: dict[str, Any], key: str, kinds: type | tuple[type, ...], where: str, default: Any = _MISSING
) -> Any:
    """A field of a JSON object, of one of the kinds. Raises BadApiRequest."""
    value = table.get(key, default)
    if value is _MISSING:
        raise BadApiRequest(f"{where} has no {key!r}")
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        raise BadApiRequest(f"{where}.{key} must be of type {' or '.join(k.__name__ for k in wanted)}")
    return value


def task_state(task: Task) -> dict[str, Any]:
    """A task as Open-RMF's task_state describes it."""
    request = task.request
    booking: dict[str, Any] = {
        "id": request.task_id,
        "unix_millis_request_time": round(task.submitted_s * 1000),
        "unix_millis_earliest_start_time": round(request.earliest_start_s * 1000),
        "priority": {"type": "binary", "value": request.priority},
        "labels": [],
    }
    if request.requester:
        booking["requester"] = request.requester
    state: dict[str, Any] = {
        "booking": booking,
        "category": request.category.value,
        "detail": task.detail,
        "status": STATUS_NAMES[task.status],
    }
    if task.robot:
        state["assigned_to"] = {"group": task.fleet, "name": task.robot}
    if task.started_s:
        state["unix_millis_start_time"] = round(task.started_s * 1000)
    if task.ended_s:
        state["unix_millis_finish_time"] = round(task.ended_s * 1000)
    return state


def dispatched(task: Task) -> str:
    """The answer to a dispatch that holds."""
    return json.dumps({"success": True, "state": task_state(task)}, ensure_ascii=False)


def done() -> str:
    """The answer to a cancellation that holds."""
    return json.dumps({"success": True})


def failure(code: int, category: str, reason: str) -> str:
    """The answer to a request that does not hold."""
    error = {"code": code, "category": category, "detail": reason}
    return json.dumps({"success": False, "errors": [error]}, ensure_ascii=False)


def in_words(response: str) -> str:
    """An answer written by this module as one short line."""
    answer = json.loads(response)
    if answer["success"]:
        return f"accepted as {answer['state']['booking']['id']}" if "state" in answer else "done"
    return "; ".join(error["detail"] for error in answer["errors"])
