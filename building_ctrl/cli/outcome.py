"""A run's result for people: a table of figures, what went wrong, what was not finished."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.console import Console
from rich.table import Table

from building_ctrl.cli.i18n import t
from building_ctrl.model.task import Task, TaskRequest
from building_ctrl.sim.checker import Incident
from building_ctrl.sim.result import SimulationResult

SHOWN = 10


def print_outcome(
    result: SimulationResult,
    incidents: Sequence[Incident],
    unfinished: Sequence[Task],
    missed: Collection[str],
    refused: Sequence[tuple[TaskRequest, str]] = (),
) -> None:
    """Print the figures, then a line for each incident and each task that is not finished; `missed` are
    the ids of those that could have been."""
    console = Console(highlight=False, soft_wrap=True)
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(result):
        table.add_row(t(f"outcome.{name}"), value)
    console.print(table)
    for incident in incidents[:SHOWN]:
        console.print(f"{incident.now:8.2f} s  {incident.kind}: {incident.detail}", style="bold red", markup=False)
    for request, reason in refused[:SHOWN]:
        console.print(t("outcome.refused", task=request.task_id, reason=reason), markup=False)
    for task in unfinished[:SHOWN]:
        line = t(
            "outcome.missed" if task.request.task_id in missed else "outcome.unfinished",
            task=task.request.task_id,
            status=task.status.name.lower(),
            robot=task.robot or "-",
            detail=task.detail,
        )
        console.print(line, markup=False)
    if len(unfinished) > SHOWN:
        console.print(t("outcome.more", count=len(unfinished) - SHOWN))


def _rows(result: SimulationResult) -> list[tuple[str, str]]:
    tasks, lift, door, link = result.tasks, result.lift, result.door, result.link
    return [
        ("map", result.map),
        ("run", f"{result.robots} / {result.seconds:g} s / {result.seed}"),
        ("tasks", f"{tasks.submitted} / {tasks.completed} / {tasks.failed}"),
        (
            "duration",
            _figures(result.task_duration_s.p50, result.task_duration_s.p95, result.task_duration_s.max),
        ),
        ("collisions", str(result.collisions)),
        ("separation", _figures(result.min_separation_m, unit="m")),
        ("boardings", str(result.boardings_without_grant)),
        ("doors_hit", str(result.door_violations)),
        ("stuck", str(result.stuck_robots)),
        ("rides", f"{lift.rides}, {_figures(lift.wait_s.p50, lift.wait_s.p95, lift.wait_s.max)}"),
        ("crossings", f"{door.crossings}, {_figures(door.wait_s.p50, door.wait_s.p95)}"),
        ("telemetry", _figures(link.telemetry_hz, unit="Hz")),
        ("latency", _figures(link.command_latency_ms.p50, link.command_latency_ms.p99, unit="ms")),
        ("time", f"{result.cpu_s:g} s / {result.wall_s:g} s / {result.real_time_factor:g}"),
    ]


def _figures(*values: float | None, unit: str = "s") -> str:
    return " / ".join("-" if value is None else f"{value:g}" for value in values) + f" {unit}"
