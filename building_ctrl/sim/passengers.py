"""A simple load of people on a lift: trips at random times between random levels, fixed by the seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trip:
    """A person who comes at a time and wants from one level to another."""

    arrival_s: float
    from_level: str
    to_level: str


class PassengerLoad:
    """A Poisson stream of trips over `levels` (two at least), `rate_per_hour` > 0, from `start_s` on."""

    def __init__(self, levels: Sequence[str], rate_per_hour: float, seed: int, start_s: float = 0.0) -> None:
        if len(levels) < 2 or rate_per_hour <= 0.0:
            raise ValueError(f"passengers need two levels and a rate above 0, not {list(levels)} and {rate_per_hour}")
        self._levels = list(levels)
        self._rate_hz = rate_per_hour / 3600.0
        self._random = random.Random(seed)
        self._next = self._draw(start_s)

    @property
    def next_arrival_s(self) -> float:
        """When the next person who was not yet served comes, or came."""
        return self._next.arrival_s

    def next_trip(self, now: float) -> Trip | None:
        """The person who waits longest, if one has come by `now`."""
        if self._next.arrival_s > now:
            return None
        trip = self._next
        self._next = self._draw(trip.arrival_s)
        return trip

    def _draw(self, after_s: float) -> Trip:
        arrival_s = after_s + self._random.expovariate(self._rate_hz)
        from_level, to_level = self._random.sample(self._levels, 2)
        return Trip(arrival_s, from_level, to_level)
