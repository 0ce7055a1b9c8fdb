"""The thread that takes in the optional streams, at a pace that leaves the link its time."""

from __future__ import annotations

import logging
import re
import threading
import time

from building_ctrl.link.keys import KeyPair
from building_ctrl.link.protocol.transport_options import STREAM_GATEWAY
from building_ctrl.link.registry import Registry
from building_ctrl.link.stream_hub import DEFAULT_STREAM_LIMITS, Received, StreamHub, StreamLimits
from building_ctrl.link.zmq_transport import ZmqGatewayTransport

_log = logging.getLogger(__name__)

TURN_S = 0.02
MAX_FRAMES_A_TURN = 64


def beside(address: str) -> str:
    """Any free port of the host of a `tcp://host:port` address; of loopback for an address of another kind."""
    if not address.startswith("tcp://"):
        return "tcp://127.0.0.1:*"
    return re.sub(r":(\d+|\*)$", ":*", address)


class StreamServer:
    """Owns the streams' socket, hub and thread. At most 64 frames are taken in 20 ms whatever arrives: the rest
    waits with those who sent it (TCP), so a flood costs the link of the same process a bounded share of its time.

    Raises LinkAddressError where it cannot listen. Everything public may be called from any thread.
    """

    def __init__(
        self,
        address: str,
        keys: KeyPair | None,
        registry: Registry,
        limits: StreamLimits = DEFAULT_STREAM_LIMITS,
    ) -> None:
        self._registry = registry
        self._hub = StreamHub(self._robot_of, limits)
        self._transport = ZmqGatewayTransport(address, keys, self._allows, options=STREAM_GATEWAY)
        self.address = self._transport.address
        self.failures = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="robot-streams", daemon=True)

    @property
    def port(self) -> int:
        """The port that robots are told."""
        return int(self.address.rpartition(":")[2])

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Frames decoded, passed over because nobody watched, and refused, and offers taken, since the start."""
        with self._lock:
            return self._hub.decoded, self._hub.unwatched, self._hub.refused, self._hub.offers

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def use_registry(self, registry: Registry) -> None:
        """Take a changed registry; it holds for the next frame."""
        self._registry = registry

    def watch(self, watcher: str, robot: str, streams: int) -> bool:
        """Somebody watches streams of a robot for the next 3 s. False where too many watch."""
        with self._lock:
            return self._hub.watch(watcher, robot, streams, time.monotonic())

    def newest(self) -> tuple[list[Received], list[str]]:
        """What came since the last call, the newest of each watched stream, and lines for the log."""
        with self._lock:
            notices = list(self._hub.notices)
            self._hub.notices.clear()
            return self._hub.newest(), notices

    def stop(self) -> None:
        """End the thread and close the socket. May be repeated."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=5.0)
        else:
            self._transport.close()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                started = time.monotonic()
                self._guarded_turn()
                self._stopping.wait(max(0.0, started + TURN_S - time.monotonic()))
        finally:
            self._transport.close()

    def _guarded_turn(self) -> None:
        try:
            self._transport.wait(TURN_S)
            self._turn()
        except Exception:
            self.failures += 1
            if self.failures <= 10 or self.failures % 1000 == 0:
                _log.exception("robot streams: a turn failed (%d so far); streams go on", self.failures)

    def _turn(self) -> None:
        transport, hub = self._transport, self._hub
        for _ in range(MAX_FRAMES_A_TURN):
            received = transport.receive()
            if received is None:
                break
            with self._lock:
                hub.receive(received.connection, received.identity, received.data, time.monotonic())
        with self._lock:
            hub.tick(time.monotonic())
            out = hub.take()
        for connection, frame in out:
            transport.send(connection, frame)

    def _allows(self, key: str) -> bool:
        return self._registry.allows(key)

    def _robot_of(self, identity: str, name: str) -> str:
        return self._registry.robot_of(identity, name)
