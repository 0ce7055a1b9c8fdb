"""The gateway's ZeroMQ end: one ROUTER socket, plain text on loopback or CURVE with its own ZAP answers."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

import zmq

from building_ctrl.link.keys import KeyPair
from building_ctrl.link.protocol.transport_options import CONTEXT_ZERO_COPY_RECV, GATEWAY
from building_ctrl.link.transport import Received
from building_ctrl.link.zap import ZapHandler

GOODBYE_MS = 200


class LinkAddressError(OSError):
    """An address the gateway cannot listen on; the text says why and what to do."""


def is_loopback(address: str) -> bool:
    """Whether a `tcp://host:port` (or inproc, ipc) address stays on this machine."""
    if address.startswith(("inproc://", "ipc://")):
        return True
    match = re.fullmatch(r"tcp://\[?([^\]]+?)\]?:(\d+|\*)", address)
    if match is None:
        return False
    host = match.group(1)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class ZmqGatewayTransport:
    """Opens in the constructor's caller's thread; every other call comes from the thread that serves.

    `keys` None means plain text, which is refused on any address but loopback. `allowed(public_key)` is asked
    once a handshake; whether a key is still good is for the caller to check on every frame
    (`Received.identity` is the robot's public key as Z85 text). `options` are the socket's. Raises LinkAddressError.
    """

    def __init__(
        self,
        address: str,
        keys: KeyPair | None,
        allowed: Callable[[str], bool] | None = None,
        max_sockets: int = 8192,
        options: tuple[tuple[str, int], ...] = GATEWAY,
    ) -> None:
        if keys is None and not is_loopback(address):
            raise LinkAddressError(
                f"robot link: plain text is for loopback only, not {address}; leave --plain-loopback out"
            )
        self._secure = keys is not None
        self._options = options
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._context.set(zmq.MAX_SOCKETS, max_sockets)
        self._context.setsockopt(CONTEXT_ZERO_COPY_RECV, 0)
        self._zap: ZapHandler | None = None
        self._router = self._context.socket(zmq.ROUTER)
        try:
            self._open(address, keys, allowed)
        except zmq.ZMQError as error:
            self.close()
            raise LinkAddressError(f"robot link: cannot listen on {address}: {_reason(error)}") from error
        self.address = str(self._router.getsockopt_string(zmq.LAST_ENDPOINT))
        self._poller = zmq.Poller()
        self._poller.register(self._router, zmq.POLLIN)
        if self._zap is not None:
            self._poller.register(self._zap.socket, zmq.POLLIN)

    def _open(self, address: str, keys: KeyPair | None, allowed: Callable[[str], bool] | None) -> None:
        router = self._router
        for name, value in self._options:
            router.setsockopt(getattr(zmq, name), value)
        if keys is not None:
            self._zap = ZapHandler(self._context, allowed or (lambda key: False))
            router.setsockopt(zmq.CURVE_SERVER, 1)
            router.setsockopt(zmq.CURVE_SECRETKEY, keys.secret)
            router.setsockopt(zmq.CURVE_PUBLICKEY, keys.public)
            router.setsockopt_string(zmq.ZAP_DOMAIN, "robots")
        router.bind(address)

    def wait(self, timeout_s: float) -> bool:
        """Wait for frames, answering handshakes meanwhile. False where no frame came in time."""
        ready = dict(self._poller.poll(max(0, round(timeout_s * 1000.0))))
        if self._zap is not None and self._zap.socket in ready:
            self._zap.serve()
        return self._router in ready

    def receive(self) -> Received | None:
        """The next frame, None where none waits. Frames of more than one part are passed over."""
        receive = self._router.recv
        try:
            while True:
                connection = receive(zmq.NOBLOCK)
                frame = receive(copy=False)
                if frame.more:
                    while receive(copy=False).more:
                        continue
                elif self._secure:
                    return Received(connection, str(frame.get("User-Id")), frame.bytes)
                else:
                    return Received(connection, "", frame.bytes)
        except zmq.Again:
            return None

    def send(self, connection: bytes, data: bytes) -> bool:
        """Send without waiting. False where the peer is gone or does not read."""
        try:
            self._router.send(connection, zmq.NOBLOCK | zmq.SNDMORE)
            self._router.send(data, zmq.NOBLOCK)
        except zmq.ZMQError as error:
            if error.errno in (zmq.EHOSTUNREACH, zmq.EAGAIN):
                return False
            raise
        return True

    def close(self) -> None:
        """Close sockets and context, giving goodbyes 0.2 s to leave. May be repeated."""
        self._router.close(GOODBYE_MS)
        if self._zap is not None:
            self._zap.close()
        self._context.term()


def _reason(error: zmq.ZMQError) -> str:
    if error.errno == zmq.EADDRINUSE:
        return "the port is in use; stop the other gateway or choose another port with --bind"
    return f"{error.strerror}; give --bind tcp://HOST:PORT"
