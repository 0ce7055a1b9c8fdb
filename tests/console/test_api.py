from __future__ import annotations

from typing import Any

import pytest

from building_ctrl.console.robot_table import RobotTable, from_columns
from building_ctrl.model.alarm import Alarm, AlarmPriority
from building_ctrl.model.door import DoorMode, DoorState
from building_ctrl.model.lift import LiftDoorState, LiftMode, LiftMotion, LiftState, RidePhase, RideState
from building_ctrl.model.path import ReleasedPath, TravelState, TravelStatus, WaitingKind, Waypoint
from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus

DELIVERY = {"category": "delivery", "from_place": "pantry", "to_place": "lounge"}


def robots(*names: str, gateway: str = "g", **columns: Any) -> RobotTable:
    n = len(names)
    values: dict[str, Any] = {
        **dict.fromkeys(("x_m", "y_m", "yaw_rad", "speed_mps", "age_s"), [0.5] * n),
        "battery_percent": [80.0] * n,
        "radius_m": [0.3] * n,
        **dict.fromkeys(("level", "work", "motion", "connection"), [0] * n),
    }
    return from_columns(gateway, names, ("f",) * n, ("L1",), **{**values, **columns})


def test_the_building_as_drawn(console: Any) -> None:
    building = console.client.get("/api/v1/building").json()
    (level,) = building["levels"]
    assert building["name"] == "small"
    assert [p["label"] for p in level["places"]] == ["L1/dock", "L1/lounge", "L1/pantry"]
    assert [d["name"] for d in level["doors"]] == ["gate"]
    assert len(level["walls"]) == 1 and len(level["lanes"]) == 2
    (lift,) = building["lifts"]
    x1, y1, x2, y2 = lift["doors"][0]["opening"]
    assert lift["levels"] == ["L1"]
    assert x1 == pytest.approx(x2, abs=0.01) and abs(y1 - y2) == pytest.approx(1.0, abs=0.01)
    pantry = next(p for p in console.client.get("/api/v1/places").json() if p["name"] == "pantry")
    assert (pantry["is_pickup"], pantry["is_dropoff"]) == (True, False)


def test_robots_with_their_three_states_and_why_they_wait(console: Any) -> None:
    assert console.client.get("/api/v1/robots").json() == {"age_s": None, "robots": []}
    console.picture.hear_robots(
        robots("r1", "r2", work=[1, 5], motion=[2, 0], connection=[0, 1], level=[0, -1]), 1000.0
    )
    waiting = TravelState("r1", "L1", "t", "lounge", TravelStatus.MOVING, WaitingKind.DOOR, "gate", 12.0)
    console.picture.hear_travel([waiting], 1000.0)
    console.clock[0] = 1002.0
    answer = console.client.get("/api/v1/robots").json()
    one, two = answer["robots"]
    assert answer["age_s"] == 2.0
    assert (one["work"], one["motion"], one["connection"]) == ("performing", "waiting", "normal")
    assert (two["work"], two["connection"], two["level"]) == ("error", "lost", "")
    assert one["age_s"] == 2.5
    assert (one["way"]["waiting"], one["way"]["waiting_for"], one["way"]["eta_s"]) == ("door", "gate", 12.0)
    assert two["way"] is None
    assert console.client.get("/api/v1/robots/r1").json() == one
    assert console.client.get("/api/v1/robots/nobody").status_code == 404


def test_two_gateways_are_one_fleet_and_a_robot_that_moves_over_is_there_once(console: Any) -> None:
    console.picture.hear_robots(robots("a", "b", gateway="one"), 1000.0)
    console.picture.hear_robots(robots("c", gateway="two"), 1000.0)
    console.picture.hear_robots(robots("a", gateway="one"), 1000.0)
    names = [r["name"] for r in console.client.get("/api/v1/robots").json()["robots"]]
    assert sorted(names) == ["a", "c"]
    console.picture.hear_robots(robots("a", "c", gateway="two"), 1000.0)
    names = [r["name"] for r in console.client.get("/api/v1/robots").json()["robots"]]
    assert sorted(names) == ["a", "c"]


def test_columns_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(ValueError, match="x_m"):
        robots("a", "b", x_m=[1.0])
    with pytest.raises(ValueError, match="work state 99"):
        robots("a", work=[99])


def test_lifts_and_rides(console: Any) -> None:
    lifts = console.client.get("/api/v1/lifts").json()
    assert [(x["name"], x["age_s"], x["mode"]) for x in lifts["lifts"]] == [("car", None, "unknown")]
    state = LiftState("car", ("L1",), "L1", "L1", LiftDoorState.OPEN, LiftMotion.STOPPED, LiftMode.FIRE, "s")
    console.picture.hear_lift(state, 995.0)
    rides = [
        RideState("1", "f", "r1", "car", "L1", "L1", RidePhase.RIDING),
        RideState("2", "f", "r2", "car", "L1", "L1", RidePhase.DONE),
    ]
    console.picture.hear_rides(rides, 1000.0)
    lifts = console.client.get("/api/v1/lifts").json()
    (car,) = lifts["lifts"]
    assert (car["age_s"], car["level"], car["door"], car["mode"]) == (5.0, "L1", "open", "fire")
    assert [r["ride_id"] for r in lifts["rides"]] == ["1"]


def test_doors(console: Any) -> None:
    assert console.client.get("/api/v1/doors").json() == [
        {"name": "gate", "level": "L1", "age_s": None, "mode": "unknown"}
    ]
    console.picture.hear_door(DoorState("gate", DoorMode.OPEN), 999.0)
    assert console.client.get("/api/v1/doors").json()[0]["mode"] == "open"


def test_alarms_come_the_most_urgent_and_newest_first(console: Any) -> None:
    def alarm(name: str, priority: AlarmPriority, raised_s: float, active: bool = True) -> Alarm:
        return Alarm(name, "kind", "source", priority, active, raised_s)

    low, high = alarm("low", AlarmPriority.LOW, 9.0), alarm("high", AlarmPriority.HIGH, 1.0)
    newer, over = (
        alarm("newer", AlarmPriority.HIGH, 5.0),
        alarm("over", AlarmPriority.HIGH, 7.0, active=False),
    )
    console.picture.hear_alarms("dispatcher", [low, high], 1000.0)
    console.picture.hear_alarms("gateway", [newer, over], 1000.0)
    assert [a["alarm_id"] for a in console.client.get("/api/v1/alarms").json()] == ["newer", "high", "low"]
    console.picture.hear_alarms("gateway", [], 1001.0)
    assert [a["alarm_id"] for a in console.client.get("/api/v1/alarms").json()] == ["high", "low"]


def test_tasks_with_their_stage(console: Any) -> None:
    request = TaskRequest("delivery-1", TaskCategory.DELIVERY, ("pantry", "lounge"))
    going = Task(request, TaskStatus.UNDERWAY, "f", "r1", 1, "going 2/2 L1/lounge", submitted_s=900.0)
    failed = Task(
        TaskRequest("patrol-2", TaskCategory.PATROL, ("pantry",)),
        TaskStatus.FAILED,
        detail="no way",
        submitted_s=950.0,
    )
    console.picture.hear_tasks([going, failed], 7, 1, 1000.0)
    answer = console.client.get("/api/v1/tasks").json()
    assert (answer["completed"], answer["failed"]) == (7, 1)
    newest, task = answer["tasks"]
    assert (newest["task_id"], newest["stage"]["kind"], newest["stage"]["reason"]) == (
        "patrol-2",
        "ended",
        "no way",
    )
    assert task["stage"] == {"kind": "going", "stop": 2, "stops": 2, "place": "L1/lounge", "reason": ""}
    assert console.client.get("/api/v1/tasks/delivery-1").json() == task
    assert console.client.get("/api/v1/tasks/never").status_code == 404


def test_a_delivery_goes_to_the_dispatcher_as_open_rmf_asks_for_it(console: Any) -> None:
    answer = console.client.post("/api/v1/tasks", json={**DELIVERY, "priority": 1, "dwell_s": 3})
    assert (answer.status_code, answer.json()) == (202, {"task_id": "delivery-1", "status": "queued"})
    (asked,) = console.bus.asked
    assert asked["type"] == "dispatch_task_request"
    assert asked["request"]["description"]["pickup"]["place"] == "pantry"
    assert asked["request"]["priority"]["value"] == 1


def test_a_task_for_one_robot(console: Any) -> None:
    body = {"category": "patrol", "places": ["pantry"], "robot": "r1", "fleet": "f"}
    assert console.client.post("/api/v1/tasks", json=body).status_code == 202
    assert (console.bus.asked[0]["type"], console.bus.asked[0]["robot"]) == ("robot_task_request", "r1")
    without = console.client.post("/api/v1/tasks", json={**body, "fleet": ""})
    assert without.status_code == 422


def test_the_idempotency_key_is_the_request_id(console: Any) -> None:
    for _ in range(2):
        console.client.post("/api/v1/tasks", json=DELIVERY, headers={"Idempotency-Key": "abc"})
    assert console.bus.ids == ["console-abc", "console-abc"]
    console.client.post("/api/v1/tasks", json=DELIVERY)
    assert console.bus.ids[2] != "console-abc"


@pytest.mark.parametrize(("code", "status"), [(5, 422), (6, 409), (7, 409)])
def test_a_refusal_has_one_clear_reason(console: Any, code: int, status: int) -> None:
    console.bus.answer = {
        "success": False,
        "errors": [{"code": code, "category": "x", "detail": "no place 'y'"}],
    }
    answer = console.client.post("/api/v1/tasks", json=DELIVERY)
    assert (answer.status_code, answer.json()) == (status, {"detail": "no place 'y'"})


def test_no_dispatcher_is_told_as_such(console: Any) -> None:
    console.bus.answer = None
    answer = console.client.post("/api/v1/tasks/t/cancel")
    assert answer.status_code == 503
    assert "dispatcher" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "category"),
        ({"category": "clean"}, "category"),
        ({**DELIVERY, "from_place": ""}, "from_place"),
        ({**DELIVERY, "dwell_s": -1}, "dwell_s"),
        ({**DELIVERY, "surprise": 1}, "surprise"),
        ({"category": "patrol", "places": []}, "places"),
    ],
)
def test_a_body_that_does_not_fit_is_told_in_one_line(console: Any, body: dict[str, Any], words: str) -> None:
    answer = console.client.post("/api/v1/tasks", json=body)
    assert answer.status_code == 422
    assert isinstance(answer.json()["detail"], str)
    assert words in answer.json()["detail"]
    assert console.bus.asked == []


def test_cancelling(console: Any) -> None:
    console.bus.answer = {"success": True}
    answer = console.client.post("/api/v1/tasks/delivery-1/cancel")
    assert (answer.status_code, answer.json()) == (202, {"task_id": "delivery-1"})
    assert console.bus.asked == [{"type": "cancel_task_request", "task_id": "delivery-1"}]


def test_health_names_who_is_silent(console: Any) -> None:
    assert console.client.get("/api/v1/health").json()["status"] == "degraded"
    console.picture.hear_robots(robots("r"), 1000.0)
    console.picture.hear_travel([], 1000.0)
    console.picture.hear_tasks([], 0, 0, 1000.0)
    assert console.client.get("/api/v1/health").json()["status"] == "ok"
    console.clock[0] = 1010.0
    answer = console.client.get("/api/v1/health").json()
    assert (answer["status"], answer["ages_s"]["robots"]) == ("degraded", 10.0)


def test_the_summary_has_paths_of_the_watched_level_that_are_not_old(console: Any) -> None:
    path = ReleasedPath("r1", "L1", 1, 0, (Waypoint(1.0, 2.0), Waypoint(3.0, 4.0)), ((5.0, 6.0),))
    console.picture.hear_paths([path], 1000.0)
    assert console.client.get("/api/v1/summary").json()["paths"] == []
    (shown,) = console.client.get("/api/v1/summary", params={"level": "L1"}).json()["paths"]
    assert shown == {"robot": "r1", "released": [1.0, 2.0, 3.0, 4.0], "horizon": [5.0, 6.0]}
    console.clock[0] = 1060.0
    assert console.client.get("/api/v1/summary", params={"level": "L1"}).json()["paths"] == []


def test_every_route_has_a_model_and_a_unique_name(console: Any) -> None:
    document = console.client.get("/api/v1/openapi.json").json()
    operations = [op for path in document["paths"].values() for op in path.values()]
    assert len({op["operationId"] for op in operations}) == len(operations)
    for operation in operations:
        success = next(answer for code, answer in operation["responses"].items() if code.startswith("2"))
        schema = success["content"]["application/json"]["schema"]
        assert "$ref" in schema or "items" in schema


def test_a_robot_on_standby_that_has_a_task_is_at_work(console: Any) -> None:
    console.picture.hear_robots(robots("r1", "r2"), 1000.0)
    request = TaskRequest("t", TaskCategory.PATROL, ("pantry",))
    tasks = [Task(request, TaskStatus.ASSIGNED, "f", "r1"), Task(request, TaskStatus.COMPLETED, "f", "r2")]
    console.picture.hear_tasks(tasks, 0, 0, 1000.0)
    states = {r["name"]: r["work"] for r in console.client.get("/api/v1/robots").json()["robots"]}
    assert states == {"r1": "performing", "r2": "standby"}
