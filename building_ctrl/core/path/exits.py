"""Exits: a free vertex on the level a robot rides to, reserved before it boards, so that it never stays in a cabin.

Reservations are claims among the goals of the level, under the robot's name, as if it were there already: goals are
distinct, so it has somewhere to go once the car is there. They lie on waiting spots and move on when a robot of the
level is sent there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from building_ctrl.core.path.goals import GoalBook
from building_ctrl.core.path.routes import TravelTimes
from building_ctrl.model.path import DestinationRequest
from building_ctrl.model.roadmap import Roadmap

DETOUR_WEIGHT = 0.5  # as in heading: a second of driving while it has to wait counts as this much later


@dataclass(frozen=True, slots=True)
class Arrival:
    """A robot that wants to come to a level by a lift, and the destination it follows."""

    robot: str
    level: str
    lift: str
    graph_mask: int
    request: DestinationRequest | None = None


@dataclass(slots=True)
class _Exit:
    level: str
    wanted_s: float


class ExitBook:
    """Reserved exits on the levels of one planner."""

    def __init__(self, roadmap: Roadmap, times: TravelTimes, goals: Mapping[str, GoalBook]) -> None:
        self._roadmap = roadmap
        self._times = times
        self._goals = goals
        self._exits: dict[str, _Exit] = {}

    def hold(self, arrival: Arrival, now: float) -> bool:
        """Reserve an exit, or keep it; to be repeated in every step. False while no vertex is free."""
        known = self._exits.get(arrival.robot)
        if known is None or known.level != arrival.level:
            self.drop(arrival.robot)
            known = self._exits[arrival.robot] = _Exit(arrival.level, now)
        known.wanted_s = now
        goals = self._goals[arrival.level]
        if goals.goal_of(arrival.robot) < 0:
            spot = self._spot(arrival, goals)
            if spot < 0:
                return False
            goals.claim(arrival.robot, spot)
        return True

    def reserved(self, level: str, robot: str) -> bool:
        """Whether the robot has nothing but a reservation on that level."""
        known = self._exits.get(robot)
        return known is not None and known.level == level

    def joined(self, robot: str) -> None:
        """The robot is on the level now: the reservation is its goal."""
        self._exits.pop(robot, None)

    def drop(self, robot: str) -> None:
        known = self._exits.pop(robot, None)
        if known is not None:
            self._goals[known.level].release(robot)

    def finish(self, bound_for: Callable[[str], str], now: float) -> None:
        """End of a step: give up what was not wanted in it. `bound_for` names the level to which a robot may board or
        rides, whoever wants it."""
        for robot, known in list(self._exits.items()):
            if known.wanted_s < now and bound_for(robot) != known.level:
                self.drop(robot)

    def _spot(self, arrival: Arrival, goals: GoalBook) -> int:
        level, mask = arrival.level, arrival.graph_mask
        if not self._times.stops(level, arrival.lift, arrival.graph_mask):
            return -1
        cabin = self._times.cabin(level, arrival.lift, arrival.graph_mask)
        target = self._target(arrival, cabin)
        onward = self._times.seconds_to(level, target, mask)
        there = self._times.seconds_to(level, cabin, mask)  # as far as back
        return goals.waiting_spot(
            arrival.robot,
            target,
            onward + DETOUR_WEIGHT * there,
            lambda vertex: bool(np.isfinite(self._times.drive_s(level, cabin, vertex, mask))),
        )

    def _target(self, arrival: Arrival, cabin: int) -> int:
        """Where the robot goes from the cabin: its destination, the next lift, or just out."""
        request, level = arrival.request, arrival.level
        if request is not None and request.level in (row.level for row in self._roadmap.levels):
            vertex = self._roadmap.level(request.level).vertex_of(request.place, arrival.graph_mask)
            if vertex >= 0 and request.level == level:
                return vertex
            if vertex >= 0:
                legs = self._times.lift_legs(level, cabin, request.level, vertex, arrival.graph_mask)
                onward = [leg.lift for leg in legs if leg.lift != arrival.lift]
                if onward:
                    return self._times.berth(level, onward[0], arrival.graph_mask)
        return self._times.berth(level, arrival.lift, arrival.graph_mask)
