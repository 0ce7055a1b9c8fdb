"""Travel times over the whole building: by lanes on a level, by lifts between levels, changing lifts where needed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.path.graph import planning_graph
from building_ctrl.core.path.solver import DistanceTables
from building_ctrl.model.roadmap import LevelRoadmap, Roadmap

INF = float("inf")


@dataclass(frozen=True, slots=True)
class LiftLeg:
    """A way off a level: drive to a lift's cabin, ride to `to_level`, and go on from there. Times in seconds."""

    lift: str
    to_level: str
    to_cabin_s: float
    onward_s: float

    @property
    def total_s(self) -> float:
        return self.to_cabin_s + self.onward_s


@dataclass(frozen=True, slots=True)
class RideEstimate:
    """Rough time of a ride before anything is known of the car: waiting and doors, and each level passed. Seconds."""

    base_s: float = 30.0
    level_s: float = 3.0
    aboard_s: float = 12.0  # of base_s: doors, and into the cabin


class TravelTimes:
    """Shortest travel times between vertices of a roadmap, for robots with a mask of navigation graphs.

    Times assume free lanes at `speed_mps` or the lane's limit. Tables are made when first asked for and kept.
    """

    def __init__(self, roadmap: Roadmap, speed_mps: float = 1.0, ride: RideEstimate | None = None) -> None:
        self._ride = ride or RideEstimate()
        self._order = {level.level: i for i, level in enumerate(roadmap.levels)}
        self._levels = {level.level: _LevelTimes(level, speed_mps) for level in roadmap.levels}
        self._speed_mps = speed_mps
        self._onward: dict[tuple[str, int, int], dict[tuple[str, str], tuple[float, str]]] = {}

    def use_roadmap(self, level: LevelRoadmap) -> None:
        """Take a level with other navigation graphs or speeds; the same one again changes nothing."""
        if self._levels[level.level].roadmap is not level:
            self._levels[level.level] = _LevelTimes(level, self._speed_mps)
            self._onward.clear()

    def drive_s(self, level: str, start: int, end: int, graph_mask: int) -> float:
        """Seconds from vertex to vertex of one level without entering other cabins; inf where there is no way."""
        return self._levels[level].seconds(start, end, graph_mask)

    def seconds_to(self, level: str, end: int, graph_mask: int) -> NDArray[np.float32]:
        """(n,) float32: seconds from every vertex of a level to `end`; inf where there is no way."""
        return self._levels[level].column(end, graph_mask)

    def travel_s(self, level: str, start: int, to_level: str, end: int, graph_mask: int) -> float:
        """Seconds from vertex to vertex, by lifts when the levels differ; inf where there is no way."""
        if level == to_level:
            return self.drive_s(level, start, end, graph_mask)
        legs = self.lift_legs(level, start, to_level, end, graph_mask)
        return legs[0].total_s if legs else INF

    def lift_legs(self, level: str, start: int, to_level: str, end: int, graph_mask: int) -> list[LiftLeg]:
        """Lifts to take from `level` towards a vertex of another level, the quickest first."""
        onward = self._onward_times(to_level, end, graph_mask)
        here = self._levels[level]
        legs = []
        for lift, cabin in here.cabins(graph_mask).items():
            seconds, ride_to = onward.get((level, lift), (INF, ""))
            to_cabin = here.seconds(start, cabin, graph_mask)
            if np.isfinite(seconds + to_cabin):
                legs.append(LiftLeg(lift, ride_to, to_cabin, seconds))
        return sorted(legs, key=lambda leg: (leg.total_s, leg.lift))

    def ride_s(self, from_level: str, to_level: str) -> float:
        """Rough time of a ride with the wait for the car."""
        return self._ride.base_s + self._ride.level_s * abs(self._order[from_level] - self._order[to_level])

    def aboard_s(self, from_level: str, to_level: str) -> float:
        """Rough time of a ride once the car is there."""
        return self.ride_s(from_level, to_level) - self._ride.base_s + self._ride.aboard_s
    def stops(self, level: str, lift: str, graph_mask: int) -> bool:
        """Whether a lift has a cabin with a way out on a level, for robots of that mask."""
        return self._levels[level].cabins(graph_mask).get(lift, -1) in self._levels[level].berths

    def cabin(self, level: str, lift: str, graph_mask: int) -> int:
        """The lift's cabin vertex on a level for robots of that mask. Raises KeyError."""
        return self._levels[level].cabins(graph_mask)[lift]

    def berth(self, level: str, lift: str, graph_mask: int) -> int:
        """The vertex before the lift's cabin on a level for robots of that mask. Raises KeyError."""
        return self._levels[level].berths[self._levels[level].cabins(graph_mask)[lift]]

    def berth_at(self, level: str, vertex: int) -> bool:
        """Whether a vertex is before a lift's cabin."""
        return vertex in self._levels[level].berths.values()

    def _onward_times(self, level: str, end: int, graph_mask: int) -> dict[tuple[str, str], tuple[float, str]]:
        """(level, lift) -> (seconds from boarding there to the vertex, level to ride to)."""
        key = (level, end, graph_mask)
        if key not in self._onward:
            self._onward[key] = self._find_onward(level, end, graph_mask)
        return self._onward[key]

    def _find_onward(self, goal: str, end: int, mask: int) -> dict[tuple[str, str], tuple[float, str]]:
        """Rides and drives between cabins, relaxed until nothing gets shorter (Bellman-Ford over cabins)."""
        alighted = {
            (goal, lift): self._levels[goal].seconds(cabin, end, mask)
            for lift, cabin in self._levels[goal].cabins(mask).items()
        }
        boarding: dict[tuple[str, str], tuple[float, str]] = {}
        changed = True
        while changed:
            changed = self._relax_rides(alighted, boarding, mask)
            self._relax_changes(alighted, boarding, mask)
        return boarding

    def _relax_rides(
        self, alighted: dict[tuple[str, str], float], boarding: dict[tuple[str, str], tuple[float, str]], mask: int
    ) -> bool:
        changed = False
        for (to_level, lift), seconds in alighted.items():
            if seconds == INF:
                continue
            for level, times in self._levels.items():
                if level == to_level or lift not in times.cabins(mask):
                    continue
                ride_s = self.ride_s(level, to_level)
                if ride_s + seconds < boarding.get((level, lift), (INF, ""))[0] - 1e-6:
                    boarding[level, lift] = (ride_s + seconds, to_level)
                    changed = True
        return changed

    def _relax_changes(
        self, alighted: dict[tuple[str, str], float], boarding: dict[tuple[str, str], tuple[float, str]], mask: int
    ) -> None:
        for (level, lift), (seconds, _) in list(boarding.items()):
            times = self._levels[level]
            cabins = times.cabins(mask)
            for other, cabin in cabins.items():
                if other != lift:
                    through = times.seconds(cabin, cabins[lift], mask) + seconds
                    alighted[level, other] = min(alighted.get((level, other), INF), through)


class _LevelTimes:
    def __init__(self, roadmap: LevelRoadmap, speed_mps: float) -> None:
        self.roadmap = roadmap
        self._tables = DistanceTables(planning_graph(roadmap, speed_mps))
        self._roadmap = roadmap
        self._cabins: dict[int, dict[str, int]] = {}
        into = {int(roadmap.edge_to[e]): int(roadmap.edge_from[e]) for e in range(roadmap.n_edges)}
        self.berths = {vertex: berth for vertex, berth in into.items() if roadmap.cabin_lift[vertex]}
        self._open = np.array([not lift for lift in roadmap.cabin_lift], dtype=bool)
        self._found: dict[tuple[int, int], NDArray[np.float32]] = {}

    def cabins(self, graph_mask: int) -> dict[str, int]:
        """Lift -> the cabin vertex of robots of that mask."""
        found = self._cabins.get(graph_mask)
        if found is None:
            rows = self._roadmap
            found = self._cabins[graph_mask] = {
                lift: vertex
                for vertex, lift in enumerate(rows.cabin_lift)
                if lift and int(rows.vertex_graphs[vertex]) & graph_mask
            }
        return found

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
        row = self._tables.rows([profile], np.zeros(1, dtype=np.int32), np.array([end], dtype=np.int32))
        return np.array(self._tables.values[row[0]])
