"""Streams over the real gateway process and real topics."""

from __future__ import annotations

import math
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
from building_ctrl.link.protocol.streams import Battery, Image, Scan, Stream, Wheels
from building_ctrl.robot import RobotClient, RobotReport, StreamSender, read_robot_keys

ROOT = Path(__file__).parents[2]
DEADLINE_S = 30.0
DOMAIN = str(100 + os.getpid() % 100)

pytestmark = pytest.mark.e2e


def test_messages_carry_what_the_robot_measured() -> None:
    from building_ctrl.nodes.streams import stream_msg

    ranges = (1000).to_bytes(2, "little") + bytes(2) + (30000).to_bytes(2, "little")
    scan = stream_msg("r1", Scan(1, 5.0, -1.5, 1.5, 0.3, 0.05, 40.0, ranges), 100.25)
    assert scan.header.frame_id == "r1/lidar" and (scan.header.stamp.sec, scan.header.stamp.nanosec) == (100, 250000000)
    assert list(scan.ranges) == pytest.approx([1.0, math.inf, 30.0]) and scan.angle_max == pytest.approx(1.5)
    assert scan.time_increment == pytest.approx(0.1) and scan.range_max == pytest.approx(40.0)
    battery = stream_msg("r1", Battery(1, 5.0, 24.5, -2.0, 80.0), 100.0)
    assert battery.percentage == pytest.approx(0.8) and math.isnan(battery.temperature) and battery.current == -2.0
    wheels = stream_msg("r1", Wheels(1, 5.0, [1.0, 2.0], [3.0, 4.0]), 100.0)
    assert list(wheels.name) == ["wheel_0", "wheel_1"] and list(wheels.velocity) == [3.0, 4.0]
    image = stream_msg("r1", Image(1, 5.0, "jpeg", b"\xff\xd8"), 100.0)
    assert image.format == "jpeg" and bytes(image.data) == b"\xff\xd8" and image.header.frame_id == "r1/camera"
    assert list(stream_msg("r1", Scan(1, 5.0, 0.0, 0.1, 0.1, 0.0, 9.0, b""), 1.0).ranges) == []


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    from typer.testing import CliRunner

    registry = tmp_path / "robots.yaml"
    result = CliRunner().invoke(app, ["enroll", "r1", "--fleet", "f", "--registry", str(registry)])
    assert result.exit_code == 0, result.output
    options = ["--map", "maps/office.building.yaml", "--registry", str(registry), "--bind", "tcp://127.0.0.1:*"]
    process = subprocess.Popen(
        [sys.executable, "-m", "building_ctrl.supervise.child", "gateway", *options],
        cwd=ROOT, env={**os.environ, "ROS_DOMAIN_ID": DOMAIN, "PYTHONPATH": str(ROOT)}, text=True,
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        told = next((line for line in process.stderr if "robots connect to" in line), "")
        address = told.partition("robots connect to ")[2].split(" ")[0]
        assert address, f"gateway ended with status {process.wait()}"
        yield address, tmp_path / "keys" / "r1.key"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_scans_and_images_are_published_while_somebody_watches(
    gateway: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROS_DOMAIN_ID", DOMAIN)
    from building_ctrl_msgs.msg import StreamRequest

    from building_ctrl.nodes.shell import Shell

    address, key_file = gateway
    streams = StreamSender("r1", Stream.SCAN | Stream.IMAGE)
    client = RobotClient(address, "r1", read_robot_keys(key_file), streams=streams).connect()
    got: dict[str, list[Any]] = {"robot_scans": [], "robot_images": []}
    watching = [int(Stream.SCAN)]

    def poll() -> None:
        now = client.clock()
        streams.put(Scan(1, now, 0.0, 0.1, 0.1, 0.05, 40.0, b"\x10\x00" * 20), now)
        streams.put(Image(1, now, "jpeg", b"picture"), now)
        client.poll(RobotReport(0.0, 0.0, 0.0))

    with Shell("watcher") as shell:
        for name, messages in got.items():
            shell.subscribe(name, messages.append)
        ask = shell.publisher("stream_requests")
        shell.every(0.02, poll)
        shell.every(0.5, lambda: ask(StreamRequest(watcher="test", robot="r1", streams=watching[0])))

        def until(done: Callable[[], bool]) -> bool:
            end = time.monotonic() + DEADLINE_S
            shell._stop = False
            timer = shell.node.create_timer(0.05, lambda: (done() or time.monotonic() > end) and shell.stop())
            shell.spin()
            shell.node.destroy_timer(timer)
            return done()

        assert until(lambda: len(got["robot_scans"]) >= 5)
        assert got["robot_images"] == [] and got["robot_scans"][0].header.frame_id == "r1/lidar"
        watching[0] = int(Stream.IMAGE)
        assert until(lambda: len(got["robot_images"]) >= 3)
        watching[0] = 0
        assert until(lambda: not streams.wanted)
        count = len(got["robot_images"])
        quiet = time.monotonic() + 1.0
        assert until(lambda: time.monotonic() > quiet)
        assert len(got["robot_images"]) <= count + 1
    client.close()
