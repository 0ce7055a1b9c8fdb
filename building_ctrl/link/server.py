"""The gateway's server: one plain thread that drains the transport, and hands on what came in batches."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from building_ctrl.link.hub import LinkHub
from building_ctrl.link.transport import GatewayTransport

_log = logging.getLogger(__name__)

MAX_FRAMES_A_TURN = 2000


class LinkServer:
    """Runs `hub` on `transport`. Every `period_s` the thread calls `on_turn(now)`, which reads `hub.fresh()`
    and `hub.events` and queues commands; all of `hub` belongs to that thread between `start` and `stop`.

    `now` is time.monotonic(). What `on_turn` raises is logged and the link goes on; `failures` counts it.
    """

    def __init__(
        self,
        transport: GatewayTransport,
        hub: LinkHub,
        on_turn: Callable[[float], None],
        period_s: float = 0.01,
    ) -> None:
        self._transport = transport
        self._hub = hub
        self._on_turn = on_turn
        self._period_s = period_s
        self._thread = threading.Thread(target=self._run, name="robot-link", daemon=True)
        self._stopping = threading.Event()
        self._commands: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self.dropped_frames = 0
        self.failures = 0

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def call(self, action: Callable[[], None]) -> None:
        """Have the link's thread run `action` at its next turn; safe from any thread."""
        with self._lock:
            self._commands.append(action)

    def stop(self) -> None:
        """Say goodbye to the robots, end the thread and close the transport. May be repeated."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=5.0)
        else:
            self._transport.close()

    def _run(self) -> None:
        try:
            next_turn = time.monotonic()
            while not self._stopping.is_set():
                now = time.monotonic()
                if now < next_turn:
                    self._drain(next_turn - now)
                    continue
                self._drain(0.0)
                self._turn(time.monotonic())
                next_turn = max(next_turn + self._period_s, now)
            self._hub.close("gateway closes")
            self._flush()
        finally:
            self._transport.close()

    def _drain(self, timeout_s: float) -> None:
        transport, hub = self._transport, self._hub
        if not transport.wait(timeout_s):
            return
        now = time.monotonic()
        receive = transport.receive
        for _ in range(MAX_FRAMES_A_TURN):
            received = receive()
            if received is None:
                return
            hub.receive(received.connection, received.identity, received.data, now)

    def _turn(self, now: float) -> None:
        with self._lock:
            actions, self._commands = self._commands, []
        for action in actions:
            self._guarded(action)
        self._hub.tick(now)
        self._guarded(lambda: self._on_turn(now))
        self._flush()

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception:
            self.failures += 1
            if self.failures <= 10 or self.failures % 1000 == 0:
                _log.exception("robot link: an action failed (%d so far); the link goes on", self.failures)

    def _flush(self) -> None:
        send = self._transport.send
        for connection, frame in self._hub.take():
            if not send(connection, frame):
                self.dropped_frames += 1
