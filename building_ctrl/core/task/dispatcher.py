"""The dispatcher: takes tasks, gives them to robots, follows them to their end, sends free robots home."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from building_ctrl.core.task import detail
from building_ctrl.core.task.admission import Admission
from building_ctrl.core.task.alarms import task_alarms
from building_ctrl.core.task.assignment import assign
from building_ctrl.core.task.book import TaskBook
from building_ctrl.core.task.decisions import Accepted, DispatchDecisions, Refused
from building_ctrl.core.task.destinations import Destinations, home_task_id
from building_ctrl.core.task.fleet import Fleet
from building_ctrl.core.task.follow import Follower
from building_ctrl.core.task.homes import CostFunction, Home, HomeKeeper, homes_of
from building_ctrl.core.task.parameters import DispatchParameters
from building_ctrl.core.task.places import Places, check_request
from building_ctrl.core.task.progress import Progress, is_refused
from building_ctrl.core.task.travel_time import TravelTimes
from building_ctrl.model.path import DestinationRequest, TravelState
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.model.robot import RobotState
from building_ctrl.model.task import Task, TaskRequest, TaskStatus


class Dispatcher:
    """Which robot does which task. Events in, decisions out; `now` in seconds of one clock throughout.

    Tasks go to free robots in the order they were asked for, priority counting as a head start, and the most
    urgent ones are spread over the free robots at least total driving time (see `assignment`). Same events,
    same decisions.
    """

    def __init__(
        self,
        places: Places,
        homes: Sequence[Home],
        cost_s: CostFunction,
        parameters: DispatchParameters | None = None,
    ) -> None:
        """`cost_s(robot, level, place)` estimates seconds of driving, inf where there is no way."""
        self._p = parameters or DispatchParameters()
        self._places = places
        self._cost_s = cost_s
        self._fleet = Fleet(self._p)
        self._homes = HomeKeeper(homes, cost_s, self._p)
        self._destinations = Destinations(self._p)
        self._book = TaskBook()
        self._follower = Follower(self._book, self._fleet, places, self._p)
        self._free_since_s: dict[str, float] = {}
        self._assigned_s = -math.inf

    @classmethod
    def for_roadmap(cls, roadmap: Roadmap, parameters: DispatchParameters | None = None) -> Dispatcher:
        """A dispatcher whose places, homes and driving times come from a roadmap."""
        return cls(Places.of(roadmap), homes_of(roadmap), TravelTimes(roadmap).cost_s, parameters)

    @property
    def places(self) -> Places:
        """The places tasks may go to."""
        return self._places

    def tasks(self) -> tuple[Task, ...]:
        """Open tasks and those ended a short while ago, in order of submission."""
        return tuple(p.task for p in self._book)

    def task(self, task_id: str) -> Task | None:
        """One task, or None where it is unknown or ended long ago."""
        progress = self._book.get(task_id)
        return progress.task if progress else None

    def home(self, robot: str) -> Home | None:
        """A robot's home, if it has one."""
        return self._homes.home(robot)

    def submit(self, request: TaskRequest, now: float) -> Accepted | Refused:
        """Takes a task. Asking again with the same id and content changes nothing."""
        known = self._book.get(request.task_id)
        if known is not None:
            if known.task.request == request:
                return Accepted(known.task)
            return Refused(f"task id {request.task_id!r} is taken by another task")
        try:
            stops = check_request(request, self._places)
        except ValueError as error:
            return Refused(str(error), invalid=True)
        reason = self._out_of_reach(request, stops)
        if reason:
            return Refused(reason)
        task = Task(request, detail=detail.waiting(), submitted_s=now, places=stops)
        self._book.add(task)
        return Accepted(task)

    def withdraw(self, task_id: str) -> None:
        """Forgets a queued task that could not be recorded, as if it had never been asked for."""
        progress = self._book.get(task_id)
        if progress is not None and progress.task.status is TaskStatus.QUEUED:
            self._book.remove(task_id)

    def cancel(self, task_id: str, now: float) -> Accepted | Refused:
        """Ends a task; its robot is free at once. Cancelling a cancelled task changes nothing."""
        progress = self._book.get(task_id)
        if progress is None:
            return Refused(f"no task {task_id!r}")
        task = progress.task
        if task.status is TaskStatus.CANCELLED:
            return Accepted(task)
        if task.status.ended:
            return Refused(f"task {task_id!r} has already {task.status.name.lower()}")
        reason = f"cancelled; goods may still be on {task.robot}" if progress.loaded else "cancelled"
        self._book.end(progress, TaskStatus.CANCELLED, reason, now)
        return Accepted(progress.task)

    def restore(self, tasks: Sequence[Task]) -> None:
        """Takes over tasks of an earlier life, as they were recorded; call it before any other event.

        An open task whose places are no longer in the building is kept and fails in the next step.
        """
        for task in tasks:
            self._book.add(task)

    def robot_states(self, states: Sequence[RobotState], now: float) -> None:
        """Newest states of robots; those not named keep theirs until it is too old."""
        self._fleet.robot_states(states, now)

    def travel_states(self, states: Sequence[TravelState], now: float) -> None:
        """Newest travel states of robots, from the path planner."""
        self._fleet.travel_states(states)

    def step(self, now: float) -> DispatchDecisions:
        """Follows all tasks and robots; call it a few times a second."""
        for robot in self._fleet.step(now, self._book.robots()):
            self._homes.forget(robot)
            self._destinations.forget(robot)
        for progress in self._book:
            if not progress.task.status.ended:
                self._follower.follow(progress, now)
            elif now - progress.task.ended_s > self._p.ended_kept_s:
                self._book.remove(progress.task.request.task_id)
        if now - self._assigned_s >= self._p.assign_period_s:
            self._assigned_s = now
            self._assign(now)
            self._settle_homes(now)
        destinations = self._ask_destinations(now)
        alarms = task_alarms(self._book, self._fleet, self._p, now)
        return DispatchDecisions(destinations, self._book.take_changed(), alarms)

    def _out_of_reach(self, request: TaskRequest, stops: Sequence[tuple[str, str]]) -> str:
        """Why no known robot can ever do this, or nothing."""
        states = [s for s in map(self._fleet.state, self._fleet.names()) if s is not None]
        allowed = [s for s in states if request.robot in ("", s.name) and request.fleet in ("", s.fleet)]
        if states and not allowed:
            robot, fleet = request.robot or "any robot", request.fleet or "any fleet"
            return f"no robot to do this: {robot} of {fleet} is not known"
        placed = [s for s in allowed if s.level]
        if len(placed) < len(allowed):
            return ""
        if not placed or any(self._reaches(s, stops) for s in placed):
            return ""
        for stop in stops:
            if not any(self._reaches(s, [stop]) for s in placed):
                return f"no robot can reach {'/'.join(stop)}"
        return f"no robot can reach all of {', '.join('/'.join(stop) for stop in dict.fromkeys(stops))}"

    def _reaches(self, robot: RobotState, stops: Iterable[tuple[str, str]]) -> bool:
        return all(math.isfinite(self._cost_s(robot, *stop)) for stop in set(stops))

    def _assign(self, now: float) -> None:
        queue = [
            p
            for p in self._book
            if p.task.status is TaskStatus.QUEUED and p.task.request.earliest_start_s <= now
        ]
        if not queue:
            return
        free = [
            s for n in self._fleet.names() if self._is_free(n) and (s := self._fleet.state(n)) is not None
        ]
        if not free:
            return
        urgent, rows = self._admitted(queue, free)
        columns = assign(np.array(rows, dtype=np.float64).reshape(len(rows), len(free)))
        for progress, column in zip(urgent, columns, strict=True):
            if column >= 0:
                self._book.give(progress, free[column], now)

    def _admitted(self, queue: list[Progress], free: list[RobotState]) -> tuple[list[Progress], list[list[float]]]:
        """The most urgent tasks that may start and some robot can do, with their costs to each free robot."""
        batch = max(1, min(self._p.batch, self._p.pairs // len(free)))
        admission = Admission((p for p in self._book if p.assigned), self._p.tasks_a_place)
        rows: list[list[float]] = []
        urgent: list[Progress] = []
        for progress in sorted(queue, key=lambda p: p.urgency(self._p)):
            if len(urgent) == batch:
                break
            row = [self._cost(progress, robot) for robot in free]
            if not any(map(math.isfinite, row)):
                continue
            obstacle = admission.obstacle(progress)
            self._book.explain(progress, obstacle)
            if not obstacle:
                rows.append(row)
                urgent.append(progress)
        return urgent, rows

    def _is_free(self, robot: str) -> bool:
        return (
            self._fleet.usable(robot)
            and self._book.of_robot(robot) is None
            and not self._fleet.must_charge(robot)
        )

    def _cost(self, progress: Progress, robot: RobotState) -> float:
        """Seconds to the task's next stop, inf where the robot cannot reach every stop or may not take it."""
        if not progress.may_take(robot.name, robot.fleet):
            return math.inf
        to_next_s = self._cost_s(robot, *progress.stop)
        rest = (stop for stop in progress.stops if stop != progress.stop)
        return to_next_s if math.isfinite(to_next_s) and self._reaches(robot, rest) else math.inf

    def _settle_homes(self, now: float) -> None:
        for name in self._fleet.names():
            if self._book.of_robot(name) is not None:
                self._homes.forget(name)
        idle = [n for n in self._fleet.names() if self._book.of_robot(n) is None]
        states = [s for n in idle if (s := self._fleet.state(n)) is not None]
        for state in states:
            home = self._homes.home(state.name)
            travel = self._fleet.travel(state.name)
            if home and is_refused(travel, home_task_id(state.name), home.level, home.place):
                self._homes.refused(state.name, now)
        self._homes.settle(states, now)
        fit = [s for s in states if self._fleet.usable(s.name) and not self._fleet.must_charge(s.name)]
        for state in states:
            if self._fleet.must_charge(state.name) and self._fleet.usable(state.name):
                self._homes.charge(state, fit)

    def _ask_destinations(self, now: float) -> tuple[DestinationRequest, ...]:
        asked = []
        for name in self._fleet.names():
            state = self._fleet.state(name)
            if state is None or not self._fleet.usable(name):
                continue
            wanted = self._wanted(state, now)
            if wanted is not None and self._destinations.due(wanted, self._fleet.travel(name), now):
                asked.append(wanted)
        return tuple(asked)

    def _wanted(self, robot: RobotState, now: float) -> DestinationRequest | None:
        progress = self._book.of_robot(robot.name)
        if progress is not None:
            self._free_since_s.pop(robot.name, None)
            task = progress.task.request
            return DestinationRequest(robot.fleet, robot.name, *progress.stop, task.task_id, task.priority)
        free_since_s = self._free_since_s.setdefault(robot.name, now)
        home = self._homes.home(robot.name)
        if home is None or now - free_since_s < self._p.home_delay_s:
            return None
        return DestinationRequest(robot.fleet, robot.name, home.level, home.place, home_task_id(robot.name))
