"""The gateway's side of the optional streams of all robots, without sockets or clock.

Frames are counted against their connection's limits and thrown away undecoded unless somebody watches the robot;
of what is decoded only the newest of each stream is kept, so memory is bounded by what is watched.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from building_ctrl.link.limits import TokenBucket
from building_ctrl.link.protocol.codec import ProtocolError, encode
from building_ctrl.link.protocol.messages import Code, Refused
from building_ctrl.link.protocol.streams import (
    ALL_STREAMS,
    STREAM_OF,
    WANT_PERIOD_S,
    Data,
    Offer,
    Stream,
    Want,
    decode_stream,
    encode_stream,
    stream_of_frame,
)

SILENT_CONNECTION_S = 10.0
RATES_HZ = {Stream.BATTERY: 1.0, Stream.WHEELS: 20.0, Stream.SCAN: 10.0, Stream.IMAGE: 5.0}


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """What one gateway takes of streams; `bytes_per_s` is for one robot, `watch_life_s` a watcher's lease."""

    frames_per_s: float = 60.0
    bytes_per_s: float = 1_000_000.0
    burst_bytes: float = 500_000.0
    max_connections: int = 4000
    connections_per_robot: int = 2
    max_watches: int = 256
    watch_life_s: float = 3.0
    errors_per_s: float = 1.0


DEFAULT_STREAM_LIMITS = StreamLimits()


class Received(NamedTuple):
    """The newest message of a robot's stream; `at` on the gateway's clock."""

    robot: str
    data: Data
    at: float


@dataclass(slots=True)
class _Connection:
    frames: TokenBucket
    data: TokenBucket
    errors: TokenBucket
    identity: str
    heard_at: float
    robot: str = ""
    wanted_at: float = -1e12
    wanted: int = -1
    rates: dict[Stream, TokenBucket] = field(default_factory=dict)


class StreamHub:
    """`robot_of(identity, name)` gives the enrolled robot's name, or raises LookupError with the reason."""

    def __init__(
        self, robot_of: Callable[[str, str], str], limits: StreamLimits = DEFAULT_STREAM_LIMITS
    ) -> None:
        self.limits = limits
        self.notices: deque[str] = deque(maxlen=256)
        self.decoded = 0
        self.unwatched = 0
        self.refused = 0
        self.offers = 0
        self._robot_of = robot_of
        self._connections: dict[bytes, _Connection] = {}
        self._of_identity: dict[str, list[bytes]] = {}
        self._watches: dict[tuple[str, str], tuple[int, float]] = {}
        self._watched: dict[str, int] = {}
        self._newest: dict[tuple[str, Stream], Received] = {}
        self._out: list[tuple[bytes, bytes]] = []

    def watch(self, watcher: str, robot: str, streams: int, now: float) -> bool:
        """Somebody watches a robot's streams for the next 3 s; 0 ends it. False where too many watches are open."""
        key = (watcher, robot)
        if not streams:
            self._watches.pop(key, None)
        elif key not in self._watches and len(self._watches) >= self.limits.max_watches:
            return False
        else:
            self._watches[key] = (streams, now + self.limits.watch_life_s)
        self._count_watches(now)
        return True

    def watched(self, robot: str) -> int:
        """Streams of the robot that somebody watches."""
        return self._watched.get(robot, 0)

    def receive(self, connection: bytes, identity: str, data: bytes, now: float) -> None:
        """One frame from a connection; never raises for what a peer sent."""
        peer = self._connections.get(connection) or self._open(connection, identity, now)
        if peer is None:
            self.refused += 1
            return
        peer.heard_at = now
        if not peer.frames.take(now) or not peer.data.take(now, float(len(data))):
            self._refuse(connection, peer, Code.RATE, "too much of streams; dropped", now)
            return
        stream = stream_of_frame(data)
        if stream is not None and not (peer.robot and self.watched(peer.robot) & stream):
            self.unwatched += 1
            if not peer.robot:
                self._refuse(connection, peer, Code.NOT_WELCOME, "offer streams first", now)
            return
        if stream is not None and not peer.rates[stream].take(now):
            self._refuse(connection, peer, Code.RATE, f"too many of stream {stream.name}; dropped", now)
            return
        try:
            self._take(peer, decode_stream(data), identity, now)
        except ProtocolError as error:
            self._refuse(connection, peer, Code.MALFORMED, f"stream frame refused: {error}", now)
        except LookupError as error:
            peer.robot = ""
            self._refuse(connection, peer, Code.UNKNOWN_ROBOT, str(error.args[0]), now)

    def tick(self, now: float) -> None:
        """Time passes: leases end, robots are told what is wanted. Call it every turn."""
        self._count_watches(now)
        for connection in [c for c, p in self._connections.items() if now - p.heard_at > SILENT_CONNECTION_S]:
            self._forget(connection)
        for connection, peer in self._connections.items():
            wanted = self.watched(peer.robot)
            if peer.robot and (wanted != peer.wanted or (wanted and now - peer.wanted_at >= WANT_PERIOD_S)):
                peer.wanted, peer.wanted_at = wanted, now
                rates = (RATES_HZ[s] if wanted & s else 0.0 for s in ALL_STREAMS)
                self._out.append((connection, encode_stream(Want(*rates))))

    def take(self) -> list[tuple[bytes, bytes]]:
        """Frames to send as (connection, bytes); empties the queue."""
        out, self._out = self._out, []
        return out

    def newest(self) -> list[Received]:
        """What came since the last call: the newest of each watched stream."""
        newest, self._newest = self._newest, {}
        return list(newest.values())

    def _take(self, peer: _Connection, message: Offer | Data, identity: str, now: float) -> None:
        if isinstance(message, Offer):
            robot = self._robot_of(identity, message.robot)
            if robot != message.robot:
                raise LookupError(f"the key of robot {robot!r} was used to speak for {message.robot!r}")
            peer.robot = robot
            self.offers += 1
            return
        if self._robot_of(identity, peer.robot) != peer.robot:
            raise LookupError("key belongs to another robot than the streams")
        self.decoded += 1
        self._newest[peer.robot, STREAM_OF[type(message)]] = Received(peer.robot, message, now)

    def _open(self, connection: bytes, identity: str, now: float) -> _Connection | None:
        limits = self.limits
        if len(self._connections) >= limits.max_connections:
            return None
        peer = _Connection(
            TokenBucket(limits.frames_per_s, limits.frames_per_s, now),
            TokenBucket(limits.bytes_per_s, limits.burst_bytes, now),
            TokenBucket(limits.errors_per_s, 2.0, now),
            identity,
            now,
        )
        peer.rates = {s: TokenBucket(1.5 * rate, 2.0 + rate, now) for s, rate in RATES_HZ.items()}
        self._connections[connection] = peer
        if identity:
            of_identity = self._of_identity.setdefault(identity, [])
            of_identity.append(connection)
            if len(of_identity) > limits.connections_per_robot:
                self._forget(of_identity[0])
        return peer

    def _forget(self, connection: bytes) -> None:
        identity = self._connections.pop(connection).identity
        if identity:
            self._of_identity[identity].remove(connection)
            if not self._of_identity[identity]:
                del self._of_identity[identity]

    def _count_watches(self, now: float) -> None:
        for key in [k for k, (_, until) in self._watches.items() if now >= until]:
            del self._watches[key]
        self._watched = {}
        for (_, robot), (streams, _) in self._watches.items():
            self._watched[robot] = self._watched.get(robot, 0) | streams
        for robot, stream in [k for k in self._newest if not self.watched(k[0]) & k[1]]:
            del self._newest[robot, stream]

    def _refuse(self, connection: bytes, peer: _Connection, code: Code, reason: str, now: float) -> None:
        self.refused += 1
        if not peer.errors.take(now):
            return
        self._out.append((connection, encode(Refused(code, False, reason[:256]))))
        who = f"robot {peer.robot!r}" if peer.robot else "a stream connection"
        self.notices.append(f"{who}: {reason}")
