"""Figures from repeated messages: each thing counts once."""

from __future__ import annotations

import json

from building_ctrl.model.door import CrossingPhase, CrossingState
from building_ctrl.model.lift import RideAction, RidePhase, RideRequest, RideState
from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus
from building_ctrl.sim.result import (
    LatencySpread,
    LinkFigures,
    SimulationResult,
    Spread,
    TaskCounts,
    percentile,
    spread,
)
from building_ctrl.sim.statistics import Statistics


def test_percentiles_are_nearest_rank() -> None:
    values = [float(v) for v in range(1, 101)]
    assert (percentile(values, 50), percentile(values, 95), percentile(values, 100)) == (50.0, 95.0, 100.0)
    assert percentile([3.0], 50) == 3.0
    assert percentile([], 50) is None
    assert spread([2.0, 1.0]) == Spread(1.0, 2.0, 2.0)


def ride(phase: RidePhase) -> RideState:
    return RideState("ride", "f", "r0", "lift", "L1", "L2", phase)


def ride_request(action: RideAction) -> RideRequest:
    return RideRequest("ride", "f", "r0", action, "L1", "L2")


def test_a_lift_wait_runs_from_ready_to_boarding() -> None:
    figures = Statistics()
    figures.ride_request(ride_request(RideAction.REQUEST), 0.0)
    figures.ride(ride(RidePhase.CALLED), 1.0)
    for now in (10.0, 11.0, 12.0):
        figures.ride_request(ride_request(RideAction.READY), now)
    for now in (25.0, 26.0):
        figures.ride(ride(RidePhase.BOARDING), now)
    for now in (60.0, 61.0):
        figures.ride(ride(RidePhase.DONE), now)
    assert figures.lift.rides == 1
    assert figures.lift.wait_s.max == 15.0


def test_a_car_that_waits_for_the_robot_costs_no_wait() -> None:
    figures = Statistics()
    figures.ride(ride(RidePhase.BOARDING), 5.0)
    figures.ride_request(ride_request(RideAction.READY), 9.0)
    figures.ride(ride(RidePhase.BOARDING), 10.0)
    assert figures.lift.wait_s.max == 0.0 and figures.lift.rides == 0


def test_crossings() -> None:
    figures = Statistics()
    for now, phase in (
        (1.0, CrossingPhase.REQUESTED),
        (2.0, CrossingPhase.OPENING),
        (4.0, CrossingPhase.GRANTED),
    ):
        figures.crossing(CrossingState("c", "f", "r0", "door", phase), now)
        figures.crossing(CrossingState("c", "f", "r0", "door", phase), now + 0.5)
    figures.crossing(CrossingState("c", "f", "r0", "door", CrossingPhase.DONE), 9.0)
    assert figures.door.crossings == 1 and figures.door.wait_s.p50 == 3.0


def test_tasks() -> None:
    figures = Statistics()

    def task(name: str, status: TaskStatus) -> Task:
        return Task(TaskRequest(name, TaskCategory.DELIVERY, ("a", "b")), status, submitted_s=10.0, ended_s=70.0)

    figures.task(task("t1", TaskStatus.QUEUED))
    figures.task(task("t1", TaskStatus.COMPLETED))
    figures.task(task("t2", TaskStatus.FAILED))
    figures.task(task("t3", TaskStatus.UNDERWAY))
    assert figures.tasks == TaskCounts(3, 1, 1)
    assert figures.task_duration_s == Spread(60.0, 60.0, 60.0)
    assert figures.open_tasks == 1
    assert {t.request.task_id for t in figures.unfinished} == {"t2", "t3"}


def test_the_result_has_the_documented_fields() -> None:
    figures = Statistics()
    result = SimulationResult(
        "m", 1, 60.0, 0, figures.tasks, figures.task_duration_s, 0, None, 0, figures.lift, figures.door, 0,
        LinkFigures(20.0, LatencySpread(1.0, 2.0)), 0.1, 0.2, 300.0,
    )  # fmt: skip
    fields = json.loads(result.to_json())
    assert set(fields) == {
        "map", "robots", "seconds", "seed", "tasks", "task_duration_s", "collisions", "min_separation_m",
        "boardings_without_grant", "lift", "door", "stuck_robots", "link", "cpu_s", "wall_s",
        "real_time_factor", "door_violations",
    }  # fmt: skip
    assert set(fields["lift"]) == {"rides", "wait_s"} and set(fields["lift"]["wait_s"]) == {
        "p50",
        "p95",
        "max",
    }
    assert set(fields["door"]["wait_s"]) == {"p50", "p95"}
    assert set(fields["link"]["command_latency_ms"]) == {"p50", "p99"}
    assert result.safe
