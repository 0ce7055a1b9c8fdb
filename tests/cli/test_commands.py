"""Commands from the outside: help, results, and one clear line where something is wrong."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OFFICE = "maps/office.building.yaml"


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "BUILDING_CTRL_LANG": "en", "COLUMNS": "100", **environment}
    line = [sys.executable, "-m", "building_ctrl.cli.main", *arguments]
    return subprocess.run(line, cwd=ROOT, env=env, capture_output=True, text=True, timeout=100)


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("building_ctrl: ")
    return lines[0]


def test_help_names_every_command() -> None:
    done = command("--help")
    assert done.returncode == 0
    for name in ("up", "demo", "simulate", "task", "map", "robot", "run"):
        assert name in done.stdout


def test_help_speaks_korean() -> None:
    assert "로봇" in command("simulate", "--help", BUILDING_CTRL_LANG="ko").stdout


def test_simulate_prints_and_writes_the_result(tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    done = command("simulate", "--map", OFFICE, "--robots", "2", "--tasks", "1", "--seconds", "20", "--json", str(out))
    assert done.returncode == 0, done.stderr
    result = json.loads(out.read_text())
    assert result["robots"] == 2 and result["tasks"]["submitted"] == 1 and result["collisions"] == 0
    assert "collisions" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--map", "nowhere.building.yaml"), "nowhere.building.yaml"),
        (("--map", OFFICE, "--robots", "5000"), "ask for fewer"),
        (("--map", OFFICE, "--path-planners", "99"), "path planners must be a number from 1 to"),
        (
            ("--map", OFFICE, "--robots", "1", "--tasks", "0", "--seconds", "1", "--json", "/nowhere/r.json"),
            "/nowhere",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments: tuple[str, ...], said: str) -> None:
    done = command("simulate", *arguments)
    assert done.returncode == 2
    assert said in one_line(done)


def test_an_unknown_process_is_refused() -> None:
    done = command("run", "coffee_machine")
    assert done.returncode == 2 and "path_planner" in one_line(done)


def test_a_port_in_use_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = command(
            "demo",
            "--headless",
            "--map",
            OFFICE,
            "--robots",
            "1",
            "--port",
            str(port),
            XDG_STATE_HOME=str(tmp_path),
        )
    assert done.returncode == 2
    assert f"port {port}" in one_line(done) and "--port" in one_line(done)
    assert not list(tmp_path.rglob("*.log"))


def test_up_wants_a_registry(tmp_path: Path) -> None:
    done = command("up", "--map", OFFICE, "--registry", str(tmp_path / "none.yaml"))
    assert done.returncode == 1 and "enroll" in one_line(done)


def test_node_processes_do_not_import_what_only_commands_need() -> None:
    code = (
        "import sys; import building_ctrl.supervise.child, importlib\n"
        "from building_ctrl.processes import PROCESSES\n"
        "for row in PROCESSES:\n"
        "    if row.name != 'console': importlib.import_module(row.module)\n"
        "print([m for m in ('typer', 'rich', 'matplotlib', 'pydantic', 'fastapi') if m in sys.modules])"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, timeout=100)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_up_refuses_levels_and_processes_that_are_not_there(tmp_path: Path) -> None:
    registry = tmp_path / "robots.yaml"
    registry.write_text("robots: []\n")
    said = one_line(command("up", "--map", OFFICE, "--registry", str(registry), "--levels", "L99"))
    assert "no level 'L99' in the building" in said
    said = one_line(command("up", "--map", OFFICE, "--registry", str(registry), "--only", "nobody"))
    assert "no process 'nobody'" in said and "path_planner" in said
