"""A gateway and its robots in virtual time: real sessions, real bytes, an unkind network, simple bodies."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from dataclasses import dataclass, field, replace

from building_ctrl.link.gateway import Gateway
from building_ctrl.link.protocol import RobotReport, RobotSession, StopRamp
from building_ctrl.link.registry import Enrolled, Registry
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import RobotProfile

DT_S = 0.01


@dataclass
class Network:
    """Delays in seconds; `loss` drops single frames; within an outage nothing passes."""

    delay_s: float = 0.01
    jitter_s: float = 0.004
    loss: float = 0.0
    in_order: bool = True
    outages: tuple[tuple[float, float], ...] = ()

    def cut(self, now: float) -> bool:
        return any(start <= now < end for start, end in self.outages)


@dataclass
class Body:
    """A differential drive with limits and an actuation delay."""

    x: float = 0.0
    y: float = 0.0
    yaw: float = 0.0
    v: float = 0.0
    w: float = 0.0
    vy: float = 0.0
    acceleration: float = 0.8
    yaw_acceleration: float = 3.0
    delay_s: float = 0.04
    pending: list[tuple[float, float, float, float]] = field(default_factory=list)
    goal: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def step(self, now: float, v: float, w: float, vy: float = 0.0) -> None:
        self.pending.append((now + self.delay_s, v, w, vy))
        while self.pending and self.pending[0][0] <= now + 1e-9:
            self.goal = self.pending.pop(0)[1:]
        dv, dw = self.acceleration * DT_S, self.yaw_acceleration * DT_S
        to_v, to_vy = self.goal[0] - self.v, self.goal[2] - self.vy
        scale = min(1.0, dv / max(math.hypot(to_v, to_vy), 1e-9))
        self.v += to_v * scale
        self.vy += to_vy * scale
        self.w += max(-dw, min(dw, self.goal[1] - self.w))
        middle = self.yaw + 0.5 * self.w * DT_S
        self.x += (self.v * math.cos(middle) - self.vy * math.sin(middle)) * DT_S
        self.y += (self.v * math.sin(middle) + self.vy * math.cos(middle)) * DT_S
        self.yaw += self.w * DT_S


class World:
    """`step` moves everything by 10 ms of virtual time."""

    def __init__(
        self,
        robots: int = 1,
        network: Network | None = None,
        seed: int = 0,
        noise_m: float = 0.0,
        epoch: int = 5,
        profile: RobotProfile | None = None,
    ) -> None:
        self.random = random.Random(seed)
        self.network = network or Network()
        self.names = [f"r{i}" for i in range(robots)]
        self.profiles = [replace(profile or RobotProfile("", "fleet"), name=name) for name in self.names]
        self.gateway = Gateway("test", Registry(tuple(Enrolled(p) for p in self.profiles)))
        self.bodies = [Body() for _ in self.names]
        self.sessions = [
            RobotSession(name, 1000 + i, StopRamp(0.8, 3.0)) for i, name in enumerate(self.names)
        ]
        self.offsets = [self.random.uniform(-1000.0, 1000.0) for _ in self.names]
        self.noise_m = noise_m
        self.epoch = epoch
        self.now = 100.0
        self.paths: dict[str, list[Waypoint]] = {name: [] for name in self.names}
        self.oldest_obeyed_s = 0.0
        self._mail: list[tuple[float, int, int, bool, bytes]] = []
        self._last_delivery: dict[tuple[int, bool], float] = {}
        self._count = 0
        self._tick = 0

    def release(self, robot: int, *points: tuple[float, float], level: str = "L1") -> None:
        """Append waypoints to a robot's path and release them (repeating the whole path)."""
        name = self.names[robot]
        self.paths[name].extend(Waypoint(x, y) for x, y in points)
        self.gateway.release([ReleasedPath(name, level, self.epoch, 0, tuple(self.paths[name]))])

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / DT_S)):
            self.step()

    def step(self) -> None:
        self.now += DT_S
        self._tick += 1
        self._deliver()
        for i, session in enumerate(self.sessions):
            self._robot(i, session)
        if self._tick % 2 == 0:
            self._gateway()

    def _robot(self, i: int, session: RobotSession) -> None:
        own = self.now + self.offsets[i]
        body = self.bodies[i]
        session.tick(own)
        if (self._tick + i) % 5 == 0:
            x = body.x + self.random.gauss(0.0, self.noise_m)
            y = body.y + self.random.gauss(0.0, self.noise_m)
            yaw = math.remainder(body.yaw, 2 * math.pi)
            session.report(RobotReport(x, y, yaw, body.v, body.w, vy_mps=body.vy), own)
        target = session.setpoint(own)
        if not target.holding and session._command is not None:
            self.oldest_obeyed_s = max(self.oldest_obeyed_s, own - session._command.stamp)
        body.step(self.now, target.v_mps, target.w_radps, target.vy_mps)
        for frame in session.take():
            self._post(i, True, frame)

    def _gateway(self) -> None:
        hub = self.gateway.hub
        hub.tick(self.now)
        self.gateway.turn(self.now)
        for connection, frame in hub.take():
            self._post(int(connection), False, frame)

    def _post(self, robot: int, up: bool, frame: bytes) -> None:
        net = self.network
        if net.cut(self.now) or self.random.random() < net.loss:
            return
        at = self.now + max(0.0, net.delay_s + self.random.uniform(-net.jitter_s, net.jitter_s))
        if net.in_order:
            at = max(at, self._last_delivery.get((robot, up), 0.0))
            self._last_delivery[robot, up] = at
        self._count += 1
        heapq.heappush(self._mail, (at, self._count, robot, up, frame))

    def _deliver(self) -> None:
        while self._mail and self._mail[0][0] <= self.now:
            _, _, robot, up, frame = heapq.heappop(self._mail)
            if up:
                self.gateway.hub.receive(str(robot).encode(), "", frame, self.now)
            else:
                self.sessions[robot].receive(frame, self.now + self.offsets[robot])


def overrun_m(path: list[tuple[float, float]], x: float, y: float) -> float:
    """How far a point lies beyond the end of a path, along its last straight; 0 where it lies beside the
    path."""
    (ax, ay), (bx, by) = path[-2], path[-1]
    if distance_m(path, x, y) < math.hypot(x - bx, y - by) - 1e-9:
        return 0.0
    return ((x - bx) * (bx - ax) + (y - by) * (by - ay)) / math.hypot(bx - ax, by - ay)


def distance_m(path: list[tuple[float, float]], x: float, y: float) -> float:
    """Distance of a point to a polyline."""
    best = math.inf
    for (ax, ay), (bx, by) in itertools.pairwise(path):
        square = (bx - ax) ** 2 + (by - ay) ** 2
        share = (
            0.0
            if square == 0.0
            else max(0.0, min(1.0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / square))
        )
        best = min(best, math.hypot(x - ax - share * (bx - ax), y - ay - share * (by - ay)))
    return best
