"""What a run is judged by, gathered from the messages that pass: tasks, rides, crossings."""

from __future__ import annotations

from array import array
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

FORGET_S = 600.0  # nobody speaks of an ended ride or crossing for so long


@dataclass(slots=True)
class _Wait:
    asked_s: float
    heard_s: float
    granted: bool = False
    done: bool = False


@dataclass(slots=True)
class _Waits:
    """Rides or crossings by id, as long as they are spoken of; how long each was waited for."""

    _of: dict[str, _Wait] = field(default_factory=dict)
    _swept_s: float = float("-inf")
    done: int = 0
    waits_s: array[float] = field(default_factory=lambda: array("d"))

    def hear(self, name: str, asked_s: float, now: float) -> _Wait:
        """The one of that name; a new one was asked for at `asked_s`."""
        if now - self._swept_s > FORGET_S:
            self._swept_s = now
            self._of = {known: wait for known, wait in self._of.items() if now - wait.heard_s <= FORGET_S}
        wait = self._of.setdefault(name, _Wait(asked_s, now))
        wait.heard_s = now
        return wait

    def grant(self, wait: _Wait, now: float) -> None:
        """The wait is over; counts once."""
        if not wait.granted:
            wait.granted = True
            self.waits_s.append(max(0.0, now - wait.asked_s))

    def finish(self, wait: _Wait) -> None:
        """Counts once."""
        if not wait.done:
            wait.done = True
            self.done += 1


@dataclass(slots=True)
class Statistics:
    """Feed it every message, as often as it is repeated; ask for figures at any time."""

    _tasks: dict[str, Task] = field(default_factory=dict)
    _completed: int = 0
    _failed: int = 0
    _rides: _Waits = field(default_factory=_Waits)
    _crossings: _Waits = field(default_factory=_Waits)

    def task(self, task: Task) -> None:
        """A task as the dispatcher reports it."""
        known = self._tasks.get(task.request.task_id)
        self._tasks[task.request.task_id] = task
        for state, change in ((known, -1), (task, 1)):
            if state is not None:
                self._completed += change * (state.status is TaskStatus.COMPLETED)
                self._failed += change * (state.status in (TaskStatus.FAILED, TaskStatus.CANCELLED))

    def ride_request(self, request: RideRequest, now: float) -> None:
        """A ride request: the first READY starts the wait."""
        if request.action is RideAction.READY:
            self._rides.hear(request.ride_id, now, now)

    def ride(self, ride: RideState, now: float) -> None:
        """A ride's state: BOARDING ends the wait, DONE counts the ride."""
        if ride.phase < RidePhase.BOARDING:
            return
        wait = self._rides.hear(ride.ride_id, now, now)
        if ride.phase is RidePhase.BOARDING:
            self._rides.grant(wait, now)
        if ride.phase is RidePhase.DONE:
            self._rides.finish(wait)

    def crossing_request(self, request: CrossingRequest, now: float) -> None:
        """A crossing request: the wait starts when the robot would reach the door, as it said first."""
        self._crossings.hear(request.crossing_id, now + max(0.0, request.eta_s), now)

    def crossing(self, crossing: CrossingState, now: float) -> None:
        """A crossing's state: GRANTED ends the wait, DONE counts the crossing."""
        wait = self._crossings.hear(crossing.crossing_id, now, now)
        if crossing.phase is CrossingPhase.GRANTED:
            self._crossings.grant(wait, now)
        if crossing.phase is CrossingPhase.DONE:
            self._crossings.finish(wait)

    @property
    def known(self) -> Mapping[str, Task]:
        """Newest state of every task seen, by id."""
        return self._tasks

    @property
    def tasks(self) -> TaskCounts:
        """Tasks seen, completed, failed or cancelled."""
        return TaskCounts(len(self._tasks), self._completed, self._failed)

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
        return LiftFigures(self._rides.done, spread(self._rides.waits_s))

    @property
    def door(self) -> DoorFigures:
        waits_s = self._crossings.waits_s
        return DoorFigures(self._crossings.done, DoorSpread(percentile(waits_s, 50), percentile(waits_s, 95)))
