"""The result of a run from what the embedded building and the messages showed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from building_ctrl.sim.embedded import EmbeddedBuilding
from building_ctrl.sim.result import LatencySpread, LinkFigures, SimulationResult, TaskCounts, percentile
from building_ctrl.sim.statistics import Statistics
from building_ctrl.sim.tally import Tally


@dataclass(frozen=True, slots=True)
class RunTimes:
    """Seconds that passed in the building, of processor time, and on the clock."""

    seconds: float
    cpu_s: float
    wall_s: float


def latency_of(latencies_s: Iterable[float]) -> LatencySpread:
    """Median and 99th percentile of latencies."""
    latencies_ms = [1000.0 * latency for latency in latencies_s]
    return LatencySpread(percentile(latencies_ms, 50), percentile(latencies_ms, 99))


def latency_of_tally(tally: Tally) -> LatencySpread:
    """The same of counted latencies."""
    p50, p99 = tally.percentile_s(50), tally.percentile_s(99)
    return LatencySpread(
        None if p50 is None else round(1000.0 * p50, 3), None if p99 is None else round(1000.0 * p99, 3)
    )


def result_of(
    world: EmbeddedBuilding,
    statistics: Statistics,
    tasks: TaskCounts,
    latency_ms: LatencySpread,
    telemetry_hz: float | None,
    map_file: str,
    seed: int,
    times: RunTimes,
) -> SimulationResult:
    """All figures of a run."""
    findings = world.findings
    least = findings.min_separation_m
    return SimulationResult(
        map=map_file,
        robots=len(world.names),
        seconds=round(times.seconds, 1),
        seed=seed,
        tasks=tasks,
        task_duration_s=statistics.task_duration_s,
        collisions=findings.collisions,
        min_separation_m=None if least is None else round(least, 4),
        boardings_without_grant=findings.boardings_without_grant,
        lift=statistics.lift,
        door=statistics.door,
        stuck_robots=len(world.progress.stuck),
        link=LinkFigures(
            None if telemetry_hz is None else round(telemetry_hz, 2),
            latency_ms,
        ),
        cpu_s=round(times.cpu_s, 3),
        wall_s=round(times.wall_s, 3),
        real_time_factor=round(times.seconds / max(times.wall_s, 1e-9), 1),
        door_violations=findings.door_violations,
    )
