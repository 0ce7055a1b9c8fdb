from __future__ import annotations

from dataclasses import replace

import pytest
from virtual_building import VirtualBuilding

from building_ctrl.core.task import Accepted, Dispatcher, DispatchParameters, Refused
from building_ctrl.model.robot import Connection, WorkState
from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus


def delivery(task_id: str, start: str = "L1_p1", end: str = "L1_p3", **fields: object) -> TaskRequest:
    request = TaskRequest(task_id, TaskCategory.DELIVERY, (start, end), dwell_s=2.0)
    return replace(request, **fields)  # type: ignore[arg-type]


def patrol(task_id: str, *places: str) -> TaskRequest:
    return TaskRequest(task_id, TaskCategory.PATROL, places, dwell_s=1.0)


def building(robots: int = 1) -> tuple[VirtualBuilding, Dispatcher]:
    world = VirtualBuilding()
    for i in range(robots):
        world.add(f"r{i}", 10.0 * i)
    dispatcher = world.dispatcher()
    world.step(dispatcher)
    return world, dispatcher


def task(dispatcher: Dispatcher, task_id: str) -> Task:
    found = dispatcher.task(task_id)
    assert found is not None
    return found


def test_a_delivery_visits_pickup_then_dropoff_and_the_robot_goes_home() -> None:
    world, dispatcher = building()
    answer = dispatcher.submit(delivery("t", "L1_p1", "L2_p3"), world.now)
    assert isinstance(answer, Accepted)
    assert answer.task.places == (("L1", "L1_p1"), ("L2", "L2_p3"))
    world.run(dispatcher, 200.0)
    assert task(dispatcher, "t").status is TaskStatus.COMPLETED
    home = dispatcher.home("r0")
    assert home is not None
    assert [p for _, p in world.history] == ["L1_p1", "L2_p3", home.place]


def test_the_stay_at_a_stop_lasts_dwell_s() -> None:
    world, dispatcher = building()
    dispatcher.submit(delivery("t", dwell_s=20.0), world.now)
    while not world.history:
        world.step(dispatcher)
    arrived_s = world.now
    while task(dispatcher, "t").stage == 0:
        world.step(dispatcher)
    assert world.now - arrived_s == pytest.approx(20.0, abs=1.0)


def test_a_destination_is_repeated_until_the_planner_shows_it_and_no_longer() -> None:
    world, dispatcher = building()
    world.robots["r0"].silent = True
    dispatcher.submit(delivery("t"), world.now)
    for _ in range(9):
        world.now += 0.5
        dispatcher.robot_states([world.robots["r0"].state], world.now)
        world.asked.extend(dispatcher.step(world.now).destinations)
    times = len([r for r in world.asked if r.task_id == "t"])
    assert 4 <= times <= 5
    world.robots["r0"].silent = False
    world.run(dispatcher, 5.0)
    assert len([r for r in world.asked if r.task_id == "t"]) <= times + 1


def test_asking_twice_is_one_task_and_another_task_with_the_same_id_is_refused() -> None:
    world, dispatcher = building()
    assert dispatcher.submit(delivery("t"), world.now) == dispatcher.submit(delivery("t"), world.now + 5.0)
    assert len(dispatcher.tasks()) == 1
    assert isinstance(dispatcher.submit(delivery("t", end="L2_p0"), world.now), Refused)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (delivery("t", "nowhere"), "no place 'nowhere'"),
        (delivery("t", "L2/L1_p1"), "on level 'L2'; it is on L1"),
        (delivery("t", "L1_p2", "L1_p2"), "to itself"),
        (delivery("t", places=("L1_p1",)), "needs 2 to"),
        (delivery("t", dwell_s=-1.0), "dwell_s"),
        (delivery("t", dwell_s=float("nan")), "dwell_s"),
        (delivery("t", priority=300), "priority"),
        (delivery("t", robot="nobody"), "nobody"),
        (delivery("t", fleet="nofleet"), "nofleet"),
        (delivery(""), "id"),
        (delivery("home/r0"), "home"),
        (delivery("t", "L1_P"), "did you mean"),
    ],
)
def test_a_bad_request_is_refused_in_one_line(request_: TaskRequest, words: str) -> None:
    world, dispatcher = building()
    answer = dispatcher.submit(request_, world.now)
    assert isinstance(answer, Refused)
    assert words in answer.reason
    assert "\n" not in answer.reason
    assert dispatcher.tasks() == ()


def test_a_place_no_robot_can_reach_is_refused() -> None:
    world, dispatcher = building(2)
    world.closed.add(("*", "L1_p3"))
    answer = dispatcher.submit(delivery("t"), world.now)
    assert answer == Refused("no robot can reach L1/L1_p3")


def test_stops_no_single_robot_can_reach_are_refused() -> None:
    world, dispatcher = building(2)
    world.closed |= {("r0", "L1_p3"), ("r1", "L1_p1")}
    answer = dispatcher.submit(delivery("t"), world.now)
    assert isinstance(answer, Refused)
    assert "all of" in answer.reason


def test_without_robots_a_task_waits_for_one() -> None:
    world, dispatcher = building(0)
    assert isinstance(dispatcher.submit(delivery("t"), world.now), Accepted)
    world.run(dispatcher, 10.0)
    world.add("late", 0.0)
    world.run(dispatcher, 100.0)
    assert task(dispatcher, "t").status is TaskStatus.COMPLETED


def test_tasks_are_spread_at_least_total_driving_time() -> None:
    world, dispatcher = building(0)
    world.add("a", 0.0)
    world.add("b", 10.0)
    world.step(dispatcher)
    dispatcher.submit(delivery("near_b", "L1_p1", "L1_p4"), world.now)
    dispatcher.submit(delivery("near_a", "L1_p0", "L1_p4"), world.now)
    world.run(dispatcher, 2.0)
    assert task(dispatcher, "near_a").robot == "a"
    assert task(dispatcher, "near_b").robot == "b"


def test_priority_is_a_head_start_but_an_old_task_is_served_before_it() -> None:
    world, dispatcher = building()
    world.robots["r0"].state = replace(world.robots["r0"].state, work=WorkState.MANUAL)
    dispatcher.submit(delivery("old"), 0.0)
    dispatcher.submit(delivery("soon_urgent", priority=1), 100.0)
    dispatcher.submit(delivery("late_urgent", priority=1), 400.0)
    world.now = 400.0
    world.robots["r0"].state = replace(world.robots["r0"].state, work=WorkState.STANDBY)
    world.run(dispatcher, 180.0)
    ended = sorted(dispatcher.tasks(), key=lambda t: t.ended_s)
    assert [t.request.task_id for t in ended] == ["soon_urgent", "old", "late_urgent"]


def test_a_task_for_later_waits_for_its_time_and_lets_others_pass() -> None:
    world, dispatcher = building()
    dispatcher.submit(delivery("later", earliest_start_s=150.0), world.now)
    dispatcher.submit(delivery("now"), world.now)
    world.run(dispatcher, 140.0)
    assert task(dispatcher, "now").status is TaskStatus.COMPLETED
    assert task(dispatcher, "later").status is TaskStatus.QUEUED
    world.run(dispatcher, 100.0)
    assert task(dispatcher, "later").started_s >= 150.0


@pytest.mark.parametrize(
    "fields",
    [
        {"battery_percent": 10.0},
        {"connection": Connection.LOST},
        {"work": WorkState.ERROR},
        {"work": WorkState.MANUAL},
        {"work": WorkState.E_STOPPED},
        {"level": ""},
    ],
)
def test_a_robot_that_is_not_fit_gets_no_task(fields: dict[str, object]) -> None:
    world, dispatcher = building(0)
    world.add("unfit", 10.0, **fields)
    world.add("fit", 90.0)
    world.step(dispatcher)
    dispatcher.submit(delivery("t"), world.now)
    world.run(dispatcher, 3.0)
    assert task(dispatcher, "t").robot == "fit"


def test_a_lost_robot_loses_a_task_it_has_not_picked_up() -> None:
    world, dispatcher = building(2)
    dispatcher.submit(delivery("t", "L1_p4", "L1_p0"), world.now)
    world.run(dispatcher, 3.0)
    first = task(dispatcher, "t").robot
    world.robots[first].silent = True
    world.run(dispatcher, 20.0)
    assert task(dispatcher, "t").robot == first, "a short silence changes nothing"
    assert "stuck" in task(dispatcher, "t").detail
    world.run(dispatcher, 200.0)
    done = task(dispatcher, "t")
    assert (done.status, done.robot != first) == (TaskStatus.COMPLETED, True)
    world.robots[first].silent = False
    world.run(dispatcher, 100.0)
    assert world.robots[first].request is not None
    assert world.robots[first].request.task_id == f"home/{first}"


def test_goods_on_a_lost_robot_raise_an_alarm_and_the_task_goes_on_when_it_is_back() -> None:
    world, dispatcher = building(2)
    dispatcher.submit(delivery("t"), world.now)
    while task(dispatcher, "t").stage == 0:
        world.step(dispatcher)
    robot = task(dispatcher, "t").robot
    world.robots[robot].silent = True
    world.run(dispatcher, 300.0)
    assert task(dispatcher, "t").robot == robot
    assert [a.kind for a in dispatcher.step(world.now).alarms] == ["goods_stranded"]
    world.robots[robot].silent = False
    world.run(dispatcher, 60.0)
    assert task(dispatcher, "t").status is TaskStatus.COMPLETED
    assert dispatcher.step(world.now).alarms == ()


def test_goods_on_a_robot_that_never_comes_back_fail_the_task() -> None:
    world, dispatcher = building(2)
    dispatcher.submit(delivery("t"), world.now)
    while task(dispatcher, "t").stage == 0:
        world.step(dispatcher)
    world.robots[task(dispatcher, "t").robot].silent = True
    world.run(dispatcher, 950.0)
    failed = task(dispatcher, "t")
    assert failed.status is TaskStatus.FAILED
    assert "goods" in failed.detail
    assert [a.kind for a in dispatcher.step(world.now).alarms] == ["task_failed"]


def test_a_patrol_is_handed_over_at_the_stop_it_has_reached() -> None:
    world, dispatcher = building(2)
    dispatcher.submit(patrol("t", "L1_p0", "L1_p4", "L1_p2"), world.now)
    while task(dispatcher, "t").stage < 1:
        world.step(dispatcher)
    first = task(dispatcher, "t").robot
    world.robots[first].silent = True
    world.run(dispatcher, 200.0)
    assert task(dispatcher, "t").status is TaskStatus.COMPLETED
    other = next(n for n in world.robots if n != first)
    assert [p for r, p in world.history if r == other and "_p" in p] == ["L1_p4", "L1_p2"]


def test_a_refused_way_goes_to_another_robot() -> None:
    world, dispatcher = building(2)
    world.closed.add(("refuse r1", "L1_p1"))
    dispatcher.submit(delivery("t"), world.now)
    world.run(dispatcher, 100.0)
    done = task(dispatcher, "t")
    assert (done.status, done.robot) == (TaskStatus.COMPLETED, "r0")


def test_a_way_refused_to_all_robots_fails_the_task_with_the_reason() -> None:
    world, dispatcher = building(2)
    world.closed |= {("refuse r0", "L1_p1"), ("refuse r1", "L1_p1")}
    dispatcher.submit(delivery("t"), world.now)
    world.run(dispatcher, 30.0)
    failed = task(dispatcher, "t")
    assert failed.status is TaskStatus.FAILED
    assert "no way" in failed.detail and "blocked" in failed.detail


def test_a_cancelled_task_frees_its_robot_for_the_next() -> None:
    world, dispatcher = building()
    dispatcher.submit(delivery("t"), world.now)
    world.run(dispatcher, 3.0)
    assert isinstance(dispatcher.cancel("t", world.now), Accepted)
    assert isinstance(dispatcher.cancel("t", world.now), Accepted), "cancelling again changes nothing"
    dispatcher.submit(delivery("u"), world.now)
    world.run(dispatcher, 100.0)
    assert task(dispatcher, "t").status is TaskStatus.CANCELLED
    assert task(dispatcher, "u").status is TaskStatus.COMPLETED
    assert isinstance(dispatcher.cancel("u", world.now), Refused)
    assert isinstance(dispatcher.cancel("never", world.now), Refused)


def test_a_restart_goes_on_at_the_recorded_stage() -> None:
    world, dispatcher = building(2)
    dispatcher.submit(delivery("t"), world.now)
    dispatcher.submit(delivery("u", "L1_p4", "L1_p0"), world.now)
    while task(dispatcher, "t").stage == 0:
        world.step(dispatcher)
    again = world.dispatcher()
    again.restore([t for t in dispatcher.tasks() if not t.status.ended])
    before = len(world.history)
    world.run(again, 100.0)
    assert {t.status for t in again.tasks()} == {TaskStatus.COMPLETED}
    assert task(again, "t").robot == task(dispatcher, "t").robot
    assert "L1_p1" not in [p for _, p in world.history[before:]]


def test_a_restored_task_whose_place_is_gone_fails_alone() -> None:
    world, dispatcher = building()
    gone = Task(delivery("gone"), places=(("L9", "x"), ("L1", "L1_p1")))
    fine = Task(delivery("fine"), places=(("L1", "L1_p1"), ("L1", "L1_p3")))
    dispatcher.restore([gone, fine])
    world.run(dispatcher, 100.0)
    assert task(dispatcher, "gone").status is TaskStatus.FAILED
    assert task(dispatcher, "fine").status is TaskStatus.COMPLETED


def test_a_restored_task_of_a_robot_that_never_connects_is_handed_over() -> None:
    world, dispatcher = building()
    stops = (("L1", "L1_p1"), ("L1", "L1_p3"))
    dispatcher.restore([Task(delivery("t"), TaskStatus.ASSIGNED, "fleet", "ghost", places=stops)])
    world.run(dispatcher, 20.0)
    assert task(dispatcher, "t").robot == "ghost"
    world.run(dispatcher, 100.0)
    assert task(dispatcher, "t").robot == "r0"


def test_a_withdrawn_task_is_as_if_never_asked_for() -> None:
    world, dispatcher = building()
    dispatcher.submit(delivery("t"), world.now)
    dispatcher.withdraw("t")
    world.run(dispatcher, 10.0)
    assert dispatcher.task("t") is None
    assert world.robots["r0"].request is None or world.robots["r0"].request.task_id == "home/r0"


def test_ended_tasks_are_forgotten_after_a_while() -> None:
    world, dispatcher = building()
    dispatcher.submit(delivery("t"), world.now)
    world.run(dispatcher, 100.0)
    assert dispatcher.task("t") is not None
    world.run(dispatcher, 300.0)
    assert dispatcher.task("t") is None


def test_a_task_that_waits_long_raises_an_alarm() -> None:
    world = VirtualBuilding()
    dispatcher = world.dispatcher(DispatchParameters(late_after_s=60.0))
    dispatcher.submit(delivery("t"), 0.0)
    world.run(dispatcher, 50.0)
    assert dispatcher.step(world.now).alarms == ()
    world.run(dispatcher, 20.0)
    assert [(a.kind, a.source) for a in dispatcher.step(world.now).alarms] == [("task_late", "t")]


def test_no_more_than_two_tasks_need_a_place_at_a_time_and_the_others_say_why() -> None:
    world, dispatcher = building(4)
    for i in range(4):
        dispatcher.submit(delivery(f"t{i}", "L1_p1", "L1_p3"), world.now)
    dispatcher.submit(delivery("elsewhere", "L1_p2", "L2_p3"), world.now)
    world.run(dispatcher, 3.0)
    at_work = {t.request.task_id for t in dispatcher.tasks() if t.robot}
    assert at_work == {"t0", "t1", "elsewhere"}
    assert task(dispatcher, "t2").detail == "waiting: L1/L1_p1 is in use"
    completed: set[str] = set()
    while len(completed) < 4 and world.now < 1000.0:
        world.step(dispatcher)
        completed |= {t.request.task_id for t in dispatcher.tasks() if t.status is TaskStatus.COMPLETED} - {"elsewhere"}
    assert completed == {"t0", "t1", "t2", "t3"}


def test_less_urgent_tasks_do_not_overtake_one_that_is_held_back_for_ever() -> None:
    world, dispatcher = building(3)
    for i in range(2):
        dispatcher.submit(delivery(f"first{i}", "L1_p1", "L1_p2"), world.now)
    world.run(dispatcher, 3.0)
    dispatcher.submit(delivery("held", "L1_p1", "L1_p3"), world.now)
    for i in range(20):
        dispatcher.submit(delivery(f"later{i}", "L1_p3", "L2_p3"), world.now)
    while not task(dispatcher, "held").robot and world.now < 1000.0:
        world.step(dispatcher)
    overtook = [t.request.task_id for t in dispatcher.tasks() if t.request.task_id.startswith("later") and t.robot]
    assert task(dispatcher, "held").robot
    assert len(overtook) <= 1
