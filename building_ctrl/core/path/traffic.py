"""The rules of the traffic in force: what people closed or slowed down, and the roadmap that follows from it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from building_ctrl.core.path.lanes import LaneBook
from building_ctrl.core.path.ruled import RuledRoadmap
from building_ctrl.model.building import Building
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.model.traffic import (
    FOR_GOOD,
    Closure,
    LaneRequest,
    LaneRules,
    SpeedLimitRequest,
    TrafficSnapshot,
)

REFUSED_KEPT_S = 60.0
LEAST_LIMIT_MPS = 0.05


class TrafficRules:
    """Takes requests of people and other systems, and remembers what is closed and limited.

    Every request says why it is refused, or takes effect as a whole; repeating one changes nothing. `revision` grows
    with every change of what has to be kept. The rules of a fleet count lanes of the navigation graph its robots use;
    those of the fleet "" hold for everybody and count those of graph 0.
    """

    def __init__(self, building: Building, roadmap: Roadmap) -> None:
        self._levels = {row.level for row in roadmap.levels}
        self._lanes = LaneBook(building, roadmap)
        self._closed: dict[str, set[int]] = {}
        self._limits: dict[str, dict[int, float]] = {}
        self._closures: dict[str, Closure] = {}
        self._refused: dict[str, tuple[str, float]] = {}
        self.revision = 0
        self.roadmap = RuledRoadmap(roadmap, self._lanes)

    # -- requests -----------------------------------------------------------------------------------------------

    def lane_request(self, request: LaneRequest) -> str:
        """Open and close lanes. Returns why nothing of it is done, or an empty string."""
        problem = self._unknown_lane(request.fleet, (*request.open, *request.close))
        if problem:
            return f"lanes of fleet {request.fleet!r} not opened or closed: {problem}"
        before = self._closed.get(request.fleet, set())
        after = (before | set(request.close)) - (set(request.open) - set(request.close))
        if after != before:
            self._closed[request.fleet] = after
            self._changed()
        return ""

    def speed_limit_request(self, request: SpeedLimitRequest) -> str:
        """Set and remove limits; a limit never lets robots drive faster than the map does. Returns why nothing of it
        is done, or an empty string."""
        what = f"speed limits of fleet {request.fleet!r} not changed"
        problem = self._unknown_lane(request.fleet, (*request.remove, *(lane for lane, _ in request.limits)))
        if problem:
            return f"{what}: {problem}"
        for lane, limit in request.limits:
            if not (math.isfinite(limit) and limit >= LEAST_LIMIT_MPS):
                return f"{what}: {limit:g} m/s on lane {lane} is below {LEAST_LIMIT_MPS} m/s: close the lane instead"
        before = self._limits.get(request.fleet, {})
        after = {lane: limit for lane, limit in before.items() if lane not in request.remove} | dict(request.limits)
        if after != before:
            self._limits[request.fleet] = after
            self._changed()
        return ""

    def close(self, closure: Closure, now: float) -> str:
        """Close an area or line, or redraw one of that name. Returns why it is refused, or an empty string."""
        problem = self._bad_closure(closure, now)
        if problem:
            self._refused[closure.name] = (problem, now)
            return f"closure {closure.name!r} refused: {problem}"
        self._refused.pop(closure.name, None)
        before = self._closures.get(closure.name)
        wanted = replace(closure, closed_s=before.closed_s if before is not None else now)
        if wanted != before:
            self._closures[closure.name] = wanted
            self._changed()
        return ""

    def open(self, name: str) -> str:
        """Open a closure again. Returns why it cannot be, or an empty string."""
        if self._closures.pop(name, None) is None:
            return f"nothing is closed under the name {name!r}"
        self._changed()
        return ""

    def expire(self, now: float) -> None:
        """Open what was closed until now, and forget old refusals."""
        for name, closure in list(self._closures.items()):
            if closure.until_s != FOR_GOOD and closure.until_s <= now:
                self.open(name)
        for name, (_, at_s) in list(self._refused.items()):
            if now - at_s > REFUSED_KEPT_S:
                del self._refused[name]

    # -- what is in force ---------------------------------------------------------------------------------------

    def closures(self) -> tuple[Closure, ...]:
        """Closed areas and lines."""
        return tuple(self._closures.values())

    def refused(self) -> tuple[tuple[str, str], ...]:
        """(name, reason) of closures asked for lately and refused."""
        return tuple((name, reason) for name, (reason, _) in self._refused.items())

    def lane_rules(self) -> tuple[LaneRules, ...]:
        """Closed lanes and limits of every fleet that ever had some, by name of the fleet."""
        fleets = sorted(self._closed.keys() | self._limits.keys())
        closed = {fleet: tuple(sorted(self._closed.get(fleet, ()))) for fleet in fleets}
        limits = {fleet: tuple(sorted(self._limits.get(fleet, {}).items())) for fleet in fleets}
        return tuple(LaneRules(fleet, closed[fleet], limits[fleet]) for fleet in fleets)

    def snapshot(self) -> TrafficSnapshot:
        """All that has to outlive a restart."""
        return TrafficSnapshot(self.lane_rules(), self.closures())

    def restore(self, snapshot: TrafficSnapshot) -> list[str]:
        """Take over what was in force before. Returns what no longer fits the map, one line each; it is dropped.

        Numbers of lanes are kept as they are: which graph they count is known when the fleet's robots are.
        """
        problems = []
        for rules in snapshot.lanes:
            self._closed[rules.fleet] = set(rules.closed)
            self._limits[rules.fleet] = dict(rules.limits)
        for closure in snapshot.closures:
            problem = self._bad_closure(closure, float("-inf"))
            if problem:
                problems.append(f"closure {closure.name!r} dropped: {problem}")
            else:
                self._closures[closure.name] = closure
        self._changed()
        return problems

    def mask(self, fleet: str, graph_mask: int) -> int:
        """Mask of the navigation graphs a robot of the fleet may use on the ruled roadmap."""
        return self.roadmap.mask(fleet, graph_mask)

    # -- parts --------------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        self.revision += 1
        self.roadmap.set_rules(self.lane_rules(), self.closures())

    def _unknown_lane(self, fleet: str, numbers: Iterable[int]) -> str:
        graph = self.roadmap.graph_of(fleet)
        count = len(self._lanes.lanes(graph))
        bad = sorted(number for number in numbers if not 0 <= number < count)
        if not bad:
            return ""
        return f"there is no lane {bad[0]} in navigation graph {graph}: it has {count} lanes, numbered from 0"

    def _bad_closure(self, closure: Closure, now: float) -> str:
        if not closure.name:
            return "it has no name: give it one, to open it by"
        if closure.level not in self._levels:
            return f"there is no level {closure.level!r}"
        if len(closure.points) < 2:
            return f"it has {len(closure.points)} points: a line takes 2, an area at least 3"
        if not all(math.isfinite(value) for point in closure.points for value in point):
            return "a coordinate is not a number"
        if closure.until_s != FOR_GOOD and closure.until_s <= now:
            return "its end lies in the past"
        return ""
