"""Stuck robots are found, waiting ones that have nothing to do are not."""

from __future__ import annotations

import numpy as np

from building_ctrl.model.lift import LiftDoorState, LiftMode, LiftMotion, LiftState
from building_ctrl.model.path import TravelState, TravelStatus, WaitingKind
from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus
from building_ctrl.sim.progress import IN_SERVICE, NOTHING, LiftActivity, ProgressWatch, WorkBook


def watch(path: list[tuple[float, int, bool]], step_s: float = 1.0) -> ProgressWatch:
    """(x_m, level, has_work) once a step."""
    progress = ProgressWatch(1)
    for k, (x, level, work) in enumerate(path):
        progress.observe(k * step_s, np.array([x]), np.zeros(1), np.array([level]), np.array([work]))
    return progress


def test_a_robot_that_stands_with_work_to_do_is_stuck_after_a_minute() -> None:
    assert not watch([(0.0, 0, True)] * 60).stuck
    assert watch([(0.0, 0, True)] * 61).stuck == {0}


def test_shuffling_on_the_spot_is_no_progress() -> None:
    assert watch([(0.09 * (k % 2), 0, True) for k in range(61)]).stuck == {0}


def test_slow_progress_is_progress() -> None:
    assert not watch([(0.01 * k, 0, True) for k in range(200)]).stuck


def test_without_work_a_robot_may_stand() -> None:
    assert not watch([(0.0, 0, k % 50 != 0) for k in range(200)]).stuck


def test_a_ride_is_progress() -> None:
    assert not watch([(0.0, k // 40, True) for k in range(200)]).stuck
    assert not watch([(0.0, -1, True)] * 100).stuck


def task(status: TaskStatus = TaskStatus.UNDERWAY, category: TaskCategory = TaskCategory.DELIVERY) -> Task:
    return Task(TaskRequest("t1", category, ("a", "b"), dwell_s=5.0), status=status, robot="r0")


def travel(status: TravelStatus, destination: str = "a") -> TravelState:
    return TravelState("r0", "L1", "t1", destination, status)


def test_work_is_a_task_or_a_way_to_go() -> None:
    book = WorkBook.of(["r0", "r1"])
    assert book.has_work(0.0).tolist() == [False, False]
    book.travel([travel(TravelStatus.MOVING)], 1.0)
    assert book.has_work(1.0).tolist() == [True, False]
    book.travel([travel(TravelStatus.ARRIVED)], 2.0)
    assert book.has_work(2.0).tolist() == [False, False]
    book.tasks([task()])
    book.travel([travel(TravelStatus.REFUSED)], 3.0)
    assert book.has_work(3.0).tolist() == [True, False]
    book.tasks([task(TaskStatus.COMPLETED)])
    assert book.has_work(4.0).tolist() == [False, False]


def test_dwelling_is_no_work_but_staying_on_is() -> None:
    book = WorkBook.of(["r0"])
    book.tasks([task()])
    book.travel([travel(TravelStatus.MOVING)], 0.0)
    for now in range(1, 30):
        book.travel([travel(TravelStatus.ARRIVED)], float(now))
    assert not book.has_work(4.0)[0]
    assert book.has_work(29.0)[0]


def test_charging_may_take_as_long_as_it_takes() -> None:
    book = WorkBook.of(["r0"])
    book.tasks([task(category=TaskCategory.CHARGE)])
    book.travel([travel(TravelStatus.ARRIVED)], 0.0)
    assert not book.has_work(5000.0)[0]


def stand(seconds: int, waits: list[int], moves: frozenset[int] = frozenset()) -> set[int]:
    """Robots found stuck among some that stand with work to do, but for those in `moves`."""
    progress, n = ProgressWatch(len(waits)), len(waits)
    for second in range(seconds):
        x = np.array([second * 0.1 if i in moves else 0.0 for i in range(n)])
        zero, work = np.zeros(n, dtype=np.int64), np.ones(n, dtype=np.bool_)
        progress.observe(float(second), x, np.arange(n) * 2.0, zero, work, np.array(waits))
    return progress.stuck


def test_a_queue_behind_a_robot_that_gets_on_is_not_stuck() -> None:
    assert stand(300, [1, 2, NOTHING], moves=frozenset({2})) == set()
    assert stand(300, [1, 2, NOTHING]) == {0, 1, 2}


def test_robots_that_wait_for_each_other_are_stuck() -> None:
    assert stand(100, [1, 0]) == {0, 1}
    assert stand(100, [1, 2, 1]) == {0, 1, 2}


def test_a_queue_for_a_lift_that_works_is_not_stuck_but_not_for_ever() -> None:
    assert stand(890, [IN_SERVICE, 0]) == set()
    assert stand(910, [IN_SERVICE, 0]) == {0, 1}


def test_a_lift_works_while_something_changes_at_it() -> None:
    activity = LiftActivity(60.0)
    states = [
        LiftState("lift", ("L1",), "L1", "L1", door, LiftMotion.STOPPED, LiftMode.AGV, "")
        for door in (LiftDoorState.CLOSED, LiftDoorState.OPEN)
    ]
    assert not activity.works("lift", 0.0)
    for second in range(100):
        activity.observe([states[second >= 10]], float(second))
    assert activity.works("lift", 69.0) and not activity.works("lift", 71.0)


def test_waits_for_doors_and_people_are_no_queue() -> None:
    book = WorkBook.of(["r0"])
    expected = {WaitingKind.ROBOT: "x", WaitingKind.PLACE: "x", WaitingKind.LIFT: "x", WaitingKind.DOOR: ""}
    for kind, name in expected.items():
        book.travel([TravelState("r0", "L1", "t1", "a", TravelStatus.MOVING, kind, "x")], 0.0)
        assert book.waiting_for() == (name,)
