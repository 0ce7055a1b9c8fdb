from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from building_ctrl.core.task import open_rmf
from building_ctrl.core.task.open_rmf import BadApiRequest, Cancel, Dispatch
from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus

DELIVERY = {
    "pickup": {"place": "pantry", "handler": "dispenser", "payload": [{"sku": "coke", "quantity": 1}]},
    "dropoff": {"place": "lounge", "handler": "ingestor", "payload": []},
}


def dispatch(category: str, description: dict[str, Any], **fields: Any) -> str:
    request = {"category": category, "description": description, **fields}
    return json.dumps({"type": "dispatch_task_request", "request": request})


def read(text: str) -> TaskRequest:
    asked = open_rmf.read_request(text)
    assert isinstance(asked, Dispatch)
    return asked.request


def test_a_delivery_as_open_rmf_writes_it() -> None:
    request = read(
        dispatch(
            "delivery",
            DELIVERY,
            unix_millis_earliest_start_time=1500,
            priority={"type": "binary", "value": 1},
            requester="rmf",
            fleet_name="tinyRobot",
        )
    )
    assert request.category is TaskCategory.DELIVERY
    assert request.places == ("pantry", "lounge")
    assert (request.priority, request.requester, request.fleet) == (1, "rmf", "tinyRobot")
    assert request.earliest_start_s == 1.5


def test_several_pickups_keep_their_order() -> None:
    description = {"pickup": [{"place": "a"}, {"place": "b"}], "dropoff": [{"place": "c"}]}
    assert read(dispatch("delivery", description)).places == ("a", "b", "c")


def test_a_patrol_goes_its_rounds() -> None:
    request = read(dispatch("patrol", {"places": ["a", "b"], "rounds": 3, "dwell_s": 0}))
    assert request.category is TaskCategory.PATROL
    assert request.places == ("a", "b") * 3
    assert request.dwell_s == 0.0


def test_a_task_for_one_robot() -> None:
    request = {"category": "patrol", "description": {"places": ["a"], "rounds": 1}}
    message = {"type": "robot_task_request", "robot": "r1", "fleet": "f", "request": request}
    asked = read(json.dumps(message))
    assert (asked.robot, asked.fleet) == ("r1", "f")


def test_a_composed_task() -> None:
    activities = [
        {"category": "go_to_place", "description": "a"},
        {"category": "pickup", "description": {"place": "b"}},
        {"category": "go_to_place", "description": {"one_of": [{"waypoint": "c"}]}},
    ]
    phases = [
        {"activity": {"category": "sequence", "description": {"activities": activities}}},
        {"activity": {"category": "dropoff", "description": {"place": "d"}}},
    ]
    request = read(dispatch("compose", {"category": "x", "phases": phases}))
    assert request.category is TaskCategory.DELIVERY
    assert request.places == ("a", "b", "c", "d")


def test_cancel_and_kill_are_cancellations() -> None:
    for kind in ("cancel_task_request", "kill_task_request"):
        assert open_rmf.read_request(json.dumps({"type": kind, "task_id": "t"})) == Cancel("t")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("[]", "no JSON object"),
        ("[" * 60000, "no JSON"),
        ('{"a": "' + "x" * 70000 + '"}', "larger"),
        ("{}", "request has no 'type'"),
        ('{"type": "task_log_request"}', "task_log_request"),
        ('{"type": "cancel_task_request", "task_id": 3}', "task_id must be of type str"),
        (dispatch("clean", {}), "'clean'"),
        (dispatch("delivery", {"pickup": {"place": "a"}}), "'dropoff'"),
        (dispatch("delivery", {**DELIVERY, "pickup": []}), "pickup must name a place"),
        (dispatch("patrol", {"places": ["a"], "rounds": 0}), "rounds"),
        (dispatch("patrol", {"places": [1]}), "list of names"),
        (dispatch("patrol", {"places": ["a"], "dwell_s": True}), "dwell_s"),
        (dispatch("patrol", {"places": ["a"]}, priority={"value": "high"}), "priority.value"),
        (dispatch("compose", {"phases": [{"activity": {"category": "teleop"}}]}), "phases[0].activity"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(text: str, words: str) -> None:
    with pytest.raises(BadApiRequest) as error:
        open_rmf.read_request(text)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
field_values = st.one_of(
    json_values, st.sampled_from(["delivery", "patrol", "compose", "dispatch_task_request"])
)


@given(
    st.fixed_dictionaries({}, optional={"type": field_values, "request": json_values, "task_id": json_values})
)
def test_no_object_does_more_harm_than_a_refusal(message: dict[str, Any]) -> None:
    try:
        open_rmf.read_request(json.dumps(message))
    except BadApiRequest as error:
        assert str(error)


@given(st.sampled_from(["delivery", "patrol", "compose"]), st.data())
def test_no_description_does_more_harm_than_a_refusal(category: str, data: st.DataObject) -> None:
    keys = ["pickup", "dropoff", "places", "rounds", "phases", "dwell_s"]
    description = data.draw(st.fixed_dictionaries({}, optional={k: json_values for k in keys}))
    try:
        open_rmf.read_request(dispatch(category, description))
    except BadApiRequest as error:
        assert str(error)


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class Booking(Strict):
    id: str
    unix_millis_earliest_start_time: int = 0
    unix_millis_request_time: int = 0
    priority: dict[str, Any] | str = ""
    labels: list[str] = []
    requester: str = ""


class Agent(Strict):
    group: str
    name: str


class TaskState(Strict):
    """What the schema task_state of rmf_api_msgs asks of the fields we write."""

    booking: Booking
    category: str = ""
    detail: dict[str, Any] | list[Any] | str = ""
    unix_millis_start_time: int = 0
    unix_millis_finish_time: int = 0
    assigned_to: Agent | None = None
    status: Literal[
        "uninitialized",
        "blocked",
        "error",
        "failed",
        "queued",
        "standby",
        "underway",
        "delayed",
        "skipped",
        "canceled",
        "killed",
        "completed",
    ]


class Dispatched(Strict):
    success: Literal[True]
    state: TaskState


class Problem(Strict):
    code: int = Field(ge=0)
    category: str
    detail: str


class Failure(Strict):
    success: Literal[False]
    errors: list[Problem]


@pytest.mark.parametrize("status", list(TaskStatus))
def test_answers_fit_open_rmfs_schemas(status: TaskStatus) -> None:
    request = TaskRequest("t-1", TaskCategory.DELIVERY, ("a", "b"), requester="x")
    task = Task(request, status, "f", "r", submitted_s=5.5, started_s=6.25, ended_s=7.0)
    state = Dispatched.model_validate_json(open_rmf.dispatched(task)).state
    assert (state.booking.id, state.unix_millis_finish_time) == ("t-1", 7000)
    Failure.model_validate_json(open_rmf.failure(5, "c", "d"))
    assert json.loads(open_rmf.done()) == {"success": True}


def test_answers_in_words() -> None:
    task = Task(TaskRequest("t-1", TaskCategory.PATROL, ("a",)))
    assert open_rmf.in_words(open_rmf.dispatched(task)) == "accepted as t-1"
    assert open_rmf.in_words(open_rmf.done()) == "done"
    assert open_rmf.in_words(open_rmf.failure(5, "c", "no place 'x'")) == "no place 'x'"
