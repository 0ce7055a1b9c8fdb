"""Whole buildings in virtual time: is every delivery that could be finished finished, is it safe, how fast is it.

    python bench/simulate.py [--json OUT] [--seeds N] [--seconds S] [--map FILE --robots N] [--only maps,tower]
                             [--tower-robots N,N]

Without --map: our own maps, those in BUILDING_CTRL_MAPS (FILE:ROBOTS, separated by commas), and generated towers
of 36 levels with 100 and 1,000 robots, one seed each.
Everything runs that runs in a building: the robots' and the gateway's sessions, the pilot, all planners, lifts, doors,
bodies and the independent checker. Robots that drive steadily exchange telemetry and commands in arrays instead of
encoded frames, by the sessions' rules (tests compare the two to the last bit); everything else goes frame by frame.
It is one process with one thread. Loading of compiled code is not part of the times: it happens while robots connect.
"times real time" is by the clock and suffers where the machine is busy; "by processor time" much less.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from _parts import measured_parts  # noqa: E402
from _table import Table  # noqa: E402

from building_ctrl.building.document import save_building  # noqa: E402
from building_ctrl.building.loader import load_building  # noqa: E402
from building_ctrl.building.roadmap import build_roadmap  # noqa: E402
from building_ctrl.building.tower import generate_tower  # noqa: E402
from building_ctrl.sim.virtual import RunProgress, VirtualOutcome, simulate  # noqa: E402

LEAST_FACTOR = 50.0
LEAST_TOWER_FACTOR = 20.0  # 100 robots on 36 levels
TOWER_LEVELS = 36
TOWER_LIFTS = {100: (4, 2)}  # robots' own and shared; the most a tower takes for more robots
MOST_LIFTS = (8, 4)


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


def bench_tower(table: Table, robots: int, seconds: float) -> None:
    """A generated tower of 36 levels, one delivery a robot: how fast, and what the processor does meanwhile."""
    robot_lifts, shared_lifts = TOWER_LIFTS.get(robots, MOST_LIFTS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tower.building.yaml"
        save_building(generate_tower(TOWER_LEVELS, robots, robot_lifts, shared_lifts), path)
        building = load_building(path)
    roadmap = build_roadmap(building)
    settled: dict[str, float] = {}
    with measured_parts() as parts:

        def start(progress: RunProgress) -> None:
            if not settled:
                settled.update(parts)

        run = simulate(building, roadmap, "tower", robots, robots, seconds, 0, tell=start)
    result = run.result
    name = f"tower {TOWER_LEVELS} levels, {robot_lifts}+{shared_lifts} lifts, {robots:,} robots, {seconds:g} s"
    goal = LEAST_TOWER_FACTOR if robots == 100 else None
    table.add(f"{name}: times real time", result.real_time_factor, "x", at_least=goal)
    table.add(f"{name}: the same by processor time", result.seconds / result.cpu_s, "x")
    table.add(f"{name}: deliveries completed", result.tasks.completed, f"of {robots}")
    table.add(f"{name}: could have been finished, were not", _missed(run), "")
    table.add(f"{name}: rides", result.lift.rides, "")
    table.add(f"{name}: collisions", result.collisions, "", at_most=0)
    table.add(f"{name}: boardings without grant", result.boardings_without_grant, "", at_most=0)
    table.add(f"{name}: doors hit", result.door_violations, "", at_most=0)
    table.add(f"{name}: stuck robots", result.stuck_robots, "", at_most=0)
    for part, spent_s in sorted(parts.items(), key=lambda row: -row[1]):
        per_second_ms = 1e3 * (spent_s - settled.get(part, 0.0)) / max(1.0, seconds - 1.0)
        table.add(f"{name}: {part}", per_second_ms, "ms/s")


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
    parser.add_argument("--only", default="maps,tower", metavar="WHICH", help="maps, tower, or both (%(default)s)")
    parser.add_argument("--tower-robots", default="100,1000", metavar="N,N", help="(%(default)s)")
    options = parser.parse_args()
    only = options.only.split(",")
    if options.map is not None:
        cases = [Case(options.map, options.robots, options.tasks or options.robots)]
    else:
        cases = own_cases()
    table = Table("whole buildings in virtual time (one process)")
    for case in cases if "maps" in only or options.map is not None else ():
        bench(table, case, options.seconds, options.seeds)
    for robots in options.tower_robots.split(",") if "tower" in only and options.map is None else ():
        bench_tower(table, int(robots), options.seconds)
    if options.json is not None:
        table.write_json(options.json)
    return 0 if table.all_reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
