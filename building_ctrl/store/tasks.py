"""Tasks in SQLite: what was accepted survives a crash of the process or the machine at any moment.

The standard sqlite3, not SQLAlchemy: a handful of statements of one owner do not repay its start-up time.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from building_ctrl.core.task.desk import Answer, LedgerError
from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus
from building_ctrl.store.schema import migrate

ANSWERS_KEPT_S = 7 * 86400.0
UPSERT = """
    INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (task_id) DO UPDATE SET status = excluded.status, fleet = excluded.fleet,
        robot = excluded.robot, stage = excluded.stage, detail = excluded.detail,
        started_s = excluded.started_s, ended_s = excluded.ended_s
"""
COLUMNS = "request, places, status, fleet, robot, stage, detail, submitted_s, started_s, ended_s"


class StoreError(LedgerError):
    """The store cannot be used; the message names the file and says what to do."""


class TaskStore:
    """The ledger of tasks in one SQLite file (write-ahead log, every commit on the disk before it returns).

    One process and one thread own it: `open` it, use it and `close` it there. Another process that opens the
    same file is told so; reading it with sqlite3 meanwhile is fine.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._db: sqlite3.Connection | None = None
        self._lock_file: int | None = None
        self._next_number = 1
        self._ended: dict[TaskStatus, int] = {}

    def __enter__(self) -> TaskStore:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Opens the file, made or brought to the newest version where needed. Raises StoreError."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock()
            self._db = sqlite3.connect(self._path, isolation_level=None, timeout=5.0)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            migrate(self._db)
            self._next_number = 1 + int(self._value("SELECT COALESCE(MAX(number), 0) FROM tasks"))
            self._ended = {
                status: int(self._value("SELECT COUNT(*) FROM tasks WHERE status = ?", int(status)))
                for status in TaskStatus
                if status.ended
            }
        except (OSError, sqlite3.Error, ValueError) as error:
            self.close()
            raise StoreError(f"{self._path}: cannot be used as task store: {error}; move it away") from error
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Closes the file; closing twice does no harm."""
        if self._db is not None:
            self._db.close()
            self._db = None
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def next_number(self) -> int:
        """The number of the next task; grows with every task kept."""
        return self._next_number

    def totals(self) -> tuple[int, int]:
        """How many tasks were completed and how many failed since the store was made."""
        return self._ended.get(TaskStatus.COMPLETED, 0), self._ended.get(TaskStatus.FAILED, 0)

    def load(self, ended_after_s: float) -> tuple[Task, ...]:
        """Open tasks, and those ended after that time, in order of submission. Raises StoreError."""
        where = "status < ? OR ended_s > ?"
        rows = self._rows(
            f"SELECT {COLUMNS} FROM tasks WHERE {where} ORDER BY number",
            int(TaskStatus.COMPLETED),
            ended_after_s,
        )
        return tuple(_task(row) for row in rows)

    def answer(self, request_id: str) -> Answer | None:
        """What was answered to that request. Raises StoreError."""
        rows = self._rows("SELECT digest, response FROM answers WHERE request_id = ?", request_id)
        return Answer(request_id, *rows[0]) if rows else None

    def keep(self, tasks: Sequence[Task], now: float, answer: Answer | None = None) -> None:
        """Keeps the tasks as they are now, and the answer: all or nothing, on the disk when it returns.

        Raises StoreError, and then has changed nothing.
        """
        db = self._connection()
        number, ended = self._next_number, dict(self._ended)
        try:
            db.execute("BEGIN IMMEDIATE")
            for task in tasks:
                number = self._keep_task(db, task, now, number, ended)
            if answer is not None:
                kept = (answer.request_id, answer.digest, answer.response, now)
                db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", kept)
                db.execute("DELETE FROM answers WHERE at_s < ?", (now - ANSWERS_KEPT_S,))
            db.execute("COMMIT")
        except sqlite3.Error as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise StoreError(f"{self._path}: {error}") from error
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

    def _lock(self) -> None:
        lock = self._path.with_name(self._path.name + ".lock")
        self._lock_file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(f"{self._path}: in use by another process; stop that one first") from error

    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            raise StoreError(f"{self._path}: not open")
        return self._db

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            return self._connection().execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error

    def _value(self, query: str, *values: object) -> Any:
        return self._rows(query, *values)[0][0]


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
