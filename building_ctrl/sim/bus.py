"""Virtual time and an in-memory bus: events in order of time, messages with modelled delays, all from one
seed."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


class VirtualClock:
    """Runs callbacks in order of time; those of the same time in the order they were asked for."""

    def __init__(self, start_s: float = 0.0) -> None:
        self.now = start_s
        self._queue: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0

    def at(self, time_s: float, callback: Callable[..., None], *arguments: Any) -> None:
        """Call once; a time that has passed counts as now."""
        self._count += 1
        heapq.heappush(self._queue, (max(time_s, self.now), self._count, callback, arguments))

    def every(self, period_s: float, phase_s: float, callback: Callable[[float], None]) -> None:
        """Call with the time at start + phase_s + k * period_s, k = 0, 1, 2 ... for ever."""
        start = self.now + phase_s

        def tick(k: int) -> None:
            self.at(start + (k + 1) * period_s, tick, k + 1)
            callback(self.now)

        self.at(start, tick, 0)

    def run(self, until_s: float, stop: Callable[[], bool] | None = None) -> None:
        """Run events up to and with a time, or until `stop` says so after an event."""
        queue = self._queue
        while queue and queue[0][0] <= until_s:
            self.now, _, callback, arguments = heapq.heappop(queue)
            callback(*arguments)
            if stop is not None and stop():
                return
        self.now = max(self.now, until_s)


@dataclass(frozen=True, slots=True)
class Delay:
    """A random delay, uniform in mean_s +- spread_s."""

    mean_s: float
    spread_s: float = 0.0


LINK_DELAY = Delay(0.010, 0.004)
TOPIC_DELAY = Delay(0.005, 0.002)


class Delays:
    """Random delays, drawn in blocks."""

    BLOCK = 4096

    def __init__(self, delay: Delay, seed: int) -> None:
        self._delay = delay
        self._random = np.random.default_rng(seed)
        self._drawn: list[float] = []

    def next_s(self) -> float:
        """The next delay."""
        if not self._drawn:
            d = self._delay
            self._drawn = self._random.uniform(d.mean_s - d.spread_s, d.mean_s + d.spread_s, self.BLOCK).tolist()
        return self._drawn.pop()

    def next_of(self, n: int) -> NDArray[np.float64]:
        """The next n delays at once, (n,)."""
        d = self._delay
        return self._random.uniform(d.mean_s - d.spread_s, d.mean_s + d.spread_s, n)


def link_delays(seed: int) -> Delays:
    """Delays of the robot link over a good network."""
    return Delays(LINK_DELAY, seed)


class Bus:
    """Topics between parts in one process. Messages from a publisher to a subscriber keep their order."""

    def __init__(self, clock: VirtualClock, delays: Delays) -> None:
        self._clock = clock
        self._delays = delays
        self._subscribers: dict[str, list[_Subscriber]] = {}

    def subscribe(self, topic: str, callback: Callable[[Any, float], None]) -> None:
        """Hear a topic: callback(message, now)."""
        self._subscribers.setdefault(topic, []).append(_Subscriber(callback))

    def publish(self, topic: str, message: Any) -> None:
        """Deliver to every subscriber after a delay of its own."""
        now = self._clock.now
        for subscriber in self._subscribers.get(topic, ()):
            due = max(now + self._delays.next_s(), subscriber.last_s)
            subscriber.last_s = due
            self._clock.at(due, subscriber.callback, message, due)


@dataclass(slots=True)
class _Subscriber:
    callback: Callable[[Any, float], None]
    last_s: float = 0.0
