from __future__ import annotations

import ast
import runpy
import sys
import time
from pathlib import Path

import pytest

from building_ctrl.link.gateway import Gateway
from building_ctrl.link.registry import Enrolled, Registry
from building_ctrl.link.server import LinkServer
from building_ctrl.link.zmq_transport import ZmqGatewayTransport
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import RobotProfile
from building_ctrl.robot import RobotClient, RobotReport
from building_ctrl.robot.demonstration import DemonstrationRobot

ROOT = Path(__file__).parents[2]


def test_it_cannot_be_polled_before_it_is_connected_and_may_be_closed_twice() -> None:
    client = RobotClient("tcp://127.0.0.1:1", "r1")
    with pytest.raises(RuntimeError):
        client.poll()
    with pytest.raises(RuntimeError):
        client.wait(0.0)
    client.connect()
    client.close()
    client.close()


def test_a_bad_address_is_said_in_one_line() -> None:
    client = RobotClient("carrier pigeon", "r1")
    with pytest.raises(ValueError, match="cannot connect to carrier pigeon"):
        client.connect()
    client.close()


def test_without_a_gateway_it_stands_and_never_blocks() -> None:
    with RobotClient("tcp://127.0.0.1:1", "r1") as client:
        start = time.monotonic()
        for _ in range(200):
            assert client.poll(RobotReport(0.0, 0.0, 0.0))[:3] == (0.0, 0.0, True)
        assert time.monotonic() - start < 2.0
        assert not client.connected


def test_the_sdk_imports_nothing_of_ours_but_the_protocol() -> None:
    for path in (ROOT / "building_ctrl" / "robot").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                ours = name.startswith("building_ctrl")
                assert not ours or name.startswith(("building_ctrl.link.protocol", "building_ctrl.robot")), (
                    path
                )


def test_the_demonstration_robot_moves_within_its_limits() -> None:
    robot = DemonstrationRobot("tcp://127.0.0.1:1", "r1", None, (0.0, 0.0, 0.0))
    for _ in range(100):
        robot.move(1.0, 0.0, 0.02)
    assert 0.5 < robot.report().x_m < 2.0 and robot.report().v_mps == pytest.approx(1.0)


def test_the_example_is_short_and_is_driven_to_the_end_of_its_path(
    capsys: pytest.CaptureFixture[str],
) -> None:
    example = ROOT / "examples" / "robot_client.py"
    assert len(example.read_text().splitlines()) < 30
    gateway = Gateway("g", Registry((Enrolled(RobotProfile("demo", "f")),)))
    gateway.turn(time.monotonic())
    transport = ZmqGatewayTransport("tcp://127.0.0.1:*", None)
    server = LinkServer(transport, gateway.hub, gateway.turn)
    gateway.release([ReleasedPath("demo", "L1", 1, 0, (Waypoint(0.3, 0.0),))])
    server.start()
    argv = sys.argv
    try:
        sys.argv = [str(example), transport.address, "demo", "", "5"]
        runpy.run_path(str(example), run_name="__main__")
        state = gateway.robot_states(time.monotonic())[0]
        assert state.reached_seq == 1 and abs(state.x_m - 0.3) < 0.08
    finally:
        sys.argv = argv
        server.stop()
