"""Many robots in one process for bench/link.py: real sessions and real sockets, bodies on a straight line.

Telemetry of the robots is spread evenly over the period. Sockets are watched through epoll on their file
descriptors, because a poll over a thousand sockets would cost more than the gateway.
"""

from __future__ import annotations

import select
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import zmq

from building_ctrl.link.keys import KeyPair
from building_ctrl.link.protocol import RobotReport, RobotSession
from building_ctrl.link.protocol.transport_options import ROBOT

STARVED_S = 0.25
COMMAND_KIND = 4


@dataclass(frozen=True)
class FleetLoad:
    """Robots to be, their keys, and the telemetry period."""

    address: str
    names: tuple[str, ...]
    server_key: bytes
    robot_keys: tuple[KeyPair, ...]
    period_s: float


@dataclass(frozen=True)
class FleetFigures:
    """As the robots saw it. Latencies run from a telemetry's stamp to the receipt of the first command made
    of it, on the robot's clock; `late_p99_ms` is how late this process was with its own telemetry."""

    p50_ms: float
    p99_ms: float
    longest_ms: float
    telemetry_hz: float
    command_hz: float
    starved: int
    not_armed: int
    late_p99_ms: float
    cores: float


class _Robot:
    """One robot: its socket, session and place."""

    def __init__(self, context: zmq.Context[Any], load: FleetLoad, i: int) -> None:
        dealer = context.socket(zmq.DEALER)
        for name, value in ROBOT:
            dealer.setsockopt(getattr(zmq, name), value)
        pair = load.robot_keys[i]
        dealer.curve_publickey, dealer.curve_secretkey = pair.public, pair.secret
        dealer.curve_serverkey = load.server_key
        dealer.connect(load.address)
        self.socket = dealer
        self.session = RobotSession(load.names[i], 1000 + i)
        self.x_m = 0.0
        self.v_mps = 0.0
        self.stamp: float | None = None
        self.commanded_at = 0.0
        self.longest_gap_s = 0.0
        self.commands = 0

    def read(self, latencies: list[float]) -> None:
        """Take in what has come."""
        session, receive = self.session, self.socket.recv
        try:
            while True:
                data = receive(zmq.NOBLOCK)
                now = time.monotonic()
                session.receive(data, now)
                if data[1] == COMMAND_KIND:
                    self.commands += 1
                    self.longest_gap_s = max(self.longest_gap_s, now - self.commanded_at)
                    self.commanded_at = now
                    stamp = session.command_stamp
                    if stamp is not None and stamp != self.stamp:
                        self.stamp = stamp
                        latencies.append(now - stamp)
        except zmq.Again:
            return

    def report(self, period_s: float) -> None:
        """Move, and send what is due."""
        now = time.monotonic()
        session = self.session
        session.tick(now)
        target = session.setpoint(now)
        self.v_mps += max(-0.8 * period_s, min(0.8 * period_s, target.v_mps - self.v_mps))
        self.x_m += self.v_mps * period_s
        session.report(RobotReport(self.x_m, 0.0, 0.0, self.v_mps), now)
        try:
            for frame in session.take():
                self.socket.send(frame, zmq.NOBLOCK)
        except zmq.Again:
            return


class _Fleet:
    def __init__(self, pipe: Connection, load: FleetLoad) -> None:
        self._pipe = pipe
        self._period_s = load.period_s
        self._context: zmq.Context[Any] = zmq.Context()
        self._context.set(zmq.MAX_SOCKETS, 16384)
        self._epoll = select.epoll()
        self.robots: list[_Robot] = []
        self._of_fd: dict[int, _Robot] = {}
        for i in range(len(load.names)):
            robot = _Robot(self._context, load, i)
            self.robots.append(robot)
            fd = robot.socket.getsockopt(zmq.FD)
            self._of_fd[fd] = robot
            self._epoll.register(fd, select.EPOLLIN)
            if i % 50 == 49:
                time.sleep(0.01)
        self._epoll.register(pipe.fileno(), select.EPOLLIN)
        self._latencies: list[float] = []
        self._late: list[float] = []
        self._reports = 0
        self._begin()

    def _begin(self) -> None:
        self._latencies.clear()
        self._late.clear()
        self._reports = 0
        self._began, self._cpu_s = time.monotonic(), time.process_time()
        for robot in self.robots:
            robot.commands, robot.longest_gap_s, robot.commanded_at = 0, 0.0, self._began

    def run(self) -> None:
        robots, latencies, slot_s = self.robots, self._latencies, self._period_s / len(self.robots)
        due, number = time.monotonic(), 0
        while True:
            now = time.monotonic()
            while due <= now:
                robot = robots[number]
                robot.report(self._period_s)
                robot.read(latencies)
                self._late.append(now - due)
                self._reports += 1
                number = (number + 1) % len(robots)
                due += slot_s
                now = time.monotonic()
            for fd, _ in self._epoll.poll(max(0.0, due - now), 256):
                if fd in self._of_fd:
                    self._of_fd[fd].read(latencies)
                elif not self._order(self._pipe.recv()):
                    return

    def _order(self, order: str) -> bool:
        if order == "begin":
            self._begin()
        elif order == "sample":
            self._pipe.send(self._figures())
        return order != "stop"

    def _figures(self) -> FleetFigures:
        now = time.monotonic()
        wall_s = now - self._began
        latencies = np.array(self._latencies or [float("inf")]) * 1e3
        p50, p99 = np.percentile(latencies, (50, 99), method="lower")
        gaps = [max(robot.longest_gap_s, now - robot.commanded_at) for robot in self.robots]
        return FleetFigures(
            float(p50),
            float(p99),
            float(latencies.max()),
            self._reports / wall_s / len(self.robots),
            sum(robot.commands for robot in self.robots) / wall_s / len(self.robots),
            sum(gap > STARVED_S for gap in gaps),
            sum(not robot.session.armed for robot in self.robots),
            float(np.percentile(self._late or [0.0], 99)) * 1e3,
            (time.process_time() - self._cpu_s) / wall_s,
        )

    def close(self) -> None:
        self._epoll.close()
        for robot in self.robots:
            robot.socket.close(0)
        self._context.term()


def drive_fleet(pipe: Connection, load: FleetLoad) -> None:
    """Process: orders "begin" (forget what was measured), "sample" -> FleetFigures, "stop"."""
    fleet = _Fleet(pipe, load)
    try:
        fleet.run()
    finally:
        fleet.close()
