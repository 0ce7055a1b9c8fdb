"""Looks for what makes robots block each other on a map, and suggests mends."""

from __future__ import annotations

import numpy as np

from building_ctrl.building.cabins import check_cabins
from building_ctrl.building.clearance import check_clearance
from building_ctrl.building.connectivity import cut_sizes, groups
from building_ctrl.building.draft import MERGE_M, merged_vertices
from building_ctrl.building.findings import Finding, Findings, vertex_label
from building_ctrl.building.geometry import point_segment_m
from building_ctrl.building.reach import check_reach
from building_ctrl.building.resting import check_endpoints
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.building.roadmap_view import endpoints, place_label, place_point, undirected
from building_ctrl.building.served import check_served
from building_ctrl.building.sweeps import passage_width_m
from building_ctrl.building.zones import DoorZone, door_zones
from building_ctrl.model.building import Building, Level
from building_ctrl.model.footprint import Footprint
from building_ctrl.model.roadmap import LevelRoadmap, Roadmap, RoadmapParameters
from building_ctrl.model.robot_class import RobotClass, RobotClasses

LONG_DEAD_END_M = 3.0


def lint(building: Building, roadmap: Roadmap) -> tuple[Finding, ...]:
    """Everything found: in the drawing, then for each class of robots on a roadmap of its own."""
    findings = Findings()
    for level in building.levels:
        if level.lanes:
            _check_merged(findings, level)
            _check_off_lanes(findings, level)
    if not roadmap.classes:
        shape = Footprint(rounding_m=roadmap.parameters.radius_m)
        every = RobotClass("", shape, roadmap.parameters.tracking_error_m, graphs=tuple(range(32)))
        _check_class(findings, building, roadmap, every)
    for robots in roadmap.classes:
        own = build_roadmap(building, roadmap.parameters, RobotClasses([robots]))
        _check_class(findings.of_class(robots.name), building, own, robots)
    if roadmap.classes:
        check_served(findings, building, roadmap)
    return findings.all


def _check_class(findings: Findings, building: Building, roadmap: Roadmap, robots: RobotClass) -> None:
    for level, arrays in zip(building.levels, roadmap.levels, strict=True):
        if not arrays.n_edges:
            continue
        _check_doors(findings, level, arrays, roadmap.parameters, robots)
        check_clearance(findings, level, arrays, robots)
        check_endpoints(findings, level, arrays)
        _check_cuts(findings, arrays)
    check_cabins(findings, building, roadmap, robots)
    check_reach(findings, roadmap)


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
            (a.x_m, a.y_m),
            first=index,
            second=kept,
            distance_cm=distance_cm,
        )
        if a.name:
            findings.warning(
                "name_lost",
                level.name,
                vertex_label(index, a.name),
                (a.x_m, a.y_m),
                name=a.name,
                kept=kept,
                limit_cm=100 * MERGE_M,
            )


def _check_doors(
    findings: Findings,
    level: Level,
    arrays: LevelRoadmap,
    parameters: RoadmapParameters,
    robots: RobotClass,
) -> None:
    at = [(v.x_m, v.y_m) for v in level.vertices]
    used = [level.lanes[number] for number in np.unique(arrays.edge_lane)]
    zones = door_zones(level, [(at[lane.start], at[lane.end]) for lane in used], parameters)
    passed = {zone.door.name for zone in zones}
    need_m = passage_width_m(robots)
    for door in level.doors:
        middle = ((door.start[0] + door.end[0]) / 2.0, (door.start[1] + door.end[1]) / 2.0)
        if door.name not in passed:
            findings.info("door_unused", level.name, f"door {door.name!r}", middle)
            continue
        width_m = float(np.hypot(door.end[0] - door.start[0], door.end[1] - door.start[1]))
        if width_m < need_m - 1e-6:
            item = f"door {door.name!r}"
            findings.warning("door_narrow", level.name, item, middle, width_m=width_m, need_m=need_m)
    for v in np.flatnonzero(arrays.in_doorway):
        point = (float(arrays.x_m[v]), float(arrays.y_m[v]))
        held = next((f"door {zone.door.name!r}" for zone in zones if zone.holds(point)), "a lift door")
        findings.warning("in_doorway", level.name, place_label(arrays, int(v)), point, door=held)
    for zone in zones:
        _check_swing(findings, zone, arrays, robots.reach_m)


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
            label = place_label(arrays, vertex)
            findings.warning("in_swing", arrays.level, label, point, door=zone.door.name)


def _check_cuts(findings: Findings, arrays: LevelRoadmap) -> None:
    """Stretches that one stopped robot closes for two endpoints or more, or for a lift; long dead ends."""
    adjacency = undirected(arrays)
    resting = set(endpoints(arrays))
    weight = [1 if v in resting else (2 if arrays.cabin_lift[v] else 0) for v in range(arrays.n_vertices)]
    # A lift's own berth cuts off its cabin on every map.
    cuts = {v: size for v, size in cut_sizes(adjacency, weight).items() if not _berth(arrays, adjacency, v)}
    for group in groups((v for v, size in cuts.items() if size >= 2), adjacency):
        first, last = place_label(arrays, group[0]), place_label(arrays, group[-1])
        stretch = first if len(group) == 1 else f"{first} to {last}"
        size = max(cuts[v] for v in group)
        at = place_point(arrays, group[len(group) // 2])
        findings.info("cutting", arrays.level, stretch, at, count=len(group), size=size)
    for vertex in sorted(resting):
        length_m = _dead_end_m(arrays, adjacency, vertex)
        if length_m >= LONG_DEAD_END_M:
            at = place_point(arrays, vertex)
            findings.info("dead_end", arrays.level, place_label(arrays, vertex), at, length_m=length_m)


def _dead_end_m(arrays: LevelRoadmap, adjacency: list[list[int]], vertex: int) -> float:
    """Length of the only way to a vertex, up to where robots can pass each other."""
    length_m, before = 0.0, -1
    while len(onward := [v for v in adjacency[vertex] if v != before]) == 1:
        dx = float(arrays.x_m[vertex] - arrays.x_m[onward[0]])
        length_m += float(np.hypot(dx, arrays.y_m[vertex] - arrays.y_m[onward[0]]))
        before, vertex = vertex, onward[0]
    return length_m


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
            findings.warning("off_lanes", level.name, vertex_label(v.index, v.name), (v.x_m, v.y_m))
