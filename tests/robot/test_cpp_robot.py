"""A robot in C++, made from the protocol's page alone, is driven by the real gateway process."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from building_ctrl.link.gateway import Gateway
from building_ctrl.link.protocol.messages import EventKind
from building_ctrl.link.registry import Enrolled, Registry
from building_ctrl.link.server import LinkServer
from building_ctrl.link.zmq_transport import ZmqGatewayTransport
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import RobotProfile

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "examples" / "cpp_robot" / "robot.cpp"
DRIVE_S = "8"

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def program() -> Iterator[Path]:
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("no g++ to build the C++ robot with")
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder) / "probe.cpp"
        probe.write_text("#include <zmq.hpp>\n#include <msgpack.hpp>\n")
        command = [compiler, "-std=c++17", "-DMSGPACK_NO_BOOST", "-fsyntax-only", str(probe)]
        found = subprocess.run(command, capture_output=True, text=True)
        if found.returncode != 0:
            pytest.skip("headers of cppzmq or msgpack-cxx are missing: " + found.stderr.splitlines()[0][-80:])
        target = Path(folder) / "robot"
        flags = ["-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-DMSGPACK_NO_BOOST"]
        built = subprocess.run(
            [compiler, *flags, "-o", str(target), str(SOURCE), "-lzmq"], capture_output=True, text=True
        )
        assert built.returncode == 0, built.stderr
        yield target


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A gateway process that releases nothing by itself; its address and the folder of keys."""
    from typer.testing import CliRunner

    from building_ctrl.cli.robot import app

    registry = tmp_path / "robots.yaml"
    result = CliRunner().invoke(app, ["enroll", "r1", "--fleet", "f", "--registry", str(registry)])
    assert result.exit_code == 0, result.output
    arguments = ["--map", "maps/office.building.yaml", "--registry", str(registry), "--bind", "tcp://127.0.0.1:*"]
    environment = {**os.environ, "ROS_DOMAIN_ID": str(100 + os.getpid() % 100), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "building_ctrl.supervise.child", "gateway", *arguments],
        cwd=ROOT, env=environment, text=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    lines: list[str] = []
    try:
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line)
            if "robots connect to" in line:
                break
        else:
            raise AssertionError("gateway ended: " + "".join(lines))
        yield line.split("robots connect to ")[1].split(" ")[0], tmp_path / "keys"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def test_it_connects_is_driven_and_stops_at_the_end_of_its_path(
    program: Path, site: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, keys = site
    monkeypatch.setenv("ROS_DOMAIN_ID", str(100 + os.getpid() % 100))
    from building_ctrl.nodes import convert
    from building_ctrl.nodes.shell import Shell

    states = []
    command = [str(program), address, "r1", str(keys / "r1.key"), DRIVE_S]
    with Shell("path_planner") as shell:
        send = shell.publisher("released_paths")
        shell.subscribe("robot_states", lambda m: states.extend(convert.robot_states(m)))
        path = ReleasedPath("r1", "L1", 5, 0, (Waypoint(1.0, 0.0),))
        robot = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        shell.every(0.3, lambda: send(convert.released_paths_msg("p", 5, [path], shell.now())))
        shell.every(0.1, lambda: shell.stop() if robot.poll() is not None else None)
        shell.spin()
        output, _ = robot.communicate(timeout=30)
    assert robot.returncode == 0
    x_m, y_m, v_mps = (float(n) for n in re.findall(r"[xyv]=(-?[\d.]+)", output))
    assert abs(x_m - 1.0) < 0.08 and abs(y_m) < 0.05 and v_mps == 0.0, output
    assert max(s.speed_mps for s in states) > 0.2 and states[0].name == "r1"
    assert any(abs(s.battery_percent - 80.0) < 1e-6 for s in states)


def test_it_stops_by_itself_when_the_gateway_is_frozen(program: Path) -> None:
    """Frozen while it drives: the last command expires, the robot ramps down, and goes on after the gateway does."""
    gateway = Gateway("g", Registry((Enrolled(RobotProfile("r1", "f")),)))
    gateway.turn(time.monotonic())
    transport = ZmqGatewayTransport("tcp://127.0.0.1:*", None)
    server = LinkServer(transport, gateway.hub, gateway.turn)
    gateway.release([ReleasedPath("r1", "L1", 1, 0, (Waypoint(60.0, 0.0),))])
    server.start()
    robot = subprocess.Popen([str(program), transport.address, "r1", "", "20"], stdout=subprocess.DEVNULL)
    try:
        assert until(lambda: speed(gateway) > 0.3, 10.0), "the robot was never driven"
        server.call(lambda: time.sleep(1.0))
        event = f"kind {int(EventKind.WATCHDOG_STOP)}:"
        assert until(lambda: any(event in note for note in gateway.notes), 10.0), list(gateway.notes)
        assert until(lambda: speed(gateway) > 0.3, 10.0), "the robot was not armed again"
    finally:
        robot.terminate()
        robot.wait(10)
        server.stop()


def speed(gateway: Gateway) -> float:
    states = gateway.robot_states(time.monotonic())
    return float(states[0].speed_mps) if states else 0.0


def until(done: Callable[[], bool], deadline_s: float) -> bool:
    tick, end = threading.Event(), time.monotonic() + deadline_s
    while time.monotonic() < end:
        if done():
            return True
        tick.wait(0.01)
    return False
