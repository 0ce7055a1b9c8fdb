"""The roadmap robots are planned on: arrays per level, made from a Building by `building.roadmap`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.robot_class import ALL_GRAPHS, RobotClass

Float = NDArray[np.float64]
Int32 = NDArray[np.int32]
Mask = NDArray[np.uint32]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RoadmapParameters:
    """Footprint and spacing a roadmap is computed for.

    Two robots never touch while their centres are at least 2 * (radius_m + tracking_error_m) apart.
    """

    radius_m: float = 0.30
    tracking_error_m: float = 0.10
    pitch_m: float = 1.0
    door_clearance_m: float = 0.10

    @property
    def separation_m(self) -> float:
        """Least distance between the centres of two robots, as commanded."""
        return 2.0 * (self.radius_m + self.tracking_error_m)


@dataclass(frozen=True, slots=True)
class LevelRoadmap:
    """One level's directed graph with its conflict sets; n vertices, m directed edges.

    Where robots of several classes share the level it is the union of one graph a class: each class has vertices and
    edges of its own, named alike, and the conflict sets join them. `graph_mask` picks the class.

    Edges are sorted by `edge_from`; edge e runs edge_from[e] -> edge_to[e] in a straight line.
    A robot sweeping an edge touches the vertices in its clear list and the edges in its conflict list.
    """

    level: str
    x_m: Float  # (n,)
    y_m: Float  # (n,)
    names: tuple[str, ...]  # (n,), empty where the map names nothing
    map_vertex: Int32  # (n,) index of the map's vertex, -1 for a subdivision
    is_parking: Bool  # (n,)
    is_charger: Bool  # (n,)
    is_holding: Bool  # (n,)
    is_place: Bool  # (n,) named: tasks may go there
    cabin_lift: tuple[str, ...]  # (n,) lift whose cabin the vertex lies in, empty: none
    in_doorway: Bool  # (n,) standing here would hold a door open: no waiting
    is_queue: Bool  # (n,) a good spot to wait for a door or a lift: it leaves room for those who come out
    may_turn: Bool  # (n,) there is room to turn on the spot; elsewhere a robot must be heading along the lane
    vertex_graphs: Mask  # (n,) graph masks of the robots the vertex is made for, all bits: any robot
    edge_ptr: Int32  # (n + 1,)
    edge_from: Int32  # (m,)
    edge_to: Int32  # (m,)
    edge_length_m: Float  # (m,)
    edge_speed_mps: Float  # (m,) speed limit, inf where the map sets none
    edge_graphs: Mask  # (m,) bit n: lanes with graph_idx n
    edge_door: tuple[str, ...]  # (m,) door passed on this edge, empty: none
    edge_lane: Int32  # (m,) index of the map's lane
    edge_reverse: Int32  # (m,) edge the other way, -1 where one-way
    clear_ptr: Int32  # (m + 1,)
    clear_idx: Int32  # vertices whose standing robot a sweep of the edge would touch: edge_to, never edge_from
    stand_ptr: Int32  # (n + 1,)
    stand_idx: Int32  # vertices too near to be stood on at the same time, without the vertex itself
    conflict_ptr: Int32  # (m + 1,)
    conflict_idx: Int32  # sorted: edges whose sweeps touch, with the edge itself

    @property
    def n_vertices(self) -> int:
        return int(self.x_m.shape[0])

    @property
    def n_edges(self) -> int:
        return int(self.edge_to.shape[0])

    def conflicts(self, edge: int) -> Int32:
        """Edges whose sweep touches that of `edge`, sorted, itself included."""
        return self.conflict_idx[self.conflict_ptr[edge] : self.conflict_ptr[edge + 1]]

    def label(self, vertex: int) -> str:
        """The vertex's name, or `#index` where it has none."""
        return self.names[vertex] or f"#{vertex}"

    def vertex_of(self, label: str, graph_mask: int = ALL_GRAPHS) -> int:
        """Index of the vertex with that label for robots of that mask, -1 where there is none.

        The label of another class's vertex means the vertex at the same point of the map.
        """
        if label.startswith("#") and label[1:].isdecimal():
            vertex = int(label[1:])
            return self._twin(vertex, graph_mask) if vertex < self.n_vertices else -1
        vertex = self.names.index(label) if label and label in self.names else -1
        while vertex >= 0 and not int(self.vertex_graphs[vertex]) & graph_mask:
            rest = self.names[vertex + 1 :]
            vertex = vertex + 1 + rest.index(label) if label in rest else -1
        return vertex

    def nearest_vertex(self, x_m: float, y_m: float, graph_mask: int = ALL_GRAPHS) -> tuple[int, float]:
        """(vertex, distance in metres) of the vertex nearest to a point for robots of that mask; (-1, inf) where there
        is none."""
        if self.n_vertices == 0:
            return -1, float("inf")
        distance = np.hypot(self.x_m - x_m, self.y_m - y_m)
        distance[(self.vertex_graphs & np.uint32(graph_mask & ALL_GRAPHS)) == 0] = np.inf
        vertex = int(np.argmin(distance))
        return (vertex, float(distance[vertex])) if np.isfinite(distance[vertex]) else (-1, float("inf"))

    def _twin(self, vertex: int, graph_mask: int) -> int:
        if int(self.vertex_graphs[vertex]) & graph_mask:
            return vertex
        origin = int(self.map_vertex[vertex])
        same = (self.map_vertex == origin) & ((self.vertex_graphs & np.uint32(graph_mask & ALL_GRAPHS)) != 0)
        return int(np.argmax(same)) if origin >= 0 and same.any() else -1

    def edge_between(self, start: int, end: int) -> int:
        """Index of the edge start -> end, -1 where there is none."""
        for edge in range(int(self.edge_ptr[start]), int(self.edge_ptr[start + 1])):
            if int(self.edge_to[edge]) == end:
                return edge
        return -1


@dataclass(frozen=True, slots=True)
class Roadmap:
    """All levels of a building; lifts join their cabin vertices."""

    building: str
    levels: tuple[LevelRoadmap, ...]
    parameters: RoadmapParameters
    classes: tuple[RobotClass, ...] = ()  # empty: any robot no larger than the parameters say

    def level(self, name: str) -> LevelRoadmap:
        """The level's roadmap. Raises KeyError."""
        for level in self.levels:
            if level.level == name:
                return level
        raise KeyError(f"roadmap of {self.building!r} has no level {name!r}")

    def find_place(self, name: str) -> tuple[str, int] | None:
        """(level, vertex) of a vertex's label, or None; `LEVEL/LABEL` picks the level."""
        wanted_level, _, place = name.rpartition("/")
        for level in self.levels:
            if not wanted_level or level.level == wanted_level:
                vertex = level.vertex_of(place)
                if vertex >= 0:
                    return level.level, vertex
        return None
