"""The task desk: task API requests in, answers out; nothing is acknowledged before the ledger has it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from building_ctrl.core.task import open_rmf
from building_ctrl.core.task.decisions import DispatchDecisions, Refused
from building_ctrl.core.task.dispatcher import Dispatcher
from building_ctrl.model.alarm import Alarm, AlarmPriority
from building_ctrl.model.task import Task, TaskRequest

STORE_FAILED = Alarm(
    "task_store_failed", "task_store_failed", "dispatcher", AlarmPriority.HIGH, active=True, raised_s=0.0
)


class LedgerError(Exception):
    """The ledger could not keep something; the message says what and why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a request; `digest` identifies its content."""

    request_id: str
    digest: str
    response: str


class Ledger(Protocol):
    """Where tasks and answers are kept. Every method may raise LedgerError, and then has changed nothing."""

    def next_number(self) -> int:
        """The number of the next task; grows with every task kept."""

    def answer(self, request_id: str) -> Answer | None:
        """What was answered to that request."""

    def keep(self, tasks: Sequence[Task], now: float, answer: Answer | None = None) -> None:
        """Keeps the tasks as they are now, and the answer; all or nothing, and for good when it returns."""


class TaskDesk:
    """Answers task API requests with a dispatcher and keeps what it decides in a ledger."""

    def __init__(self, dispatcher: Dispatcher, ledger: Ledger) -> None:
        self._dispatcher = dispatcher
        self._ledger = ledger
        self._unkept: dict[str, Task] = {}

    def handle(self, text: str, request_id: str, now: float) -> str:
        """The answer to one request, as JSON. A request repeated with its id gets the same answer."""
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        try:
            asked = open_rmf.read_request(text)
            before = self._ledger.answer(request_id) if request_id else None
            if before is not None:
                if before.digest == digest:
                    return before.response
                reason = f"request id {request_id!r} was used for another request"
                return open_rmf.failure(open_rmf.BAD_REQUEST, "Invalid request", reason)
            key = Answer(request_id, digest, "")
            if isinstance(asked, open_rmf.Cancel):
                return self._cancel(asked.task_id, key, now)
            return self._dispatch(asked.request, key, now)
        except open_rmf.BadApiRequest as error:
            return open_rmf.failure(open_rmf.BAD_REQUEST, "Invalid request", str(error))
        except LedgerError as error:
            return open_rmf.failure(open_rmf.NOT_RECORDED, "Not recorded", f"try again: {error}")

    def step(self, now: float) -> DispatchDecisions:
        """One step of the dispatcher. While changes cannot be kept, no destination is given out."""
        decisions = self._dispatcher.step(now)
        self._unkept.update((task.request.task_id, task) for task in decisions.changed)
        if not self._unkept:
            return decisions
        try:
            self._ledger.keep(tuple(self._unkept.values()), now)
        except LedgerError as error:
            failed = replace(STORE_FAILED, raised_s=now, detail=str(error))
            return replace(decisions, destinations=(), alarms=(*decisions.alarms, failed))
        self._unkept.clear()
        return decisions

    def _dispatch(self, request: TaskRequest, key: Answer, now: float) -> str:
        task_id = f"{request.category.value}-{self._ledger.next_number()}"
        result = self._dispatcher.submit(replace(request, task_id=task_id), now)
        if isinstance(result, Refused):
            return self._refuse(result, key, now)
        response = open_rmf.dispatched(result.task)
        try:
            self._ledger.keep([result.task], now, _filled(key, response))
        except LedgerError:
            self._dispatcher.withdraw(task_id)
            raise
        return response

    def _cancel(self, task_id: str, key: Answer, now: float) -> str:
        result = self._dispatcher.cancel(task_id, now)
        if isinstance(result, Refused):
            return self._refuse(result, key, now)
        response = open_rmf.done()
        self._ledger.keep([result.task], now, _filled(key, response))
        return response

    def _refuse(self, result: Refused, key: Answer, now: float) -> str:
        code, category = open_rmf.REFUSED, "Refused"
        if result.invalid:
            code, category = open_rmf.BAD_REQUEST, "Invalid request"
        response = open_rmf.failure(code, category, result.reason)
        self._ledger.keep([], now, _filled(key, response))
        return response


def _filled(key: Answer, response: str) -> Answer | None:
    return replace(key, response=response) if key.request_id else None
