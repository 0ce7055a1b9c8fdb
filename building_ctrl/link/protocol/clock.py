"""Round trip and clock offset from four time stamps (NTP, RFC 5905 section 8): the sample of least round
trip."""

from __future__ import annotations

from collections import deque


class ClockFilter:
    """Keeps the last 30 exchanges of one connection."""

    __slots__ = ("_samples", "jitter_s", "offset_s", "round_trip_s")

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=30)
        self.round_trip_s = 0.0
        self.jitter_s = 0.0
        self.offset_s = 0.0

    @property
    def known(self) -> bool:
        """Whether at least one exchange was complete."""
        return bool(self._samples)

    def add(self, sent: float, received: float, answered: float, returned: float) -> None:
        """One exchange: `sent`, `returned` on the gateway's clock, `received`, `answered` on the robot's."""
        round_trip_s = (returned - sent) - (answered - received)
        if round_trip_s < 0.0 or answered < received:
            return
        if self._samples:
            self.jitter_s += (abs(round_trip_s - self.round_trip_s) - self.jitter_s) / 16.0
        self.round_trip_s = round_trip_s
        self._samples.append((round_trip_s, ((received - sent) + (answered - returned)) / 2.0))
        self.offset_s = min(self._samples)[1]

    def typical_round_trip_s(self) -> float:
        """The median round trip of the last 30, 0 while none is known."""
        samples = sorted(self._samples)
        return samples[len(samples) // 2][0] if samples else 0.0

    def high_round_trip_s(self) -> float:
        """The second longest round trip of the last 30, 0 while there are fewer than two: what stands in for the 99th
        percentile of so few, as a lone outlier says nothing of the link."""
        return sorted(self._samples)[-2][0] if len(self._samples) > 1 else 0.0

    def worst_round_trip_s(self) -> float:
        """The longest round trip of the last 30, 0 while none is known."""
        return max(self._samples)[0] if self._samples else 0.0
