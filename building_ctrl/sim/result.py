"""The result of a run, as `demo` and `simulate` write it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TaskCounts:
    submitted: int
    completed: int
    failed: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, 95th percentile and maximum; None where nothing was measured."""

    p50: float | None
    p95: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class DoorSpread:
    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class LatencySpread:
    p50: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class LiftFigures:
    """Rides done, and how long robots stood before a lift until they were granted to board."""

    rides: int
    wait_s: Spread


@dataclass(frozen=True, slots=True)
class DoorFigures:
    """Crossings done, and the time from their request until they were granted."""

    crossings: int
    wait_s: DoorSpread


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """Telemetry messages a second and robot, and from a telemetry sent to the arrival of a command made
    from it."""

    telemetry_hz: float | None
    command_latency_ms: LatencySpread


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """Figures of one run. `map` is the file, `robots` their number, `seconds` the time that passed in the
    building.

    task_duration_s: from submission to completion, of completed tasks. min_separation_m: least gap between
    the footprints of two robots on one level; None where no two ever were. stuck_robots: robots with work to
    do that stood for 60 s and did not queue for anything that works, or for 900 s all the same.
    door_violations: robots in a door that was not open. cpu_s: of all processes. real_time_factor: seconds in the
    building for each second that passed on the clock.
    """

    map: str
    robots: int
    seconds: float
    seed: int
    tasks: TaskCounts
    task_duration_s: Spread
    collisions: int
    min_separation_m: float | None
    boardings_without_grant: int
    lift: LiftFigures
    door: DoorFigures
    stuck_robots: int
    link: LinkFigures
    cpu_s: float
    wall_s: float
    real_time_factor: float
    door_violations: int = 0

    @property
    def safe(self) -> bool:
        """Whether nothing happened that must never happen: no collision, ungranted boarding, door hit,
        stuck robot."""
        return not (self.collisions or self.boardings_without_grant or self.door_violations or self.stuck_robots)

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> SimulationResult:
        """The result with the fields of `to_json`; others are passed over. Raises KeyError where one is
        missing."""
        lift, door, link = fields["lift"], fields["door"], fields["link"]
        return cls(
            map=fields["map"],
            robots=fields["robots"],
            seconds=fields["seconds"],
            seed=fields["seed"],
            tasks=TaskCounts(**fields["tasks"]),
            task_duration_s=Spread(**fields["task_duration_s"]),
            collisions=fields["collisions"],
            min_separation_m=fields["min_separation_m"],
            boardings_without_grant=fields["boardings_without_grant"],
            lift=LiftFigures(lift["rides"], Spread(**lift["wait_s"])),
            door=DoorFigures(door["crossings"], DoorSpread(**door["wait_s"])),
            stuck_robots=fields["stuck_robots"],
            link=LinkFigures(link["telemetry_hz"], LatencySpread(**link["command_latency_ms"])),
            cpu_s=fields["cpu_s"],
            wall_s=fields["wall_s"],
            real_time_factor=fields["real_time_factor"],
            door_violations=fields["door_violations"],
        )

    def to_json(self) -> str:
        """The file's content."""
        return json.dumps(asdict(self), indent=2) + "\n"


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Nearest-rank percentile, rounded to a millisecond; None without values."""
    if not values:
        return None
    rank = max(1, math.ceil(percent / 100.0 * len(values)))
    return round(sorted(values)[rank - 1], 3)


def spread(values: Sequence[float]) -> Spread:
    """Median, 95th percentile and maximum of seconds."""
    return Spread(percentile(values, 50), percentile(values, 95), percentile(values, 100))
