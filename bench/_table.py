"""What every benchmark prints and writes: rows with a value, a unit, a goal and whether it is reached."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One figure. goal: None when there is nothing to reach; reached is then None too."""

    name: str
    value: float
    unit: str
    goal: str | None = None
    reached: bool | None = None
    note: str = ""


@dataclass
class Table:
    """Figures of one benchmark in the order they were measured."""

    title: str
    rows: list[Row] = field(default_factory=list)

    def add(
        self,
        name: str,
        value: float,
        unit: str,
        *,
        at_most: float | None = None,
        at_least: float | None = None,
        note: str = "",
    ) -> Row:
        """Append a figure, judge it against its goal, and print it at once."""
        goal, reached = None, None
        if at_most is not None:
            goal, reached = f"<= {number(at_most)}", bool(value <= at_most)
        elif at_least is not None:
            goal, reached = f">= {number(at_least)}", bool(value >= at_least)
        row = Row(name, float(value), unit, goal, reached, note)
        if not self.rows:
            self._print_head()
        self.rows.append(row)
        verdict = {None: "", True: "reached", False: "MISSED"}[reached]
        print(
            f"{name:<52} {number(value):>10} {unit:<9} {goal or '':>12} {verdict:<8} {note}".rstrip(),
            flush=True,
        )
        return row

    def _print_head(self) -> None:
        print(self.title)
        for key, value in machine().items():
            print(f"  {key}: {value}")
        print(f"{'figure':<52} {'value':>10} {'unit':<9} {'goal':>12}")

    def write_json(self, path: Path) -> None:
        """``{"title", "machine", "rows": [{"name", "value", "unit", "goal", "reached", "note"}]}``."""
        content = {"title": self.title, "machine": machine(), "rows": [asdict(row) for row in self.rows]}
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    @property
    def all_reached(self) -> bool:
        return all(row.reached is not False for row in self.rows)


def number(value: float) -> str:
    """A figure with as many digits as are worth reading."""
    if value != value or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return {
        "cpu": _cpu_name(),
        "cores": str(os.cpu_count()),
        "load": f"{load:.1f}",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"
