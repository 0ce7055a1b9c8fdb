"""Limits that keep one robot's flood away from the others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """What one gateway takes. A frame over its connection's rate is dropped before it is decoded."""

    frames_per_s: float = 120.0
    burst_frames: float = 240.0
    errors_per_s: float = 1.0
    max_connections: int = 4000
    connections_per_robot: int = 4
    frame_bytes: int = 4096
    hellos_per_s: float = 200.0


DEFAULT_LIMITS = LinkLimits()


class TokenBucket:
    """Takes `rate_per_s` on average and `burst` at once."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate_per_s: float, burst: float, now: float) -> None:
        self._rate = rate_per_s
        self._burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: float, amount: float = 1.0) -> bool:
        """Whether `amount` more is allowed now."""
        tokens = self._tokens + (now - self._at) * self._rate
        self._at = now
        if tokens > self._burst:
            tokens = self._burst
        if tokens < amount:
            self._tokens = tokens
            return False
        self._tokens = tokens - amount
        return True
