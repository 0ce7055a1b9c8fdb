"""The building in real Gazebo Classic: speed, deliveries, tracking and reproducibility.

    python bench/gazebo.py [--json OUT] [--root DIR] [--case office] [--real-time]

Lockstep runs show what the machine can do and how exactly; with --real-time the same case also runs with every
process of the platform, ROS 2 and the console, and must keep pace with the clock.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from _table import Table

from building_ctrl.gazebo.classic.install import ensure_root
from building_ctrl.gazebo.classic.root import ClassicError, ClassicRoot, chosen_root
from building_ctrl.gazebo.lockstep_run import LockstepOptions, run_lockstep

ROOT = Path(__file__).resolve().parents[1]
TRACKING_M = 0.15
TASKS = 20
SEED = 1
REPEATED_S = 60.0


@dataclass(frozen=True)
class Case:
    """A map and how many robots and seconds."""

    name: str
    map_file: Path
    robots: int
    seconds: float


CASES = (
    Case("office, 5 robots", ROOT / "maps" / "office.building.yaml", 5, 900.0),
    Case("tower, 8 levels, 8 robots", ROOT / "maps" / "tower.building.yaml", 8, 1200.0),
)


def lockstep(table: Table, case: Case, root: ClassicRoot, folder: Path) -> None:
    """Deliveries, contacts, tracking, speed; and a part of it twice."""
    options = LockstepOptions(
        case.map_file, case.robots, TASKS, case.seconds, SEED, root, folder / "gzserver.log", until_done=True
    )
    outcome, physics = run_lockstep(options)
    result, name = outcome.result, f"{case.name}: "
    note = f"{result.seconds:.0f} s in {result.wall_s:.0f} s, {result.lift.rides} rides"
    table.add(name + "speed in lockstep", result.real_time_factor, "x", at_least=1.0, note=note)
    table.add(name + "processor time of all, a second", result.cpu_s / result.seconds, "s", at_most=2.0)
    physical(table, name, result.tasks.completed, result.tasks.failed, result.collisions, physics)
    short = replace(options, seconds=REPEATED_S, until_done=False)
    hashes = {run_lockstep(short)[1]["trajectory_hash"] for _ in range(2)}
    table.add(name + f"different trajectories in two runs of {REPEATED_S:.0f} s", len(hashes), "", at_most=1)


def real_time(table: Table, case: Case, root: ClassicRoot, folder: Path) -> None:
    """The same with all processes over ROS 2, against the clock."""
    out, run_dir = folder / "result.json", folder / "run"
    command = [
        sys.executable, "-m", "building_ctrl.cli.main", "gazebo", "run", str(case.map_file), "--robots",
        str(case.robots), "--tasks", str(TASKS), "--seconds", str(case.seconds), "--seed", str(SEED), "--until-done",
        "--root", str(root.path), "--json", str(out), "--run-dir", str(run_dir),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not out.is_file():
        raise SystemExit(f"gazebo run failed: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
    result = json.loads(out.read_text())
    physics = json.loads((run_dir / "gazebo.json").read_text())
    name = f"{case.name}, real time: "
    table.add(name + "world's seconds a second", physics["real_time_factor"], "x", at_least=0.995)
    table.add(name + "processor time of all, a second", result["cpu_s"] / result["seconds"], "s", at_most=2.0)
    physical(table, name, result["tasks"]["completed"], result["tasks"]["failed"], result["collisions"], physics)


def physical(table: Table, name: str, completed: int, failed: int, collisions: int, physics: dict[str, Any]) -> None:
    """What both ways of running have to reach."""
    table.add(name + "delivered", completed, "tasks", at_least=TASKS)
    table.add(name + "failed", failed, "tasks", at_most=0)
    table.add(name + "contacts between robots", collisions, "", at_most=0)
    table.add(name + "contacts with walls and doors", len(physics["bumps"]), "", at_most=0)
    error = physics["tracking_error_m"]
    table.add(name + "off the released path, p99", error["p99"], "m", at_most=TRACKING_M, note=f"max {error['max']} m")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="OUT")
    parser.add_argument("--root", type=Path, metavar="DIR", help="where Gazebo Classic is")
    parser.add_argument("--case", default="", help="only cases whose name has this in it")
    parser.add_argument("--real-time", action="store_true", help="also run everything against the clock")
    options = parser.parse_args()
    root = chosen_root(options.root)
    try:
        ensure_root(root, say=print)
    except ClassicError as error:
        print(f"gazebo: not measured: {error}")
        return 0
    table = Table("the building in Gazebo Classic")
    for case in (case for case in CASES if options.case in case.name):
        with tempfile.TemporaryDirectory() as folder:
            lockstep(table, case, root, Path(folder))
            if options.real_time:
                real_time(table, case, root, Path(folder))
    if options.json is not None:
        table.write_json(options.json)
    return 0 if table.all_reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
