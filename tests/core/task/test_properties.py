"""Random tasks, robots, failures in virtual time: no task is lost, no robot has two, homes are distinct."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from virtual_building import VirtualBuilding

from building_ctrl.core.task import Accepted, Dispatcher
from building_ctrl.model.path import TravelStatus
from building_ctrl.model.robot import Connection, WorkState
from building_ctrl.model.task import TaskCategory, TaskRequest, TaskStatus

places = st.sampled_from([f"{level}_p{i}" for level in ("L1", "L2") for i in range(5)])
requests = st.builds(
    lambda category, stops, priority: (category, tuple(stops), priority),
    st.sampled_from([TaskCategory.DELIVERY, TaskCategory.PATROL]),
    st.lists(places, min_size=2, max_size=4, unique=True),
    st.integers(0, 2),
)
KINDS = ["task", "silent", "back", "lost", "error", "fine", "battery", "forget", "restart", "cancel", "wait"]
events = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 3),
        requests,
        st.floats(0.5, 40.0),
    ),
    max_size=20,
)


class Run:
    def __init__(self, n_robots: int) -> None:
        self.world = VirtualBuilding(n_homes=6)
        for i in range(n_robots):
            self.world.add(f"r{i}", 7.0 * i)
        self.dispatcher: Dispatcher = self.world.dispatcher()
        self.accepted: set[str] = set()
        self.record: dict[str, TaskStatus] = {}
        self.n_robots = n_robots
        self.world.step(self.dispatcher)

    def event(self, kind: str, number: int, request: tuple[TaskCategory, tuple[str, ...], int]) -> None:
        robot = self.world.robots[f"r{number % self.n_robots}"]
        if kind == "task":
            task_id = f"t{len(self.accepted)}"
            asked = TaskRequest(task_id, request[0], request[1], priority=request[2], dwell_s=1.0)
            answer = self.dispatcher.submit(asked, self.world.now)
            assert isinstance(answer, Accepted)
            self.accepted.add(task_id)
        elif kind in ("silent", "back"):
            robot.silent = kind == "silent"
        elif kind == "lost":
            robot.state = replace(robot.state, connection=Connection.LOST)
        elif kind == "error":
            robot.state = replace(robot.state, work=WorkState.ERROR)
        elif kind == "fine":
            robot.state = replace(robot.state, work=WorkState.STANDBY, connection=Connection.NORMAL)
        elif kind == "battery":
            robot.state = replace(robot.state, battery_percent=10.0 if number % 2 else 100.0)
        elif kind == "forget":
            robot.status, robot.request = TravelStatus.IDLE, None
        elif kind == "restart":
            again = self.world.dispatcher()
            again.restore([t for t in self.dispatcher.tasks() if not t.status.ended])
            self.note()
            self.dispatcher = again
        elif kind == "cancel":
            self.dispatcher.cancel(f"t{number}", self.world.now)

    def note(self) -> None:
        for task in self.dispatcher.tasks():
            before = self.record.get(task.request.task_id)
            assert before is None or not before.ended or before is task.status, "an ended task came back"
            self.record[task.request.task_id] = task.status

    def run(self, seconds: float) -> None:
        end = self.world.now + seconds
        while self.world.now < end:
            self.world.step(self.dispatcher)
            self.note()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), events)
def test_every_accepted_task_ends_and_is_done_once_all_is_well_again(n_robots: int, happenings: list) -> None:
    run = Run(n_robots)
    for kind, number, request, seconds in happenings:
        run.event(kind, number, request)
        run.run(seconds)
    for number in range(n_robots):
        for kind in ("back", "fine"):
            run.event(kind, number, (TaskCategory.PATROL, (), 0))
        run.world.robots[f"r{number}"].state = replace(
            run.world.robots[f"r{number}"].state, battery_percent=100.0
        )
    run.run(400.0 + 250.0 * len(run.accepted))
    assert set(run.record) == run.accepted
    assert all(status.ended for status in run.record.values())
    cancelled = {f"t{n}" for k, n, _, _ in happenings if k == "cancel"}
    failed = {t for t, s in run.record.items() if s is TaskStatus.FAILED}
    assert not failed, "nothing here makes a task impossible"
    assert {t for t, s in run.record.items() if s is TaskStatus.CANCELLED} <= cancelled


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 4), events)
def test_the_same_events_give_the_same_decisions(n_robots: int, happenings: list) -> None:
    logs = []
    for _ in range(2):
        run = Run(n_robots)
        for kind, number, request, seconds in happenings:
            run.event(kind, number, request)
            run.run(seconds)
        logs.append((run.world.asked, run.dispatcher.tasks()))
    assert logs[0] == logs[1]
