from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from virtual_building import VirtualBuilding

from building_ctrl.core.task.desk import Answer, LedgerError, TaskDesk
from building_ctrl.model.task import Task, TaskStatus


class Memory:
    """A ledger in memory that can be told to fail."""

    def __init__(self) -> None:
        self.tasks: dict[str, Task] = {}
        self.answers: dict[str, Answer] = {}
        self.broken = False

    def next_number(self) -> int:
        return len(self.tasks) + 1

    def answer(self, request_id: str) -> Answer | None:
        return self.answers.get(request_id)

    def keep(self, tasks: Sequence[Task], now: float, answer: Answer | None = None) -> None:
        if self.broken:
            raise LedgerError("disk full")
        self.tasks.update((t.request.task_id, t) for t in tasks)
        if answer is not None:
            self.answers[answer.request_id] = answer


def patrol(*places: str) -> str:
    request = {"category": "patrol", "description": {"places": places, "rounds": 1}}
    return json.dumps({"type": "dispatch_task_request", "request": request})


def cancel(task_id: str) -> str:
    return json.dumps({"type": "cancel_task_request", "task_id": task_id})


class Office:
    def __init__(self) -> None:
        self.world = VirtualBuilding()
        self.world.add("r0", 0.0)
        self.dispatcher = self.world.dispatcher()
        self.memory = Memory()
        self.desk = TaskDesk(self.dispatcher, self.memory)
        self.world.step(self.dispatcher)

    def ask(self, text: str, request_id: str = "") -> dict[str, Any]:
        answer = json.loads(self.desk.handle(text, request_id, self.world.now))
        assert isinstance(answer, dict)
        return answer


def test_a_task_is_in_the_ledger_before_it_is_acknowledged() -> None:
    office = Office()
    answer = office.ask(patrol("L1_p0"), "q1")
    assert answer["success"]
    task_id = answer["state"]["booking"]["id"]
    assert task_id == "patrol-1"
    assert office.memory.tasks[task_id].status is TaskStatus.QUEUED
    assert json.loads(office.memory.answers["q1"].response) == answer


def test_the_same_request_again_gets_the_same_answer_and_no_second_task() -> None:
    office = Office()
    assert office.ask(patrol("L1_p0"), "q1") == office.ask(patrol("L1_p0"), "q1")
    assert len(office.dispatcher.tasks()) == 1
    other = office.ask(patrol("L1_p1"), "q1")
    assert not other["success"] and "q1" in other["errors"][0]["detail"]


def test_a_refusal_stays_a_refusal_after_a_restart() -> None:
    office = Office()
    office.world.closed.add(("*", "L1_p3"))
    assert not office.ask(patrol("L1_p3"), "q1")["success"]
    again = TaskDesk(VirtualBuilding().dispatcher(), office.memory)
    assert not json.loads(again.handle(patrol("L1_p3"), "q1", 0.0))["success"]
    assert json.loads(again.handle(patrol("L1_p3"), "q2", 0.0))["success"], (
        "no robot known yet: it may be reachable"
    )


def test_a_ledger_that_fails_means_no_task() -> None:
    office = Office()
    office.memory.broken = True
    answer = office.ask(patrol("L1_p0"), "q1")
    assert not answer["success"] and "disk full" in answer["errors"][0]["detail"]
    assert office.dispatcher.tasks() == ()
    office.memory.broken = False
    assert office.ask(patrol("L1_p0"), "q1")["success"]


def test_no_destination_is_given_out_while_a_change_is_not_kept() -> None:
    office = Office()
    office.ask(patrol("L1_p2"))
    office.memory.broken = True
    broken = office.desk.step(2.0)
    assert broken.destinations == ()
    assert [a.kind for a in broken.alarms] == ["task_store_failed"]
    office.memory.broken = False
    office.desk.step(3.0)
    assert office.memory.tasks["patrol-1"].robot == "r0"
    office.dispatcher.robot_states([office.world.robots["r0"].state], 4.5)
    assert [d.place for d in office.desk.step(4.5).destinations] == ["L1_p2"]


def test_cancelling() -> None:
    office = Office()
    office.ask(patrol("L1_p0"))
    assert office.ask(cancel("patrol-1"), "c1") == {"success": True}
    assert office.memory.tasks["patrol-1"].status is TaskStatus.CANCELLED
    assert not office.ask(cancel("patrol-9"), "c2")["success"]


def test_a_bad_request_is_answered_and_the_rest_goes_on() -> None:
    office = Office()
    assert not office.ask("{nonsense", "q1")["success"]
    assert office.ask(patrol("L1_p0"), "q2")["success"]
