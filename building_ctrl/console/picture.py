"""The console's picture of the building: the newest of all the topics say, with the time it was heard.

One thread writes (the ROS node's), others read. Every field is replaced as a whole, so a reader sees the old
or the new value and never half of one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from building_ctrl.console.robot_table import EMPTY, RobotTable
from building_ctrl.model.alarm import Alarm
from building_ctrl.model.door import DoorState
from building_ctrl.model.lift import LiftState, RideState
from building_ctrl.model.path import ReleasedPath, TravelState
from building_ctrl.model.task import Task

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Heard(Generic[Value]):
    """A value and when it was heard, in seconds since the Unix epoch; -inf: never."""

    value: Value
    at_s: float = -math.inf

    def age_s(self, now: float) -> float | None:
        """How old it is; None where it was never heard."""
        return None if math.isinf(self.at_s) else max(0.0, now - self.at_s)


@dataclass(frozen=True, slots=True)
class Tasks:
    """Tasks the dispatcher shows, newest last, and its totals."""

    tasks: tuple[Task, ...] = ()
    completed: int = 0
    failed: int = 0


@dataclass(slots=True)
class Picture:
    """What the console knows. Times in seconds since the Unix epoch."""

    robots: Heard[RobotTable] = field(default_factory=lambda: Heard(EMPTY))
    travel: Heard[dict[str, TravelState]] = field(default_factory=lambda: Heard({}))
    paths: dict[str, Heard[ReleasedPath]] = field(default_factory=dict)
    lifts: dict[str, Heard[LiftState]] = field(default_factory=dict)
    doors: dict[str, Heard[DoorState]] = field(default_factory=dict)
    rides: Heard[tuple[RideState, ...]] = field(default_factory=lambda: Heard(()))
    tasks: Heard[Tasks] = field(default_factory=lambda: Heard(Tasks()))
    alarms: dict[str, Heard[tuple[Alarm, ...]]] = field(default_factory=dict)

    def hear_robots(self, table: RobotTable, now: float) -> None:
        """One gateway's robots; those of other gateways stay."""
        self.robots = Heard(self.robots.value.merged(table), now)

    def hear_travel(self, states: Iterable[TravelState], now: float) -> None:
        """Where robots are on their way; replaces what one planner said before."""
        self.travel = Heard({**self.travel.value, **{s.robot: s for s in states}}, now)

    def hear_paths(self, paths: Iterable[ReleasedPath], now: float) -> None:
        """Released paths of some robots."""
        self.paths = {**self.paths, **{p.robot: Heard(p, now) for p in paths}}

    def hear_lift(self, state: LiftState, now: float) -> None:
        """One lift's report."""
        self.lifts = {**self.lifts, state.lift: Heard(state, now)}

    def hear_door(self, state: DoorState, now: float) -> None:
        """One door's report."""
        self.doors = {**self.doors, state.door: Heard(state, now)}

    def hear_rides(self, rides: Sequence[RideState], now: float) -> None:
        """All rides."""
        self.rides = Heard(tuple(rides), now)

    def hear_tasks(self, tasks: Sequence[Task], completed: int, failed: int, now: float) -> None:
        """All tasks the dispatcher shows."""
        self.tasks = Heard(Tasks(tuple(tasks), completed, failed), now)

    def hear_alarms(self, process: str, alarms: Sequence[Alarm], now: float) -> None:
        """All alarms of one process."""
        self.alarms = {**self.alarms, process: Heard(tuple(alarms), now)}
