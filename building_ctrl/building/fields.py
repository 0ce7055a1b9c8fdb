"""Checked access to the values of a map document; what is wrong becomes a finding and a default is used."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from building_ctrl.building.document import type_name
from building_ctrl.building.findings import Findings

MAX_COORDINATE = 1e7


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the map a value stands; values found wrong are reported here."""

    findings: Findings
    level: str
    item: str

    def number(self, key: str, value: object, default: float = 0.0, limit: float = MAX_COORDINATE) -> float:
        """A finite number of at most `limit`."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.findings.error(
                "wrong_type", self.level, self.item, key=key, found=type_name(value), expected="a number"
            )
            return default
        if isinstance(value, float) and not math.isfinite(value):
            self.findings.error("not_finite", self.level, self.item, key=key, found=value)
            return default
        if abs(value) > limit:
            self.findings.error(
                "out_of_range", self.level, self.item, key=key, found=type_name(value), low=-limit, high=limit
            )
            return default
        return float(value)

    def whole(self, key: str, value: object, low: int, high: int) -> int | None:
        """A whole number from low to high, or None."""
        whole = value if isinstance(value, int) and not isinstance(value, bool) else None
        if whole is None and isinstance(value, float) and math.isfinite(value) and value == int(value):
            whole = int(value)
        if whole is None:
            self.findings.error(
                "wrong_type",
                self.level,
                self.item,
                key=key,
                found=type_name(value),
                expected="a whole number",
            )
            return None
        if not low <= whole <= high:
            self.findings.error(
                "out_of_range", self.level, self.item, key=key, found=type_name(whole), low=low, high=high
            )
            return None
        return whole

    def index(self, key: str, value: object, count: int) -> int | None:
        """A vertex index below `count`, or None."""
        whole = self.whole(key, value, -(2**62), 2**62)
        if whole is None:
            return None
        if not 0 <= whole < count:
            self.findings.error(
                "bad_index", self.level, self.item, key=key, found=whole, count=count, last=max(count - 1, 0)
            )
            return None
        return whole

    def flag(self, key: str, value: object) -> bool:
        """A truth value; 0 and 1 count."""
        if isinstance(value, bool):
            return value
        if isinstance(value, int) and value in (0, 1):
            return bool(value)
        self.findings.error(
            "wrong_type", self.level, self.item, key=key, found=type_name(value), expected="true or false"
        )
        return False

    def text(self, key: str, value: object) -> str:
        """A text; numbers and nothing become one."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, (str, int, float)):
            return str(value) if not isinstance(value, int) or value.bit_length() < 256 else "number"
        self.findings.error(
            "wrong_type", self.level, self.item, key=key, found=type_name(value), expected="a text"
        )
        return ""

    def mapping(self, key: str, value: object) -> dict[object, object]:
        """A mapping; nothing counts as an empty one."""
        if isinstance(value, dict):
            return value
        if value is not None:
            self.findings.error(
                "wrong_type", self.level, self.item, key=key, found=type_name(value), expected="a mapping"
            )
        return {}

    def sequence(self, key: str, value: object) -> list[object]:
        """A list; nothing and an empty mapping count as an empty one."""
        if isinstance(value, list):
            return value
        if value is not None and value != {}:
            self.findings.error(
                "wrong_type", self.level, self.item, key=key, found=type_name(value), expected="a list"
            )
        return []


@dataclass(frozen=True, slots=True)
class Properties:
    """The `{key: [type, value]}` mapping of a vertex, lane, wall or door."""

    place: Place
    values: dict[object, object]

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def get(self, key: str) -> object:
        """The value without its type, None where absent."""
        entry = self.values.get(key)
        if isinstance(entry, list):
            if len(entry) == 2:
                return entry[1]
            self.place.findings.error(
                "wrong_type",
                self.place.level,
                self.place.item,
                key=key,
                found="a list",
                expected="[type, value]",
            )
            return None
        return entry

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.get(key)
        return default if value is None else self.place.flag(key, value)

    def text(self, key: str, default: str = "") -> str:
        value = self.get(key)
        return default if value is None else self.place.text(key, value)

    def number(self, key: str, default: float) -> float:
        value = self.get(key)
        return default if value is None else self.place.number(key, value, default)

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        value = self.get(key)
        whole = default if value is None else self.place.whole(key, value, low, high)
        return default if whole is None else whole


@dataclass(frozen=True, slots=True)
class EdgeRecord:
    """`[start, end, {properties}]`: a lane, wall, door or measurement."""

    number: int
    start: int
    end: int
    properties: Properties


def edges(
    findings: Findings, level: str, kind: str, value: object, vertex_count: int
) -> Iterator[EdgeRecord]:
    """The edges of a level's list; those that can't be used are reported and left out."""
    for number, entry in enumerate(Place(findings, level, "").sequence(f"{kind}s", value)):
        place = Place(findings, level, f"{kind} {number}")
        if not isinstance(entry, list) or len(entry) < 2:
            findings.error(
                "wrong_type", level, place.item, key=kind, found=type_name(entry), expected="[start, end, {}]"
            )
            continue
        start = place.index("start", entry[0], vertex_count)
        end = place.index("end", entry[1], vertex_count)
        properties = Properties(place, place.mapping("properties", entry[2] if len(entry) > 2 else None))
        if start is not None and end is not None:
            yield EdgeRecord(number, start, end, properties)
