"""Versions of the task store's tables, and the way from each to the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE tasks (
            task_id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, request TEXT NOT NULL,
            places TEXT NOT NULL, status INTEGER NOT NULL, fleet TEXT NOT NULL, robot TEXT NOT NULL,
            stage INTEGER NOT NULL, detail TEXT NOT NULL, submitted_s REAL NOT NULL,
            started_s REAL NOT NULL, ended_s REAL NOT NULL)""",
        "CREATE INDEX tasks_by_status ON tasks (status, ended_s)",
        """CREATE TABLE task_events (
            event_id INTEGER PRIMARY KEY, task_id TEXT NOT NULL REFERENCES tasks (task_id),
            at_s REAL NOT NULL, status INTEGER NOT NULL, robot TEXT NOT NULL, stage INTEGER NOT NULL,
            detail TEXT NOT NULL)""",
        "CREATE INDEX task_events_by_task ON task_events (task_id, event_id)",
        """CREATE TABLE answers (
            request_id TEXT PRIMARY KEY, digest TEXT NOT NULL, response TEXT NOT NULL,
            at_s REAL NOT NULL)""",
        "CREATE INDEX answers_by_time ON answers (at_s)",
    ),
)


def migrate(db: sqlite3.Connection, versions: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Brings a database to the newest version, each version in a transaction of its own.

    Raises ValueError where the file was made by a newer program, sqlite3.Error where it is no database.
    """
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(versions):
        raise ValueError(f"its version {version} is newer than this program's {len(versions)}")
    for number, statements in enumerate(versions[version:], start=version + 1):
        db.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number}")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
