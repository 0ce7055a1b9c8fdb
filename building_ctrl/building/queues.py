"""Where robots may queue for a door or a lift without shutting in those who come out of it."""

from __future__ import annotations

import heapq

import numpy as np

from building_ctrl.building.connectivity import reachable
from building_ctrl.building.roadmap_view import undirected
from building_ctrl.model.roadmap import Bool, LevelRoadmap

QUEUE_REACH_M = 8.0
QUEUE_LENGTH = 4


def queue_places(arrays: LevelRoadmap) -> Bool:
    """(n,) up to four vertices for each side of a door and each lift: the map's holding points, then the nearest.

    A robot that waits there touches neither the gate nor the vertex before it, and leaves a way from that vertex to
    most of the level. Places and chargers do not count: others want to go there.
    """
    found = np.zeros(arrays.n_vertices, np.bool_)
    adjacency = undirected(arrays)
    unfit = arrays.in_doorway | arrays.is_place | arrays.is_charger
    unfit |= np.array([bool(lift) for lift in arrays.cabin_lift], np.bool_)
    for gate, kept_clear in _gates(arrays).items():
        everything = len(reachable(adjacency, gate))
        queue: list[int] = []
        for vertex in sorted(_nearest(arrays, adjacency, gate), key=lambda v: not arrays.is_holding[v]):
            near = _near(arrays, vertex)
            if unfit[vertex] or gate in near or vertex in kept_clear:
                continue
            if 2 * len(reachable(adjacency, gate, near)) >= everything - len(near):
                queue.append(vertex)
            if len(queue) == QUEUE_LENGTH:
                break
        found[queue] = True
    return found


def _gates(arrays: LevelRoadmap) -> dict[int, set[int]]:
    """Vertex before a door or a cabin -> vertices that must be clear to pass it, in and out."""
    gates: dict[int, set[int]] = {}
    for edge in range(arrays.n_edges):
        start, end = int(arrays.edge_from[edge]), int(arrays.edge_to[edge])
        if arrays.in_doorway[start] or not (arrays.edge_door[edge] or arrays.cabin_lift[end]):
            continue
        kept_clear = gates.setdefault(start, {start})
        for way in (edge, int(arrays.edge_reverse[edge])):
            if way >= 0:
                row = slice(int(arrays.clear_ptr[way]), int(arrays.clear_ptr[way + 1]))
                kept_clear.update(arrays.clear_idx[row].tolist())
    return gates


def _near(arrays: LevelRoadmap, vertex: int) -> set[int]:
    """The vertex and those that cannot be stood on beside it."""
    row = slice(int(arrays.stand_ptr[vertex]), int(arrays.stand_ptr[vertex + 1]))
    return {vertex, *arrays.stand_idx[row].tolist()}


def _nearest(arrays: LevelRoadmap, adjacency: list[list[int]], start: int) -> list[int]:
    """Vertices within reach of `start` in order of the way there (Dijkstra)."""
    order: list[int] = []
    seen: set[int] = set()
    heap = [(0.0, start)]
    while heap:
        length_m, vertex = heapq.heappop(heap)
        if vertex in seen:
            continue
        seen.add(vertex)
        order.append(vertex)
        for other in adjacency[vertex]:
            dx, dy = arrays.x_m[other] - arrays.x_m[vertex], arrays.y_m[other] - arrays.y_m[vertex]
            if length_m + float(np.hypot(dx, dy)) <= QUEUE_REACH_M:
                heapq.heappush(heap, (length_m + float(np.hypot(dx, dy)), other))
    return order
