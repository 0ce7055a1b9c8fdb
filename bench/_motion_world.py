"""A gateway and driven bodies in virtual time for bench/motion.py: real sessions, real frames."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from _motion_network import Conditions, Wire

from building_ctrl.link.gateway import Gateway
from building_ctrl.link.limits import LinkLimits
from building_ctrl.link.protocol import RobotReport, RobotSession, StopRamp
from building_ctrl.link.registry import Enrolled, Registry
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import Drive, RobotProfile

DT_S = 0.01
TURN_STEPS = 2
REPORT_STEPS = 5
LOOK_STEPS = 5
START_S = 100.0
ACTUATION_S = 0.04
NOISE_M = 0.004
AHEAD_M = 6.0
LATE_SHARE = 0.4
LEVEL = "L1"
Point = tuple[float, float]


@dataclass
class Body:
    """A drive with limits and a delay before set points act."""

    profile: RobotProfile
    x: float = 0.0
    y: float = 0.0
    yaw: float = 0.0
    v: float = 0.0
    w: float = 0.0
    vy: float = 0.0
    _pending: list[tuple[float, float, float, float]] = field(default_factory=list)
    _goal: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def speed(self) -> float:
        return math.hypot(self.v, self.vy)

    def step(self, now: float, v: float, w: float, vy: float = 0.0) -> None:
        self._pending.append((now + ACTUATION_S, v, w, vy))
        while self._pending and self._pending[0][0] <= now + 1e-9:
            self._goal = self._pending.pop(0)[1:]
        dv = self.profile.max_acceleration_mps2 * DT_S
        dw = self.profile.max_yaw_acceleration_radps2 * DT_S
        to_v, to_vy = self._goal[0] - self.v, self._goal[2] - self.vy
        scale = min(1.0, dv / max(math.hypot(to_v, to_vy), 1e-9))
        self.v += to_v * scale
        self.vy += to_vy * scale
        self.w += max(-dw, min(dw, self._goal[1] - self.w))
        middle = self.yaw + 0.5 * self.w * DT_S
        self.x += (self.v * math.cos(middle) - self.vy * math.sin(middle)) * DT_S
        self.y += (self.v * math.sin(middle) + self.vy * math.cos(middle)) * DT_S
        self.yaw += self.w * DT_S


class Route:
    """An endless way through corners and bends, released in pieces of two to five waypoints: some before
    the robot is near the end, 40 % only once it stands there."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._angle = 0.0
        self.points: list[Point] = [(0.0, 0.0)]
        self.late = False
        self.grow()

    def grow(self) -> None:
        """Add a piece."""
        dice = self._dice
        for _ in range(dice.randint(2, 5)):
            self._angle += dice.choice((0.0, 0.0, 0.0, 0.1, -0.2, math.pi / 4, math.pi / 2, -math.pi / 2))
            length = dice.uniform(1.0, 8.0)
            x, y = self.points[-1]
            self.points.append((x + length * math.cos(self._angle), y + length * math.sin(self._angle)))
        self.late = dice.random() < LATE_SHARE

    def waypoints(self, first: int) -> tuple[Waypoint, ...]:
        return tuple(Waypoint(x, y) for x, y in self.points[first + 1 :])


@dataclass
class Robot:
    """A robot, its wire, and what is watched of it."""

    name: str
    body: Body
    session: RobotSession
    wire: Wire
    route: Route
    offset_s: float
    reached: int = 0
    stamp: float | None = None
    stale: int = 0
    commanded: list[float] = field(default_factory=list)
    off_m: list[float] = field(default_factory=list)
    fast_off_m: list[float] = field(default_factory=list)
    overrun_m: float = -math.inf
    driven_m: float = 0.0


class World:
    """`step` moves everything by 10 ms; one of `conditions` a robot."""

    def __init__(
        self,
        conditions: list[Conditions],
        seed: int,
        max_speed_mps: float = 1.5,
        watch_commands: bool = False,
        drive: Drive = Drive.DIFFERENTIAL,
    ) -> None:
        self.now = START_S
        self.watch_commands = watch_commands
        self._tick = 0
        self._dice = random.Random(seed)
        profiles = [
            RobotProfile(f"r{i}", "f", max_speed_mps=max_speed_mps, drive=drive) for i in range(len(conditions))
        ]
        limits = LinkLimits(hellos_per_s=1e6)
        self.gateway = Gateway("bench", Registry(tuple(Enrolled(p) for p in profiles)), limits=limits)
        self.robots = [
            Robot(
                profile.name,
                Body(profile),
                RobotSession(profile.name, self._dice.getrandbits(62), StopRamp(0.8, 3.0)),
                Wire(c, random.Random(f"{seed} {i}")),
                Route(1000 * seed + i),
                self._dice.uniform(-1000.0, 1000.0),
            )
            for i, (profile, c) in enumerate(zip(profiles, conditions, strict=True))
        ]
        self._index = {robot.name: i for i, robot in enumerate(self.robots)}
        for robot in self.robots:
            self._release(robot)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / DT_S)):
            self.step()

    def step(self) -> None:
        self.now += DT_S
        self._tick += 1
        for i, robot in enumerate(self.robots):
            self._deliver(i, robot)
            self._drive(i, robot)
        if self._tick % TURN_STEPS == 0:
            self._turn()
        if self._tick % LOOK_STEPS == 0:
            self._look()

    def _deliver(self, i: int, robot: Robot) -> None:
        for up, connection, frame in robot.wire.arrived(self.now):
            if up:
                self.gateway.hub.receive(b"%d %d" % (i, connection), "", frame, self.now)
            else:
                robot.session.receive(frame, self.now + robot.offset_s)

    def _drive(self, i: int, robot: Robot) -> None:
        own, body, session = self.now + robot.offset_s, robot.body, robot.session
        session.tick(own)
        if (self._tick + i) % REPORT_STEPS == 0:
            x, y = self._dice.gauss(body.x, NOISE_M), self._dice.gauss(body.y, NOISE_M)
            yaw = math.remainder(body.yaw, 2 * math.pi)
            session.report(RobotReport(x, y, yaw, body.v, body.w, vy_mps=body.vy), own)
        target = session.setpoint(own)
        self._check(robot, own, target.holding)
        body.step(self.now, target.v_mps, target.w_radps, target.vy_mps)
        robot.driven_m += body.speed * DT_S
        for frame in session.take():
            robot.wire.post(True, frame, self.now)

    def _check(self, robot: Robot, own: float, holding: bool) -> None:
        """Whether the command in force was made from something too old, or from something older than before."""
        stamp = robot.session.command_stamp
        if holding or stamp is None:
            return
        link = self.gateway.hub.parameters
        if own - stamp >= link.watchdog_s:
            robot.stale += 1
        if stamp != robot.stamp:
            if own - stamp >= link.ttl_s or (robot.stamp is not None and stamp < robot.stamp):
                robot.stale += 1
            robot.stamp = stamp
            if self.watch_commands:
                robot.commanded.append(stamp - robot.offset_s)

    def _turn(self) -> None:
        hub = self.gateway.hub
        hub.tick(self.now)
        self.gateway.turn(self.now)
        for connection, frame in hub.take():
            i, number = (int(part) for part in connection.split())
            wire = self.robots[i].wire
            if number == wire.connection:
                wire.post(False, frame, self.now)

    def _look(self) -> None:
        for state in self.gateway.robot_states(self.now):
            robot = self.robots[self._index[state.name]]
            robot.reached = min(state.reached_seq + 1, len(robot.route.points) - 1)
        for robot in self.robots:
            self._measure(robot)
            points, body = robot.route.points, robot.body
            rest_m = math.hypot(points[-1][0] - body.x, points[-1][1] - body.y)
            on_last = robot.reached >= len(points) - 3
            stands = rest_m < 0.15 and body.speed < 1e-3
            if stands if robot.route.late else on_last and rest_m < AHEAD_M:
                robot.route.grow()
                self._release(robot)

    def _measure(self, robot: Robot) -> None:
        body, points = robot.body, robot.route.points
        low = max(0, robot.reached - 2)
        near = [
            beside(points[k], points[k + 1], body.x, body.y)
            for k in range(low, min(len(points) - 1, robot.reached + 3))
        ]
        off_m = min(off for off, _ in near)
        if body.speed > 0.02:
            robot.off_m.append(off_m)
            if body.speed > 0.8 * body.profile.max_speed_mps:
                robot.fast_off_m.append(off_m)
        last_off_m, beyond_m = beside(points[-2], points[-1], body.x, body.y)
        if last_off_m <= off_m + 1e-9:
            robot.overrun_m = max(robot.overrun_m, beyond_m)

    def _release(self, robot: Robot) -> None:
        first = max(0, robot.reached - 2)
        way = robot.route.waypoints(first)
        problems = self.gateway.release([ReleasedPath(robot.name, LEVEL, 1, first, way)])
        if problems:
            raise RuntimeError(problems[0])


def beside(a: Point, b: Point, x: float, y: float) -> tuple[float, float]:
    """Distance of a point to the straight from a to b, and how far beyond b it lies along it (negative
    before)."""
    length = math.hypot(b[0] - a[0], b[1] - a[1])
    cx, cy = (b[0] - a[0]) / length, (b[1] - a[1]) / length
    along = (x - a[0]) * cx + (y - a[1]) * cy
    kept = max(0.0, min(length, along))
    return math.hypot(x - a[0] - kept * cx, y - a[1] - kept * cy), along - length
