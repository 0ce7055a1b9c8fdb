"""Watches that robots with work to do get on with it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.path import TravelState, TravelStatus
from building_ctrl.model.task import Task, TaskCategory

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


class ProgressWatch:
    """Counts robots that had work to do and did not get `least_m` away from where they were for
    `patience_s`."""

    def __init__(self, n: int, patience_s: float = 60.0, least_m: float = 0.2) -> None:
        self.patience_s = patience_s
        self.least_m = least_m
        self._x_m: Float = np.full(n, np.nan)
        self._y_m: Float = np.full(n, np.nan)
        self._level: Int = np.full(n, -2, dtype=np.int64)
        self._since_s: Float = np.full(n, np.inf)
        self.stuck: set[int] = set()

    def observe(self, now: float, x_m: Float, y_m: Float, level: Int, has_work: Bool) -> list[int]:
        """Take one instant, all arrays (n,); returns the robots found stuck by it, each named once."""
        far = ~(np.hypot(x_m - self._x_m, y_m - self._y_m) < self.least_m)
        anew = far | (level != self._level) | (level < 0) | ~has_work
        self._x_m = np.where(anew, x_m, self._x_m)
        self._y_m = np.where(anew, y_m, self._y_m)
        self._level = np.where(anew, level, self._level)
        self._since_s = np.where(anew, now, self._since_s)
        late = np.nonzero(now - self._since_s >= self.patience_s)[0]
        found = [int(i) for i in late if int(i) not in self.stuck]
        self.stuck.update(found)
        return found


@dataclass(slots=True)
class WorkBook:
    """Which robots have work to do, from task states and travel states."""

    names: Sequence[str]
    _tasks: dict[str, Task]
    _travel: dict[str, TravelState]
    _arrived_s: dict[str, float]

    @classmethod
    def of(cls, names: Sequence[str]) -> WorkBook:
        """An empty book for robots of these names."""
        return cls(tuple(names), {}, {}, {})

    def tasks(self, tasks: Iterable[Task]) -> None:
        """Tasks as the dispatcher reports them."""
        for task in tasks:
            if task.status.ended:
                self._tasks.pop(task.request.task_id, None)
            elif task.robot:
                self._tasks[task.request.task_id] = task

    def travel(self, states: Iterable[TravelState], now: float) -> None:
        """Travel states as the path planner reports them."""
        for state in states:
            known = self._travel.get(state.robot)
            stays = known is not None and (known.task_id, known.destination) == (
                state.task_id,
                state.destination,
            )
            if state.status is not TravelStatus.ARRIVED or not stays:
                self._arrived_s[state.robot] = now
            self._travel[state.robot] = state

    def has_work(self, now: float) -> Bool:
        """(n,): on the way somewhere, or with a task that has not ended and not dwelling at one of its
        places."""
        dwell_s: dict[str, float] = {}
        for task in self._tasks.values():
            charging = task.request.category is TaskCategory.CHARGE
            stay_s = math.inf if charging else task.request.dwell_s
            dwell_s[task.robot] = max(dwell_s.get(task.robot, 0.0), stay_s)
        return np.array([self._busy(name, dwell_s.get(name), now) for name in self.names], dtype=np.bool_)

    def _busy(self, name: str, dwell_s: float | None, now: float) -> bool:
        state = self._travel.get(name)
        status = state.status if state is not None else TravelStatus.UNKNOWN
        if dwell_s is None:
            return status is TravelStatus.MOVING
        return status is not TravelStatus.ARRIVED or now - self._arrived_s.get(name, now) > dwell_s
