"""Answers ZeroMQ's authentication requests (ZAP, RFC 27) in the thread that serves the link."""

from __future__ import annotations

import logging
from collections.abc import Callable

import zmq
from zmq.utils import z85

ZAP_ADDRESS = "inproc://zeromq.zap.01"
MAX_ANSWERS_A_TURN = 32

_log = logging.getLogger(__name__)


class ZapHandler:
    """Accepts keys for which `allowed(public_key)` holds; anything odd is refused. The owner calls `serve`
    when `socket` is readable, and `close`. A robot's User-Id is its public key as Z85 text."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], allowed: Callable[[str], bool]) -> None:
        self._allowed = allowed
        self.socket = context.socket(zmq.ROUTER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.bind(ZAP_ADDRESS)

    def serve(self) -> None:
        """Answer what waits, 32 handshakes a turn at most so that a storm of connects delays no command."""
        for _ in range(MAX_ANSWERS_A_TURN):
            try:
                frames = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            split = frames.index(b"") + 1 if b"" in frames else len(frames)
            self.socket.send_multipart([*frames[:split], *self._answer(frames[split:])])

    def _answer(self, request: list[bytes]) -> list[bytes]:
        request_id = request[1] if len(request) > 1 else b""
        try:
            key = self._key(request)
            if self._allowed(key):
                return [b"1.0", request_id, b"200", b"OK", key.encode("ascii"), b""]
            _log.warning("robot link: connection refused, its key is not enrolled")
        except Exception:
            _log.exception("robot link: authentication failed, connection refused")
        return [b"1.0", request_id, b"400", b"key is not enrolled", b"", b""]

    @staticmethod
    def _key(request: list[bytes]) -> str:
        if len(request) != 7 or request[0] != b"1.0" or request[5] != b"CURVE" or len(request[6]) != 32:
            raise ValueError("request for authentication is not CURVE")
        return z85.encode(request[6]).decode("ascii")

    def close(self) -> None:
        """Close the socket."""
        self.socket.close(0)
