"""What robots hold of the floor, in SQLite: on the disk before a robot hears that it may drive there.

A planner that starts anew reads it back, so that it never releases what a robot it has not heard yet may still drive.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from building_ctrl.model.held import HeldKind, HeldStretch
from building_ctrl.store.sqlite_file import SqliteFile

VERSIONS = (("CREATE TABLE batches (number INTEGER PRIMARY KEY, held TEXT NOT NULL)",),)
COMPACT_BATCHES = 500


class ReleaseStore:
    """The stretches of all robots in one file: a row a batch, as writing one page costs less than finding a thousand
    rows; now and then one batch takes the place of all before it.

    One process and one thread own it: `open` it, use it and `close` it there.
    """

    def __init__(self, path: Path | str) -> None:
        self._file = SqliteFile(path, "store of released paths", VERSIONS)
        self._path = path
        self._newest: dict[str, list[object]] = {}
        self._number = 0
        self._batches = 0

    def __enter__(self) -> ReleaseStore:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Opens the file, made or brought to the newest version where needed. Raises StoreError."""
        self._file.open(self._read)

    def close(self) -> None:
        """Closes the file; closing twice does no harm."""
        self._file.close()

    def load(self) -> tuple[HeldStretch, ...]:
        """What was kept, in order of the robots' names. Raises StoreError."""
        self._file.connection()
        return tuple(_stretch(row) for _, row in sorted(self._newest.items()))

    def keep(self, stretches: Sequence[HeldStretch]) -> None:
        """Keeps the stretches in place of their robots' former ones: all or nothing, on the disk when it returns.

        Raises StoreError, and then has changed nothing.
        """
        if not stretches:
            return
        rows = {stretch.robot: _row(stretch) for stretch in stretches}
        compact = self._batches >= COMPACT_BATCHES
        kept = {**self._newest, **rows} if compact else rows
        number = self._number + 1
        with self._file.transaction() as db:
            db.execute("INSERT INTO batches VALUES (?, ?)", (number, json.dumps(list(kept.values()))))
            if compact:
                db.execute("DELETE FROM batches WHERE number < ?", (number,))
        self._newest.update(rows)
        self._number, self._batches = number, 1 if compact else self._batches + 1

    def _read(self) -> None:
        """Raises ValueError where the file holds something else."""
        for number, held in self._file.rows("SELECT number, held FROM batches ORDER BY number"):
            self._number, self._batches = number, self._batches + 1
            for row in json.loads(held):
                self._newest[_stretch(row).robot] = row

    def connection(self) -> sqlite3.Connection:
        """The open file. Raises StoreError where it is not open."""
        return self._file.connection()


def _row(stretch: HeldStretch) -> list[object]:
    s = stretch
    return [s.robot, s.fleet, s.level, s.epoch, s.points, int(s.kind), s.reason]


def _stretch(row: Sequence[Any]) -> HeldStretch:
    """Raises ValueError."""
    try:
        robot, fleet, level, epoch, points, kind, reason = row
        line = tuple((float(x), float(y)) for x, y in points)
        return HeldStretch(str(robot), str(fleet), str(level), int(epoch), line, HeldKind(kind), str(reason))
    except TypeError as error:
        raise ValueError(f"no stretch: {row!r}") from error
