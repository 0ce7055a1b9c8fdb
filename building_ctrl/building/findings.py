"""What is wrong with a map, or worth knowing of it: findings, and the error that carries them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from building_ctrl.building.messages import MESSAGES
from building_ctrl.model.building import Point


class Severity(str, Enum):
    """`ERROR`: the map can't be used; `WARNING`: robots may get stuck; `INFO`: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a map. `code` keys the text table, `values` fill its placeholders."""

    severity: Severity
    code: str
    level: str = ""
    item: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    at: Point | None = field(default=None, compare=False)  # in the building's frame, for pictures

    @property
    def where(self) -> str:
        """Level and item (`L3, vertex 12 'cafe'`); empty for the whole building."""
        return ", ".join(part for part in (self.level, self.item) if part)

    @property
    def what(self) -> str:
        """The problem in English, one line."""
        return MESSAGES[self.code][0].format(**self.values)

    @property
    def advice(self) -> str:
        """What to do about it in English, one line."""
        return MESSAGES[self.code][1].format(**self.values)

    def __str__(self) -> str:
        prefix = f"{self.where}: " if self.where else ""
        return f"{prefix}{self.what}; {self.advice}"


class MapError(Exception):
    """A map that can't be used: the file and every finding, the errors among them first."""

    def __init__(self, path: str | Path, findings: tuple[Finding, ...]) -> None:
        self.path = str(path)
        self.findings = tuple(sorted(findings, key=lambda f: f.severity is not Severity.ERROR))
        errors = self.errors
        first = str(errors[0]) if errors else "no finding given"
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{self.path}: {first}{more}")

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that forbid using the map."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)


class Findings:
    """Collects findings while a map is read."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._robots = ""

    def of_class(self, name: str) -> Findings:
        """The same collection for what concerns one class of robots: its name is added to every item."""
        view = Findings()
        view._found, view._robots = self._found, name
        return view

    def error(
        self, code: str, level: str = "", item: str = "", at: Point | None = None, **values: object
    ) -> None:
        self._add(Severity.ERROR, code, level, item, at, values)

    def warning(
        self, code: str, level: str = "", item: str = "", at: Point | None = None, **values: object
    ) -> None:
        self._add(Severity.WARNING, code, level, item, at, values)

    def info(
        self, code: str, level: str = "", item: str = "", at: Point | None = None, **values: object
    ) -> None:
        self._add(Severity.INFO, code, level, item, at, values)

    def _add(
        self,
        severity: Severity,
        code: str,
        level: str,
        item: str,
        at: Point | None,
        values: Mapping[str, object],
    ) -> None:
        whose = " ".join(part for part in (item, f"[{self._robots}]" if self._robots else "") if part)
        self._found.append(Finding(severity, code, level, whose, values, at))

    @property
    def all(self) -> tuple[Finding, ...]:
        return tuple(self._found)

    @property
    def has_errors(self) -> bool:
        return any(f.severity is Severity.ERROR for f in self._found)


def vertex_label(index: int, name: str = "") -> str:
    """`vertex 12 'cafe'`."""
    return f"vertex {index} '{name}'" if name else f"vertex {index}"
