"""What lint asks of a roadmap: labels of vertices, endpoints, the edges of one graph."""

from __future__ import annotations

import numpy as np

from building_ctrl.building.connectivity import neighbours
from building_ctrl.building.findings import vertex_label
from building_ctrl.model.building import Point
from building_ctrl.model.roadmap import LevelRoadmap


def place_label(arrays: LevelRoadmap, vertex: int) -> str:
    """How findings call a vertex of the roadmap: by the map's vertex, or by where it lies."""
    index = int(arrays.map_vertex[vertex])
    if index < 0:
        return f"lane point ({arrays.x_m[vertex]:.1f}, {arrays.y_m[vertex]:.1f})"
    return vertex_label(index, arrays.names[vertex])


def place_point(arrays: LevelRoadmap, vertex: int) -> Point:
    """Where a vertex of the roadmap lies, metres."""
    return float(arrays.x_m[vertex]), float(arrays.y_m[vertex])


def endpoints(arrays: LevelRoadmap) -> list[int]:
    """Vertices where robots rest: places, chargers, bays; never a cabin."""
    resting = arrays.is_place | arrays.is_parking | arrays.is_charger
    return [int(v) for v in np.flatnonzero(resting) if not arrays.cabin_lift[v]]


def graph_edges(arrays: LevelRoadmap, graph: int) -> list[tuple[int, int]]:
    """(from, to) of the edges robots of one graph_idx may use."""
    chosen = np.flatnonzero(arrays.edge_graphs & np.uint32(1 << graph))
    return [(int(arrays.edge_from[e]), int(arrays.edge_to[e])) for e in chosen]


def graphs_used(arrays: LevelRoadmap) -> list[int]:
    """The graph_idx values of a level's lanes."""
    used = int(np.bitwise_or.reduce(arrays.edge_graphs)) if arrays.n_edges else 0
    return [graph for graph in range(32) if used >> graph & 1]


def undirected(arrays: LevelRoadmap) -> list[list[int]]:
    """Neighbours of every vertex, one-way edges taken both ways."""
    pairs = list(zip(arrays.edge_from.tolist(), arrays.edge_to.tolist(), strict=True))
    return neighbours(arrays.n_vertices, [*pairs, *((b, a) for a, b in pairs)])
