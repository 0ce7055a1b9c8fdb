"""All robots of one gateway as a state machine without sockets or clock: who is who, limits, refusals.

A frame belongs to the connection it came on; who that is follows from the authenticated key (`identity`),
never from a name inside the frame. Without authentication (plain text on loopback) the name in the hello is
taken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from building_ctrl.link.limits import DEFAULT_LIMITS, LinkLimits, TokenBucket
from building_ctrl.link.protocol.codec import ProtocolError, decode_from_robot, encode
from building_ctrl.link.protocol.gateway import DEFAULT_LINK, STOPS, Answer, GatewaySession, LinkParameters
from building_ctrl.link.protocol.messages import (
    VERSION,
    Bye,
    Code,
    Event,
    FromRobot,
    Hello,
    Refused,
    RequestKind,
)
from building_ctrl.link.protocol.version import OLDEST_VERSION, agreed_version

SILENT_CONNECTION_S = 30.0
SWEEP_S = 1.0
TICK_S = 0.05


class Notice(NamedTuple):
    """Something worth a line in the log; `connection` problems are told once a second at most."""

    robot: str
    text: str


class RobotEvent(NamedTuple):
    """An event a robot told, once each."""

    robot: str
    event: Event


class RobotAnswer(NamedTuple):
    """What became of a request to a robot."""

    robot: str
    answer: Answer


@dataclass(slots=True)
class _Connection:
    bucket: TokenBucket
    errors: TokenBucket
    heard_at: float
    identity: str
    session: GatewaySession | None = None
    dropped: int = 0


@dataclass(slots=True)
class _Memory:
    """What outlives a robot's session: its boot, last event, and the e-stop asked for."""

    boot: int = 0
    last_event: int = 0
    stop_requested: bool = False
    pending: list[tuple[int, int, int, str]] = field(default_factory=list)


class LinkHub:
    """`robot_of(identity, name)` gives the enrolled robot's name, or raises LookupError with the reason.

    `first_epoch` has to grow from one start of the gateway to the next.
    """

    def __init__(
        self,
        gateway: str,
        robot_of: Callable[[str, str], str],
        parameters: LinkParameters = DEFAULT_LINK,
        limits: LinkLimits = DEFAULT_LIMITS,
        first_epoch: int = 1,
    ) -> None:
        self.gateway = gateway
        self.parameters = parameters
        self.limits = limits
        self.sessions: dict[str, GatewaySession] = {}
        self.notices: deque[Notice] = deque(maxlen=256)
        self.events: deque[RobotEvent] = deque(maxlen=4096)
        self.answers: deque[RobotAnswer] = deque(maxlen=4096)
        self.refused_frames = 0
        self._robot_of = robot_of
        self._connections: dict[bytes, _Connection] = {}
        self._of_robot: dict[str, deque[bytes]] = {}
        self._address: dict[str, bytes] = {}
        self._memory: dict[str, _Memory] = {}
        self._fresh: dict[str, GatewaySession] = {}
        self._out: list[tuple[bytes, bytes]] = []
        self._epoch = first_epoch
        self._request_id = first_epoch
        self._hellos: TokenBucket | None = None
        self._ticked_at = -1e12
        self._swept_at = -1e12

    def receive(self, connection: bytes, identity: str, data: bytes, now: float) -> None:
        """One frame from a connection; never raises for what a peer sent."""
        peer = self._connections.get(connection)
        if peer is None:
            peer = self._open(connection, identity, now)
            if peer is None:
                return
        peer.heard_at = now
        if not peer.bucket.take(now):
            peer.dropped += 1
            self._refuse(connection, peer, Code.RATE, False, "too many frames; dropped", now)
            return
        session = peer.session
        try:
            message = decode_from_robot(data)
            if session is not None and type(message) is not Hello:
                if identity and self._robot_of(identity, session.robot) != session.robot:
                    raise LookupError("key belongs to another robot than the session")
                if session.receive(message, now):
                    self._fresh[session.robot] = session
                elif session.events or session.answers or session.ended:
                    self._collect(connection, session)
            else:
                self._first(connection, peer, identity, message, now)
        except ProtocolError as error:
            self._refuse(connection, peer, Code.MALFORMED, False, f"frame refused: {error}", now)
        except LookupError as error:
            self._refuse(connection, peer, Code.UNKNOWN_ROBOT, True, str(error.args[0]), now)
            if session is not None:
                self._drop(session.robot, "no longer enrolled")

    def tick(self, now: float) -> None:
        """Time passes: arming, pings, repeats; forget connections silent for 30 s. Call it every turn."""
        if now - self._ticked_at < TICK_S:
            return
        self._ticked_at = now
        for session in self.sessions.values():
            session.tick(now)
            if session.answers:
                self._collect_answers(session)
        if now - self._swept_at < SWEEP_S:
            return
        self._swept_at = now
        gone = [c for c, peer in self._connections.items() if now - peer.heard_at > SILENT_CONNECTION_S]
        for connection in gone:
            self._forget(connection, f"silent for {SILENT_CONNECTION_S:.0f} s")

    def take(self) -> list[tuple[bytes, bytes]]:
        """Frames to send as (connection, bytes); empties all queues."""
        out, self._out = self._out, []
        for robot, session in self.sessions.items():
            if session.waiting:
                frames = session.take()
                address = self._address[robot]
                out.extend((address, frame) for frame in frames)
        return out

    def fresh(self) -> dict[str, GatewaySession]:
        """Sessions with telemetry newer than at the last call, newest only; the caller reads `.telemetry`."""
        fresh, self._fresh = self._fresh, {}
        return fresh

    def command(
        self, robot: str, v_mps: float, w_radps: float, cap_mps: float, now: float, vy_mps: float = 0.0
    ) -> bool:
        """Queue a velocity command. False where the robot is away or not armed."""
        session = self.sessions.get(robot)
        frame = session.command(v_mps, w_radps, cap_mps, now, vy_mps) if session is not None else None
        if frame is None:
            return False
        self._out.append((self._address[robot], frame))
        return True

    def request(self, robot: str, kind: RequestKind, value: int, detail: str, now: float) -> int:
        """Ask something that must not be lost; for a robot that is away it waits for its return. What became of it
        comes in `answers` with the id returned here. Raises OverflowError where 16 wait already; e-stop and release
        are always taken."""
        memory = self._memory.setdefault(robot, _Memory())
        if kind is RequestKind.E_STOP:
            memory.stop_requested = True
        elif kind is RequestKind.RELEASE:
            memory.stop_requested = False
        self._request_id += 1
        session = self.sessions.get(robot)
        if session is not None:
            if not session.request(self._request_id, kind, value, detail, now):
                raise OverflowError(f"robot {robot!r} leaves 16 requests unanswered; request refused")
        else:
            if kind in STOPS:
                memory.pending = [row for row in memory.pending if row[1] not in STOPS]
            elif len(memory.pending) >= 16:
                raise OverflowError(f"robot {robot!r} is away and 16 requests wait already; request refused")
            memory.pending.append((self._request_id, kind, value, detail))
        return self._request_id

    def revoke(self, robots: Iterable[str]) -> None:
        """End the sessions of robots that are no longer enrolled."""
        for robot in robots:
            address = self._address.get(robot)
            if address is not None:
                self._out.append(
                    (address, encode(Refused(Code.REVOKED, True, f"robot {robot!r} is revoked")))
                )
                self._drop(robot, "revoked")

    def close(self, reason: str) -> None:
        """Say goodbye to everybody."""
        for robot, session in list(self.sessions.items()):
            self._out.extend((self._address[robot], frame) for frame in session.take())
            self._out.append((self._address[robot], encode(Bye(reason))))
        self.sessions.clear()
        self._connections.clear()
        self._of_robot.clear()
        self._address.clear()
        self._fresh.clear()

    def _open(self, connection: bytes, identity: str, now: float) -> _Connection | None:
        limits = self.limits
        if self._hellos is None:
            self._hellos = TokenBucket(limits.hellos_per_s, limits.hellos_per_s, now)
        if len(self._connections) >= limits.max_connections or not self._hellos.take(now):
            self.refused_frames += 1
            return None
        peer = _Connection(
            TokenBucket(limits.frames_per_s, limits.burst_frames, now),
            TokenBucket(limits.errors_per_s, 2.0, now),
            now,
            identity,
        )
        self._connections[connection] = peer
        if identity:
            of_robot = self._of_robot.setdefault(identity, deque())
            of_robot.append(connection)
            if len(of_robot) > limits.connections_per_robot:
                self._forget(of_robot[0], "connected too often")
        return peer

    def _forget(self, connection: bytes, reason: str) -> None:
        """Forget a connection and, where it is that of a robot's session, the session."""
        peer = self._connections.pop(connection, None)
        if peer is None:
            return
        if peer.session is not None and self._address.get(peer.session.robot) == connection:
            self._drop(peer.session.robot, reason)
        of_robot = self._of_robot.get(peer.identity)
        if of_robot is not None:
            of_robot.remove(connection)
            if not of_robot:
                del self._of_robot[peer.identity]

    def _first(
        self, connection: bytes, peer: _Connection, identity: str, message: FromRobot, now: float
    ) -> None:
        """A frame on a connection without a session (or a hello on one that has)."""
        if type(message) is not Hello:
            self._refuse(connection, peer, Code.NOT_WELCOME, True, "say hello first", now)
            return
        if agreed_version(message.version, message.oldest) is None:
            text = (
                f"robot {message.robot!r} speaks versions {message.oldest} to {message.version}, "
                f"this gateway {OLDEST_VERSION} to {VERSION}"
            )
            self._refuse(connection, peer, Code.VERSION, True, text, now)
            return
        robot = self._robot_of(identity, message.robot)
        if robot != message.robot:
            raise LookupError(f"the key of robot {robot!r} was used to speak for {message.robot!r}")
        if peer.session is not None and peer.session.boot == message.boot and peer.session.telemetry is None:
            peer.session.welcome(self.gateway, now)
            return
        self._begin(connection, peer, message, now)

    def _begin(self, connection: bytes, peer: _Connection, hello: Hello, now: float) -> None:
        robot = hello.robot
        memory = self._memory.setdefault(robot, _Memory())
        before = self._address.get(robot)
        if before is not None:
            if before != connection:
                text = f"robot {robot!r} connected anew"
                self._out.append((before, encode(Refused(Code.REPLACED, True, text))))
            self._drop(robot, "")
        known = memory.last_event if memory.boot == hello.boot else 0
        memory.boot = hello.boot
        memory.last_event = max(known, max(1, hello.first_event) - 1)
        self._epoch += 1
        session = GatewaySession(robot, hello.boot, self._epoch, memory.last_event, self.parameters, now)
        session.version = min(hello.version, VERSION)
        session.stop_requested = memory.stop_requested
        peer.session = session
        self.sessions[robot] = session
        self._address[robot] = connection
        session.welcome(self.gateway, now)
        for request_id, kind, value, detail in memory.pending:
            session.request(request_id, kind, value, detail, now)
        if memory.stop_requested and not any(row[1] in STOPS for row in memory.pending):
            self._request_id += 1
            session.request(self._request_id, RequestKind.E_STOP, 0, "", now)
        memory.pending.clear()
        self.notices.append(
            Notice(robot, f"robot {robot!r} connected ({hello.software or 'unnamed software'})")
        )

    def _collect(self, connection: bytes, session: GatewaySession) -> None:
        while session.events:
            event = session.events.popleft()
            self._memory[session.robot].last_event = event.id
            self.events.append(RobotEvent(session.robot, event))
        self._collect_answers(session)
        if session.ended:
            self._drop(session.robot, session.ended)

    def _collect_answers(self, session: GatewaySession) -> None:
        while session.answers:
            self.answers.append(RobotAnswer(session.robot, session.answers.popleft()))

    def _drop(self, robot: str, reason: str) -> None:
        """Forget a session; the connection stays and may say hello again."""
        session = self.sessions.pop(robot, None)
        address = self._address.pop(robot, None)
        self._fresh.pop(robot, None)
        if session is None or address is None:
            return
        memory = self._memory[robot]
        memory.stop_requested = session.stop_requested
        memory.pending = [(r.id, r.kind, r.value, r.detail) for r in session.unanswered()]
        peer = self._connections.get(address)
        if peer is not None and peer.session is session:
            peer.session = None
        if reason:
            self.notices.append(Notice(robot, f"robot {robot!r} left: {reason}"))

    def _refuse(
        self, connection: bytes, peer: _Connection, code: Code, fatal: bool, reason: str, now: float
    ) -> None:
        """Tell the peer and the log, once a second at most a connection."""
        self.refused_frames += 1
        if not peer.errors.take(now):
            return
        self._out.append((connection, encode(Refused(code, fatal, reason[:256]))))
        robot = peer.session.robot if peer.session is not None else ""
        who = f"robot {robot!r}" if robot else "a connection"
        self.notices.append(Notice(robot, f"{who}: {reason}"))
