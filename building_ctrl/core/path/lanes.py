"""Lanes by the numbers Open-RMF gives them.

Open-RMF's map tools write a navigation graph for each graph_idx: levels in alphabetical order, in each level its lanes
in the order of the map; a lane for both directions becomes two, forward (start to end) and then back. A lane's number
is its place in that list, counted from 0 over all levels; fleet adapters number lanes so, and so do
lane_closure_requests, speed_limit_requests and closed_lanes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.building import Building, Lane, Level
from building_ctrl.model.roadmap import LevelRoadmap, Roadmap

Int32 = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class NumberedLane:
    """A lane in one direction: from map vertex `start` to `end` of a level."""

    level: str
    start: int
    end: int
    map_lane: int


def numbered_lanes(building: Building, graph_idx: int) -> tuple[NumberedLane, ...]:
    """The lanes of a navigation graph; a lane's number is its index."""
    found: list[NumberedLane] = []
    for level in sorted(building.levels, key=lambda row: row.name):
        for lane in level.lanes:
            if lane.graph_idx != graph_idx:
                continue
            found.append(NumberedLane(level.name, lane.start, lane.end, lane.index))
            if lane.bidirectional:
                found.append(NumberedLane(level.name, lane.end, lane.start, lane.index))
    return tuple(found)


class LaneBook:
    """Which edges of the roadmap each numbered lane is made of. Tables are made when first asked for and kept."""

    def __init__(self, building: Building, roadmap: Roadmap) -> None:
        self._building = building
        self._rows = {row.level: row for row in roadmap.levels}
        self._lanes: dict[int, tuple[NumberedLane, ...]] = {}
        self._ends: dict[str, dict[int, frozenset[int]]] = {}

    def lanes(self, graph_idx: int) -> tuple[NumberedLane, ...]:
        """All lanes of a graph, by number."""
        if graph_idx not in self._lanes:
            self._lanes[graph_idx] = numbered_lanes(self._building, graph_idx)
        return self._lanes[graph_idx]

    def edges(self, graph_idx: int, number: int) -> tuple[str, Int32]:
        """(level, edges in driving order) of a lane; a level this roadmap leaves out has none. Raises KeyError for a
        number the graph does not have."""
        lanes = self.lanes(graph_idx)
        if not 0 <= number < len(lanes):
            raise KeyError(f"graph {graph_idx} has no lane {number}: they are numbered 0 to {len(lanes) - 1}")
        lane = lanes[number]
        rows = self._rows.get(lane.level)
        if rows is None or not rows.n_edges:
            return lane.level, np.zeros(0, dtype=np.int32)
        ends = self._ends_of(lane.level, rows)
        over = np.array([ends[int(other)] == ends[lane.map_lane] for other in rows.edge_lane], dtype=bool)
        level = self._building.level(lane.level)
        a, b = level.vertices[lane.start], level.vertices[lane.end]
        dx, dy = b.x_m - a.x_m, b.y_m - a.y_m
        start, end = rows.edge_from, rows.edge_to
        along = (rows.x_m[end] - rows.x_m[start]) * dx + (rows.y_m[end] - rows.y_m[start]) * dy > 0.0
        found = np.flatnonzero(over & along)
        order = np.argsort(rows.x_m[start[found]] * dx + rows.y_m[start[found]] * dy, kind="stable")
        return lane.level, found[order].astype(np.int32)

    def _ends_of(self, name: str, rows: LevelRoadmap) -> dict[int, frozenset[int]]:
        """Map lane -> the two roadmap vertices it joins: lanes over the same two are the same edges."""
        if name not in self._ends:
            level = self._building.level(name)
            self._ends[name] = {lane.index: _ends(level, lane, rows) for lane in level.lanes}
        return self._ends[name]


def _ends(level: Level, lane: Lane, rows: LevelRoadmap) -> frozenset[int]:
    points = (level.vertices[lane.start], level.vertices[lane.end])
    return frozenset(rows.nearest_vertex(point.x_m, point.y_m)[0] for point in points)
