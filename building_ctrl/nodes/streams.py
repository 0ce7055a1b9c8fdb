"""Topics of the robots' optional streams: who watches what comes in, what was watched goes out."""

from __future__ import annotations

import array
import logging
from typing import Any

import numpy as np
from sensor_msgs import msg as sensors
from std_msgs.msg import Header

from building_ctrl.link.protocol.streams import Battery, Data, Image, Scan, Stream, Wheels
from building_ctrl.link.stream_server import StreamServer
from building_ctrl.nodes.convert import time_msg
from building_ctrl.nodes.shell import Shell

PUBLISH_S = 0.05
KNOWN = int(Stream.BATTERY | Stream.WHEELS | Stream.SCAN | Stream.IMAGE)

log = logging.getLogger("gateway.streams")


class StreamTopics:
    """Joins the streams' server to its topics; `frame_id` is ROBOT/battery, ROBOT/wheels, ROBOT/lidar or
    ROBOT/camera, the stamp is the time of arrival."""

    def __init__(self, shell: Shell, server: StreamServer) -> None:
        self._shell = shell
        self._server = server
        self._send = {
            Battery: shell.publisher("robot_batteries"),
            Wheels: shell.publisher("robot_wheels"),
            Scan: shell.publisher("robot_scans"),
            Image: shell.publisher("robot_images"),
        }

    def start(self) -> None:
        """Subscribe and set the timer."""
        self._shell.subscribe("stream_requests", self._on_request)
        self._shell.every(PUBLISH_S, self._publish)

    def _on_request(self, message: Any) -> None:
        watcher, robot = message.watcher[:64], message.robot[:64]
        if not self._server.watch(watcher, robot, message.streams & KNOWN):
            log.warning("streams of robot %r not watched for %r: too many watch already", robot, watcher)

    def _publish(self) -> None:
        newest, notices = self._server.newest()
        now = self._shell.now()
        for received in newest:
            self._send[type(received.data)](stream_msg(received.robot, received.data, now))
        for notice in notices:
            log.warning("%s", notice)


def stream_msg(robot: str, data: Data, now: float) -> Any:
    """The standard message for what a stream carries; `now` (seconds since the Unix epoch) stamps it."""
    if isinstance(data, Battery):
        temperature = float("nan") if data.temperature is None else data.temperature
        return sensors.BatteryState(
            header=_header(robot, "battery", now), voltage=data.voltage, current=data.current,
            percentage=data.charge / 100.0, temperature=temperature, present=True,
            charge=float("nan"), capacity=float("nan"), design_capacity=float("nan"),
        )  # fmt: skip
    if isinstance(data, Wheels):
        names = [f"wheel_{i}" for i in range(len(data.angle))]
        header = _header(robot, "wheels", now)
        return sensors.JointState(header=header, name=names, position=data.angle, velocity=data.rate)
    if isinstance(data, Scan):
        return _scan_msg(robot, data, now)
    header = _header(robot, "camera", now)
    return sensors.CompressedImage(header=header, format=data.format, data=array.array("B", data.data))


def _scan_msg(robot: str, scan: Scan, now: float) -> sensors.LaserScan:
    ranges_m = np.frombuffer(scan.ranges, dtype="<u2").astype(np.float32) * np.float32(1e-3)
    ranges_m[ranges_m == 0.0] = np.inf
    beams = ranges_m.shape[0]
    return sensors.LaserScan(
        header=_header(robot, "lidar", now),
        angle_min=scan.angle_min,
        angle_max=scan.angle_min + scan.angle_step * max(0, beams - 1),
        angle_increment=scan.angle_step,
        time_increment=scan.period / beams if beams else 0.0,
        scan_time=scan.period,
        range_min=scan.range_min,
        range_max=scan.range_max,
        ranges=array.array("f", ranges_m.tobytes()),
    )


def _header(robot: str, part: str, now: float) -> Header:
    return Header(stamp=time_msg(now), frame_id=f"{robot}/{part}")
