"""Looks for what makes robots block each other on a map, and suggests mends.

A map is well formed where a robot resting at any endpoint (place, charger, bay) leaves the others able to reach every
other endpoint (Ma et al., "Lifelong Multi-Agent Path Finding for Online Pickup and Delivery Tasks", AAMAS 2017).
"""

from __future__ import annotations

import numpy as np

from building_ctrl.building.clearance import check_clearance
from building_ctrl.building.connectivity import cut_sizes, groups, neighbours, reachable, strong_components
from building_ctrl.building.findings import Finding, Findings, vertex_label
from building_ctrl.building.geometry import point_segment_m
from building_ctrl.building.roadmap import MERGE_M, merged_vertices
from building_ctrl.building.zones import DoorZone, door_zones
from building_ctrl.model.building import Building, Level
from building_ctrl.model.roadmap import LevelRoadmap, Roadmap, RoadmapParameters

LONG_DEAD_END_M = 3.0


def lint(building: Building, roadmap: Roadmap) -> tuple[Finding, ...]:
    """Everything found, level by level, then for the building as a whole."""
    findings = Findings()
    for level, arrays in zip(building.levels, roadmap.levels, strict=True):
        if not level.lanes:
            continue
        _check_merged(findings, level)
        _check_doors(findings, level, arrays, roadmap.parameters)
        check_clearance(findings, level, roadmap.parameters)
        _check_endpoints(findings, level, arrays)
        _check_cuts(findings, arrays)
        _check_off_lanes(findings, level)
    _check_reach(findings, roadmap)
    return findings.all


def place_label(arrays: LevelRoadmap, vertex: int) -> str:
    """How findings call a vertex of the roadmap: by the map's vertex, or by where it lies."""
    index = int(arrays.map_vertex[vertex])
    if index < 0:
        return f"lane point ({arrays.x_m[vertex]:.1f}, {arrays.y_m[vertex]:.1f})"
    return vertex_label(index, arrays.names[vertex])


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


def _check_merged(findings: Findings, level: Level) -> None:
    for index, kept in merged_vertices(level).items():
        if index == kept:
            continue
        a, b = level.vertices[index], level.vertices[kept]
        distance_cm = 100.0 * float(np.hypot(a.x_m - b.x_m, a.y_m - b.y_m))
        findings.info(
            "vertices_merged",
            level.name,
            vertex_label(index, a.name),
            first=index,
            second=kept,
            distance_cm=distance_cm,
        )
        if a.name:
            findings.warning(
                "name_lost",
                level.name,
                vertex_label(index, a.name),
                name=a.name,
                kept=kept,
                limit_cm=100 * MERGE_M,
            )


def _check_doors(
    findings: Findings, level: Level, arrays: LevelRoadmap, parameters: RoadmapParameters
) -> None:
    at = [(v.x_m, v.y_m) for v in level.vertices]
    zones = door_zones(level, [(at[lane.start], at[lane.end]) for lane in level.lanes], parameters)
    passed = {zone.door.name for zone in zones}
    reach_m = parameters.radius_m + parameters.tracking_error_m
    for door in level.doors:
        if door.name not in passed:
            findings.info("door_unused", level.name, f"door {door.name!r}")
            continue
        width_m = float(np.hypot(door.end[0] - door.start[0], door.end[1] - door.start[1]))
        if width_m < 2.0 * reach_m:
            findings.warning(
                "door_narrow", level.name, f"door {door.name!r}", width_m=width_m, need_m=2.0 * reach_m
            )
    for v in np.flatnonzero(arrays.in_doorway):
        point = (float(arrays.x_m[v]), float(arrays.y_m[v]))
        held = next((f"door {zone.door.name!r}" for zone in zones if zone.holds(point)), "a lift door")
        findings.warning("in_doorway", level.name, place_label(arrays, int(v)), door=held)
    for zone in zones:
        _check_swing(findings, zone, arrays, reach_m)


def _check_swing(findings: Findings, zone: DoorZone, arrays: LevelRoadmap, reach_m: float) -> None:
    """Robots wait at the ends of a door's edges; the opening leaf must not hit them there."""
    waiting = {
        int(arrays.edge_from[e]) for e in range(arrays.n_edges) if arrays.edge_door[e] == zone.door.name
    }
    for vertex in sorted(waiting):
        point = (float(arrays.x_m[vertex]), float(arrays.y_m[vertex]))
        if zone.holds(point):
            continue
        if min(point_segment_m(point, a, b) for a, b in zone.sweep) < reach_m:
            findings.warning("in_swing", arrays.level, place_label(arrays, vertex), door=zone.door.name)


def _check_endpoints(findings: Findings, level: Level, arrays: LevelRoadmap) -> None:
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
                    "cuts_off", level.name, place_label(arrays, vertex), others=others + more, graph=graph
                )
    _check_spacing(findings, arrays, resting)
    through = _through_traffic(arrays)
    for vertex in resting:
        if vertex in sound and vertex in through:
            findings.info("on_lane", level.name, place_label(arrays, vertex))
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
                    other=place_label(arrays, int(other)),
                )


def _undirected(arrays: LevelRoadmap) -> list[list[int]]:
    pairs = list(zip(arrays.edge_from.tolist(), arrays.edge_to.tolist(), strict=True))
    return neighbours(arrays.n_vertices, [*pairs, *((b, a) for a, b in pairs)])


def _through_traffic(arrays: LevelRoadmap) -> set[int]:
    """Vertices with lanes to two or more others."""
    return {v for v, others in enumerate(_undirected(arrays)) if len(others) > 1}


def _check_cuts(findings: Findings, arrays: LevelRoadmap) -> None:
    """Stretches that a single stopped robot closes for two endpoints or more, or for a lift; long dead ends."""
    adjacency = _undirected(arrays)
    resting = set(endpoints(arrays))
    weight = [1 if v in resting else (2 if arrays.cabin_lift[v] else 0) for v in range(arrays.n_vertices)]
    # A lift's own berth cuts off its cabin on every map; only what lies behind more than that is worth a word.
    cuts = {v: size for v, size in cut_sizes(adjacency, weight).items() if not _berth(arrays, adjacency, v)}
    for group in groups((v for v, size in cuts.items() if size >= 2), adjacency):
        first, last = place_label(arrays, group[0]), place_label(arrays, group[-1])
        stretch = first if len(group) == 1 else f"{first} to {last}"
        findings.info("cutting", arrays.level, stretch, count=len(group), size=max(cuts[v] for v in group))
    for group in groups((v for v, size in cuts.items() if size == 1), adjacency):
        length_m = (len(group) - 1) * float(arrays.edge_length_m.mean())
        ends = [w for v in group for w in adjacency[v] if w in resting and len(adjacency[w]) == 1]
        if length_m >= LONG_DEAD_END_M and ends:
            findings.info("dead_end", arrays.level, place_label(arrays, ends[0]), length_m=length_m)


def _berth(arrays: LevelRoadmap, adjacency: list[list[int]], vertex: int) -> bool:
    return any(arrays.cabin_lift[other] and len(adjacency[other]) == 1 for other in adjacency[vertex])


def _check_off_lanes(findings: Findings, level: Level) -> None:
    used = {index for lane in level.lanes for index in (lane.start, lane.end)}
    for v in level.vertices:
        robotic = (
            v.is_charger
            or v.is_parking_spot
            or v.pickup_dispenser
            or v.dropoff_ingestor
            or v.spawn_robot_name
        )
        if v.index not in used and (v.name or robotic):
            findings.warning("off_lanes", level.name, vertex_label(v.index, v.name))


def _check_reach(findings: Findings, roadmap: Roadmap) -> None:
    """Endpoints and lifts that robots of a graph can't reach and come back from, over all levels."""
    offsets: dict[str, int] = {}
    count = 0
    for arrays in roadmap.levels:
        offsets[arrays.level] = count
        count += arrays.n_vertices
    for graph in sorted({g for arrays in roadmap.levels for g in graphs_used(arrays)}):
        pairs: list[tuple[int, int]] = []
        cabins: dict[str, list[int]] = {}
        used: set[int] = set()
        for arrays in roadmap.levels:
            base = offsets[arrays.level]
            own = [(base + a, base + b) for a, b in graph_edges(arrays, graph)]
            pairs += own
            used |= {v for pair in own for v in pair}
            for v, lift in enumerate(arrays.cabin_lift):
                if lift and base + v in used:
                    cabins.setdefault(lift, []).append(base + v)
        for stops in cabins.values():
            pairs += [(a, b) for a in stops for b in stops if a != b]
        _report_unreached(
            findings, roadmap, offsets, graph, strong_components(neighbours(count, pairs)), used
        )


def _report_unreached(
    findings: Findings,
    roadmap: Roadmap,
    offsets: dict[str, int],
    graph: int,
    component: list[int],
    used: set[int],
) -> None:
    targets = [
        (arrays, v)
        for arrays in roadmap.levels
        for v in range(arrays.n_vertices)
        if offsets[arrays.level] + v in used
        and (arrays.cabin_lift[v] or arrays.is_place[v] or arrays.is_parking[v] or arrays.is_charger[v])
    ]
    sizes: dict[int, int] = {}
    for arrays, v in targets:
        number = component[offsets[arrays.level] + v]
        sizes[number] = sizes.get(number, 0) + 1
    if not sizes:
        return
    main = max(sizes, key=lambda number: (sizes[number], -number))
    for arrays, v in targets:
        if component[offsets[arrays.level] + v] != main:
            code = "lift_unreached" if arrays.cabin_lift[v] else "unreached"
            findings.warning(
                code, arrays.level, place_label(arrays, v), graph=graph, lift=arrays.cabin_lift[v]
            )
