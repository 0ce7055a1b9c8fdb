"""Reads and writes the YAML document of a map as plain data, in the style of the traffic editor."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import yaml

from building_ctrl.building.findings import Findings, MapError
from building_ctrl.building.yaml_core import FLOAT, INT, parse_yaml

Document = dict[Any, Any]

MAX_FILE_MB = 64

_BASE_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_ONE_LINE_ITEMS = frozenset(
    (
        *("vertices", "lanes", "walls", "doors", "measurements", "fiducials", "floors", "holes", "models"),
        *("human_lanes", "features", "constraints"),
    )
)


class _Dumper(_BASE_DUMPER):  # type: ignore[misc]
    """Quotes every text that YAML 1.1 or 1.2 would take for something else."""


class _OneLineList(list[Any]):
    """A list written on one line."""


class _OneLineDict(dict[Any, Any]):
    """A mapping written on one line."""


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:int", INT, list("-+0123456789")),
    ("tag:yaml.org,2002:float", FLOAT, list("-+.0123456789")),
):
    _Dumper.add_implicit_resolver(_tag, _pattern, _first)
_Dumper.add_representer(
    _OneLineList, lambda d, v: d.represent_sequence("tag:yaml.org,2002:seq", v, flow_style=True)
)
_Dumper.add_representer(
    _OneLineDict, lambda d, v: d.represent_mapping("tag:yaml.org,2002:map", v.items(), flow_style=True)
)


def read_document(path: str | Path) -> Document:
    """The map file as plain data. Raises MapError where it can't be read or is no mapping."""
    findings = Findings()
    try:
        size = os.path.getsize(path)
        if size > MAX_FILE_MB * 1_000_000:
            findings.error("file_too_large", size_mb=size / 1e6, limit_mb=MAX_FILE_MB)
            raise MapError(path, findings.all)
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        findings.error("file_unreadable", reason=_reason(error))
        raise MapError(path, findings.all) from error
    return parse_document(text, path)


def parse_document(text: str, path: str | Path = "<text>") -> Document:
    """As read_document, from text."""
    findings = Findings()
    try:
        document = parse_yaml(text)
    except (yaml.YAMLError, ValueError) as error:
        findings.error("yaml_invalid", reason=_reason(error))
        raise MapError(path, findings.all) from error
    if not isinstance(document, dict):
        findings.error("not_a_map", found=type_name(document))
        raise MapError(path, findings.all)
    return document


def format_document(document: Document) -> str:
    """The document as the traffic editor lays it out: one vertex, lane, wall or door a line."""
    text = yaml.dump(
        _one_line_items(document),
        Dumper=_Dumper,
        default_flow_style=False,
        sort_keys=False,
        allow_unicode=True,
        width=1_000_000,
    )
    return str(text)


def save_building(document: Document, path: str | Path) -> None:
    """Writes the document; an interrupted write leaves the old file. Raises OSError."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(format_document(document))
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def type_name(value: object) -> str:
    """What a YAML value is, in words: `a list`, `the text 'x'`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    if isinstance(value, (int, float)):
        return f"{value:.6g}" if abs(value) < 1e300 else "a huge number"
    return type(value).__name__


def _reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "strerror", None) or str(error).split("\n")[0]
    place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
    return f"{problem}{place}" if str(problem) else type(error).__name__


def _one_line_items(document: Document) -> Document:
    levels = document.get("levels")
    if not isinstance(levels, dict):
        return document
    return {**document, "levels": {name: _one_line_level(level) for name, level in levels.items()}}


def _one_line_level(level: object) -> object:
    if not isinstance(level, dict):
        return level
    return {
        key: [_one_line(item) for item in value]
        if key in _ONE_LINE_ITEMS and isinstance(value, list)
        else value
        for key, value in level.items()
    }


def _one_line(item: object) -> object:
    if isinstance(item, dict):
        return _OneLineDict(item)
    return _OneLineList(item) if isinstance(item, list) else item
