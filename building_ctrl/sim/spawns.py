"""Where robots start: the map's own spawn points first, then chargers, parking spots and other quiet
places."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from building_ctrl.model.building import Building, Vertex
from building_ctrl.model.footprint import Footprint
from building_ctrl.model.robot_class import RobotClass
from building_ctrl.sim.graph import JoinedGraph

FAR_LEVEL_M = 100.0  # a level further away counts as this much distance


@dataclass(frozen=True, slots=True)
class ScenarioRobot:
    """A robot at its start: where it stands and what it may use."""

    name: str
    fleet: str
    level: str
    vertex: int
    x_m: float
    y_m: float
    yaw_rad: float
    graph_mask: int
    radius_m: float
    footprint: Footprint | None = None  # None: the circle of radius_m


def link_name(text: str) -> str:
    """A name of the map as the robot link allows it: letters, digits, `_`, `-` and `.`, 64 at most."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text.strip()).lstrip("_.-")[:64]


@dataclass(frozen=True, slots=True)
class MainPart:
    """Where robots of a class may start: the graph those without a place of their own use and its vertices worth
    starting at."""

    mask: int
    vertices: tuple[int, ...]
    robots: RobotClass | None = None  # None: the roadmap knows no classes


class SpawnChooser:
    """Picks start vertices that do not touch each other, lie outside cabins and doorways, and block
    nobody."""

    def __init__(self, building: Building, graph: JoinedGraph, parts: Sequence[MainPart]) -> None:
        """`parts`: one a class; robots are of the classes in turn."""
        self._building = building
        self._graph = graph
        self._parts = tuple(parts)
        self._part_of = {vertex: part for part in parts for vertex in part.vertices}
        self._chosen: list[tuple[int, int]] = []
        self._blocked: set[int] = set()
        levels = graph.roadmap.levels
        rows = [np.stack([k.x_m, k.y_m, np.full(k.n_vertices, i)], axis=1) for i, k in enumerate(levels)]
        self._xy_level = np.concatenate(rows) if rows else np.zeros((0, 3))
        self._apart = np.full(graph.n, np.inf)

    def choose(self, n: int, drawn: Sequence[Sequence[int]]) -> list[ScenarioRobot]:
        """`n` robots; `drawn` are the map's spawn points, those worth most first. Raises ValueError
        without room."""
        for equals in drawn if n <= self._graph.n else ():
            while len(self._chosen) < n and self._take_farthest(equals, own_mask=True):
                pass
        for stage in self._stages() if len(self._chosen) < n <= self._graph.n else ():
            while len(self._chosen) < n and self._take_farthest(stage):
                pass
        if len(self._chosen) < n:
            room = len(self._chosen) or f"at most {self._graph.n}"
            raise ValueError(f"map {self._building.name!r} has room for {room} robots to start, not {n}: ask for fewer")
        return self._named()

    def map_vertex(self, vertex: int) -> Vertex | None:
        """The map's vertex, None for a subdivision."""
        index, local = self._graph.level_of(vertex)
        level = self._graph.roadmap.levels[index]
        origin = int(level.map_vertex[local])
        return self._building.level(level.level).vertices[origin] if origin >= 0 else None

    def _stages(self) -> list[list[int]]:
        cut = {part.mask: self._graph.articulation(part.mask) for part in self._parts}
        main = [vertex for part in self._parts for vertex in part.vertices]
        quiet = [v for part in self._parts for v in part.vertices if not cut[part.mask][v]]
        levels = self._graph.roadmap.levels

        def flagged(name: str, vertices: Sequence[int]) -> list[int]:
            at = (self._graph.level_of(v) for v in vertices)
            return [v for v, (k, u) in zip(vertices, at, strict=True) if getattr(levels[k], name)[u]]

        return [
            flagged("is_charger", quiet),
            flagged("is_parking", quiet),
            flagged("is_holding", quiet),
            flagged("is_place", quiet),
            quiet,
            main,
        ]

    def _allowed(self, vertex: int) -> bool:
        index, local = self._graph.level_of(vertex)
        level = self._graph.roadmap.levels[index]
        free = vertex not in self._blocked and not level.cabin_lift[local] and not bool(level.in_doorway[local])
        return free and self._is_for_its_class(vertex)

    def _is_for_its_class(self, vertex: int) -> bool:
        """Whether the map does not keep the start for robots of another class."""
        robots, drawn = self._class_of(vertex), self.map_vertex(vertex)
        if robots is None or drawn is None or not drawn.spawn_robot_name:
            return True
        kind = link_name(drawn.spawn_robot_type.rpartition("/")[2])
        listed = [part.robots for part in self._parts if part.robots is not None and kind in part.robots.fleets]
        return not listed or robots in listed

    def _class_of(self, vertex: int) -> RobotClass | None:
        index, local = self._graph.level_of(vertex)
        mask = int(self._graph.roadmap.levels[index].vertex_graphs[local])
        return next((p.robots for p in self._parts if p.robots is not None and p.robots.mask & mask), None)

    def _take(self, vertex: int, mask: int) -> None:
        index, local = self._graph.level_of(vertex)
        level = self._graph.roadmap.levels[index]
        near = level.stand_idx[level.stand_ptr[local] : level.stand_ptr[local + 1]]
        base = self._graph.offset[index]
        self._blocked.add(vertex)
        self._blocked.update(base + int(v) for v in near)
        self._chosen.append((vertex, mask))
        dx, dy = self._xy_level[:, 0] - level.x_m[local], self._xy_level[:, 1] - level.y_m[local]
        distance = np.hypot(dx, dy) + FAR_LEVEL_M * np.abs(self._xy_level[:, 2] - index)
        self._apart = np.minimum(self._apart, distance)

    def _take_farthest(self, stage: Sequence[int], own_mask: bool = False) -> bool:
        free = [v for v in stage if self._allowed(v)]
        if not free:
            return False
        turn = self._parts[len(self._chosen) % len(self._parts)].robots
        free = [v for v in free if self._class_of(v) is turn] or free
        vertex = free[int(np.argmax(self._apart[free]))] if self._chosen else free[0]
        self._take(vertex, self._graph.mask_at(vertex) if own_mask else self._part_of[vertex].mask)
        return True

    def _named(self) -> list[ScenarioRobot]:
        taken: set[str] = set()
        robots: list[ScenarioRobot] = []
        fleet_of_mask: dict[int, str] = {}
        for number, (vertex, mask) in enumerate(self._chosen, start=1):
            index, local = self._graph.level_of(vertex)
            level = self._graph.roadmap.levels[index]
            drawn = self.map_vertex(vertex)
            name = link_name(drawn.spawn_robot_name) if drawn is not None else ""
            if not name or name in taken:
                name = next(c for c in (f"robot{k:02d}" for k in range(number, number + 1000)) if c not in taken)
            taken.add(name)
            kind = link_name(drawn.spawn_robot_type.rpartition("/")[2]) if drawn is not None else ""
            robots_class = self._class_of(vertex)
            fleet = _fleet(robots_class, kind) or kind or fleet_of_mask.get(mask, "robots")
            fleet_of_mask.setdefault(mask, fleet)
            robots.append(
                ScenarioRobot(
                    name=name,
                    fleet=fleet,
                    level=level.level,
                    vertex=local,
                    x_m=float(level.x_m[local]),
                    y_m=float(level.y_m[local]),
                    yaw_rad=self._yaw(vertex, mask),
                    graph_mask=mask,
                    radius_m=(
                        robots_class.footprint.radius_m
                        if robots_class is not None
                        else self._graph.roadmap.parameters.radius_m
                    ),
                    footprint=robots_class.footprint if robots_class is not None else None,
                )
            )
        return robots

    def _yaw(self, vertex: int, mask: int) -> float:
        index, local = self._graph.level_of(vertex)
        level = self._graph.roadmap.levels[index]
        leaving = np.nonzero((level.edge_from == local) & ((level.edge_graphs & np.uint32(mask)) != 0))[0]
        if leaving.size == 0:
            return 0.0
        end = int(level.edge_to[leaving[0]])
        return math.atan2(level.y_m[end] - level.y_m[local], level.x_m[end] - level.x_m[local])


def _fleet(robots: RobotClass | None, kind: str) -> str:
    """Robots of a class that lists no fleets make one of its name."""
    if robots is None:
        return ""
    return kind if kind in robots.fleets else link_name((*robots.fleets, robots.name)[0])
