"""The whole platform in real Gazebo: deliveries across levels, through a door and a lift, by physics."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from building_ctrl.gazebo.classic.root import ClassicRoot
from building_ctrl.gazebo.lockstep_run import LockstepOptions, run_lockstep
from building_ctrl.supervise.ros import free_domain

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("gazebo"), pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[3]
SMALL = ROOT / "tests" / "e2e" / "small.building.yaml"
TRACKING_M = 0.15


def command(root: ClassicRoot, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "building_ctrl.cli.main", "gazebo", "run", "--root", str(root.path), *arguments]


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "BUILDING_CTRL_LANG": "en",
        "ROS_DOMAIN_ID": str(free_domain(os.getpid() + 11)),
    }


def test_robots_deliver_across_levels_by_physics_and_the_same_seed_does_the_same(
    classic_root: ClassicRoot, tmp_path: Path
) -> None:
    options = LockstepOptions(SMALL, 2, 4, 400.0, 3, classic_root, tmp_path / "gzserver.log", until_done=True)
    outcome, physics = run_lockstep(options)
    result = outcome.result
    assert (result.tasks.submitted, result.tasks.completed, result.tasks.failed) == (4, 4, 0)
    assert result.lift.rides >= 1 and result.door.crossings >= 1
    assert result.safe and result.collisions == 0 and outcome.incidents == ()
    assert physics["contacts_between_robots"] == 0 and physics["bumps"] == []
    assert physics["tracking_error_m"]["p99"] < TRACKING_M and physics["tracking_error_m"]["count"] > 200

    # Some of it again: the robots' and the doors' ways are the same bit for bit, and another seed's are not.
    short = replace(options, seconds=20.0, until_done=False)
    hashes = [run_lockstep(replace(short, seed=seed))[1]["trajectory_hash"] for seed in (3, 3, 4)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_command_runs_everything_in_real_time_and_writes_the_demo_s_result(
    classic_root: ClassicRoot, tmp_path: Path
) -> None:
    out, run_dir = tmp_path / "result.json", tmp_path / "run"
    line = command(
        classic_root, str(SMALL), "--robots", "2", "--tasks", "1", "--seconds", "200", "--until-done", "--real-time",
        "--json", str(out), "--run-dir", str(run_dir),
    )  # fmt: skip
    done = subprocess.run(line, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(out.read_text())
    assert result["tasks"] == {"submitted": 1, "completed": 1, "failed": 0}
    assert result["collisions"] == result["boardings_without_grant"] == result["door_violations"] == 0
    assert result["link"]["telemetry_hz"] > 15.0
    assert json.loads((run_dir / "gazebo.json").read_text())["bumps"] == []
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(run_dir) in " ".join(p.info["cmdline"] or [])]


def test_a_gazebo_that_dies_is_told_in_one_line(classic_root: ClassicRoot, tmp_path: Path) -> None:
    line = command(classic_root, str(SMALL), "--robots", "1", "--tasks", "0", "--seconds", "600", "--lockstep")
    line += ["--run-dir", str(tmp_path / "run")]
    process = subprocess.Popen(line, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        server = None
        while server is None and process.poll() is None:
            children = psutil.Process(process.pid).children(recursive=True)
            started = (tmp_path / "run" / "gzserver.log").is_file()
            server = next((p for p in children if started and p.name().startswith("gzserver")), None)
        assert server is not None
        server.send_signal(signal.SIGKILL)
        _, said = process.communicate(timeout=60.0)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 2
    assert said.decode().count("\n") == 1 and "gzserver was ended by signal 9" in said.decode()


def test_a_wrong_map_is_told_in_one_line_before_anything_starts(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.building.yaml"
    wrong.write_text("levels: 3\n")
    for path in (wrong, tmp_path / "missing.building.yaml"):
        line = command(ClassicRoot(tmp_path / "nowhere"), str(path))
        done = subprocess.run(line, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1 and str(path) in done.stderr
    assert not (tmp_path / "nowhere").exists()
