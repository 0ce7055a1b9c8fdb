"""The roadmap robots are planned on: arrays per level, made from a Building by `building.roadmap`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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

    def vertex_of(self, label: str) -> int:
        """Index of the vertex with that label, -1 where there is none."""
        if label.startswith("#") and label[1:].isdecimal():
            vertex = int(label[1:])
            return vertex if vertex < self.n_vertices else -1
        return self.names.index(label) if label and label in self.names else -1

    def nearest_vertex(self, x_m: float, y_m: float) -> tuple[int, float]:
        """(vertex, distance in metres) of the vertex nearest to a point; (-1, inf) on a level without vertices."""
        if self.n_vertices == 0:
            return -1, float("inf")
        distance = np.hypot(self.x_m - x_m, self.y_m - y_m)
        vertex = int(np.argmin(distance))
        return vertex, float(distance[vertex])

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
