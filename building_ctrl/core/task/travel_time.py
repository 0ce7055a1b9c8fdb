"""Estimated driving times over levels and lifts, for choosing robots.

Exact on the roadmap, and quick: a table covers one level only, and levels are joined through the lifts'
cabins, of which there are few (as with transit nodes; Bast, Funke, Matijevic, 2006). Tables are made at the
first use of a place.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.roadmap import LevelRoadmap, Roadmap
from building_ctrl.model.robot import RobotState

Node = tuple[int, int]  # level index, vertex


@dataclass(frozen=True, slots=True)
class TravelTimeParameters:
    """Typical speed and what a ride and a door cost."""

    speed_mps: float = 1.0
    lift_s: float = 45.0
    lift_per_level_s: float = 4.0
    door_s: float = 4.0


class TravelTimes:
    """Least travel times from anywhere to labelled vertices."""

    def __init__(self, roadmap: Roadmap, parameters: TravelTimeParameters | None = None) -> None:
        self._roadmap = roadmap
        self._p = parameters or TravelTimeParameters()
        self._index = {level.level: i for i, level in enumerate(roadmap.levels)}
        self._cabins = _cabins(roadmap)
        self._arrivals: dict[tuple[int, int], list[list[tuple[int, float]]]] = {}
        self._level_tables: dict[tuple[Node, int], list[float]] = {}
        self._between: dict[int, NDArray[np.float64]] = {}
        self._from_cabins: dict[tuple[Node, int], list[list[tuple[Node, float]]]] = {}
        self._nearest: dict[str, tuple[str, float, float, int]] = {}

    def cost_s(self, robot: RobotState, level: str, place: str) -> float:
        """Seconds from where the robot is to a place; inf where there is no way or its level is unknown."""
        here, there = self._index.get(robot.level), self._index.get(level)
        if here is None or there is None:
            return math.inf
        mask = robot.graph_mask & 0xFFFFFFFF
        goal = (there, self._roadmap.levels[there].vertex_of(place, mask))
        start = self._nearest_vertex(robot)
        if goal[1] < 0 or start < 0:
            return math.inf
        best_s = self._on_level(goal, mask)[start] if here == there else math.inf
        for cabin, rest_s in self._to_goal_from_cabins(goal, mask)[here]:
            if rest_s < best_s:
                best_s = min(best_s, self._on_level(cabin, mask)[start] + rest_s)
        return best_s

    def _nearest_vertex(self, robot: RobotState) -> int:
        known = self._nearest.get(robot.name)
        if known is not None and known[:3] == (robot.level, robot.x_m, robot.y_m):
            return known[3]
        level = self._roadmap.levels[self._index[robot.level]]
        vertex, _ = level.nearest_vertex(robot.x_m, robot.y_m, robot.graph_mask)
        self._nearest[robot.name] = (robot.level, robot.x_m, robot.y_m, vertex)
        return vertex

    def _on_level(self, goal: Node, mask: int) -> list[float]:
        """Seconds to the goal from every vertex of its level, without leaving the level."""
        table = self._level_tables.get((goal, mask))
        if table is None:
            level, vertex = goal
            arrivals = self._arrivals.get((level, mask))
            if arrivals is None:
                arrivals = self._arrivals[level, mask] = self._edges_into(self._roadmap.levels[level], mask)
            table = self._level_tables[goal, mask] = _dijkstra(vertex, arrivals)
        return table

    def _to_goal_from_cabins(self, goal: Node, mask: int) -> list[list[tuple[Node, float]]]:
        """For every level its cabin vertices there is a way from to the goal, by any lifts, with the seconds."""
        found = self._from_cabins.get((goal, mask))
        if found is None:
            last = self._on_level(goal, mask)
            cabins = list(self._cabins)
            times = np.array([last[c[1]] if c[0] == goal[0] else math.inf for c in cabins])
            while True:  # Bellman and Ford: a pass for every ride and walk on the way
                shorter = np.minimum(times, (self._between_cabins(mask) + times).min(axis=1, initial=math.inf))
                if np.array_equal(shorter, times):
                    break
                times = shorter
            found = [[] for _ in self._roadmap.levels]
            for cabin, time_s in zip(cabins, times.tolist(), strict=True):
                if math.isfinite(time_s):
                    found[cabin[0]].append((cabin, time_s))
            self._from_cabins[goal, mask] = found
        return found

    def _between_cabins(self, mask: int) -> NDArray[np.float64]:
        """(c, c) seconds of one ride or one walk from each cabin to each."""
        table = self._between.get(mask)
        if table is None:
            cabins = list(self._cabins)
            table = np.full((len(cabins), len(cabins)), math.inf)
            level = np.array([c[0] for c in cabins], dtype=np.int64)
            vertex = np.array([c[1] for c in cabins], dtype=np.int64)
            names = {name: k for k, name in enumerate(dict.fromkeys(self._cabins.values()))}
            lift = np.array([names[name] for name in self._cabins.values()], dtype=np.int64)
            ride = (lift[:, None] == lift[None, :]) & (level[:, None] != level[None, :])
            levels = np.abs(level[:, None] - level[None, :])
            table[ride] = (self._p.lift_s + self._p.lift_per_level_s * levels)[ride]
            for j, cabin in enumerate(cabins):
                here = level == cabin[0]
                table[here, j] = np.array(self._on_level(cabin, mask))[vertex[here]]
            self._between[mask] = table
        return table

    def _edges_into(self, level: LevelRoadmap, mask: int) -> list[list[tuple[int, float]]]:
        """For every vertex: (vertex before, seconds) of the edges a robot with this mask may use."""
        edges: list[list[tuple[int, float]]] = [[] for _ in range(level.n_vertices)]
        for e in np.flatnonzero(level.edge_graphs & np.uint32(mask)):
            speed_mps = min(self._p.speed_mps, float(level.edge_speed_mps[e])) or self._p.speed_mps
            door_s = self._p.door_s if level.edge_door[e] else 0.0
            seconds = float(level.edge_length_m[e]) / speed_mps + door_s
            edges[int(level.edge_to[e])].append((int(level.edge_from[e]), seconds))
        return edges


def _dijkstra(goal: int, arrivals: Sequence[Sequence[tuple[int, float]]]) -> list[float]:
    """Least seconds to the goal from every vertex; inf where there is no way."""
    times = [math.inf] * len(arrivals)
    times[goal] = 0.0
    heap = [(0.0, goal)]
    while heap:
        time_s, vertex = heapq.heappop(heap)
        if time_s > times[vertex]:
            continue
        for other, more_s in arrivals[vertex]:
            if time_s + more_s < times[other]:
                times[other] = time_s + more_s
                heapq.heappush(heap, (time_s + more_s, other))
    return times


def _cabins(roadmap: Roadmap) -> dict[Node, str]:
    """Every cabin vertex with its lift."""
    return {
        (li, v): lift
        for li, level in enumerate(roadmap.levels)
        for v, lift in enumerate(level.cabin_lift)
        if lift
    }
