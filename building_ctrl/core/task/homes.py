"""Homes: a parking spot or charger of its own for every robot that has nothing to do."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from building_ctrl.core.task.assignment import assign
from building_ctrl.core.task.parameters import DispatchParameters
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.model.robot import RobotState

CostFunction = Callable[[RobotState, str, str], float]


@dataclass(frozen=True, slots=True)
class Home:
    """A parking spot or charger; `place` is the vertex's label."""

    level: str
    place: str
    x_m: float
    y_m: float
    is_charger: bool = False


def homes_of(roadmap: Roadmap) -> tuple[Home, ...]:
    """The parking spots and chargers of a roadmap, each once, whichever classes of robots share it."""
    homes: dict[tuple[str, int], Home] = {}
    for level in roadmap.levels:
        for v in np.flatnonzero(level.is_parking | level.is_charger).tolist():
            if not level.cabin_lift[v]:
                x_m, y_m, charger = float(level.x_m[v]), float(level.y_m[v]), bool(level.is_charger[v])
                spot = (level.level, int(level.map_vertex[v]))
                homes.setdefault(spot, Home(level.level, level.label(v), x_m, y_m, charger))
    return tuple(homes.values())


class HomeKeeper:
    """Gives every robot without a task a home of its own. No two robots ever have the same home.

    A robot keeps its home until it is given a task, and then gets the nearest free one: going back to where
    it once started would cost rides in lifts that others need.
    """

    def __init__(self, homes: Sequence[Home], cost_s: CostFunction, parameters: DispatchParameters) -> None:
        self._homes = tuple(homes)
        self._cost_s = cost_s
        self._p = parameters
        self._home: dict[str, Home] = {}
        self._refused: dict[tuple[str, Home], float] = {}
        self._tried: object = None

    def home(self, robot: str) -> Home | None:
        """The robot's home, or None where there are not enough."""
        return self._home.get(robot)

    def forget(self, robot: str) -> None:
        """Frees a robot's home."""
        if self._home.pop(robot, None) is not None:
            self._tried = None

    def refused(self, robot: str, now: float) -> None:
        """The planner finds no way to the robot's home: it gets another one."""
        home = self._home.pop(robot, None)
        if home is not None:
            self._refused[robot, home] = now

    def settle(self, robots: Sequence[RobotState], now: float) -> None:
        """Gives homes to robots without one: the spot a robot stands on, else the nearest ones in total."""
        for key in [k for k, since in self._refused.items() if now - since > self._p.home_retry_s]:
            del self._refused[key]
        homeless = [r for r in robots if r.level and r.name not in self._home]
        if not homeless:
            return
        self._claim_where_they_stand(homeless)
        homeless = [r for r in robots if r.level and r.name not in self._home]
        free = self._free()
        situation = (tuple(r.name for r in homeless), tuple(free), tuple(self._refused))
        if not homeless or not free or situation == self._tried:
            return
        self._tried = situation
        cost = np.array([[self._cost(r, h) for h in free] for r in homeless])
        for robot, column in zip(homeless, assign(cost), strict=True):
            if column >= 0:
                self._home[robot.name] = free[column]

    def charge(self, robot: RobotState, others: Sequence[RobotState]) -> None:
        """Moves the robot's home to a charger: the nearest free one, else the fullest of `others` swaps."""
        own = self._home.get(robot.name)
        if own is not None and own.is_charger:
            return
        costs = [(self._cost(robot, h), i, h) for i, h in enumerate(self._free()) if h.is_charger]
        if costs and math.isfinite(min(costs)[0]):
            self._home[robot.name] = min(costs)[2]
            return
        for other in sorted(others, key=lambda r: (-r.battery_percent, r.name)):
            theirs = self._home.get(other.name)
            if theirs is None or not theirs.is_charger or not math.isfinite(self._cost(robot, theirs)):
                continue
            self._home[robot.name] = theirs
            if own is None:
                del self._home[other.name]
            else:
                self._home[other.name] = own
            return

    def _free(self) -> list[Home]:
        taken = set(self._home.values())
        return [h for h in self._homes if h not in taken]

    def _claim_where_they_stand(self, homeless: Sequence[RobotState]) -> None:
        for robot in homeless:
            standing = [
                h for h in self._homes if self._stands_on(robot, h) and (robot.name, h) not in self._refused
            ]
            if not standing:
                continue
            home = min(standing, key=lambda h: (math.hypot(robot.x_m - h.x_m, robot.y_m - h.y_m), h.place))
            owner = next((name for name, h in self._home.items() if h == home), None)
            if owner is not None and any(r.name == owner for r in homeless):
                continue
            if owner is not None:
                del self._home[owner]
            self._home[robot.name] = home

    def _stands_on(self, robot: RobotState, home: Home) -> bool:
        near = math.hypot(robot.x_m - home.x_m, robot.y_m - home.y_m) <= self._p.home_reach_m
        return near and robot.level == home.level

    def _cost(self, robot: RobotState, home: Home) -> float:
        if (robot.name, home) in self._refused:
            return math.inf
        penalty_s = 0.0 if home.is_charger else self._p.parking_penalty_s
        return self._cost_s(robot, home.level, home.place) + penalty_s
