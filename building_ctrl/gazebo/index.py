"""The index of an exported world as a file: `world.json` says what is driven and how."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from building_ctrl.gazebo.names import DoorEntry, DrivenJoint, Landing, LiftEntry, RobotEntry, WorldIndex


class WorldIndexError(ValueError):
    """An index that can't be read; the text says which and why, in one line."""


def index_text(index: WorldIndex) -> str:
    """The index as JSON."""
    return json.dumps(asdict(index), indent=1, ensure_ascii=False) + "\n"


def read_index(path: Path) -> WorldIndex:
    """The index in a file. Raises WorldIndexError."""
    try:
        return _index(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise WorldIndexError(f"{path}: cannot be read: {error.strerror or error}; export the map first") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WorldIndexError(f"{path}: not the index of an exported world ({error}); export the map again") from error


def _index(node: dict[str, Any]) -> WorldIndex:
    return WorldIndex(
        building=node["building"],
        world=node["world"],
        levels=tuple((name, float(elevation)) for name, elevation in node["levels"]),
        robots=tuple(_robot(robot) for robot in node["robots"]),
        doors=tuple(DoorEntry(d["name"], d["level"], d["model"], _joints(d["leaves"])) for d in node["doors"]),
        lifts=tuple(_lift(lift) for lift in node["lifts"]),
    )


def _robot(node: dict[str, Any]) -> RobotEntry:
    return RobotEntry(**(node | {"corners": tuple((float(x), float(y)) for x, y in node["corners"])}))


def _lift(node: dict[str, Any]) -> LiftEntry:
    return LiftEntry(
        name=node["name"],
        model=node["model"],
        landing_model=node["landing_model"],
        cabin=DrivenJoint(**node["cabin"]),
        zero_m=node["zero_m"],
        landings=tuple(
            Landing(n["level"], n["door"], _joints(n["cabin_leaves"]), _joints(n["landing_leaves"]))
            for n in node["landings"]
        ),
    )


def _joints(nodes: list[dict[str, Any]]) -> tuple[DrivenJoint, ...]:
    return tuple(DrivenJoint(**node) for node in nodes)
