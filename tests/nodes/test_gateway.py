"""The gateway process with a real robot client and real topics."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from building_ctrl.cli.robot import app
from building_ctrl.robot import RobotClient, RobotReport, read_robot_keys

ROOT = Path(__file__).parents[2]
DEADLINE_S = 40.0
DOMAIN = str(100 + os.getpid() % 100)

pytestmark = pytest.mark.e2e


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    from typer.testing import CliRunner

    path = tmp_path / "robots.yaml"
    result = CliRunner().invoke(app, ["enroll", "r1", "--fleet", "f", "--registry", str(path)])
    assert result.exit_code == 0, result.output
    return path


def start(registry: Path, bind: str, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "building_ctrl.supervise.child", "gateway"]
    options = ["--map", "maps/office.building.yaml", "--registry", str(registry), "--bind", bind, *more]
    env = {**os.environ, "ROS_DOMAIN_ID": DOMAIN, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command + options, cwd=ROOT, env=env, text=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if "robots connect to" in line:
            return line.split("robots connect to ")[1].split(" ")[0]
    raise AssertionError(f"gateway ended with status {process.wait()}")


@pytest.fixture
def gateway(registry: Path) -> Iterator[str]:
    process = start(registry, "tcp://127.0.0.1:*")
    try:
        yield address_of(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_a_robot_is_driven_over_topics_paused_and_revoked(
    gateway: str, registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROS_DOMAIN_ID", DOMAIN)
    from rmf_fleet_msgs.msg import PauseRequest

    from building_ctrl.model.path import ReleasedPath, Waypoint
    from building_ctrl.nodes import convert
    from building_ctrl.nodes.shell import Shell

    newest: dict[str, Any] = {}
    client = RobotClient(gateway, "r1", read_robot_keys(registry.parent / "keys" / "r1.key")).connect()
    body = [0.0, 0.0]

    def poll() -> None:
        target = client.poll(RobotReport(body[0], 0.0, 0.0, body[1], 0.0))
        body[1] = target.v_mps
        body[0] += body[1] * 0.02

    with Shell("path_planner") as shell:
        for name in ("robot_states", "link_states", "fleet_states", "alarms", "robot_request_states", "diagnostics"):
            shell.subscribe(name, lambda message, name=name: newest.__setitem__(name, message))
        send_paths = shell.publisher("released_paths")
        send_pause = shell.publisher("robot_pause_requests")
        path = ReleasedPath("r1", "L1", 5, 0, (Waypoint(40.0, 0.0),))
        shell.every(0.02, poll)
        shell.every(0.5, lambda: send_paths(convert.released_paths_msg("p", 5, [path], shell.now())))

        def until(done: Callable[[], bool]) -> bool:
            end = time.monotonic() + DEADLINE_S
            met = []
            timer = shell.node.create_timer(
                0.05,
                lambda: (
                    (met.append(True), shell.stop()) if done() else time.monotonic() > end and shell.stop()
                ),
            )
            shell._stop = False
            shell.spin()
            shell.node.destroy_timer(timer)
            return bool(met)

        assert until(
            lambda: body[0] > 0.3 and {"robot_states", "link_states", "fleet_states", "alarms"} <= set(newest)
        )
        state = convert.robot_states(newest["robot_states"])[0]
        assert (state.name, state.fleet, state.level, state.path_epoch, state.released_seq) == (
            "r1",
            "f",
            "L1",
            5,
            1,
        )
        assert until(lambda: bool(newest["fleet_states"].robots[0].path))
        assert newest["fleet_states"].name == "f"
        assert newest["link_states"].command_latency_p50_ms >= 0.0

        request = PauseRequest(fleet_name="f", robot_name="r1", type=PauseRequest.TYPE_PAUSE_IMMEDIATELY)
        send_pause(request)
        assert until(lambda: body[1] == 0.0)
        send_pause(PauseRequest(fleet_name="f", robot_name="r1", type=PauseRequest.TYPE_RESUME))
        assert until(lambda: body[1] > 0.1)

        from building_ctrl.model.robot_request import RequestStatus, RobotRequest, RobotRequestKind, StopCategory
        from building_ctrl.nodes import convert_motion

        send_request = shell.publisher("robot_requests")

        def answered(request_id: str, status: RequestStatus) -> bool:
            states = convert_motion.robot_request_states(newest["robot_request_states"])
            return any(s.request.request_id == request_id and s.status is status for s in states)

        def ask(request_id: str, kind: RobotRequestKind, who: str) -> None:
            request = RobotRequest(request_id, "r1", kind, StopCategory.CONTROLLED_THEN_OFF, who, "a test")
            send_request(convert_motion.robot_request_msg(request, shell.now()))

        ask("stop", RobotRequestKind.E_STOP, "Kim")
        assert until(lambda: body[1] == 0.0 and answered("stop", RequestStatus.DONE))
        ask("nameless", RobotRequestKind.RESUME, "")
        assert until(lambda: answered("nameless", RequestStatus.REFUSED))
        ask("resume", RobotRequestKind.RESUME, "Kim")
        assert until(lambda: answered("resume", RequestStatus.DONE) and body[1] > 0.1)
        statuses = {status.name: status for status in newest["diagnostics"].status}
        assert set(statuses) == {"gateway: link", "gateway: robot r1"}
        assert statuses["gateway: robot r1"].level in (b"\x00", b"\x01", b"\x02")

        from typer.testing import CliRunner

        assert CliRunner().invoke(app, ["revoke", "r1", "--registry", str(registry)]).exit_code == 0
        assert until(lambda: not client.connected and body[1] == 0.0)
        assert until(lambda: any(a.kind == "robot_link_lost" and a.active for a in newest["alarms"].alarms))
    client.close()


def test_a_port_in_use_a_missing_registry_and_plain_text_off_loopback_end_with_one_line(
    gateway: str, registry: Path, tmp_path: Path
) -> None:
    for process, says in [
        (start(registry, gateway), "in use"),
        (start(tmp_path / "none.yaml", "tcp://127.0.0.1:*"), "robot enroll"),
        (start(registry, "tcp://0.0.0.0:*", "--plain-loopback"), "loopback"),
    ]:
        _, text = process.communicate(timeout=DEADLINE_S)
        assert process.returncode == 1
        assert says in text and len(text.strip().splitlines()) == 1
