"""The rules of the traffic in a JSON file: small, seldom written, and readable for people."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from building_ctrl.model.traffic import Closure, LaneRules, TrafficSnapshot
from building_ctrl.store.sqlite_file import StoreError

VERSION = 1


def read_traffic(path: Path) -> TrafficSnapshot:
    """The rules that were in force; none where there is no file. Raises StoreError for a file that cannot be used."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != VERSION:
            raise ValueError(f"its version {document['version']} is not {VERSION}")
        return TrafficSnapshot(
            tuple(_lane_rules(row) for row in document["lanes"]),
            tuple(_closure(row) for row in document["closures"]),
        )
    except FileNotFoundError:
        return TrafficSnapshot()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: cannot be read as closed lanes and areas: {error}; move it away") from error


def write_traffic(path: Path, snapshot: TrafficSnapshot) -> None:
    """Replace the file at once: a crash at any moment leaves the old rules or the new. Raises StoreError."""
    document = {"version": VERSION, **asdict(snapshot)}
    draft = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8") as file:
            json.dump(document, file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StoreError(f"{path}: closed lanes and areas cannot be kept: {error}; check the disk") from error


def _lane_rules(row: dict[str, Any]) -> LaneRules:
    limits = tuple((int(lane), float(limit)) for lane, limit in row["limits"])
    return LaneRules(str(row["fleet"]), tuple(int(lane) for lane in row["closed"]), limits)


def _closure(row: dict[str, Any]) -> Closure:
    return Closure(
        name=str(row["name"]),
        level=str(row["level"]),
        points=tuple((float(x), float(y)) for x, y in row["points"]),
        requester=str(row["requester"]),
        reason=str(row["reason"]),
        closed_s=float(row["closed_s"]),
        until_s=float(row["until_s"]),
    )
