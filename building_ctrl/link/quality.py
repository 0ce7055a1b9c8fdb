"""Link quality of each robot, and how long commands take, over the last ten seconds."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.link.protocol.gateway import GatewaySession
from building_ctrl.model.robot import LinkState

WINDOW = 11
LATENCIES = 8192


@dataclass(frozen=True, slots=True)
class LinkRow:
    """Quality of one robot's link."""

    robot: str
    state: LinkState
    round_trip_ms: float
    jitter_ms: float
    loss_ratio: float
    clock_offset_ms: float
    telemetry_hz: float
    age_s: float


class LinkQuality:
    """Fed once a second with a robot's session."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int, int]] = deque(maxlen=WINDOW)
        self._session: GatewaySession | None = None

    def row(self, robot: str, session: GatewaySession | None, age_s: float, now: float) -> LinkRow:
        """The robot's row; `session` None while it is away."""
        if session is not self._session:
            self._counts.clear()
            self._session = session
        if session is None:
            return LinkRow(robot, LinkState.LOST, 0.0, 0.0, 0.0, 0.0, 0.0, age_s)
        self._counts.append((now, session.telemetry_count, session.telemetry_lost))
        since, count, lost = self._counts[0]
        got, gone = session.telemetry_count - count, session.telemetry_lost - lost
        clock = session.clock
        return LinkRow(
            robot,
            link_state(session, age_s),
            clock.round_trip_s * 1e3,
            clock.jitter_s * 1e3,
            gone / max(1, got + gone),
            clock.offset_s * 1e3,
            got / (now - since) if now > since else 0.0,
            age_s,
        )


def link_state(session: GatewaySession, age_s: float) -> LinkState:
    """OK, DEGRADED by a long round trip, HOLD while no command is obeyed, LOST after long silence."""
    p = session.parameters
    if age_s > p.lost_after_s:
        return LinkState.LOST
    if age_s > p.watchdog_s or not session.armed:
        return LinkState.HOLD
    if session.clock.worst_round_trip_s() > p.degraded_round_trip_s:
        return LinkState.DEGRADED
    return LinkState.OK


class CommandLatency:
    """Times from a pose being measured to the command made of it being sent."""

    def __init__(self, window_s: float = 10.0) -> None:
        self._window_s = window_s
        self._values = np.zeros((LATENCIES, 2))
        self._count = 0

    def add(self, latency_s: float, now: float) -> None:
        """One command sent now."""
        self._values[self._count % LATENCIES] = (now, latency_s)
        self._count += 1

    def add_all(self, latencies_s: NDArray[np.float64], now: float) -> None:
        """Commands sent now, (m,)."""
        rows = (self._count + np.arange(latencies_s.size)) % LATENCIES
        self._values[rows, 0] = now
        self._values[rows, 1] = latencies_s
        self._count += latencies_s.size

    def percentiles_ms(self, now: float) -> tuple[float, float]:
        """Median and 99th percentile over the window; (0, 0) while nothing was sent."""
        rows = self._values[: min(self._count, LATENCIES)]
        recent = rows[rows[:, 0] > now - self._window_s, 1]
        if recent.size == 0:
            return 0.0, 0.0
        p50, p99 = np.percentile(recent, (50.0, 99.0))
        return float(p50) * 1e3, float(p99) * 1e3
