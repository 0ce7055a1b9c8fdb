"""The robots enrolled with a gateway: a YAML file, changed by `building_ctrl robot` and read again when it
changes."""

from __future__ import annotations

import fcntl
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from building_ctrl.link.keys import KeyFileError, check_public_key
from building_ctrl.model.robot import Drive, RobotProfile

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}")
_NUMBERS = {
    "radius_m": (0.05, 5.0),
    "max_speed_mps": (0.05, 10.0),
    "max_acceleration_mps2": (0.05, 10.0),
    "max_yaw_rate_radps": (0.05, 20.0),
    "max_yaw_acceleration_radps2": (0.05, 50.0),
    "max_jerk_mps3": (0.0, 100.0),
}
_FIELDS = frozenset({"name", "fleet", "graph_mask", "public_key", "revoked", "drive", "heading_free", *_NUMBERS})
_DRIVES = {drive.name.lower(): drive for drive in Drive}


class RegistryError(ValueError):
    """A registry that cannot be read; the text names file, robot and field."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One robot of the registry. `public_key` is Z85 text, empty for a robot that only speaks plain text."""

    profile: RobotProfile
    public_key: str = ""
    revoked: bool = False


class Registry:
    """Enrolled robots by name and by key. Immutable; a changed file makes a new one."""

    def __init__(self, robots: tuple[Enrolled, ...]) -> None:
        self.robots = robots
        self._by_name = {robot.profile.name: robot for robot in robots}
        self._by_key = {r.public_key: r for r in robots if r.public_key and not r.revoked}

    def get(self, name: str) -> Enrolled | None:
        """The robot of that name, None where it was never enrolled."""
        return self._by_name.get(name)

    def allows(self, public_key: str) -> bool:
        """Whether a robot with that key may connect."""
        return public_key in self._by_key

    def robot_of(self, identity: str, name: str) -> str:
        """Name of the robot that owns the key `identity`; on plain text (no identity) the name itself, if
        enrolled.

        Raises LookupError where the robot is not enrolled or revoked.
        """
        robot = self._by_key.get(identity) if identity else self._by_name.get(name)
        if robot is None:
            raise LookupError(f"robot {name!r} is not enrolled here; run `building_ctrl robot enroll {name}`")
        if robot.revoked:
            raise LookupError(f"robot {name!r} is revoked")
        return robot.profile.name

    def without(self, other: Registry) -> list[str]:
        """Names allowed here and no longer (or with another key) in `other`."""
        return [
            name
            for name, robot in self._by_name.items()
            if not robot.revoked and not _same_access(robot, other.get(name))
        ]


def _same_access(old: Enrolled, new: Enrolled | None) -> bool:
    return new is not None and not new.revoked and new.public_key == old.public_key


def read_registry(path: Path) -> Registry:
    """Raises RegistryError with one line that says what is wrong and where."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RegistryError(
            f"{path}: {error.strerror}; `building_ctrl robot enroll NAME --registry {path}` makes it"
        ) from error
    except UnicodeDecodeError as error:
        raise RegistryError(f"{path}: not a text file in UTF-8") from error
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark is not None else ""
        raise RegistryError(f"{path}{where}: not YAML: {getattr(error, 'problem', error)}") from error
    return parse_registry(content, str(path))


def parse_registry(content: Any, where: str) -> Registry:
    """The registry in parsed YAML `{robots: [{name, fleet, ...}]}`. Raises RegistryError."""
    rows = content.get("robots", []) if isinstance(content, dict) else None if content is not None else []
    if not isinstance(rows, list):
        raise RegistryError(f"{where}: wants a list `robots:`")
    robots = tuple(parse_robot(row, f"{where}: robots[{i}]") for i, row in enumerate(rows))
    names: set[str] = set()
    keys: dict[str, str] = {}
    for robot in robots:
        name = robot.profile.name
        if name in names:
            raise RegistryError(f"{where}: robot {name!r} is listed twice")
        names.add(name)
        if robot.public_key and robot.public_key in keys:
            raise RegistryError(f"{where}: robots {keys[robot.public_key]!r} and {name!r} have the same key")
        keys[robot.public_key] = name
    return Registry(robots)


def write_registry(path: Path, registry: Registry) -> None:
    """Replace the file at once; readers see the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [_row(robot) for robot in registry.robots]
    draft = path.with_name(path.name + ".new")
    with draft.open("w", encoding="utf-8") as file:
        yaml.safe_dump({"robots": rows}, file, sort_keys=False, allow_unicode=True)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


@contextmanager
def editing(path: Path) -> Iterator[Registry]:
    """The registry under a lock, so that two commands do not undo each other; an absent file counts as
    empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield read_registry(path) if path.exists() else Registry(())


def with_robot(registry: Registry, robot: Enrolled) -> Registry:
    """The registry with a robot added or replaced."""
    name = robot.profile.name
    others = [r for r in registry.robots if r.profile.name != name]
    return Registry((*others, robot))


def revoked(registry: Registry, name: str) -> Registry:
    """The registry with a robot shut out. Raises KeyError where it was never enrolled."""
    robot = registry.get(name)
    if robot is None:
        raise KeyError(name)
    return with_robot(registry, replace(robot, revoked=True))


def parse_robot(row: Any, where: str) -> Enrolled:
    """One row of the list. Raises RegistryError."""
    if not isinstance(row, dict):
        raise RegistryError(f"{where}: wants name, fleet and what the robot can do")
    unknown = sorted(str(key) for key in row if key not in _FIELDS)
    if unknown:
        raise RegistryError(f"{where}: unknown field {unknown[0]!r}")
    name, fleet = row.get("name"), row.get("fleet")
    for field, value in (("name", name), ("fleet", fleet)):
        if not isinstance(value, str) or NAME.fullmatch(value) is None:
            raise RegistryError(
                f"{where}: {field} must be letters, digits, `_`, `-` or `.` (64 at most), not {value!r}"
            )
    numbers = {key: _number(row[key], key, f"{where} ({name})") for key in _NUMBERS if key in row}
    mask = row.get("graph_mask", 1)
    if not isinstance(mask, int) or isinstance(mask, bool) or not 0 < mask < 2**32:
        raise RegistryError(
            f"{where} ({name}): graph_mask must be an integer from 1 to 2**32 - 1, not {mask!r}"
        )
    key = row.get("public_key", "")
    try:
        public_key = check_public_key(str(key), f"{where} ({name})") if key else ""
    except KeyFileError as error:
        raise RegistryError(str(error)) from error
    is_revoked = row.get("revoked", False)
    if not isinstance(is_revoked, bool):
        raise RegistryError(f"{where} ({name}): revoked must be true or false, not {is_revoked!r}")
    drive = _DRIVES.get(str(row.get("drive", "differential")))
    if drive is None:
        raise RegistryError(f"{where} ({name}): drive must be {' or '.join(_DRIVES)}, not {row['drive']!r}")
    free = row.get("heading_free", False)
    if not isinstance(free, bool) or (free and drive is not Drive.OMNIDIRECTIONAL):
        raise RegistryError(f"{where} ({name}): heading_free is true or false, true only for omnidirectional drives")
    profile = RobotProfile(
        str(name), str(fleet), graph_mask=mask, drive=drive, heading_free=free, **numbers
    )
    return Enrolled(profile, public_key, is_revoked)


def _number(value: Any, field: str, where: str) -> float:
    low, high = _NUMBERS[field]
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not good or not low <= value <= high:
        raise RegistryError(f"{where}: {field} must be from {low} to {high}, not {value!r}")
    return float(value)


def _row(robot: Enrolled) -> dict[str, Any]:
    profile = robot.profile
    row: dict[str, Any] = {"name": profile.name, "fleet": profile.fleet, "graph_mask": profile.graph_mask}
    row.update({field: getattr(profile, field) for field in _NUMBERS})
    if profile.drive is not Drive.DIFFERENTIAL:
        row["drive"] = profile.drive.name.lower()
    if profile.heading_free:
        row["heading_free"] = True
    if robot.public_key:
        row["public_key"] = robot.public_key
    if robot.revoked:
        row["revoked"] = True
    return row
