"""Whole buildings in virtual time: is every delivery that could be finished finished, is it safe, how fast is it.

    python bench/simulate.py [--json OUT] [--seeds N] [--seconds S] [--map FILE --robots N]

Without --map: our own maps, and those in BUILDING_CTRL_MAPS (FILE:ROBOTS, separated by commas).
Loading of compiled code is not part of the times: it happens while robots connect.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from _table import Table  # noqa: E402

from building_ctrl.building.loader import load_building  # noqa: E402
from building_ctrl.building.roadmap import build_roadmap  # noqa: E402
from building_ctrl.sim.virtual import VirtualOutcome, simulate  # noqa: E402

LEAST_FACTOR = 50.0


@dataclass(frozen=True)
class Case:
    """A map and how many robots and deliveries it gets."""

    path: Path
    robots: int
    tasks: int


def own_cases() -> list[Case]:
    """Our maps, and those the environment names."""
    cases = [
        Case(ROOT / "maps" / "office.building.yaml", 3, 5),
        Case(ROOT / "maps" / "tower.building.yaml", 12, 12),
    ]
    for entry in filter(None, os.environ.get("BUILDING_CTRL_MAPS", "").split(",")):
        path, _, robots = entry.rpartition(":")
        cases.append(Case(Path(path), int(robots), int(robots)))
    return cases


def bench(table: Table, case: Case, seconds: float, seeds: int) -> None:
    """One map: counts summed and times averaged over the seeds."""
    building = load_building(case.path)
    roadmap = build_roadmap(building)
    runs = [
        simulate(building, roadmap, str(case.path), case.robots, case.tasks, seconds, seed) for seed in range(seeds)
    ]
    name = f"{case.path.parent.name}/{case.path.name.split('.')[0]}, {case.robots} robots, {seconds:g} s"
    results = [run.result for run in runs]
    table.add(f"{name}: deliveries completed", sum(r.tasks.completed for r in results), f"of {case.tasks * seeds}")
    table.add(f"{name}: could have been finished, were not", sum(_missed(run) for run in runs), "", at_most=0)
    table.add(f"{name}: collisions", sum(r.collisions for r in results), "", at_most=0)
    separations = [r.min_separation_m for r in results if r.min_separation_m is not None]
    if separations:
        table.add(f"{name}: least gap between robots", min(separations), "m", at_least=0.0)
    boardings = sum(r.boardings_without_grant for r in results)
    table.add(f"{name}: boardings without grant", boardings, "", at_most=0)
    table.add(f"{name}: doors hit", sum(r.door_violations for r in results), "", at_most=0)
    table.add(f"{name}: stuck robots", sum(r.stuck_robots for r in results), "", at_most=0)
    factor = sum(r.seconds for r in results) / sum(r.wall_s for r in results)
    table.add(f"{name}: times real time", factor, "x", at_least=LEAST_FACTOR)
    table.add(f"{name}: processor time for a second", 1e3 * sum(r.cpu_s for r in results) / (seconds * seeds), "ms")


def _missed(run: VirtualOutcome) -> int:
    return len(run.missed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="OUT")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--map", type=Path, metavar="FILE")
    parser.add_argument("--robots", type=int, default=12)
    parser.add_argument("--tasks", type=int, default=None, help="deliveries, by default as many as robots")
    options = parser.parse_args()
    if options.map is not None:
        cases = [Case(options.map, options.robots, options.tasks or options.robots)]
    else:
        cases = own_cases()
    table = Table("whole buildings in virtual time (one process)")
    for case in cases:
        bench(table, case, options.seconds, options.seeds)
    if options.json is not None:
        table.write_json(options.json)
    return 0 if table.all_reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
