"""Watches that robots with work to do get on with it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.lift import LiftState
from building_ctrl.model.path import TravelState, TravelStatus, WaitingKind
from building_ctrl.model.task import Task, TaskCategory

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

QUEUES = (WaitingKind.ROBOT, WaitingKind.PLACE, WaitingKind.LIFT)


NOTHING, IN_SERVICE = -1, -2


class ProgressWatch:
    """Counts robots that had work to do and did not get `least_m` away from where they were for `patience_s`.

    A robot that queues is not stuck: one that waits for a robot which gets on or may stand, for one that queues for
    such a robot, or for something in service. After `longest_s` it counts as stuck, whatever it waits for.
    """

    def __init__(self, n: int, patience_s: float = 60.0, least_m: float = 0.2, longest_s: float = 900.0) -> None:
        self.patience_s = patience_s
        self.longest_s = longest_s
        self.least_m = least_m
        self._x_m: Float = np.full(n, np.nan)
        self._y_m: Float = np.full(n, np.nan)
        self._level: Int = np.full(n, -2, dtype=np.int64)
        self._since_s: Float = np.full(n, np.inf)
        self.stuck: set[int] = set()

    def observe(
        self, now: float, x_m: Float, y_m: Float, level: Int, has_work: Bool, waits: Int | None = None
    ) -> list[int]:
        """Take one instant, all arrays (n,); returns the robots found stuck by it, each named once.

        waits: the robot each one waits for, IN_SERVICE for something else that works, NOTHING; by default nothing.
        """
        far = ~(np.hypot(x_m - self._x_m, y_m - self._y_m) < self.least_m)
        anew = far | (level != self._level) | (level < 0) | ~has_work
        self._x_m = np.where(anew, x_m, self._x_m)
        self._y_m = np.where(anew, y_m, self._y_m)
        self._level = np.where(anew, level, self._level)
        self._since_s = np.where(anew, now, self._since_s)
        stood_s = now - self._since_s
        late = stood_s >= self.patience_s
        found = [
            i
            for i in np.flatnonzero(late).tolist()
            if i not in self.stuck and (stood_s[i] >= self.longest_s or not _queues(i, late, waits))
        ]
        self.stuck.update(found)
        return found


def _queues(robot: int, late: Bool, waits: Int | None) -> bool:
    """Whether whom a robot waits for, and so on, ends at something that gets on."""
    seen = {robot}
    while waits is not None:
        robot = int(waits[robot])
        if robot == IN_SERVICE or (robot >= 0 and not late[robot]):
            return True
        if robot == NOTHING or robot in seen:
            return False
        seen.add(robot)
    return False


class LiftActivity:
    """Which lifts work: those whose car, door or session has changed lately."""

    def __init__(self, patience_s: float = 60.0) -> None:
        self._patience_s = patience_s
        self._seen: dict[str, tuple[LiftState, float]] = {}

    def observe(self, states: Iterable[LiftState], now: float) -> None:
        """Lifts as they report themselves."""
        for state in states:
            known = self._seen.get(state.lift)
            if known is None or known[0] != state:
                self._seen[state.lift] = state, now

    def works(self, lift: str, now: float) -> bool:
        """Whether something has changed at that lift lately."""
        known = self._seen.get(lift)
        return known is not None and now - known[1] < self._patience_s


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

    def waiting_for(self) -> tuple[str, ...]:
        """(n,): the robot or lift each robot is said to wait for, empty where it waits for nothing of the kind."""
        states = (self._travel.get(name) for name in self.names)
        return tuple(s.waiting_for if s is not None and s.waiting_kind in QUEUES else "" for s in states)

    def _busy(self, name: str, dwell_s: float | None, now: float) -> bool:
        state = self._travel.get(name)
        status = state.status if state is not None else TravelStatus.UNKNOWN
        if dwell_s is None:
            return status is TravelStatus.MOVING
        return status is not TravelStatus.ARRIVED or now - self._arrived_s.get(name, now) > dwell_s
