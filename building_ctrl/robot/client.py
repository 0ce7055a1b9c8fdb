"""A robot's connection to its gateway: one ZeroMQ DEALER around a RobotSession, without a thread of its own.

Call `poll()` at the rate of the drives (20-50 Hz); one thread can serve hundreds of clients. With a `context`
of the caller's, all of them share one I/O thread.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable
from types import TracebackType

import zmq

from building_ctrl.link.protocol import RobotReport, RobotSession, SetPoint, StopRamp
from building_ctrl.link.protocol.robot import DEFAULT_RAMP
from building_ctrl.link.protocol.stream_sender import StreamSender
from building_ctrl.link.protocol.transport_options import ROBOT
from building_ctrl.robot.keys import RobotKeys
from building_ctrl.robot.streams import StreamChannel

MAX_FRAMES_A_POLL = 200


class RobotClient:
    """One robot. `keys` None means plain text, which gateways only take on loopback.

    `clock` is the robot's monotonic clock in seconds; `request_handler(kind, value, detail) -> (ok, detail)`
    serves what the gateway asks (mode, dock). `streams` are optional streams, put into it by the caller and sent over
    a connection of their own. Opens its sockets in `connect`, closes them in `close`.
    """

    def __init__(
        self,
        address: str,
        name: str,
        keys: RobotKeys | None = None,
        *,
        ramp: StopRamp = DEFAULT_RAMP,
        software: str = "building_ctrl python client",
        clock: Callable[[], float] = time.monotonic,
        context: zmq.Context[zmq.Socket[bytes]] | None = None,
        request_handler: Callable[[int, int, str], tuple[bool, str]] | None = None,
        streams: StreamSender | None = None,
    ) -> None:
        self.address = address
        self.session = RobotSession(name, secrets.randbits(62), ramp, software, request_handler)
        self.clock = clock
        self.unsent = 0
        self._streams = streams
        self._channel: StreamChannel | None = None
        self._keys = keys
        self._context = context
        self._owns_context = context is None
        self._socket: zmq.Socket[bytes] | None = None
        self._next_report = 0.0

    @property
    def connected(self) -> bool:
        """Whether the gateway has welcomed this robot and is heard."""
        return self.session.welcomed

    @property
    def refusal(self) -> str:
        """Why the gateway refused last, empty where it did not."""
        return self.session.refusal

    def connect(self) -> RobotClient:
        """Open the socket; the session begins at the next polls. Raises ValueError for a bad address."""
        if self._context is None:
            self._context = zmq.Context()
        socket = self._context.socket(zmq.DEALER)
        try:
            for option, value in ROBOT:
                socket.setsockopt(getattr(zmq, option), value)
            if self._keys is not None:
                socket.setsockopt(zmq.CURVE_PUBLICKEY, self._keys.public)
                socket.setsockopt(zmq.CURVE_SECRETKEY, self._keys.secret)
                socket.setsockopt(zmq.CURVE_SERVERKEY, self._keys.gateway)
            socket.connect(self.address)
        except zmq.ZMQError as error:
            socket.close(0)
            name = self.session.robot
            raise ValueError(f"robot {name!r}: cannot connect to {self.address}: {error}") from error
        self._socket = socket
        if self._streams is not None:
            self._channel = StreamChannel(self.address, self._streams, self._keys, self._context)
        return self

    def poll(self, report: RobotReport | None = None) -> SetPoint:
        """Take in what came, send what is due (the report at the rate the gateway asks for), never waiting.

        Returns what the drives have to do now."""
        socket = self._socket
        if socket is None:
            raise RuntimeError("poll() before connect()")
        session = self.session
        now = self.clock()
        with contextlib.suppress(zmq.Again):  # nothing more has arrived
            for _ in range(MAX_FRAMES_A_POLL):
                session.receive(socket.recv(zmq.NOBLOCK), now)
        session.tick(now)
        if report is not None and now >= self._next_report:
            session.report(report, now)
            self._next_report = max(self._next_report + session.telemetry_period_s, now)
        setpoint = session.setpoint(now)
        self._send(socket)
        if self._channel is not None:
            self._channel.poll(session.stream_port if session.welcomed else 0, now)
        return setpoint

    def wait(self, timeout_s: float) -> bool:
        """Wait until a frame has come, `timeout_s` at most."""
        if self._socket is None:
            raise RuntimeError("wait() before connect()")
        return bool(self._socket.poll(max(0, round(timeout_s * 1000.0))))

    @property
    def descriptor(self) -> int:
        """What an event loop can watch: readable when the socket's state has changed."""
        if self._socket is None:
            raise RuntimeError("descriptor before connect()")
        return int(self._socket.getsockopt(zmq.FD))

    def event(self, kind: int, detail: str = "") -> bool:
        """Tell something that must not be lost, over reconnects too. False where no place is left: 224 wait already, or
        256 for stops, bumper and faults."""
        return self.session.event(kind, detail, self.clock())

    def close(self, reason: str = "robot closes") -> None:
        """Say goodbye and close. May be repeated."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._socket is not None:
            self.session.leave(reason, self.clock())
            self._send(self._socket)
            self._socket.close(100)
            self._socket = None
        if self._owns_context and self._context is not None:
            self._context.term()
            self._context = None

    def _send(self, socket: zmq.Socket[bytes]) -> None:
        for frame in self.session.take():
            try:
                socket.send(frame, zmq.NOBLOCK)
            except zmq.Again:
                self.unsent += 1

    def __enter__(self) -> RobotClient:
        return self.connect()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
