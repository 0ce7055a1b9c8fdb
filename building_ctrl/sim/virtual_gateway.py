"""Robots and their gateway in virtual time: real sessions of the link on both sides, with modelled delays.

A robot that drives steadily goes through arrays (flows.py), which obey the same rules at a fraction of the time;
everything else goes frame by frame, as over a network.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from building_ctrl.link.gateway import Gateway
from building_ctrl.link.limits import LinkLimits
from building_ctrl.link.protocol import RobotSession
from building_ctrl.link.protocol.codec import decode_from_gateway, decode_from_robot
from building_ctrl.link.protocol.messages import Ping, Pong
from building_ctrl.link.registry import Enrolled, Registry
from building_ctrl.model.lift import LiftState
from building_ctrl.model.path import ReleasedPath
from building_ctrl.model.robot import RobotProfile
from building_ctrl.sim.bus import Bus, Delays, VirtualClock
from building_ctrl.sim.embedded import EmbeddedBuilding
from building_ctrl.sim.flows import SteadyFlows
from building_ctrl.sim.reports import body_measurements, body_report
from building_ctrl.sim.tally import Tally
from building_ctrl.sim.wire import Wire

CLOCK_SPREAD_S = 500.0  # robots' clocks differ from the gateway's by up to this much


class VirtualLink:
    """What lies between robots and gateway: frames under way, and the flows of robots that drive steadily.

    With `by_frames` every robot goes frame by frame always.
    """

    def __init__(
        self,
        clock: VirtualClock,
        levels: Sequence[str],
        n: int,
        seed: int,
        delays: Callable[[int], Delays],
        by_frames: bool,
    ) -> None:
        self.clock_s = np.random.default_rng(seed).uniform(0.0, CLOCK_SPREAD_S, n).tolist()
        self.up = Wire(clock, n, delays(seed + 1))
        self.down = Wire(clock, n, delays(seed + 2))
        self.flows = SteadyFlows(
            self.clock_s, levels, self.up, self.down, delays(seed + 3), delays(seed + 4)
        )
        self.by_frames = by_frames

    def may_join(self, robot: int) -> bool:
        """Whether a robot's flow can be taken over now as far as the network goes."""
        return not self.by_frames and self.up.empty(robot) and self.down.empty(robot)


class VirtualRobots:
    """The robots' side: measures bodies, speaks the link, passes set points to the bodies."""

    def __init__(self, world: EmbeddedBuilding, link: VirtualLink, seed: int) -> None:
        self._world = world
        self._link = link
        n = len(world.names)
        boots = np.random.default_rng(seed).integers(1, 2**62, n).tolist()
        self._sessions = [RobotSession(name, boot) for name, boot in zip(world.names, boots, strict=True)]
        self._v_mps, self._w_radps = np.zeros(n), np.zeros(n)
        self.latency_s = Tally()
        link.down.connect(self._receive)

    @property
    def clock_s(self) -> list[float]:
        """(n,): robots' clocks against the building's."""
        return self._link.clock_s

    def session(self, robot: int) -> RobotSession:
        """A robot's session, to do something with it at once."""
        self._link.flows.leave(robot)
        return self._sessions[robot]

    def drive(self, now: float) -> None:
        """Pass every robot's set point of the moment to its body."""
        link = self._link
        self.latency_s.add_all(link.flows.obey(now))
        link.flows.set_points(now, self._v_mps, self._w_radps)
        for i in np.flatnonzero(~link.flows.driven).tolist():
            point = self._sessions[i].setpoint(now + link.clock_s[i])
            self._v_mps[i], self._w_radps[i] = point.v_mps, point.w_radps
        self._world.bodies.command_all(self._v_mps, self._w_radps, now)

    def report(self, now: float, gateway: Gateway) -> None:
        """Send every robot's telemetry, and whatever else it has to say."""
        link = self._link
        measured, state = body_measurements(self._world)
        for i in np.flatnonzero(~link.flows.driven).tolist():
            session = self._sessions[i]
            session.tick(now + link.clock_s[i])
            if link.may_join(i) and link.flows.join(i, session, gateway.hub.sessions.get(session.robot)):
                continue
            session.report(body_report(self._world, i, measured[i], state[i]), now + link.clock_s[i])
            self._send(i, now)
        link.flows.report(measured, state, now)

    def _receive(self, robot: int, frame: bytes, due: float) -> None:
        """A frame has come from the gateway."""
        link, session = self._link, self._sessions[robot]
        if link.flows.drives(robot) and type(decode_from_gateway(frame)) is not Ping:
            link.flows.leave(robot)
        before = session.command_stamp
        local = due + link.clock_s[robot]
        session.receive(frame, local)
        stamp = session.command_stamp
        if stamp is not None and stamp != before:
            self.latency_s.add_all(np.array([local - stamp]))
        self._send(robot, due)

    def _send(self, robot: int, now: float) -> None:
        for frame in self._sessions[robot].take():
            self._link.up.send(robot, frame, now)


class VirtualGateway:
    """The gateway on the in-memory bus: robots in and out, robot states for the platform."""

    def __init__(self, bus: Bus, link: VirtualLink, profiles: Sequence[RobotProfile]) -> None:
        self._bus = bus
        self._link = link
        n = len(profiles)
        self._connection = [f"robot {i}".encode() for i in range(n)]
        self._robot_of = {connection: i for i, connection in enumerate(self._connection)}
        registry = Registry(tuple(Enrolled(profile) for profile in profiles))
        self.gateway = Gateway("gateway", registry, limits=LinkLimits(hellos_per_s=10.0 * n + 10.0))
        self.gateway.attach(link.flows, [profile.name for profile in profiles])
        self.problems: deque[str] = deque(maxlen=1000)
        link.up.connect(self._receive)
        bus.subscribe("released_paths", self._on_paths)
        bus.subscribe("lift_states", self._on_lifts)
        bus.subscribe("ride_states", lambda rides, now: self.gateway.ride_states(rides))

    @property
    def flows(self) -> SteadyFlows:
        """Robots that drive steadily."""
        return self._link.flows

    @property
    def telemetry_count(self) -> int:
        """Telemetry taken in so far, of all robots."""
        self._link.flows.sync()
        return sum(session.telemetry_count for session in self.gateway.hub.sessions.values())

    def turn(self, now: float) -> None:
        """One turn of the motion loop."""
        hub = self.gateway.hub
        hub.tick(now)
        self.gateway.turn(now)
        for connection, frame in hub.take():
            self._link.down.send(self._robot_of[connection], frame, now)

    def publish(self, now: float) -> None:
        """Robot states for the platform."""
        self._bus.publish("robot_states", tuple(self.gateway.robot_states(now)))

    def _receive(self, robot: int, frame: bytes, due: float) -> None:
        """A frame has come from a robot."""
        flows, hub = self._link.flows, self.gateway.hub
        steady = flows.drives(robot)
        if steady and type(decode_from_robot(frame)) is not Pong:
            flows.leave(robot)
            steady = False
        hub.receive(self._connection[robot], "", frame, due)
        if steady:
            flows.measured_clock(robot)

    def _on_paths(self, paths: Sequence[ReleasedPath], now: float) -> None:
        self.problems.extend(self.gateway.release(paths))

    def _on_lifts(self, states: Sequence[LiftState], now: float) -> None:
        for state in states:
            self.gateway.lift_state(state, now)
