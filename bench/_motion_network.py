"""An unkind network in virtual time for bench/motion.py: one robot's way to the gateway and back.

`stream` behaves as the link's ZeroMQ over TCP: frames in order; a lost segment comes with the next one's
acknowledgement; in a gap TCP tries again after 0.22 s, then 0.44 s more; a second without an acknowledgement
ends the connection (TCP_MAXRT), and ZeroMQ connects anew with growing pauses, each attempt given up after
0.5 s. The times are those of Linux and of the link's socket options. Otherwise frames are datagrams: lost,
or late and out of order.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass

from building_ctrl.link.protocol.transport_options import ROBOT

RETRY_S = (0.22, 0.66)
FRAME_PERIOD_S = 0.05
_OPTIONS = dict(ROBOT)
CONNECT_TIMEOUT_S = _OPTIONS["CONNECT_TIMEOUT"] / 1000.0
RECONNECT_S = _OPTIONS["RECONNECT_IVL"] / 1000.0
RECONNECT_MAX_S = _OPTIONS["RECONNECT_IVL_MAX"] / 1000.0
CONNECTION_DIES_S = _OPTIONS["TCP_MAXRT"] / 1000.0
HANDSHAKE_ROUND_TRIPS = 4


@dataclass(frozen=True)
class Conditions:
    """One-way delay +- jitter in seconds; `loss` a frame; in a burst (begun with `burst` a frame, ended with
    0.2) every other frame is lost; `gaps` are (start, end) in which nothing passes."""

    name: str
    delay_s: float = 0.010
    jitter_s: float = 0.004
    loss: float = 0.0
    burst: float = 0.0
    gaps: tuple[tuple[float, float], ...] = ()
    stream: bool = True


class Wire:
    """Both directions of one robot's connection. `connection` counts up when it is made anew."""

    def __init__(self, conditions: Conditions, dice: random.Random) -> None:
        self._c = conditions
        self._dice = dice
        self._mail: list[tuple[float, int, bool, int, bytes]] = []
        self._last = {True: 0.0, False: 0.0}
        self._bad = {True: False, False: False}
        self._count = 0
        self.connection = 0
        self._down_until: list[tuple[float, float]] = []
        self._stalls: list[tuple[float, float]] = []
        for start, end in conditions.gaps if conditions.stream else ():
            self._plan_gap(start, end)

    def post(self, up: bool, frame: bytes, now: float) -> None:
        """Send a frame; `up` is from the robot."""
        at = self._stream_time(up, now) if self._c.stream else self._datagram_time(up, now)
        if at is not None:
            self._count += 1
            heapq.heappush(self._mail, (at, self._count, up, self._number(now), frame))

    def arrived(self, now: float) -> list[tuple[bool, int, bytes]]:
        """(up, connection, frame) that arrive until now; what was under way when its connection died is
        lost."""
        out = []
        while self._mail and self._mail[0][0] <= now:
            _, _, up, connection, frame = heapq.heappop(self._mail)
            if connection == self._number(now):
                out.append((up, connection, frame))
        return out

    def _plan_gap(self, start: float, end: float) -> None:
        length = end - start
        round_trip_s = 2.0 * self._c.delay_s
        if length < RETRY_S[0]:
            self._stalls.append((start, end + FRAME_PERIOD_S + 1.25 * round_trip_s))
            return
        for retry_s in RETRY_S:
            if length <= retry_s:
                self._stalls.append((start, start + retry_s + round_trip_s))
                return
        self._stalls.append((start, start + CONNECTION_DIES_S))
        at, pause_s = start + CONNECTION_DIES_S, RECONNECT_S
        while True:
            at += pause_s + self._dice.uniform(0.0, RECONNECT_S)
            if at >= end:
                break
            at += CONNECT_TIMEOUT_S
            pause_s = min(2.0 * pause_s, RECONNECT_MAX_S)
        self._down_until.append((start + CONNECTION_DIES_S, at + HANDSHAKE_ROUND_TRIPS * round_trip_s))

    def _number(self, now: float) -> int:
        self.connection = sum(died <= now for died, _ in self._down_until)
        return self.connection

    def _stream_time(self, up: bool, now: float) -> float | None:
        if any(died <= now < back for died, back in self._down_until):
            return None
        at = now + self._delay()
        for start, resumed in self._stalls:
            if start <= now < resumed:
                at = max(at, resumed + self._delay())
        if self._lost(up):
            at += FRAME_PERIOD_S + 2.0 * self._c.delay_s
        at = max(at, self._last[up])
        self._last[up] = at
        return at

    def _datagram_time(self, up: bool, now: float) -> float | None:
        if self._lost(up) or any(start <= now < end for start, end in self._c.gaps):
            return None
        return now + self._delay()

    def _delay(self) -> float:
        return max(0.0, self._c.delay_s + self._dice.uniform(-self._c.jitter_s, self._c.jitter_s))

    def _lost(self, up: bool) -> bool:
        if self._c.burst > 0.0:
            self._bad[up] = self._dice.random() < (0.8 if self._bad[up] else self._c.burst)
        return self._dice.random() < (0.5 if self._bad[up] else self._c.loss)
