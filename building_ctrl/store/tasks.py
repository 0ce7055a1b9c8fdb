"""Tasks in SQLite: what was accepted survives a crash of the process or the machine at any moment.

The standard sqlite3, not SQLAlchemy: a handful of statements of one owner do not repay its start-up time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from building_ctrl.core.task.desk import Answer
from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus
from building_ctrl.store.schema import MIGRATIONS
from building_ctrl.store.sqlite_file import SqliteFile

ANSWERS_KEPT_S = 7 * 86400.0
UPSERT = """
    INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (task_id) DO UPDATE SET status = excluded.status, fleet = excluded.fleet,
        robot = excluded.robot, stage = excluded.stage, detail = excluded.detail,
        started_s = excluded.started_s, ended_s = excluded.ended_s
"""
COLUMNS = "request, places, status, fleet, robot, stage, detail, submitted_s, started_s, ended_s"


class TaskStore:
    """The ledger of tasks in one SQLite file (write-ahead log, every commit on the disk before it returns).

    One process and one thread own it: `open` it, use it and `close` it there. Another process that opens the
    same file is told so; reading it with sqlite3 meanwhile is fine.
    """

    def __init__(self, path: Path | str) -> None:
        self._file = SqliteFile(path, "task store", MIGRATIONS)
        self._next_number = 1
        self._ended: dict[TaskStatus, int] = {}

    def __enter__(self) -> TaskStore:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Opens the file, made or brought to the newest version where needed. Raises StoreError."""
        self._file.open(self._count)

    def close(self) -> None:
        """Closes the file; closing twice does no harm."""
        self._file.close()

    def _count(self) -> None:
        value = self._file.value
        self._next_number = 1 + int(value("SELECT COALESCE(MAX(number), 0) FROM tasks"))
        self._ended = {
            status: int(value("SELECT COUNT(*) FROM tasks WHERE status = ?", int(status)))
            for status in TaskStatus
            if status.ended
        }

    def next_number(self) -> int:
        """The number of the next task; grows with every task kept."""
        return self._next_number

    def totals(self) -> tuple[int, int]:
        """How many tasks were completed and how many failed since the store was made."""
        return self._ended.get(TaskStatus.COMPLETED, 0), self._ended.get(TaskStatus.FAILED, 0)

    def load(self, ended_after_s: float) -> tuple[Task, ...]:
        """Open tasks, and those ended after that time, in order of submission. Raises StoreError."""
        where = "status < ? OR ended_s > ?"
        rows = self._file.rows(
            f"SELECT {COLUMNS} FROM tasks WHERE {where} ORDER BY number",
            int(TaskStatus.COMPLETED),
            ended_after_s,
        )
        return tuple(_task(row) for row in rows)

    def answer(self, request_id: str) -> Answer | None:
        """What was answered to that request. Raises StoreError."""
        rows = self._file.rows("SELECT digest, response FROM answers WHERE request_id = ?", request_id)
        return Answer(request_id, *rows[0]) if rows else None

    def keep(self, tasks: Sequence[Task], now: float, answer: Answer | None = None) -> None:
        """Keeps the tasks as they are now, and the answer: all or nothing, on the disk when it returns.

        Raises StoreError, and then has changed nothing.
        """
        number, ended = self._next_number, dict(self._ended)
        with self._file.transaction() as db:
            for task in tasks:
                number = self._keep_task(db, task, now, number, ended)
            if answer is not None:
                kept = (answer.request_id, answer.digest, answer.response, now)
                db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", kept)
                db.execute("DELETE FROM answers WHERE at_s < ?", (now - ANSWERS_KEPT_S,))
        self._next_number, self._ended = number, ended

    def _keep_task(
        self, db: sqlite3.Connection, task: Task, now: float, number: int, ended: dict[TaskStatus, int]
    ) -> int:
        """Writes one task and its change; returns the number of the next new task."""
        task_id = task.request.task_id
        before = db.execute("SELECT number, status FROM tasks WHERE task_id = ?", (task_id,)).fetchone()
        db.execute(UPSERT, _row(task, before[0] if before else number))
        change = (task_id, now, int(task.status), task.robot, task.stage, task.detail)
        db.execute(
            "INSERT INTO task_events (task_id, at_s, status, robot, stage, detail) VALUES (?, ?, ?, ?, ?, ?)",
            change,
        )
        if task.status.ended and (before is None or before[1] != task.status):
            ended[task.status] = ended.get(task.status, 0) + 1
        return number if before else number + 1

    def connection(self) -> sqlite3.Connection:
        """The open file. Raises StoreError where it is not open."""
        return self._file.connection()


def _row(task: Task, number: int) -> tuple[object, ...]:
    return (
        task.request.task_id,
        number,
        json.dumps(asdict(task.request)),
        json.dumps(task.places),
        int(task.status),
        task.fleet,
        task.robot,
        task.stage,
        task.detail,
        task.submitted_s,
        task.started_s,
        task.ended_s,
    )


def _task(row: tuple[Any, ...]) -> Task:
    stored = json.loads(row[0])
    known = {f.name: stored[f.name] for f in fields(TaskRequest) if f.name in stored}
    known |= {"category": TaskCategory(known["category"]), "places": tuple(known["places"])}
    return Task(
        request=TaskRequest(**known),
        status=TaskStatus(row[2]),
        fleet=row[3],
        robot=row[4],
        stage=row[5],
        detail=row[6],
        submitted_s=row[7],
        started_s=row[8],
        ended_s=row[9],
        places=tuple((level, place) for level, place in json.loads(row[1])),
    )
