"""Reads the classes of a building's robots from a YAML file."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from building_ctrl.model.footprint import Footprint, circle, polygon, rectangle
from building_ctrl.model.robot_class import BITS, RobotClass, RobotClasses

_SHAPES = ("circle", "rectangle", "polygon")
_FIELDS = frozenset({"name", "tracking_error_m", "heading_error_rad", "graphs", "fleets", *_SHAPES})
_ERRORS = {"tracking_error_m": (0.10, 1.0), "heading_error_rad": (0.15, 1.0)}  # default, most


class ClassesError(ValueError):
    """Classes that cannot be used; the text names file, class and field in one line."""


def load_classes(path: Path) -> RobotClasses:
    """The classes in a file. Raises ClassesError."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ClassesError(f"{path}: can't be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ClassesError(f"{path}: not a text file in UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark is not None else ""
        raise ClassesError(f"{path}{where}: not YAML: {getattr(error, 'problem', error)}") from error
    return parse_classes(content, str(path))


def given_classes(path: str | Path | None) -> RobotClasses | None:
    """As load_classes; None where no file is given. Raises ClassesError."""
    return load_classes(Path(path)) if path else None


def parse_classes(content: Any, where: str) -> RobotClasses:
    """The classes in parsed YAML `{robot_classes: [{name, circle | rectangle | polygon, ...}]}`. Raises
    ClassesError."""
    rows = content.get("robot_classes") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not rows:
        raise ClassesError(f"{where}: wants a list `robot_classes:` with one entry a class")
    classes = [_class(row, f"{where}: robot_classes[{i}]") for i, row in enumerate(rows)]
    try:
        return RobotClasses(classes)
    except ValueError as error:
        raise ClassesError(f"{where}: {error}") from error


def _class(row: Any, where: str) -> RobotClass:
    if not isinstance(row, dict):
        raise ClassesError(f"{where}: wants a name and one of {', '.join(_SHAPES)}")
    unknown = sorted(str(key) for key in row if key not in _FIELDS)
    if unknown:
        raise ClassesError(f"{where}: unknown field {unknown[0]!r}")
    name = row.get("name")
    if not isinstance(name, str) or not name.strip():
        raise ClassesError(f"{where}: name must be a text, not {name!r}")
    where = f"{where} ({name})"
    errors = {}
    for key, (default, most) in _ERRORS.items():
        errors[key] = _number(row.get(key, default), key, where)
        if not 0.0 <= errors[key] <= most:
            raise ClassesError(f"{where}: {key} must be from 0 to {most:g}, not {errors[key]:g}")
    return RobotClass(
        name.strip(),
        _footprint(row, where),
        graphs=tuple(_list(row.get("graphs", [0]), "graphs", where, _graph)),
        fleets=tuple(_list(row.get("fleets", []), "fleets", where, _text)),
        **errors,
    )


def _footprint(row: dict[str, Any], where: str) -> Footprint:
    given = [shape for shape in _SHAPES if shape in row]
    if len(given) != 1:
        raise ClassesError(f"{where}: give one of {', '.join(_SHAPES)}, not {' and '.join(given) or 'none'}")
    shape = given[0]
    try:
        if shape == "circle":
            return circle(_number(row[shape], shape, where))
        if shape == "rectangle":
            sides = _list(row[shape], shape, where, _number)
            if len(sides) != 2:
                raise ClassesError(f"{where}: rectangle must be [length, width]")
            return rectangle(*sides)
        corners = _list(row[shape], shape, where, _corner)
        return polygon(tuple(corners))
    except ClassesError:
        raise
    except ValueError as error:
        raise ClassesError(f"{where}: {error}") from error


def _list(value: Any, key: str, where: str, of: Callable[[Any, str, str], Any]) -> list[Any]:
    if not isinstance(value, list):
        raise ClassesError(f"{where}: {key} must be a list, not {value!r}")
    return [of(entry, key, where) for entry in value]


def _number(value: Any, key: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ClassesError(f"{where}: {key} must be a number, not {value!r}")
    return float(value)


def _graph(value: Any, key: str, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < BITS:
        raise ClassesError(f"{where}: {key} must be whole numbers from 0 to {BITS - 1}, not {value!r}")
    return value


def _text(value: Any, key: str, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise ClassesError(f"{where}: {key} must be texts, not {value!r}")
    return value


def _corner(value: Any, key: str, where: str) -> tuple[float, float]:
    numbers = _list(value, key, where, _number)
    if len(numbers) != 2:
        raise ClassesError(f"{where}: {key} must be corners [x, y], not {value!r}")
    return numbers[0], numbers[1]
