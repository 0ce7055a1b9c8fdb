"""Can robots rest at a level's places without being in each other's way?

A map is well formed where a robot resting at any endpoint (place, charger, bay) leaves the others able to
reach every other endpoint (Ma et al., "Lifelong Multi-Agent Path Finding for Online Pickup and Delivery
Tasks", AAMAS 2017).
"""

from __future__ import annotations

import numpy as np

from building_ctrl.building.connectivity import neighbours, reachable, strong_components
from building_ctrl.building.findings import Findings
from building_ctrl.building.roadmap_view import (
    endpoints,
    graph_edges,
    graphs_used,
    place_label,
    place_point,
    undirected,
)
from building_ctrl.model.building import Level
from building_ctrl.model.roadmap import LevelRoadmap


def check_endpoints(findings: Findings, level: Level, arrays: LevelRoadmap) -> None:
    """Does a robot resting at an endpoint cut the others off?"""
    resting = endpoints(arrays)
    sound = set(resting)
    for graph in graphs_used(arrays):
        pairs = graph_edges(arrays, graph)
        used = {v for pair in pairs for v in pair}
        ends = [v for v in resting if v in used]
        blockers = _blockers(arrays, graph)
        whole = [strong_components(neighbours(arrays.n_vertices, pairs))]
        for vertex in ends:
            lost = _cut_off(arrays, graph, vertex, ends, blockers.get(vertex, set()), whole[0])
            if lost:
                sound.discard(vertex)
                others = ", ".join(arrays.names[v] or place_label(arrays, v) for v in lost[:3])
                more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
                findings.warning(
                    "cuts_off",
                    level.name,
                    place_label(arrays, vertex),
                    place_point(arrays, vertex),
                    others=others + more,
                    graph=graph,
                )
    _check_spacing(findings, arrays, resting)
    through = _through_traffic(arrays)
    for vertex in resting:
        if vertex in sound and vertex in through:
            findings.info("on_lane", level.name, place_label(arrays, vertex), place_point(arrays, vertex))
    robots = sum(1 for v in level.vertices if v.spawn_robot_name)
    findings.info("capacity", level.name, "", vertices=arrays.n_vertices, rest=len(sound), robots=robots)
    if robots > len(sound):
        findings.warning("too_many_robots", level.name, "", robots=robots, rest=len(sound))


def _blockers(arrays: LevelRoadmap, graph: int) -> dict[int, set[int]]:
    """Endpoint -> edges a robot resting there blocks."""
    blocked: dict[int, set[int]] = {}
    for edge in np.flatnonzero(arrays.edge_graphs & np.uint32(1 << graph)):
        for vertex in arrays.clear_idx[arrays.clear_ptr[edge] : arrays.clear_ptr[edge + 1]]:
            blocked.setdefault(int(vertex), set()).add(int(edge))
    return blocked


def _cut_off(
    arrays: LevelRoadmap, graph: int, vertex: int, ends: list[int], blocked: set[int], whole: list[int]
) -> list[int]:
    """Endpoints that robots elsewhere can't reach, or come back from, while one rests at `vertex`."""
    near = {int(v) for v in arrays.stand_idx[arrays.stand_ptr[vertex] : arrays.stand_ptr[vertex + 1]]} | {
        vertex
    }
    pairs = [
        (int(arrays.edge_from[e]), int(arrays.edge_to[e]))
        for e in np.flatnonzero(arrays.edge_graphs & np.uint32(1 << graph))
        if int(e) not in blocked and int(arrays.edge_from[e]) not in near
    ]
    others = [v for v in ends if v not in near and whole[v] == whole[vertex]]
    if not others:
        return []
    onward = neighbours(arrays.n_vertices, pairs)
    back = neighbours(arrays.n_vertices, [(b, a) for a, b in pairs])
    parts: list[set[int]] = []
    left = set(others)
    while left:
        start = min(left)
        part = (reachable(onward, start) & reachable(back, start)) & left
        parts.append(part | {start})
        left -= parts[-1]
    biggest = max(parts, key=len)
    return sorted(set(others) - biggest)


def _check_spacing(findings: Findings, arrays: LevelRoadmap, resting: list[int]) -> None:
    chosen = set(resting)
    for vertex in resting:
        for other in arrays.stand_idx[arrays.stand_ptr[vertex] : arrays.stand_ptr[vertex + 1]]:
            if int(other) > vertex and int(other) in chosen:
                findings.warning(
                    "places_too_near",
                    arrays.level,
                    place_label(arrays, vertex),
                    place_point(arrays, vertex),
                    other=place_label(arrays, int(other)),
                )


def _through_traffic(arrays: LevelRoadmap) -> set[int]:
    """Vertices with lanes to two or more others."""
    return {v for v, others in enumerate(undirected(arrays)) if len(others) > 1}
