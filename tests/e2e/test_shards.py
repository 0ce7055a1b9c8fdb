"""One path planner a level, each a process of its own: deliveries over levels, and planners that die."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus

if TYPE_CHECKING:
    from conftest import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]

TRIP_S = 150.0


def deliver(platform: Platform, name: str, pickup: str, dropoff: str) -> str:
    platform.node.submit(TaskRequest(name, TaskCategory.DELIVERY, (pickup, dropoff), requester="e2e", dwell_s=1.0))
    return name


def wait_for(platform: Platform, name: str, *wanted: TaskStatus) -> None:
    def find() -> Task | None:
        tasks = platform.node.statistics.known.values()
        return next((task for task in tasks if platform.node.asked_as(task) == name), None)

    def there() -> bool:
        task = find()
        return task is not None and task.status in wanted

    platform.until(there, TRIP_S, f"task {name!r} {' or '.join(s.name for s in wanted)}")


def test_a_delivery_from_a_planner_to_another(sharded: Platform) -> None:
    heard: dict[str, Any] = {}
    sharded.shell.subscribe("shard_states", lambda message: heard.update({message.planner: message}))
    name = deliver(sharded, "to the other planner", "L1/post", "L2/office")
    wait_for(sharded, name, TaskStatus.COMPLETED)
    sharded.assert_safe()
    assert sharded.node.report["lift"]["rides"] >= 1
    owned = {planner: list(message.levels) for planner, message in heard.items()}
    assert owned == {"path_planner_L1": ["L1"], "path_planner_L2": ["L2"]}
    assert sorted(robot for message in heard.values() for robot in message.robots) == ["robot_1", "robot_2"]


@pytest.mark.parametrize("dies", ["path_planner_L1", "path_planner_L2"])
def test_a_planner_dies_while_a_robot_rides(sharded: Platform, dies: str) -> None:
    riding: set[str] = set()

    def on_rides(message: Any) -> None:
        riding.clear()
        riding.update(ride.robot for ride in message.rides if ride.phase == ride.PHASE_RIDING)

    sharded.shell.subscribe("ride_states", on_rides)
    name = deliver(sharded, f"{dies} dies", "L2/lab", "L1/desk")
    wait_for(sharded, name, TaskStatus.ASSIGNED, TaskStatus.UNDERWAY)
    sharded.until(lambda: bool(riding), TRIP_S, "a robot in a car")
    sharded.kill(dies)
    wait_for(sharded, name, TaskStatus.COMPLETED)
    sharded.assert_safe()
