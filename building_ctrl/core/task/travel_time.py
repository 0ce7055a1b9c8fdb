"""Estimated driving times over levels and lifts, for choosing robots."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np

from building_ctrl.model.roadmap import Float, LevelRoadmap, Roadmap
from building_ctrl.model.robot import RobotState


@dataclass(frozen=True, slots=True)
class TravelTimeParameters:
    """Typical speed and what a ride and a door cost."""

    speed_mps: float = 1.0
    lift_s: float = 45.0
    lift_per_level_s: float = 4.0
    door_s: float = 4.0


class TravelTimes:
    """Least travel times to named places, computed at first use of a place (Dijkstra, backwards)."""

    def __init__(self, roadmap: Roadmap, parameters: TravelTimeParameters | None = None) -> None:
        self._roadmap = roadmap
        self._p = parameters or TravelTimeParameters()
        self._index = {level.level: i for i, level in enumerate(roadmap.levels)}
        self._cabins = _cabins(roadmap)
        self._tables: dict[tuple[int, int, int], list[Float]] = {}
        self._nearest: dict[str, tuple[str, float, float, int]] = {}

    def cost_s(self, robot: RobotState, level: str, place: str) -> float:
        """Seconds from where the robot is to a place; inf where there is no way or its level is unknown."""
        goal = self._index.get(level)
        here = self._index.get(robot.level)
        if goal is None or here is None:
            return math.inf
        vertex = self._roadmap.levels[goal].vertex_of(place)
        if vertex < 0:
            return math.inf
        key = (goal, vertex, robot.graph_mask)
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = self._to(goal, vertex, robot.graph_mask)
        start = self._nearest_vertex(robot)
        return float(table[here][start]) if start >= 0 else math.inf

    def _nearest_vertex(self, robot: RobotState) -> int:
        known = self._nearest.get(robot.name)
        if known is not None and known[:3] == (robot.level, robot.x_m, robot.y_m):
            return known[3]
        level = self._roadmap.levels[self._index[robot.level]]
        vertex, _ = level.nearest_vertex(robot.x_m, robot.y_m)
        self._nearest[robot.name] = (robot.level, robot.x_m, robot.y_m, vertex)
        return vertex

    def _to(self, goal_level: int, goal: int, graph_mask: int) -> list[Float]:
        """Seconds to the goal from every vertex, one (n,) array a level."""
        times = [np.full(level.n_vertices, np.inf) for level in self._roadmap.levels]
        arrivals = [_edges_into(level, graph_mask) for level in self._roadmap.levels]
        times[goal_level][goal] = 0.0
        heap = [(0.0, goal_level, goal)]
        while heap:
            time_s, li, v = heapq.heappop(heap)
            if time_s > times[li][v]:
                continue
            level = self._roadmap.levels[li]
            for e in arrivals[li][v]:
                self._relax(times, heap, li, int(level.edge_from[e]), time_s + self._edge_s(level, e))
            for other, vertex in self._cabins.get(level.cabin_lift[v], ()):
                if other != li:
                    ride_s = self._p.lift_s + self._p.lift_per_level_s * abs(other - li)
                    self._relax(times, heap, other, vertex, time_s + ride_s)
        return times

    def _edge_s(self, level: LevelRoadmap, edge: int) -> float:
        speed_mps = min(self._p.speed_mps, float(level.edge_speed_mps[edge])) or self._p.speed_mps
        return float(level.edge_length_m[edge]) / speed_mps + (
            self._p.door_s if level.edge_door[edge] else 0.0
        )

    @staticmethod
    def _relax(
        times: list[Float], heap: list[tuple[float, int, int]], level: int, vertex: int, time_s: float
    ) -> None:
        if time_s < times[level][vertex]:
            times[level][vertex] = time_s
            heapq.heappush(heap, (time_s, level, vertex))


def _cabins(roadmap: Roadmap) -> dict[str, list[tuple[int, int]]]:
    """(level index, vertex) of every lift's cabin vertices."""
    cabins: dict[str, list[tuple[int, int]]] = {}
    for li, level in enumerate(roadmap.levels):
        for v, lift in enumerate(level.cabin_lift):
            if lift:
                cabins.setdefault(lift, []).append((li, v))
    return cabins


def _edges_into(level: LevelRoadmap, graph_mask: int) -> list[list[int]]:
    """For every vertex the edges that end there and a robot with this mask may use."""
    edges: list[list[int]] = [[] for _ in range(level.n_vertices)]
    for e in np.flatnonzero(level.edge_graphs & np.uint32(graph_mask & 0xFFFFFFFF)):
        edges[int(level.edge_to[e])].append(int(e))
    return edges
