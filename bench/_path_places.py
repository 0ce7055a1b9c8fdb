"""Maps with as many robots as they have places, and more deliveries than they can carry.

    python bench/path.py --only places [--seeds 1]
    python bench/_path_places.py [--hours 8] [--seeds 1] [--json OUT] [MAP ...]

Everything runs as in `building_ctrl simulate`: links, pilot, planners, lifts, doors, bodies, independent checker.
A robot is stuck that has work to do, stood for 60 s, and does not queue for anything that gets on, or that stood for
900 s whatever it queues for. Without MAP: the office and the hotel beside the checkout (or in BUILDING_CTRL_MAPS_DIR).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from _table import Table  # noqa: E402

from building_ctrl.building.loader import load_building  # noqa: E402
from building_ctrl.building.roadmap import build_roadmap  # noqa: E402
from building_ctrl.sim.virtual import simulate  # noqa: E402

MAPS = Path(os.environ.get("BUILDING_CTRL_MAPS_DIR", ROOT.parent / "shared" / "maps"))
HOURS = 8.0
TASKS_AN_HOUR = 75


def bench(table: Table, options: argparse.Namespace) -> None:
    """One case a map."""
    for path in options.maps or sorted(MAPS.glob("*/*.building.yaml")):
        _bench_map(table, path, options.place_hours, options.seeds)


def _bench_map(table: Table, path: Path, hours: float, seeds: int) -> None:
    building = load_building(path)
    roadmap = build_roadmap(building)
    robots = sum(int(level.is_place.sum()) for level in roadmap.levels)
    tasks = round(TASKS_AN_HOUR * hours)
    runs = [
        simulate(building, roadmap, str(path), robots, tasks, hours * 3600.0, seed).result for seed in range(seeds)
    ]
    name = f"{path.name.split('.')[0]}, {robots} robots, {hours:g} h"
    table.add(f"{name}: stuck robots", sum(run.stuck_robots for run in runs), "", at_most=0)
    table.add(f"{name}: collisions", sum(run.collisions for run in runs), "", at_most=0)
    table.add(f"{name}: boardings without grant", sum(run.boardings_without_grant for run in runs), "", at_most=0)
    done, asked = sum(run.tasks.completed for run in runs), sum(run.tasks.submitted for run in runs)
    table.add(f"{name}: deliveries completed", done, f"of {asked}", note=f"{done / hours / seeds:.0f} an hour")
    waits = ", ".join("-" if run.task_duration_s.max is None else f"{run.task_duration_s.max:.0f}" for run in runs)
    table.add(f"{name}: times real time", min(run.real_time_factor for run in runs), "x", note=f"longest: {waits} s")


def options_parser() -> argparse.ArgumentParser:
    """What this benchmark takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("maps", nargs="*", type=Path, metavar="MAP")
    parser.add_argument("--place-hours", "--hours", type=float, default=HOURS, help="simulated time of a run")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--json", type=Path)
    return parser


def main() -> int:
    """Run alone."""
    options = options_parser().parse_args()
    table = Table("as many robots as places")
    bench(table, options)
    if options.json:
        table.write_json(options.json)
    return 0 if table.all_reached else 1


if __name__ == "__main__":
    sys.exit(main())
