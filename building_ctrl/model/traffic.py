"""Rules of the traffic that people set while the building runs: closed lanes and areas, speed limits."""

from __future__ import annotations

from dataclasses import dataclass

FOR_GOOD = 0.0


@dataclass(frozen=True, slots=True)
class Closure:
    """A named part of a level that robots may not enter.

    points: the corners of an area (three or more, metres, in order), or the two ends of a line nobody may cross.
    closed_s and until_s are seconds since the Unix epoch; until_s of FOR_GOOD: until somebody opens it.
    """

    name: str
    level: str
    points: tuple[tuple[float, float], ...]
    requester: str = ""
    reason: str = ""
    closed_s: float = 0.0
    until_s: float = FOR_GOOD


@dataclass(frozen=True, slots=True)
class LaneRules:
    """What holds on the lanes of one fleet. Lanes have the numbers of the fleet's navigation graph.

    limits: (lane, metres per second).
    """

    fleet: str
    closed: tuple[int, ...] = ()
    limits: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class TrafficSnapshot:
    """All rules in force: what has to outlive a restart."""

    lanes: tuple[LaneRules, ...] = ()
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True, slots=True)
class LaneRequest:
    """Open and close lanes of a fleet."""

    fleet: str
    open: tuple[int, ...] = ()
    close: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeedLimitRequest:
    """Set limits (lane, metres per second) on lanes of a fleet, and take those of others away."""

    fleet: str
    limits: tuple[tuple[int, float], ...] = ()
    remove: tuple[int, ...] = ()
