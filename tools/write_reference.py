#!/usr/bin/env python3
"""Writes docs/reference/topics.md and processes.md from the tables; `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from building_ctrl.processes import PROCESSES, Process  # noqa: E402
from building_ctrl.topics import TOPICS, Topic  # noqa: E402

FOLDER = ROOT / "docs" / "reference"


def _qos(topic: Topic) -> str:
    durability = "transient local" if topic.transient_local else "volatile"
    return f"reliable, {durability}, depth {topic.depth}"


def topics_page() -> str:
    """The page of all topics."""
    rows = [
        f"| `{t.name}` | `{t.type_name}` | {f'{t.rate_hz:g} Hz' if t.rate_hz else 'on demand'} | {_qos(t)} "
        f"| {', '.join(t.publishers)} | {', '.join(t.subscribers)} | {t.help} |"
        for t in TOPICS.values()
    ]
    head = [
        "# Topics",
        "",
        "Made from `building_ctrl/topics.py` by `python3 tools/write_reference.py`.",
        "`adapter` is what an integrator brings; `recorder` records all of them.",
        "",
        "| topic | type | rate | QoS | publishers | subscribers | what |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join(head + rows) + "\n"


def _when(process: Process) -> str:
    if process.simulated:
        return " (simulation only)"
    return " (where there are such)" if process.for_other_fleets else ""


def processes_page() -> str:
    """The page of all processes."""
    rows = [f"| `{p.name}` | `{p.module}` | {p.help}{_when(p)} |" for p in PROCESSES]
    head = [
        "# Processes",
        "",
        "Made from `building_ctrl/processes.py` by `python3 tools/write_reference.py`.",
        "Each runs alone with `building_ctrl run NAME --help`; `building_ctrl up` runs them all.",
        "",
        "| process | module | what |",
        "|---|---|---|",
    ]
    return "\n".join(head + rows) + "\n"


def pages() -> dict[Path, str]:
    """Files and what has to stand in them."""
    return {FOLDER / "topics.md": topics_page(), FOLDER / "processes.md": processes_page()}


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check say which are not up to date (exit 1)."""
    stale = [p for p, text in pages().items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not up to date: run tools/write_reference.py", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(pages()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
