"""What a run is judged by, gathered from the messages that pass: tasks, rides, crossings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from building_ctrl.model.door import CrossingPhase, CrossingRequest, CrossingState
from building_ctrl.model.lift import RideAction, RidePhase, RideRequest, RideState
from building_ctrl.model.task import Task, TaskStatus
from building_ctrl.sim.result import (
    DoorFigures,
    DoorSpread,
    LiftFigures,
    Spread,
    TaskCounts,
    percentile,
    spread,
)


@dataclass(slots=True)
class _Wait:
    asked_s: float
    granted: bool = False
    done: bool = False


@dataclass(slots=True)
class Statistics:
    """Feed it every message, as often as it is repeated; ask for figures at any time."""

    _tasks: dict[str, Task] = field(default_factory=dict)
    _rides: dict[str, _Wait] = field(default_factory=dict)
    _crossings: dict[str, _Wait] = field(default_factory=dict)
    _lift_waits: list[float] = field(default_factory=list)
    _door_waits: list[float] = field(default_factory=list)

    def task(self, task: Task) -> None:
        """A task as the dispatcher reports it."""
        self._tasks[task.request.task_id] = task

    def ride_request(self, request: RideRequest, now: float) -> None:
        """A ride request: the first READY starts the wait."""
        if request.action is RideAction.READY and request.ride_id not in self._rides:
            self._rides[request.ride_id] = _Wait(now)

    def ride(self, ride: RideState, now: float) -> None:
        """A ride's state: BOARDING ends the wait, DONE counts the ride."""
        if ride.phase < RidePhase.BOARDING:
            return
        wait = self._rides.setdefault(ride.ride_id, _Wait(now))
        if ride.phase is RidePhase.BOARDING and not wait.granted:
            wait.granted = True
            self._lift_waits.append(now - wait.asked_s)
        wait.done |= ride.phase is RidePhase.DONE

    def crossing_request(self, request: CrossingRequest, now: float) -> None:
        """A crossing request: the wait starts when the robot would reach the door, as it said first."""
        self._crossings.setdefault(request.crossing_id, _Wait(now + max(0.0, request.eta_s)))

    def crossing(self, crossing: CrossingState, now: float) -> None:
        """A crossing's state: GRANTED ends the wait, DONE counts the crossing."""
        wait = self._crossings.setdefault(crossing.crossing_id, _Wait(now))
        if crossing.phase is CrossingPhase.GRANTED and not wait.granted:
            wait.granted = True
            self._door_waits.append(max(0.0, now - wait.asked_s))
        wait.done |= crossing.phase is CrossingPhase.DONE

    @property
    def known(self) -> Mapping[str, Task]:
        """Newest state of every task seen, by id."""
        return self._tasks

    @property
    def tasks(self) -> TaskCounts:
        """Tasks seen, completed, failed or cancelled."""
        status = [task.status for task in self._tasks.values()]
        failed = sum(s in (TaskStatus.FAILED, TaskStatus.CANCELLED) for s in status)
        return TaskCounts(len(status), sum(s is TaskStatus.COMPLETED for s in status), failed)

    def counts(self, submitted: int, refused: int) -> TaskCounts:
        """Counts where it is known how many tasks were submitted; those refused count as failed."""
        seen = self.tasks
        return TaskCounts(submitted, seen.completed, seen.failed + refused)

    @property
    def open_tasks(self) -> int:
        """Tasks that have not ended."""
        return sum(not task.status.ended for task in self._tasks.values())

    @property
    def unfinished(self) -> tuple[Task, ...]:
        """Tasks that did not complete, for the report to people."""
        return tuple(task for task in self._tasks.values() if task.status is not TaskStatus.COMPLETED)

    @property
    def task_duration_s(self) -> Spread:
        """From submission to completion."""
        done = (task for task in self._tasks.values() if task.status is TaskStatus.COMPLETED)
        return spread([task.ended_s - task.submitted_s for task in done])

    @property
    def lift(self) -> LiftFigures:
        return LiftFigures(sum(wait.done for wait in self._rides.values()), spread(self._lift_waits))

    @property
    def door(self) -> DoorFigures:
        waits = DoorSpread(percentile(self._door_waits, 50), percentile(self._door_waits, 95))
        return DoorFigures(sum(wait.done for wait in self._crossings.values()), waits)
