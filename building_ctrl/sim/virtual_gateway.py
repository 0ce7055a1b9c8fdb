"""Robots and their gateway in virtual time: real sessions of the link on both sides, frames with modelled
delays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from building_ctrl.link.gateway import Gateway
from building_ctrl.link.limits import LinkLimits
from building_ctrl.link.protocol import RobotSession
from building_ctrl.link.registry import Enrolled, Registry
from building_ctrl.model.lift import LiftState
from building_ctrl.model.path import ReleasedPath
from building_ctrl.model.robot import RobotProfile
from building_ctrl.sim.bus import Bus, Delays, VirtualClock
from building_ctrl.sim.embedded import EmbeddedBuilding
from building_ctrl.sim.reports import body_reports

CLOCK_SPREAD_S = 500.0  # robots' clocks differ from the gateway's by up to this much


class VirtualRobots:
    """The robots' side: measures bodies, speaks the link, passes set points to the bodies."""

    def __init__(self, clock: VirtualClock, world: EmbeddedBuilding, delays: Delays, seed: int) -> None:
        self._clock = clock
        self._world = world
        self._delays = delays
        random = np.random.default_rng(seed)
        n = len(world.names)
        self._offset_s = random.uniform(0.0, CLOCK_SPREAD_S, n).tolist()
        boots = random.integers(1, 2**62, n).tolist()
        self.sessions = [RobotSession(name, boot) for name, boot in zip(world.names, boots, strict=True)]
        self._last_due_s = [0.0] * n
        self._gateway: VirtualGateway | None = None
        self.latencies_s: list[float] = []

    def connect(self, gateway: VirtualGateway) -> None:
        """Say where frames go."""
        self._gateway = gateway

    def drive(self, now: float) -> None:
        """Pass every robot's set point of the moment to its body."""
        bodies = self._world.bodies
        for i, session in enumerate(self.sessions):
            point = session.setpoint(now + self._offset_s[i])
            bodies.command(i, point.v_mps, point.w_radps, now, np.inf)

    def report(self, now: float) -> None:
        """Send every robot's telemetry, and whatever else it has to say."""
        for i, (session, report) in enumerate(zip(self.sessions, body_reports(self._world), strict=True)):
            local = now + self._offset_s[i]
            session.tick(local)
            session.report(report, local)
            self._send(i, now)

    def receive(self, robot: int, frame: bytes, due: float) -> None:
        """A frame has come from the gateway."""
        session = self.sessions[robot]
        before = session.command_stamp
        session.receive(frame, due + self._offset_s[robot])
        stamp = session.command_stamp
        if stamp is not None and stamp != before:
            self.latencies_s.append(due + self._offset_s[robot] - stamp)
        self._send(robot, due)

    def _send(self, robot: int, now: float) -> None:
        if self._gateway is None:
            raise RuntimeError("VirtualRobots.connect() comes first")
        for frame in self.sessions[robot].take():
            due = max(now + self._delays.next_s(), self._last_due_s[robot])
            self._last_due_s[robot] = due
            self._clock.at(due, self._gateway.receive, robot, frame, due)


class VirtualGateway:
    """The gateway on the in-memory bus: frames of robots in and out, robot states for the platform."""

    def __init__(
        self,
        clock: VirtualClock,
        bus: Bus,
        robots: VirtualRobots,
        profiles: Sequence[RobotProfile],
        delays: Delays,
    ) -> None:
        self._clock = clock
        self._bus = bus
        self._robots = robots
        self._delays = delays
        n = len(robots.sessions)
        self._connection = [f"robot {i}".encode() for i in range(n)]
        self._robot_of = {connection: i for i, connection in enumerate(self._connection)}
        self._last_due_s = [0.0] * n
        registry = Registry(tuple(Enrolled(profile) for profile in profiles))
        self._gateway = Gateway("gateway", registry, limits=LinkLimits(hellos_per_s=10.0 * n + 10.0))
        self.problems: list[str] = []
        bus.subscribe("released_paths", self._on_paths)
        bus.subscribe("lift_states", self._on_lifts)
        bus.subscribe("ride_states", lambda rides, now: self._gateway.ride_states(rides))

    @property
    def telemetry_count(self) -> int:
        """Telemetry taken in so far, of all robots."""
        return sum(session.telemetry_count for session in self._gateway.hub.sessions.values())

    def receive(self, robot: int, frame: bytes, due: float) -> None:
        """A frame has come from a robot."""
        self._gateway.hub.receive(self._connection[robot], "", frame, due)

    def turn(self, now: float) -> None:
        """One turn of the motion loop."""
        hub = self._gateway.hub
        hub.tick(now)
        self._gateway.turn(now)
        for connection, frame in hub.take():
            robot = self._robot_of[connection]
            due = max(now + self._delays.next_s(), self._last_due_s[robot])
            self._last_due_s[robot] = due
            self._clock.at(due, self._robots.receive, robot, frame, due)

    def publish(self, now: float) -> None:
        """Robot states for the platform."""
        self._bus.publish("robot_states", tuple(self._gateway.robot_states(now)))

    def _on_paths(self, paths: Sequence[ReleasedPath], now: float) -> None:
        self.problems.extend(self._gateway.release(paths))

    def _on_lifts(self, states: Sequence[LiftState], now: float) -> None:
        for state in states:
            self._gateway.lift_state(state, now)
