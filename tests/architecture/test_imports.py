"""Who may import whom: dependencies point inward, the cores are pure, the checker shares nothing with the planners."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "building_ctrl"

# part -> parts it may import. The tables (topics, processes) may be imported by everybody outside the cores.
ALLOWED = {
    "model": set(),
    "core": {"model"},
    "building": {"model"},
    "link": {"model", "core"},
    "robot": {"link"},
    "store": {"model", "core"},
    "console": {"model", "core", "building"},
    "sim": {"model", "core", "building", "link", "robot"},
    "gazebo": {"model", "core", "building", "link", "robot", "sim", "supervise"},
    "supervise": {"processes"},
    "nodes": {
        "model", "core", "building", "link", "robot", "store", "console", "sim", "gazebo", "topics", "processes",
    },
    "cli": {
        "model", "core", "building", "link", "robot", "store", "console", "sim", "gazebo", "supervise", "nodes",
        "topics", "processes",
    },
}  # fmt: skip

IMPURE = {
    "asyncio", "concurrent", "datetime", "fastapi", "fcntl", "httpx", "io", "logging", "multiprocessing", "os",
    "pathlib", "rclpy", "requests", "secrets", "selectors", "shutil", "signal", "socket", "sqlite3", "subprocess",
    "tempfile", "threading", "time", "uuid", "uvicorn", "yaml", "zmq",
}  # fmt: skip
ROS = {"rclpy", "rcl_interfaces", "std_msgs", "nav_msgs", "sensor_msgs", "building_ctrl_msgs"}


def files(part: str) -> list[Path]:
    return sorted((PACKAGE / part).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Names of all modules a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def top(module: str) -> str:
    return module.split(".")[0]


def own_part(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "building_ctrl" and len(parts) > 1 else ""


def test_every_part_is_known() -> None:
    parts = {path.name for path in PACKAGE.iterdir() if path.is_dir() and list(path.rglob("*.py"))}
    assert parts == set(ALLOWED)


@pytest.mark.parametrize("part", sorted(ALLOWED))
def test_dependencies_point_inward(part: str) -> None:
    parts = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in files(part)
        for module in imports(path)
        if own_part(module) in parts and own_part(module) not in {*ALLOWED[part], part}
    ]
    assert not wrong


@pytest.mark.parametrize("part", ["core", "model"])
def test_the_cores_have_no_clock_no_files_no_sockets_no_threads(part: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in files(part)
        for module in imports(path)
        if top(module) in IMPURE or top(module).startswith("rmf_") or top(module) in ROS
    ]
    assert not wrong


@pytest.mark.parametrize("part", ["core", "model"])
def test_the_cores_open_nothing_and_print_nothing(part: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} calls {node.func.id}"
        for path in files(part)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "print", "input")
    ]
    assert not wrong


@pytest.mark.parametrize("part", ["building", "link", "robot", "store", "sim", "supervise", "console"])
def test_only_nodes_speak_ros(part: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in files(part)
        for module in imports(path)
        if top(module) in ROS or top(module).startswith("rmf_")
    ]
    assert not wrong


def test_the_robot_s_side_needs_the_protocol_and_nothing_else() -> None:
    wrong = [
        module
        for path in files("robot")
        for module in imports(path)
        if top(module) == "building_ctrl"
        and not module.startswith(("building_ctrl.link.protocol", "building_ctrl.robot"))
    ]
    assert not wrong


def test_the_checker_shares_no_code_with_the_planners() -> None:
    """Nor do the modules it is made of."""
    seen: set[str] = set()
    todo = ["building_ctrl.sim.checker"]
    while todo:
        module = todo.pop()
        if module in seen:
            continue
        seen.add(module)
        path = ROOT / (module.replace(".", "/") + ".py")
        if path.is_file():
            todo += [found for found in imports(path) if found.startswith("building_ctrl.")]
    parts = {own_part(module) for module in seen}
    assert parts <= {"sim", "model"}
    assert not any(module.startswith("building_ctrl.model.roadmap") for module in seen)


def test_the_fast_simulator_runs_where_there_is_no_ros() -> None:
    code = (
        "import sys\n"
        "import building_ctrl.sim.virtual, building_ctrl.cli.simulate, building_ctrl.cli.main\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'rclpy', 'fastapi', 'rmf_task_msgs'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
