"""Predicted times: when robots reach the doors ahead of them, and their destinations.

What is released and planned is timed move by move (timeline.py), with waits for doors and for robots that go first; the
rest of the way by the table of travel times, rides by what the lift planner says and, before it does, by what rides of
that lift took lately.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from building_ctrl.core.path.agent import Agent
from building_ctrl.core.path.journey import Journey, Place
from building_ctrl.core.path.level import LevelCoordinator
from building_ctrl.core.path.rides import Ride
from building_ctrl.core.path.routes import TravelTimes
from building_ctrl.core.path.timeline import DriveEstimate, Moves, Timeline
from building_ctrl.model.lift import RidePhase
from building_ctrl.model.path import DestinationRequest

UNKNOWN_S = -1.0
MOVING_MPS = 0.1
FORGET = 0.998  # of a robot's usual speed at each report while it drives slower
SERVE_S = 10.0  # a robot at a place another waits for stays about this long


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is timed of one robot: its last planned vertex, when it is there, and doors on the way with their times."""

    vertex: int
    end_s: float
    doors: tuple[tuple[str, float], ...] = ()


class Arrivals:
    """Predicts arrivals on the levels of one path planner."""

    def __init__(self, times: TravelTimes, nominal_mps: float, drive: DriveEstimate | None = None) -> None:
        self._times = times
        self._nominal_mps = nominal_mps
        self._drive = drive or DriveEstimate()
        self._timelines: dict[str, tuple[object, Timeline]] = {}
        self._usual: dict[str, float] = {}

    def observe(self, robot: str, speed_mps: float) -> None:
        """Hear how fast a robot drives: its usual speed is about the highest seen lately."""
        if abs(speed_mps) > MOVING_MPS:
            usual = self._usual.get(robot, self._nominal_mps)
            self._usual[robot] = max(abs(speed_mps), FORGET * usual)

    def on_level(
        self, level: LevelCoordinator, journeys: Sequence[Journey], door_wait: Callable[[str, str], float]
    ) -> dict[str, Ahead]:
        """Times of all robots on a level. door_wait(robot, door): seconds until a door is open for a robot."""
        rows, agents = level.roadmap, [level.agents[journey.name] for journey in journeys]
        known = self._timelines.get(rows.level)
        if known is None or known[0] is not rows:
            known = self._timelines[rows.level] = (rows, Timeline(rows, self._drive))
        number = {agent.name: i for i, agent in enumerate(agents)}
        ordered = [(number[name], edge) for name, edge in level.moves_ahead() if name in number]
        robot = np.array([i for i, _ in ordered], dtype=np.int64)
        edge = np.array([e for _, e in ordered], dtype=np.int64)
        doors = [(k, i, rows.edge_door[e]) for k, (i, e) in enumerate(ordered) if rows.edge_door[e]]
        earliest = np.zeros(edge.size)
        for k, i, door in doors:
            earliest[k] = door_wait(agents[i].name, door)
        begins, ends = known[1].ends_s(
            Moves(
                robot,
                edge,
                earliest,
                np.array([_left_m(level, a, j) for a, j in zip(agents, journeys, strict=True)]),
                np.array([abs(j.state.speed_mps) > MOVING_MPS for j in journeys], dtype=bool),
                np.array([j.state.yaw_rad for j in journeys], dtype=np.float64),
                np.array([self._usual.get(a.name, self._nominal_mps) for a in agents], dtype=np.float64),
            )
        )
        last = {i: k for k, (i, _) in enumerate(ordered)}
        at_door: dict[int, dict[str, float]] = {}
        for k, i, door in doors:
            at_door.setdefault(i, {}).setdefault(door, float(begins[k]))
        return {
            agent.name: Ahead(
                int(rows.edge_to[edge[last[i]]]) if i in last else agent.vertex,
                float(ends[last[i]]) if i in last else 0.0,
                tuple(at_door.get(i, {}).items()),
            )
            for i, agent in enumerate(agents)
        }

    def eta_s(self, journey: Journey, agent: Agent | None, ahead: Ahead | None, ride: Ride | None) -> float:
        """Seconds to a robot's destination, UNKNOWN_S where nothing can be said."""
        request = journey.request
        if request is None or journey.refusal or journey.way_closed:
            return UNKNOWN_S
        if journey.arrived_s != float("inf"):
            return 0.0
        if journey.place is Place.CABIN and ride is not None:
            return self._from_cabin(journey, request, ride)
        if agent is None or ahead is None:
            return UNKNOWN_S
        rest_s = self._rest_s(journey, request, agent, ahead, ride)
        return ahead.end_s + rest_s if np.isfinite(rest_s) else UNKNOWN_S

    def _rest_s(
        self, journey: Journey, request: DestinationRequest, agent: Agent, ahead: Ahead, ride: Ride | None
    ) -> float:
        """Seconds from the end of what is planned to the destination."""
        level, mask = journey.level, agent.graph_mask
        pace = self._pace(journey.name)
        if request.level == level:
            return pace * self._times.drive_s(level, ahead.vertex, journey.vertex, mask)
        legs = self._times.lift_legs(level, ahead.vertex, request.level, journey.vertex, mask)
        if ride is not None and ride.lift:
            legs = [leg for leg in legs if leg.lift == ride.lift] or legs
        if not legs:
            return float("inf")
        leg = legs[0]
        there_s = pace * leg.to_cabin_s
        if ride is None or not ride.lift:
            return there_s + leg.onward_s
        ride_s = self._times.ride_s(level, leg.to_level)
        onward_s = leg.onward_s - ride_s
        return max(there_s, ride.eta_s - ahead.end_s) + self._times.aboard_s(level, leg.to_level) + onward_s

    def _from_cabin(self, journey: Journey, request: DestinationRequest, ride: Ride) -> float:
        mask = journey.state.graph_mask
        if not ride.lift or not self._times.stops(ride.to_level, ride.lift, mask):
            return UNKNOWN_S
        cabin = self._times.cabin(ride.to_level, ride.lift, mask)
        onward_s = self._pace(journey.name) * self._times.travel_s(
            ride.to_level, cabin, request.level, journey.vertex, mask
        )
        left_s = ride.eta_s if ride.eta_s >= 0.0 or ride.phase is RidePhase.ALIGHTING else self._times.aboard_s(
            journey.level, ride.to_level
        )
        return max(left_s, 0.0) + onward_s if np.isfinite(onward_s) else UNKNOWN_S

    def _pace(self, robot: str) -> float:
        """How much longer than at the nominal speed a robot takes."""
        return self._nominal_mps / self._usual.get(robot, self._nominal_mps)


def waiting_s(journey: Journey, eta_s: float, etas: dict[str, float]) -> float:
    """A robot's eta with its wait for whoever is at, or first on the way to, its destination."""
    holder_s = etas.get(journey.waiting_for_place, UNKNOWN_S) if journey.waiting_for_place else UNKNOWN_S
    if eta_s < 0.0 or holder_s < 0.0:
        return eta_s
    return max(eta_s, holder_s + SERVE_S)


def _left_m(level: LevelCoordinator, agent: Agent, journey: Journey) -> float:
    """What is left to drive of a robot's first move, metres."""
    rows = level.roadmap
    if agent.actions:
        edge = agent.actions[0].edge
        end = int(rows.edge_to[edge])
        gap = float(np.hypot(rows.x_m[end] - journey.state.x_m, rows.y_m[end] - journey.state.y_m))
        return min(gap, float(rows.edge_length_m[edge]))
    return float(rows.edge_length_m[agent.planned[0]]) if agent.planned else 0.0
