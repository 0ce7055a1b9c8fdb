"""The commands that run the whole platform, as a user starts them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from building_ctrl.supervise.ports import next_free
from building_ctrl.supervise.ros import free_domain

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]

ROOT = Path(__file__).parents[2]
OFFICE = "maps/office.building.yaml"


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "BUILDING_CTRL_LANG": "en",
        "ROS_DOMAIN_ID": str(free_domain(os.getpid() + 7)),
    }


def line(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "building_ctrl.cli.main", *arguments]


def left_over(run_dir: Path) -> list[str]:
    """Processes that belong to a run."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(str(run_dir) in word for word in words) and process.pid != os.getpid():
            found.append(" ".join(words))
    return found


def test_a_headless_demo_delivers_and_writes_its_result(tmp_path: Path) -> None:
    out, run_dir = tmp_path / "result.json", tmp_path / "run"
    command = line(
        "demo", "--headless", "--map", OFFICE, "--robots", "2", "--tasks", "1", "--seconds", "150", "--until-done",
        "--json", str(out), "--run-dir", str(run_dir),
    )  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=230)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(out.read_text())
    assert result["tasks"] == {"submitted": 1, "completed": 1, "failed": 0}
    assert result["collisions"] == result["boardings_without_grant"] == result["stuck_robots"] == 0
    assert result["robots"] == 2 and result["task_duration_s"]["max"] > 0.0
    assert result["link"]["telemetry_hz"] > 15.0 and result["link"]["command_latency_ms"]["p99"] < 250.0
    assert result["cpu_s"] > 0.0
    assert not left_over(run_dir)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(tmp_path: Path, number: signal.Signals) -> None:
    run_dir = tmp_path / "run"
    command = line("demo", "--map", OFFICE, "--robots", "2", "--run-dir", str(run_dir))
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
    watchdog = threading.Timer(90.0, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        said = []
        for text in process.stdout:
            said.append(text)
            if "Console: http://" in text:
                break
        assert "Console: http://" in "".join(said), "".join(said)
        assert len(left_over(run_dir)) >= 3
        process.send_signal(number)
        rest = process.stdout.read()
        assert process.wait(20.0) == 0, rest
        assert "killed" not in rest
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
    assert not left_over(run_dir)


def test_a_killed_demo_leaves_nobody_behind(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    command = line("demo", "--map", OFFICE, "--robots", "1", "--run-dir", str(run_dir))
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
    watchdog = threading.Timer(90.0, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        for text in process.stdout:
            if "gateway ready" in text:
                break
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.kill()
        _, alive = psutil.wait_procs(children, timeout=15.0)
        assert not alive, alive
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


def test_up_says_in_one_line_that_a_port_is_taken(tmp_path: Path) -> None:
    registry = tmp_path / "robots.yaml"
    registry.write_text("robots: []\n")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        free = str(next_free("127.0.0.1", 30000 + os.getpid() % 20000))
        address = "tcp://127.0.0.1:"
        cases = {"--bind": ("--bind", f"{address}{port}", "--port", free), "--port": ("--port", str(port))}
        for option, values in cases.items():
            command = line(
                "up", "--map", OFFICE, "--registry", str(registry), "--store", str(tmp_path / "tasks.db"),
                "--run-dir", str(tmp_path / "run"), *values,
            )  # fmt: skip
            done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60)
            assert done.returncode == 1
            assert done.stderr.count("\n") == 1 and str(port) in done.stderr and option in done.stderr
