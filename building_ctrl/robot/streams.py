"""A robot's second connection, for its optional streams."""

from __future__ import annotations

import contextlib
import re

import zmq

from building_ctrl.link.protocol.stream_sender import StreamSender
from building_ctrl.link.protocol.transport_options import STREAM_ROBOT
from building_ctrl.robot.keys import RobotKeys


class StreamChannel:
    """One DEALER around a StreamSender, opened when the gateway says at which port it takes streams.

    The owner calls `poll`, which never waits, and `close`. A frame that the socket does not take stays until it does
    or until a newer one of the link's connection is more urgent: nothing queues up behind it but the newest of each
    stream.
    """

    def __init__(
        self,
        gateway: str,
        sender: StreamSender,
        keys: RobotKeys | None,
        context: zmq.Context[zmq.Socket[bytes]],
    ) -> None:
        self.sender = sender
        self.failure = ""
        self._gateway = gateway
        self._keys = keys
        self._context = context
        self._socket: zmq.Socket[bytes] | None = None
        self._port = 0

    def poll(self, port: int, now: float) -> None:
        """Take in what came and send what is due. `port` 0 while there is no session or none takes streams."""
        if port != self._port:
            self._reopen(port)
        socket = self._socket
        if socket is None:
            return
        with contextlib.suppress(zmq.Again):
            for _ in range(8):
                self.sender.receive(socket.recv(zmq.NOBLOCK), now)
        while socket.poll(0, zmq.POLLOUT):
            frame = self.sender.take(now)
            if frame is None:
                return
            socket.send(frame, zmq.NOBLOCK)

    def close(self) -> None:
        """Close the socket. May be repeated."""
        self._reopen(0)

    def _reopen(self, port: int) -> None:
        self._port = port
        if self._socket is not None:
            self._socket.close(0)
            self._socket = None
        if port == 0:
            return
        self.sender.restart()
        socket = self._context.socket(zmq.DEALER)
        address = re.sub(r":\d+$", f":{port}", self._gateway)
        try:
            for option, value in STREAM_ROBOT:
                socket.setsockopt(getattr(zmq, option), value)
            if self._keys is not None:
                socket.setsockopt(zmq.CURVE_PUBLICKEY, self._keys.public)
                socket.setsockopt(zmq.CURVE_SECRETKEY, self._keys.secret)
                socket.setsockopt(zmq.CURVE_SERVERKEY, self._keys.gateway)
            socket.connect(address)
        except zmq.ZMQError as error:
            socket.close(0)
            self.failure = f"robot {self.sender.robot!r}: no streams, cannot connect to {address}: {error}"
            return
        self.failure = ""
        self._socket = socket
