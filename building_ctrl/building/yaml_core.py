"""YAML to plain data by the core schema of YAML 1.2 (yaml.org/spec/1.2.2, section 10.3).

The traffic editor (yaml-cpp) writes YAML 1.2: `1e-05` is a number, `on` and `012` are texts; PyYAML's own
loaders read YAML 1.1. They also recurse on the C stack, so that a file of brackets crashes the process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_DEPTH = 64

INT = re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$")
FLOAT = re.compile(
    r"^(?:[-+]?(?:(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_NUMERIC_START = frozenset("-+.0123456789")
_TAG = "tag:yaml.org,2002:"
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(ValueError):
    """Text that is YAML but not plain data; carries the mark of where."""

    def __init__(self, problem: str, mark: Any) -> None:
        super().__init__(problem)
        self.problem = problem
        self.problem_mark = mark


@dataclass(slots=True)
class _Open:
    """A list or mapping being filled; `height` is the deepest nesting below it so far."""

    value: list[Any] | dict[Any, Any]
    anchor: str | None
    height: int = 0
    keyed: bool = False
    key: Any = None


@dataclass(slots=True)
class _Builder:
    """Turns parser events into data."""

    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    open_anchors: set[str] = field(default_factory=set)
    root: Any = None
    documents: int = 0

    def scalar(self, event: Any) -> None:
        value = _scalar(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, 0)
        self._add(value, 0, event)

    def alias(self, event: Any) -> None:
        if event.anchor in self.open_anchors:
            raise YamlError(f"recursive alias {event.anchor!r}", event.start_mark)
        if event.anchor not in self.anchors:
            raise YamlError(f"undefined alias {event.anchor!r}", event.start_mark)
        value, height = self.anchors[event.anchor]
        self._add(value, height, event)

    def begin(self, event: Any, value: list[Any] | dict[Any, Any]) -> None:
        kind = "map" if isinstance(value, dict) else "seq"
        if event.tag not in (None, "!", _TAG + kind):
            raise YamlError(f"unknown tag {event.tag!r}", event.start_mark)
        if len(self.stack) >= MAX_DEPTH:
            raise YamlError(f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        if event.anchor is not None:
            self.open_anchors.add(event.anchor)
        self.stack.append(_Open(value, event.anchor))

    def end(self, event: Any) -> None:
        done = self.stack.pop()
        if done.anchor is not None:
            self.open_anchors.discard(done.anchor)
            self.anchors[done.anchor] = (done.value, done.height + 1)
        self._add(done.value, done.height + 1, event)

    def _add(self, value: Any, height: int, event: Any) -> None:
        if not self.stack:
            self.root = value
            return
        top = self.stack[-1]
        if len(self.stack) + height > MAX_DEPTH:
            raise YamlError(f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        top.height = max(top.height, height)
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.keyed:
            top.value[top.key] = value
            top.keyed = False
        else:
            if isinstance(value, (list, dict)):
                raise YamlError("a key must be a plain value", event.start_mark)
            if value in top.value:
                raise YamlError(f"the key {value!r} appears twice", event.start_mark)
            top.key, top.keyed = value, True


def parse_yaml(text: str) -> Any:
    """The one document in the text as dicts, lists, texts, numbers, bools and None.

    Raises yaml.YAMLError, or YamlError (a ValueError) for tags, keys and nesting plain data doesn't have.
    """
    builder = _Builder()
    for event in yaml.parse(text, Loader=_PARSER):
        if isinstance(event, yaml.ScalarEvent):
            builder.scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            builder.begin(event, [])
        elif isinstance(event, yaml.MappingStartEvent):
            builder.begin(event, {})
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            builder.end(event)
        elif isinstance(event, yaml.AliasEvent):
            builder.alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            builder.documents += 1
            if builder.documents > 1:
                raise YamlError("more than one document", event.start_mark)
    return builder.root


def _scalar(event: Any) -> Any:
    value: str = event.value
    if event.tag in (None, "!"):
        return _plain(value) if event.implicit[0] else value
    if event.tag == _TAG + "str":
        return value
    expected: dict[str, Any] = {
        _TAG + "int": int,
        _TAG + "float": (int, float),
        _TAG + "bool": bool,
        _TAG + "null": type(None),
    }
    found = _plain(value)
    if event.tag not in expected or not isinstance(found, expected[event.tag]):
        raise YamlError(f"{value[:40]!r} is no {event.tag.removeprefix(_TAG)}", event.start_mark)
    return float(found) if event.tag == _TAG + "float" else found


def _plain(value: str) -> Any:
    if value in _WORDS:
        return _WORDS[value]
    if value[0] not in _NUMERIC_START:
        return value
    if INT.match(value):
        return int(value)
    if not FLOAT.match(value):
        return value
    return float(value.replace(".", "", 1) if value[-1] in "fFnN" else value)
