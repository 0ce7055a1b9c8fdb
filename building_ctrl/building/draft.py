"""One class of robots' graph of a level, before conflict sets: the map's vertices and lanes, long lanes subdivided."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from building_ctrl.building.geometry import Point
from building_ctrl.building.subdivide import inner_stops
from building_ctrl.building.zones import DoorZone, door_zones, lift_zones
from building_ctrl.model.building import Level, Lift, Vertex
from building_ctrl.model.roadmap import RoadmapParameters
from building_ctrl.model.robot_class import ALL_GRAPHS

MERGE_M = 0.05


@dataclass(slots=True)
class _Link:
    """All lanes between two map vertices: what may be driven from the lower to the higher index, and back."""

    lane: int
    graphs: list[int] = field(default_factory=lambda: [0, 0])
    speed_mps: list[float] = field(default_factory=lambda: [math.inf, math.inf])

    def allow(self, direction: int, bits: int, speed_mps: float) -> None:
        self.graphs[direction] |= bits
        if speed_mps > 0.0:
            self.speed_mps[direction] = min(self.speed_mps[direction], speed_mps)


@dataclass(frozen=True, slots=True)
class DraftEdge:
    """A straight edge between two points of a draft."""

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


@dataclass(frozen=True, slots=True)
class Draft:
    """Vertices and edges for robots of one class, edges in order of (start, end).

    Entry i of points, drawn and in_doorway is vertex i; `drawn` is the map's vertex, with index -1 for a subdivision.
    """

    points: list[Point]
    drawn: list[Vertex]
    in_doorway: list[bool]
    edges: list[DraftEdge]


def draft_level(
    level: Level, lifts: Sequence[Lift], parameters: RoadmapParameters, graphs: int, mask: int
) -> Draft:
    """The graph for robots that use the lanes of the bits in `graphs`.

    Edges keep those of their bits that are in `mask`; where none is, they get all bits of it.
    """
    merged = merged_vertices(level)
    links = _links(level, merged, graphs, mask)
    kept = sorted(set(merged.values()) if graphs == ALL_GRAPHS else {i for pair in links for i in pair})
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
    return Draft(points, drawn, in_doorway, sorted(edges, key=lambda e: (e.start, e.end)))


def _links(
    level: Level, merged: dict[int, int], graphs: int, mask: int
) -> dict[tuple[int, int], _Link]:
    links: dict[tuple[int, int], _Link] = {}
    for lane in level.lanes:
        drawn = 1 << lane.graph_idx & graphs
        if not drawn:
            continue
        bits = drawn & mask or mask
        start, end = merged[lane.start], merged[lane.end]
        if start == end:
            continue
        link = links.setdefault((min(start, end), max(start, end)), _Link(lane.index))
        forward = 0 if start < end else 1
        link.allow(forward, bits, lane.speed_limit_mps)
        if lane.bidirectional:
            link.allow(1 - forward, bits, lane.speed_limit_mps)
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
) -> list[DraftEdge]:
    edges = []
    for a, b in pairwise(chain):
        crossed = next((zone.door.name for zone in doors if zone.crossed(points[a], points[b])), "")
        door = crossed or held[a] or held[b]
        if link.graphs[0]:
            edges.append(DraftEdge(a, b, link.graphs[0], link.speed_mps[0], door, link.lane))
        if link.graphs[1]:
            edges.append(DraftEdge(b, a, link.graphs[1], link.speed_mps[1], door, link.lane))
    return edges
