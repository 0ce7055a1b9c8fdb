"""The running platform: tasks from end to end, processes that die, requests that make no sense, topics as tabled."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from typing import TYPE_CHECKING

import pytest
from rmf_task_msgs.msg import ApiRequest

from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus
from building_ctrl.processes import PROCESSES
from building_ctrl.topics import TOPICS

if TYPE_CHECKING:
    from conftest import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]

TRIP_S = 150.0


def deliver(platform: Platform, name: str, pickup: str, dropoff: str) -> str:
    """Hand in a delivery; returns the name to follow it by."""
    platform.node.submit(TaskRequest(name, TaskCategory.DELIVERY, (pickup, dropoff), requester="e2e", dwell_s=1.0))
    return name


def task_of(platform: Platform, name: str) -> Task | None:
    tasks = platform.node.statistics.known.values()
    return next((task for task in tasks if platform.node.asked_as(task) == name), None)


def wait_for(platform: Platform, name: str, timeout_s: float, *wanted: TaskStatus) -> Task:
    """Until a task has one of the states; returns it."""

    def there() -> bool:
        task = task_of(platform, name)
        return task is not None and task.status in wanted

    platform.until(there, timeout_s, f"task {name!r} {' or '.join(s.name for s in wanted)}")
    task = task_of(platform, name)
    assert task is not None
    return task


def test_a_delivery_from_end_to_end(platform: Platform) -> None:
    name = deliver(platform, "in a lift", "L1/post", "L2/office")
    task = wait_for(platform, name, TRIP_S, TaskStatus.COMPLETED)
    assert task.robot and task.ended_s > task.submitted_s
    platform.assert_safe()
    assert platform.node.report["lift"]["rides"] >= 1


def test_kill_the_dispatcher_while_a_robot_works(platform: Platform) -> None:
    name = deliver(platform, "dispatcher dies", "L1/desk", "L1/post")
    before = wait_for(platform, name, 30.0, TaskStatus.ASSIGNED, TaskStatus.UNDERWAY)
    platform.kill("dispatcher")
    after = wait_for(platform, name, TRIP_S, TaskStatus.COMPLETED)
    assert (after.request.task_id, after.submitted_s) == (before.request.task_id, before.submitted_s)
    platform.assert_safe()


def test_kill_the_path_planner_while_robots_drive(platform: Platform) -> None:
    names = [
        deliver(platform, "planner dies", "L1/post", "L1/desk"),
        deliver(platform, "planner dies before a door", "L1/desk", "L1/store"),
    ]
    for name in names:
        wait_for(platform, name, 30.0, TaskStatus.ASSIGNED, TaskStatus.UNDERWAY)
    platform.kill("path_planner")
    for name in names:
        wait_for(platform, name, TRIP_S, TaskStatus.COMPLETED)
    platform.assert_safe()
    assert platform.node.report["door"]["crossings"] >= 1


@pytest.mark.parametrize("name", ["gateway", "lift_planner", "door_planner", "console"])
def test_every_process_may_die_and_comes_back(platform: Platform, name: str) -> None:
    platform.kill(name)
    platform.until(lambda: platform.node.connected == platform.robots, 20.0, "all robots connected again")
    platform.assert_safe()


def test_an_unknown_place_is_refused_and_the_rest_goes_on(platform: Platform) -> None:
    refused = len(platform.node.refused)
    request = TaskRequest("nowhere", TaskCategory.DELIVERY, ("Atlantis", "L1/desk"), requester="e2e")
    platform.node.submit(request)
    platform.until(lambda: len(platform.node.refused) > refused, 20.0, "the refusal")
    reason = platform.node.refused[-1][1]
    assert "Atlantis" in reason and "\n" not in reason


def test_nonsense_is_answered(platform: Platform) -> None:
    answers: dict[str, dict[str, object]] = {}

    def on_answer(message: object) -> None:
        answers[message.request_id] = json.loads(message.json_msg)  # type: ignore[attr-defined]

    platform.shell.subscribe("task_api_responses", on_answer)
    send = platform.shell.publisher("task_api_requests")
    for number, text in enumerate(("{", "[]", '{"type": "brew_coffee"}', '{"type": "cancel_task_request"}')):
        send(ApiRequest(json_msg=text, request_id=f"nonsense/{number}"))
    platform.until(lambda: sum(k.startswith("nonsense/") for k in answers) == 4, 20.0, "four answers")
    assert all(answer["success"] is False for key, answer in answers.items() if key.startswith("nonsense/"))


def test_the_console_serves_its_page(pages: None, platform: Platform) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{platform.port}/", timeout=10.0) as page:
        assert page.status == 200 and b"<html" in page.read().lower()


def test_the_nodes_advertise_what_the_table_of_topics_says(platform: Platform) -> None:
    """Publishers and subscribers of every running process, against topics.py, both ways."""
    node = platform.shell.node
    names = [row.name for row in PROCESSES if not row.for_other_fleets]
    internal = {"/parameter_events", "/rosout"}

    def ends(rows: list[tuple[str, list[str]]]) -> set[tuple[str, str]]:
        return {(topic[1:], types[0].replace("/msg/", "/")) for topic, types in rows if topic not in internal}

    def tabled(name: str, side: str) -> set[tuple[str, str]]:
        return {(row.name, row.type_name) for row in TOPICS.values() if name in getattr(row, side)}

    def differences() -> list[str]:
        found = []
        for name in names:
            sides = {
                "publishers": ends(node.get_publisher_names_and_types_by_node(name, "/")),
                "subscribers": ends(node.get_subscriber_names_and_types_by_node(name, "/")),
            }
            for side, real in sides.items():
                found += [
                    f"{name} is not among the {side} of {topic} ({kind})" for topic, kind in real - tabled(name, side)
                ]
                found += [
                    f"{name} is listed as one of the {side} of {topic} ({kind}) and is not"
                    for topic, kind in tabled(name, side) - real
                ]
        return found

    platform.until(lambda: set(names) <= set(node.get_node_names()), 20.0, "all nodes discovered")
    with contextlib.suppress(pytest.fail.Exception):
        platform.until(lambda: not differences(), 5.0, "endpoints discovered")
    assert not differences(), "\n".join(differences())
