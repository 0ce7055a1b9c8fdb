"""The fast simulator: safe on our maps, the same for the same seed, and honest about what was not done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.sim.scenario import make_scenario
from building_ctrl.sim.virtual import VirtualBuilding, VirtualOutcome, simulate

ROOT = Path(__file__).parents[2]
CLOCK_FIELDS = ("cpu_s", "wall_s", "real_time_factor")


def run(name: str, robots: int, tasks: int, seconds: float, seed: int = 0, until_done: bool = False) -> VirtualOutcome:
    building = load_building(ROOT / "maps" / f"{name}.building.yaml")
    return simulate(building, build_roadmap(building), name, robots, tasks, seconds, seed, until_done)


@pytest.mark.parametrize(("name", "robots"), [("office", 3), ("tower", 8)])
def test_nothing_happens_that_must_not(name: str, robots: int) -> None:
    outcome = run(name, robots, robots, 90.0)
    assert outcome.result.safe, outcome.incidents
    assert outcome.result.robots == robots and outcome.result.tasks.submitted == robots
    assert outcome.result.min_separation_m is None or outcome.result.min_separation_m > 0.0
    assert not outcome.refused


def test_robots_are_heard_at_their_rate_and_commanded_without_delay() -> None:
    link = run("office", 2, 1, 30.0).result.link
    assert link.telemetry_hz is not None and link.telemetry_hz > 19.0
    p50, p99 = link.command_latency_ms.p50, link.command_latency_ms.p99
    assert p50 is not None and p99 is not None and 12.0 < p50 <= p99 < 60.0


def test_same_seed_same_result_bit_for_bit_in_any_process(tmp_path: Path) -> None:
    texts = []
    for hash_seed in ("1", "2"):
        out = tmp_path / f"{hash_seed}.json"
        command = [
            sys.executable, "-m", "building_ctrl.cli.main", "simulate", "--map", "maps/tower.building.yaml",
            "--robots", "6", "--tasks", "6", "--seconds", "60", "--seed", "3", "--json", str(out),
        ]  # fmt: skip
        env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stdout + done.stderr
        result = json.loads(out.read_text())
        texts.append(json.dumps({key: value for key, value in result.items() if key not in CLOCK_FIELDS}))
    assert texts[0] == texts[1]


def test_another_seed_another_run() -> None:
    first, second = run("office", 3, 3, 40.0, seed=1), run("office", 3, 3, 40.0, seed=2)
    assert first.result.min_separation_m != second.result.min_separation_m


def test_ends_early_only_when_asked_to() -> None:
    assert run("office", 3, 1, 200.0).result.seconds == 200.0
    early = run("office", 3, 1, 200.0, until_done=True)
    assert early.result.tasks.completed == 1
    assert early.result.seconds < 200.0


def test_a_crash_of_truth_is_seen_whatever_the_planners_think() -> None:
    """A body pushed onto another by force: the checker must not believe the planners."""
    building = load_building(ROOT / "maps" / "office.building.yaml")
    roadmap = build_roadmap(building)
    virtual = VirtualBuilding(building, roadmap, make_scenario(building, roadmap, 2, 0, 20.0, 0), 0)
    virtual.run(2.0)
    bodies = virtual.world.bodies
    bodies.x_m[1], bodies.y_m[1] = bodies.x_m[0] + 0.4, bodies.y_m[0]
    virtual.run(3.0)
    assert virtual.world.findings.collisions == 1


def test_a_robot_whose_wheels_do_not_turn_is_stuck() -> None:
    building = load_building(ROOT / "maps" / "office.building.yaml")
    roadmap = build_roadmap(building)
    virtual = VirtualBuilding(building, roadmap, make_scenario(building, roadmap, 1, 1, 200.0, 0), 0)
    virtual.world.bodies.battery_percent[:] = 0.0
    virtual.run(200.0)
    assert virtual.world.progress.stuck == {0} or virtual.statistics.open_tasks == 1
    assert virtual.statistics.tasks.completed == 0
