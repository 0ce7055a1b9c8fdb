"""The demo's own node: hands in deliveries as any other program would, and hears what comes of them.

It is an integrator's process (`adapter` in the table of topics): tasks go in by `task_api_requests`.
"""

from __future__ import annotations

import json
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rmf_task_msgs.msg import ApiRequest

from building_ctrl.model.task import Task, TaskRequest
from building_ctrl.nodes import convert
from building_ctrl.nodes.shell import Shell
from building_ctrl.sim.statistics import Statistics

REPEAT_S = 3.0

log = logging.getLogger("demo")


class GuestShell(Shell):
    """A shell in a process with a main loop and signal handlers of its own, which calls `turn`."""

    def __enter__(self) -> GuestShell:
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        super().__enter__()
        for number, handler in before.items():
            signal.signal(number, handler)
        return self

    def turn(self, timeout_s: float) -> None:
        """Run the callbacks that are due, waiting at most that long for one."""
        if self._executor is not None:
            self._executor.spin_once(timeout_sec=timeout_s)


@dataclass(slots=True)
class _Asked:
    request: TaskRequest
    sent_s: float


class DemoNode:
    """Joins the demo to its topics. Requests without an answer are repeated with the same id, which is
    safe."""

    def __init__(self, shell: Shell, run_name: str, clock: Callable[[], float]) -> None:
        self._shell = shell
        self._run_name = run_name
        self._clock = clock
        self._asked: dict[str, _Asked] = {}
        self._asked_as: dict[str, str] = {}
        self.submitted = 0
        self.refused: list[tuple[TaskRequest, str]] = []
        self.report: dict[str, Any] = {}
        self.reports = 0
        self.statistics = Statistics()
        self.placed: set[str] = set()
        self._send = shell.publisher("task_api_requests")

    def start(self) -> None:
        """Subscribe and set the timer."""
        self._shell.subscribe("task_api_responses", self._on_response)
        self._shell.subscribe("task_states", self._on_tasks)
        self._shell.subscribe("simulator_report", self._on_report)
        self._shell.subscribe("planner_state", self._on_travel)
        self._shell.every(1.0, self._repeat)

    @property
    def connected(self) -> int:
        """Simulated robots the gateway has welcomed, as the simulator says."""
        return int(self.report.get("connected", 0))

    @property
    def unended(self) -> int:
        """Tasks handed in that have not ended and were not refused."""
        counts = self.statistics.tasks
        return self.submitted - counts.completed - counts.failed - len(self.refused)

    def asked_as(self, task: Task) -> str:
        """The id a task was asked for with, before the dispatcher gave it its own."""
        return self._asked_as.get(task.request.task_id, "")

    def submit(self, request: TaskRequest) -> None:
        """Hand in a delivery."""
        self.submitted += 1
        request_id = f"{self._run_name}/{self.submitted}"
        self._asked[request_id] = _Asked(request, self._clock())
        self._send_request(request_id, request)

    def _send_request(self, request_id: str, request: TaskRequest) -> None:
        self._send(ApiRequest(json_msg=json.dumps(delivery_request(request)), request_id=request_id))

    def _repeat(self) -> None:
        now = self._clock()
        for request_id, asked in self._asked.items():
            if now - asked.sent_s >= REPEAT_S:
                asked.sent_s = now
                self._send_request(request_id, asked.request)

    def _on_response(self, message: Any) -> None:
        asked = self._asked.pop(message.request_id, None)
        if asked is None:
            return
        answer = json.loads(message.json_msg)
        if answer.get("success"):
            self._asked_as[answer["state"]["booking"]["id"]] = asked.request.task_id
        else:
            self.refused.append((asked.request, str(answer.get("errors", [{}])[0].get("detail", ""))))

    def _on_tasks(self, message: Any) -> None:
        for task in convert.task_states(message):
            if task.request.task_id in self._asked_as:
                self.statistics.task(task)

    def _on_report(self, message: Any) -> None:
        self.report = json.loads(message.json)
        self.reports += 1

    def _on_travel(self, message: Any) -> None:
        self.placed |= {state.robot for state in convert.travel_states(message) if state.level}


def delivery_request(request: TaskRequest) -> dict[str, Any]:
    """A delivery in Open-RMF's task API, as `dispatch_task_request` of rmf_api_msgs."""
    pickup, dropoff = request.places
    return {
        "type": "dispatch_task_request",
        "request": {
            "category": "delivery",
            "description": {
                "pickup": {"place": pickup, "handler": "", "payload": []},
                "dropoff": {"place": dropoff, "handler": "", "payload": []},
                "dwell_s": request.dwell_s,
            },
            "requester": request.requester,
        },
    }
