"""One SQLite file that one process owns: write-ahead log, every commit on the disk before it returns."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from building_ctrl.core.task.desk import LedgerError
from building_ctrl.store.schema import migrate


class StoreError(LedgerError):
    """The store cannot be used; the message names the file and says what to do."""


class SqliteFile:
    """Opened, used and closed in one thread. Another process that opens the same file is told so; reading it with
    sqlite3 meanwhile is fine.

    Args:
        path: the file; made where needed, with its directory.
        what: what it is called in messages.
        versions: statements that bring its tables from each version to the next.
    """

    def __init__(self, path: Path | str, what: str, versions: Sequence[Sequence[str]]) -> None:
        self._path = Path(path)
        self._what = what
        self._versions = versions
        self._db: sqlite3.Connection | None = None
        self._lock_file: int | None = None

    def open(self, read: Callable[[], None] | None = None) -> None:
        """Opens the file, made or brought to the newest version where needed, and lets `read` look. Raises
        StoreError, and then has closed it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock()
            self._db = sqlite3.connect(self._path, isolation_level=None, timeout=5.0)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            migrate(self._db, self._versions)
            if read is not None:
                read()
        except (OSError, sqlite3.Error, ValueError) as error:
            self.close()
            raise StoreError(f"{self._path}: cannot be used as {self._what}: {error}; move it away") from error
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

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, on the disk when it ends. Raises StoreError, and then has changed nothing."""
        db = self.connection()
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        except sqlite3.Error as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise StoreError(f"{self._path}: {error}") from error

    def connection(self) -> sqlite3.Connection:
        """The open file. Raises StoreError where it is not open."""
        if self._db is None:
            raise StoreError(f"{self._path}: not open")
        return self._db

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds. Raises StoreError."""
        try:
            return self.connection().execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error

    def value(self, query: str, *values: object) -> Any:
        """The one value a query finds. Raises StoreError."""
        return self.rows(query, *values)[0][0]

    def _lock(self) -> None:
        lock = self._path.with_name(self._path.name + ".lock")
        self._lock_file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(f"{self._path}: in use by another process; stop that one first") from error
