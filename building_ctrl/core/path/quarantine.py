"""Robots that are not where they should be: their surroundings are kept free of others until a person has seen to them.

A robot is in quarantine when it stands off every lane or on somebody's stretch, is seen away from its released path,
jumps farther than it can drive, or is reported by two gateways. What is released to it stays its own meanwhile, its
gateway is told to make it stand, and so are the robots whose released paths come near it: releases are never taken
back. A person ends it: the robot goes on from where it stands, under a new epoch, or it is off the floor.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.alarms import Condition
from building_ctrl.core.path.journey import NOT_HEARD, OFF_ROADMAP, Journey, Place
from building_ctrl.core.path.near import Point, edges_near, point_to_segment
from building_ctrl.core.path.placing import place
from building_ctrl.core.path.sources import Reports
from building_ctrl.core.path.state import PlannerState
from building_ctrl.model.alarm import AlarmPriority
from building_ctrl.model.held import ClearAction, ClearRequest
from building_ctrl.model.lift import RideAction
from building_ctrl.model.robot import Connection, RobotState

DISPLACED = "robot_displaced"
ID_TWICE = "robot_id_twice"
QUARANTINE_ALARMS = {
    OFF_ROADMAP: AlarmPriority.MEDIUM,
    DISPLACED: AlarmPriority.HIGH,
    ID_TWICE: AlarmPriority.HIGH,
    NOT_HEARD: AlarmPriority.MEDIUM,
}
CABIN_M = 1.5  # farther than this from its middle a robot is in no cabin
GHOSTS = 8
LEARN_S = 10.0  # after a start gateways need a while to report
Lines = tuple[tuple[str, tuple[Point, ...]], ...]


class Quarantine:
    """Watches over the robots of one path planner."""

    def __init__(self, planner: PlannerState) -> None:
        self._planner = planner
        self._reports = Reports(planner.parameters)
        self._shown: dict[str, Lines] = {}
        self._checked: dict[str, RobotState] = {}
        self._held: set[str] = set()
        self._started_s = float("inf")
        self.touched: set[str] = set()

    def hears(self, journey: Journey, state: RobotState, now: float, gateway: str) -> bool:
        """Whether a state is to be believed; finds two robots of one name and poses that jump."""
        doubt = self._reports.doubt(journey, state, now, gateway)
        if journey.removed or (doubt.jump and self._on_path(journey, state)):
            return doubt.believed
        if doubt.pose is not None and doubt.pose not in journey.ghosts and len(journey.ghosts) < GHOSTS:
            journey.ghosts.append(doubt.pose)
        if doubt.reason and not journey.needs_person:
            self._doubt(journey, ID_TWICE, doubt.reason, now)
        return doubt.believed

    def settle(self, journey: Journey, now: float) -> None:
        """A robot that a person has cleared is placed anew once its gateway has forgotten its old path."""
        state = journey.state
        if state.path_epoch != journey.epoch or state.connection is Connection.LOST:
            return
        journey.voiding = False
        self._take_off(journey, now, self._in_cabin(journey))
        place(self._planner, journey, now)
        self.touched.add(journey.name)

    def clear(self, request: ClearRequest, now: float) -> str:
        """A person has seen to a robot. Returns why that is refused, or an empty string; repeating it is harmless."""
        journey = self._planner.journeys.get(request.robot)
        if journey is None:
            return f"robot {request.robot!r} is not known to any gateway"
        if not request.person.strip():
            return f"nobody says who has seen to robot {request.robot!r}: name the person"
        if request.action is ClearAction.REMOVED:
            self._remove(journey, request.person, now)
        elif journey.needs_person or journey.removed:
            journey.needs_person = journey.removed = False
            journey.displaced_s, journey.alarm = float("inf"), OFF_ROADMAP
            journey.ghosts.clear()
            journey.voiding = True
            journey.epoch = self._newer_epoch(journey)
            journey.quarantine = f"cleared by {request.person}: its gateway has not yet forgotten its old path"
            self.touched.add(journey.name)
        return ""

    def watch(self, now: float) -> None:
        """Look for robots off their released paths; keep the others clear of robots in doubt."""
        self._started_s = min(self._started_s, now)
        for journey in self._planner.journeys.values():
            if journey.place is not Place.OUTSIDE and not journey.needs_person and not journey.voiding:
                self._check_displaced(journey, now)
        for journey in self._planner.journeys.values():
            elsewhere = journey.elsewhere_s != float("inf")
            if journey.place is Place.OUTSIDE or journey.in_doubt or elsewhere or journey.name in self._shown:
                self._show(journey)
        for name in [name for name in self._shown if name not in self._planner.journeys]:
            for level in {level for level, _ in self._shown.pop(name)}:
                self._planner.levels[level].obstruct(name, None)
        self._hold_others()

    def conditions(self, now: float) -> Iterator[Condition]:
        """What a person has to know of."""
        for journey in self._planner.journeys.values():
            early = journey.alarm == NOT_HEARD and now - self._started_s < LEARN_S
            if journey.quarantine and not journey.removed and not early:
                yield Condition(journey.alarm, journey.name, journey.quarantine)

    # -- finding ------------------------------------------------------------------------------------------------

    def _check_displaced(self, journey: Journey, now: float) -> None:
        state, parameters = journey.state, self._planner.parameters
        pending = journey.displaced_s != float("inf") or journey.elsewhere_s != float("inf")
        if self._checked.get(journey.name) is state and not pending:
            return
        self._checked[journey.name] = state
        silent = state.connection is Connection.LOST or now - journey.seen_s > parameters.silent_s
        if silent and journey.displaced_s == float("inf"):
            journey.elsewhere_s = float("inf")  # what it last said may be from before its ride
            return
        if state.level and state.level != journey.level and journey.place is Place.LEVEL:
            journey.elsewhere_s = min(journey.elsewhere_s, now)
            if now - journey.elsewhere_s >= parameters.level_lag_s:
                reason = f"{journey.name} is on level {state.level!r} and should be on {journey.level!r}"
                self._doubt(journey, DISPLACED, reason, now)
            return
        journey.elsewhere_s = float("inf")
        off_m = self._off_path_m(journey, *journey.position)
        if off_m <= (parameters.displaced_m if journey.place is Place.LEVEL else CABIN_M):
            journey.displaced_s = float("inf")
            return
        journey.displaced_s = min(journey.displaced_s, now)
        if now - journey.displaced_s >= parameters.displaced_s:
            where = f"level {journey.level} at ({state.x_m:.2f}, {state.y_m:.2f})"
            reason = f"{journey.name} is {off_m:.2f} m off its released path on {where}: see to it and clear it"
            self._doubt(journey, DISPLACED, reason, now)

    def _on_path(self, journey: Journey, state: RobotState) -> bool:
        """Whether a pose far from the last one is where the robot may be: states came late, in a bunch."""
        limit_m = self._planner.parameters.displaced_m if journey.place is Place.LEVEL else CABIN_M
        return self._off_path_m(journey, state.x_m, state.y_m) <= limit_m

    def _off_path_m(self, journey: Journey, x_m: float, y_m: float) -> float:
        """How far a robot is from its released path, or from the middle of its cabin; 0 for anything near enough."""
        rows = self._planner.levels[journey.level].roadmap
        if journey.place is Place.CABIN:
            ride = self._planner.rides.of(journey.name)
            if ride is None or not ride.lift:
                return 0.0
            cabin = self._planner.times.cabin(journey.level, ride.lift, journey.state.graph_mask)
            return math.hypot(x_m - float(rows.x_m[cabin]), y_m - float(rows.y_m[cabin]))
        agent = self._planner.levels[journey.level].agents[journey.name]
        last = (float(rows.x_m[agent.vertex]), float(rows.y_m[agent.vertex]))
        least = math.hypot(x_m - last[0], y_m - last[1])
        for action in agent.actions:
            if least <= self._planner.parameters.displaced_m:
                break
            point = (float(rows.x_m[action.vertex]), float(rows.y_m[action.vertex]))
            least = min(least, point_to_segment(x_m, y_m, last, point))
            last = point
        return least

    def _doubt(self, journey: Journey, alarm: str, reason: str, now: float) -> None:
        journey.needs_person, journey.quarantine, journey.alarm = True, reason, alarm
        journey.voiding, journey.elsewhere_s = False, float("inf")
        self.touched.add(journey.name)
        ride = self._planner.rides.of(journey.name)
        if ride is None or ride.request.action not in (RideAction.REQUEST, RideAction.READY):
            return
        if not (journey.place is Place.LEVEL and self._bound_for_cabin(journey)):
            self._planner.rides.cancel(journey.name, now)

    def _bound_for_cabin(self, journey: Journey) -> bool:
        level = self._planner.levels[journey.level]
        return bool(level.roadmap.cabin_lift[level.agents[journey.name].frontier])

    # -- keeping others clear -----------------------------------------------------------------------------------

    def _show(self, journey: Journey) -> None:
        """Tell the levels which lanes a robot in doubt may touch."""
        lines = self._lines(journey)
        before = self._shown.get(journey.name, ())
        if lines == before:
            return
        found: dict[str, NDArray[np.bool_]] = {}
        for level, points in lines:
            rows = self._planner.levels[level].roadmap
            near = edges_near(rows, points, self._planner.reach_m)
            found[level] = found[level] | near if level in found else near
        for level in {level for level, _ in (*before, *lines)}:
            self._planner.levels[level].obstruct(journey.name, found.get(level))
        if lines:
            self._shown[journey.name] = lines
        else:
            self._shown.pop(journey.name, None)

    def _lines(self, journey: Journey) -> Lines:
        """Where a robot may be beside what is released to it: (level, points)."""
        where_it_should_be = not journey.in_doubt and journey.elsewhere_s == float("inf")
        if journey.removed or (journey.place is not Place.OUTSIDE and where_it_should_be):
            return ()
        lines: list[tuple[str, tuple[Point, ...]]] = [(level, ((x_m, y_m),)) for level, x_m, y_m in journey.ghosts]
        if journey.seen_s != float("-inf"):
            x_m, y_m = journey.position
            lines.append((journey.state.level or journey.level, ((round(x_m, 1), round(y_m, 1)),)))
        old = journey.old_stretch
        if old is not None and old.points and journey.place is Place.OUTSIDE:
            lines.append((old.level, old.points))
        return tuple((level, points) for level, points in lines if level in self._planner.levels)

    def _hold_others(self) -> None:
        """Whose released path comes near a robot in doubt has to stand until that one is seen to."""
        held: dict[str, str] = {}
        for level in self._planner.levels.values():
            if not level.obstructions:
                continue
            for agent in level.agents.values():
                for action in agent.actions:
                    intruder = level.obstructed_by(action.edge, agent.name)
                    if intruder:
                        held[agent.name] = intruder
                        break
        for name in (self._held - held.keys()) & self._planner.journeys.keys():
            self._planner.journeys[name].hold_for = ""
        for name, intruder in held.items():
            self._planner.journeys[name].hold_for = intruder
        self._held = set(held)

    # -- a person's word ----------------------------------------------------------------------------------------

    def _remove(self, journey: Journey, person: str, now: float) -> None:
        if journey.removed:
            return
        self._take_off(journey, now, still_in_cabin=False)
        journey.old_stretch = None
        journey.ghosts.clear()
        journey.removed, journey.needs_person, journey.voiding = True, False, False
        journey.displaced_s = journey.elsewhere_s = float("inf")
        journey.epoch = self._newer_epoch(journey)
        journey.quarantine = f"taken from the floor by {person}: confirm when it is back"
        self.touched.add(journey.name)

    def _take_off(self, journey: Journey, now: float, still_in_cabin: bool) -> None:
        """Free what a robot holds."""
        planner = self._planner
        ride = planner.rides.of(journey.name)
        if journey.place is Place.LEVEL:
            planner.levels[journey.level].remove(journey.name)
            planner.goals[journey.level].release(journey.name)
        planner.exits.drop(journey.name)
        planner.crossings.drop(journey.name, now)
        if ride is not None and not still_in_cabin:
            if ride.request.action in (RideAction.REQUEST, RideAction.READY):
                planner.rides.cancel(journey.name, now)
            else:
                planner.rides.tell(journey.name, RideAction.ALIGHTED)
        journey.place, journey.level = Place.OUTSIDE, ""
        journey.arrived_s, journey.waiting_for_place, journey.shut_in_by = float("inf"), "", ""
        journey.waiting_for_exit = ""
        journey.cut_off_by = journey.hold_for = ""
        journey.next_seq = 0

    def _newer_epoch(self, journey: Journey) -> int:
        return self._planner.shard.epoch_after(max(journey.epoch, journey.state.path_epoch))

    def _in_cabin(self, journey: Journey) -> bool:
        """Whether the pose of a robot lies in the cabin, or its doorway, of the lift it uses."""
        ride = self._planner.rides.of(journey.name)
        rows = self._planner.levels.get(journey.state.level)
        if ride is None or not ride.lift or rows is None or ride.lift not in rows.roadmap.cabin_lift:
            return False
        cabin = self._planner.times.cabin(journey.state.level, ride.lift, journey.state.graph_mask)
        x_m, y_m = float(rows.roadmap.x_m[cabin]), float(rows.roadmap.y_m[cabin])
        return math.hypot(journey.position[0] - x_m, journey.position[1] - y_m) <= CABIN_M
