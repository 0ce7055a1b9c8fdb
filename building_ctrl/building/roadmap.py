"""Makes the roadmap robots are planned on from a building and a footprint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from building_ctrl.building.conflicts import conflict_sets
from building_ctrl.building.geometry import Point
from building_ctrl.building.subdivide import inner_stops
from building_ctrl.building.zones import DoorZone, door_zones, lift_zones
from building_ctrl.model.building import Building, Level, Lift, Vertex
from building_ctrl.model.roadmap import LevelRoadmap, Roadmap, RoadmapParameters

MERGE_M = 0.05


def build_roadmap(building: Building, parameters: RoadmapParameters | None = None) -> Roadmap:
    """The roadmap of all levels, in the building's order, for robots of one footprint.

    Long lanes are split into equal parts of at least the pitch (and at least the separation); no vertex is
    put where a standing robot would hold a door; lanes of several graphs over the same two vertices become
    one edge.
    """
    chosen = parameters or RoadmapParameters()
    levels = tuple(build_level(level, building.lifts, chosen) for level in building.levels)
    return Roadmap(building.name, levels, chosen)


@dataclass(slots=True)
class _Link:
    """All lanes between two map vertices: what may be driven from the lower to the higher index, and back."""

    lane: int
    graphs: list[int] = field(default_factory=lambda: [0, 0])
    speed_mps: list[float] = field(default_factory=lambda: [math.inf, math.inf])

    def allow(self, direction: int, graph_idx: int, speed_mps: float) -> None:
        self.graphs[direction] |= 1 << graph_idx
        if speed_mps > 0.0:
            self.speed_mps[direction] = min(self.speed_mps[direction], speed_mps)


@dataclass(frozen=True, slots=True)
class _Edge:
    start: int
    end: int
    graphs: int
    speed_mps: float
    door: str
    lane: int


def merged_vertices(level: Level) -> dict[int, int]:
    """Vertices on lanes -> the vertex they count as: of those within 5 cm a named or the first one."""
    used = sorted({index for lane in level.lanes for index in (lane.start, lane.end)})
    parent = {index: index for index in used}

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    by_x = sorted(used, key=lambda i: level.vertices[i].x_m)
    for position, first in enumerate(by_x):
        a = level.vertices[first]
        for second in by_x[position + 1 :]:
            b = level.vertices[second]
            if b.x_m - a.x_m >= MERGE_M:
                break
            if math.hypot(a.x_m - b.x_m, a.y_m - b.y_m) < MERGE_M:
                parent[root(second)] = root(first)
    best: dict[int, int] = {}
    for index in sorted(used, key=lambda i: (not level.vertices[i].name, i)):
        best.setdefault(root(index), index)
    return {index: best[root(index)] for index in used}


def build_level(level: Level, lifts: Sequence[Lift], parameters: RoadmapParameters) -> LevelRoadmap:
    """The roadmap of one level."""
    merged = merged_vertices(level)
    links = _links(level, merged)
    kept = sorted(set(merged.values()))
    number = {index: position for position, index in enumerate(kept)}
    points: list[Point] = [(level.vertices[i].x_m, level.vertices[i].y_m) for i in kept]
    drawn = [_one_of(level, [i for i, to in merged.items() if to == index]) for index in kept]
    doors = door_zones(level, [(points[number[u]], points[number[v]]) for u, v in links], parameters)
    opening = lift_zones(level, lifts, parameters)
    pitch_m = max(parameters.pitch_m, parameters.separation_m)

    chains: list[tuple[list[int], _Link]] = []
    for (u, v), link in links.items():
        a, b = points[number[u]], points[number[v]]
        cabins = {drawn[number[u]].lift_cabin, drawn[number[v]].lift_cabin} - {""}
        stops = inner_stops(a, b, pitch_m, doors, opening, cabins)
        length = math.dist(a, b)
        chain = [number[u]]
        for stop in stops:
            chain.append(len(points))
            points.append((a[0] + stop / length * (b[0] - a[0]), a[1] + stop / length * (b[1] - a[1])))
        chains.append(([*chain, number[v]], link))

    drawn += [Vertex(-1, x, y) for x, y in points[len(kept) :]]
    held = [_held_door(point, doors) for point in points]
    edges = [edge for chain, link in chains for edge in _edges(chain, link, points, doors, held)]
    in_doorway = [
        bool(held[i]) or (not drawn[i].lift_cabin and any(zone.holds(points[i]) for zone in opening))
        for i in range(len(points))
    ]
    return _arrays(level.name, points, drawn, in_doorway, edges, parameters)


def _links(level: Level, merged: dict[int, int]) -> dict[tuple[int, int], _Link]:
    links: dict[tuple[int, int], _Link] = {}
    for lane in level.lanes:
        start, end = merged[lane.start], merged[lane.end]
        if start == end:
            continue
        link = links.setdefault((min(start, end), max(start, end)), _Link(lane.index))
        forward = 0 if start < end else 1
        link.allow(forward, lane.graph_idx, lane.speed_limit_mps)
        if lane.bidirectional:
            link.allow(1 - forward, lane.graph_idx, lane.speed_limit_mps)
    return links


def _one_of(level: Level, indices: list[int]) -> Vertex:
    """The vertex merged ones count as, with the flags of all of them."""
    all_of = sorted((level.vertices[i] for i in indices), key=lambda v: (not v.name, v.index))
    first = all_of[0]
    return Vertex(
        first.index,
        first.x_m,
        first.y_m,
        first.name,
        is_holding_point=any(v.is_holding_point for v in all_of),
        is_parking_spot=any(v.is_parking_spot for v in all_of),
        is_charger=any(v.is_charger for v in all_of),
        lift_cabin=next((v.lift_cabin for v in all_of if v.lift_cabin), ""),
    )


def _held_door(point: Point, doors: Sequence[DoorZone]) -> str:
    return next((zone.door.name for zone in doors if zone.holds(point)), "")


def _edges(
    chain: list[int], link: _Link, points: list[Point], doors: Sequence[DoorZone], held: list[str]
) -> list[_Edge]:
    edges = []
    for a, b in pairwise(chain):
        crossed = next((zone.door.name for zone in doors if zone.crossed(points[a], points[b])), "")
        door = crossed or held[a] or held[b]
        if link.graphs[0]:
            edges.append(_Edge(a, b, link.graphs[0], link.speed_mps[0], door, link.lane))
        if link.graphs[1]:
            edges.append(_Edge(b, a, link.graphs[1], link.speed_mps[1], door, link.lane))
    return edges


def _arrays(
    name: str,
    points: list[Point],
    drawn: list[Vertex],
    in_doorway: list[bool],
    edges: list[_Edge],
    parameters: RoadmapParameters,
) -> LevelRoadmap:
    edges = sorted(edges, key=lambda e: (e.start, e.end))
    position = {(e.start, e.end): index for index, e in enumerate(edges)}
    xy = np.array(points, np.float64).reshape(-1, 2)
    start = np.array([e.start for e in edges], np.int64)
    end = np.array([e.end for e in edges], np.int64)
    edge_ptr = np.zeros(len(points) + 1, np.int32)
    np.cumsum(np.bincount(start, minlength=len(points)), out=edge_ptr[1:])
    clear, stand, conflict = conflict_sets(xy[:, 0], xy[:, 1], start, end, parameters.separation_m)
    return LevelRoadmap(
        level=name,
        x_m=xy[:, 0].copy(),
        y_m=xy[:, 1].copy(),
        names=tuple(v.name for v in drawn),
        map_vertex=np.array([v.index for v in drawn], np.int32),
        is_parking=np.array([v.is_parking_spot for v in drawn], np.bool_),
        is_charger=np.array([v.is_charger for v in drawn], np.bool_),
        is_holding=np.array([v.is_holding_point for v in drawn], np.bool_),
        is_place=np.array([bool(v.name) and not v.lift_cabin for v in drawn], np.bool_),
        cabin_lift=tuple(v.lift_cabin for v in drawn),
        in_doorway=np.array(in_doorway, np.bool_),
        edge_ptr=edge_ptr,
        edge_from=start.astype(np.int32),
        edge_to=end.astype(np.int32),
        edge_length_m=np.hypot(*(xy[end] - xy[start]).T) if edges else np.zeros(0),
        edge_speed_mps=np.array([e.speed_mps for e in edges], np.float64),
        edge_graphs=np.array([e.graphs for e in edges], np.uint32),
        edge_door=tuple(e.door for e in edges),
        edge_lane=np.array([e.lane for e in edges], np.int32),
        edge_reverse=np.array([position.get((e.end, e.start), -1) for e in edges], np.int32),
        clear_ptr=clear[0],
        clear_idx=clear[1],
        stand_ptr=stand[0],
        stand_idx=stand[1],
        conflict_ptr=conflict[0],
        conflict_idx=conflict[1],
    )
