"""Travel times over the whole building: by lanes on a level, by lifts between levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.path.level import planning_graph
from building_ctrl.core.path.solver import DistanceTables
from building_ctrl.model.roadmap import LevelRoadmap, Roadmap


@dataclass(frozen=True, slots=True)
class LiftLeg:
    """A way from one level to another: drive to the cabin, ride, drive on. Times in seconds."""

    lift: str
    to_cabin_s: float
    ride_s: float
    from_cabin_s: float

    @property
    def total_s(self) -> float:
        return self.to_cabin_s + self.ride_s + self.from_cabin_s


@dataclass(frozen=True, slots=True)
class RideEstimate:
    """Rough time of a ride before anything is known of the car: waiting and doors, and each level passed."""

    base_s: float = 30.0
    level_s: float = 3.0


class TravelTimes:
    """Shortest travel times between vertices of a roadmap, for robots with a mask of navigation graphs.

    Times assume free lanes at `speed_mps` or the lane's limit.
    """

    def __init__(self, roadmap: Roadmap, speed_mps: float = 1.0, ride: RideEstimate | None = None) -> None:
        self._roadmap = roadmap
        self._ride = ride or RideEstimate()
        self._order = {level.level: i for i, level in enumerate(roadmap.levels)}
        self._levels = {level.level: _LevelTimes(level, speed_mps) for level in roadmap.levels}

    def drive_s(self, level: str, start: int, end: int, graph_mask: int) -> float:
        """Seconds from vertex to vertex of one level without entering other cabins; inf where there is no way."""
        return self._levels[level].seconds(start, end, graph_mask)

    def seconds_to(self, level: str, end: int, graph_mask: int) -> NDArray[np.float32]:
        """(n,) float32: seconds from every vertex of a level to `end`; inf where there is no way."""
        return self._levels[level].column(end, graph_mask)

    def travel_s(self, level: str, start: int, to_level: str, end: int, graph_mask: int) -> float:
        """Seconds from vertex to vertex, by a lift when the levels differ; inf where there is no way."""
        if level == to_level:
            return self.drive_s(level, start, end, graph_mask)
        legs = self.lift_legs(level, start, to_level, end, graph_mask)
        return legs[0].total_s if legs else float("inf")

    def lift_legs(self, level: str, start: int, to_level: str, end: int, graph_mask: int) -> list[LiftLeg]:
        """Lifts by which the vertex can be reached, the quickest first."""
        legs = []
        here, there = self._levels[level], self._levels[to_level]
        ride_s = self._ride.base_s + self._ride.level_s * abs(self._order[level] - self._order[to_level])
        for lift in here.cabins.keys() & there.cabins.keys():
            to_cabin = here.seconds(start, here.cabins[lift], graph_mask)
            from_cabin = there.seconds(there.cabins[lift], end, graph_mask)
            if np.isfinite(to_cabin + from_cabin):
                legs.append(LiftLeg(lift, to_cabin, ride_s, from_cabin))
        return sorted(legs, key=lambda leg: (leg.total_s, leg.lift))

    def cabin(self, level: str, lift: str) -> int:
        """The lift's cabin vertex on a level. Raises KeyError."""
        return self._levels[level].cabins[lift]

    def berth(self, level: str, lift: str) -> int:
        """The vertex before the lift's cabin on a level. Raises KeyError."""
        return self._levels[level].berths[lift]


class _LevelTimes:
    def __init__(self, roadmap: LevelRoadmap, speed_mps: float) -> None:
        self._graph = planning_graph(roadmap, speed_mps)
        self._tables = DistanceTables(self._graph)
        self.cabins = {lift: vertex for vertex, lift in enumerate(roadmap.cabin_lift) if lift}
        into = {int(roadmap.edge_to[e]): int(roadmap.edge_from[e]) for e in range(roadmap.n_edges)}
        self.berths = {lift: into[vertex] for lift, vertex in self.cabins.items() if vertex in into}
        self._open = np.array([not lift for lift in roadmap.cabin_lift], dtype=bool)
        self._found: dict[tuple[int, int], NDArray[np.float32]] = {}

    def seconds(self, start: int, end: int, graph_mask: int) -> float:
        return float(self.column(end, graph_mask)[start])

    def column(self, end: int, graph_mask: int) -> NDArray[np.float32]:
        found = self._found.get((end, graph_mask))
        if found is None:
            found = self._found[(end, graph_mask)] = self._table(end, graph_mask)
        return found

    def _table(self, end: int, graph_mask: int) -> NDArray[np.float32]:
        allowed = self._open.copy()
        allowed[end] = True
        profile = self._tables.profile(graph_mask, allowed)
        row = self._tables.rows([profile], np.zeros(1, dtype=np.int16), np.array([end], dtype=np.int32))
        return np.array(self._tables.values[row[0]])
