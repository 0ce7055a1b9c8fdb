"""The roadmap with the rules of the traffic applied: same vertices and edges, other graphs and speeds.

A closed edge belongs to no navigation graph, so that no robot may use it. Where a lane is closed to one fleet only,
that fleet's robots use a navigation graph of their own: one of the bits no lane of the map uses.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.path.areas import closed_edges
from building_ctrl.core.path.lanes import LaneBook
from building_ctrl.model.roadmap import LevelRoadmap, Roadmap
from building_ctrl.model.traffic import Closure, LaneRules

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
EVERYBODY = ""
ALL_GRAPHS = 0xFFFFFFFF


class RuledRoadmap:
    """Levels as the rules leave them; `level` gives the same object as long as `version` is the same."""

    def __init__(self, roadmap: Roadmap, lanes: LaneBook) -> None:
        self._base = {row.level: row for row in roadmap.levels}
        self._margin_m = roadmap.parameters.radius_m + roadmap.parameters.tracking_error_m
        self._lanes = lanes
        self._rules: tuple[LaneRules, ...] = ()
        self._closures: tuple[Closure, ...] = ()
        self._graph: dict[str, int] = {}
        self._bits: dict[tuple[str, int], int] = {}
        self._spare = _spare_bits(roadmap)
        self._own_graphs = 0
        self.version = 0
        self._made: dict[str, LevelRoadmap] = {}
        self._closed: dict[tuple[str, str], Bool] = {}
        self._speed: dict[tuple[str, str], Float] = {}

    def set_rules(self, rules: tuple[LaneRules, ...], closures: tuple[Closure, ...]) -> None:
        """Take changed rules."""
        self._rules, self._closures = rules, closures
        self._forget()

    def graph_of(self, fleet: str) -> int:
        """Navigation graph whose lanes the fleet's rules count: the lowest its robots use; 0 while there is none."""
        return self._graph.get(fleet, 0)

    def mask(self, fleet: str, graph_mask: int) -> int:
        """Mask of the graphs a robot may use: its own, or a graph made for its fleet where that has closed lanes."""
        lowest = (graph_mask & -graph_mask).bit_length() - 1
        if self._graph.get(fleet) != lowest and lowest >= 0 and fleet != EVERYBODY:
            self._graph[fleet] = lowest
            self._forget()
        if not any(rules.closed and rules.fleet == fleet for rules in self._rules):
            return graph_mask & ~self._own_graphs if self._own_graphs else graph_mask
        key = (fleet, graph_mask)
        if key not in self._bits:
            self._bits[key] = self._spare.pop() if self._spare else 0
            self._own_graphs |= self._bits[key]
            self._forget()
        return self._bits[key] or graph_mask & ~self._own_graphs

    def level(self, name: str) -> LevelRoadmap:
        """A level as it may be used now. Raises KeyError."""
        if name not in self._made:
            self._made[name] = self._make(self._base[name])
        return self._made[name]

    def speed_mps(self, name: str, fleet: str) -> Float:
        """(m,) speed limits of a level's edges for a fleet, inf where there is none."""
        if (name, fleet) not in self._speed:
            self._speed[name, fleet] = self._slowed(self._base[name], {EVERYBODY, fleet})
        return self._speed[name, fleet]

    def why_closed(self, name: str, vertex: int, fleet: str, graph_mask: int) -> str:
        """Why no robot of the fleet may be sent to a vertex; empty where it may."""
        rows = self._base[name]
        for closure in self._closures:
            if closure.level == name and self._inside(rows, closure)[vertex]:
                return f"{name}/{rows.label(vertex)} is closed by {describe(closure)}"
        into = (rows.edge_to == vertex) & (rows.edge_graphs & np.uint32(graph_mask & ALL_GRAPHS) != 0)
        if into.any() and (self._closed_to(rows, EVERYBODY) | self._closed_to(rows, fleet))[into].all():
            return f"every lane to {name}/{rows.label(vertex)} is closed"
        return ""

    def any_closed(self) -> bool:
        """Whether something is closed anywhere."""
        return bool(self._closures) or any(rules.closed for rules in self._rules)

    def _forget(self) -> None:
        self.version += 1
        self._made.clear()
        self._closed.clear()
        self._speed.clear()

    def _make(self, rows: LevelRoadmap) -> LevelRoadmap:
        everybody = self._closed_to(rows, EVERYBODY)
        speed = self._slowed(rows, {rules.fleet for rules in self._rules})
        graphs = np.where(everybody, np.uint32(0), rows.edge_graphs)
        vertices = rows.vertex_graphs
        for (fleet, mask), bit in self._bits.items():
            made_for = rows.vertex_graphs & np.uint32(mask & ALL_GRAPHS) != 0
            vertices = np.where(made_for, vertices | np.uint32(bit), vertices)
            usable = (rows.edge_graphs & np.uint32(mask & ALL_GRAPHS) != 0) & ~self._closed_to(rows, fleet)
            if bit:
                graphs = np.where(usable & ~everybody, graphs | np.uint32(bit), graphs)
        if np.array_equal(graphs, rows.edge_graphs) and np.array_equal(speed, rows.edge_speed_mps):
            return rows
        return replace(
            rows,
            edge_graphs=graphs.astype(np.uint32),
            vertex_graphs=vertices.astype(np.uint32),
            edge_speed_mps=speed,
        )

    def _closed_to(self, rows: LevelRoadmap, fleet: str) -> Bool:
        """(m,) edges closed to a fleet; to EVERYBODY those of areas, too, and of fleets that got no graph of their
        own."""
        key = (rows.level, fleet)
        if key not in self._closed:
            closed = np.zeros(rows.n_edges, dtype=bool)
            crowded = {name for (name, _), bit in self._bits.items() if not bit}
            for rules in self._rules:
                if rules.fleet == fleet or (fleet == EVERYBODY and rules.fleet in crowded):
                    self._close_lanes(rows, rules, closed)
            for closure in self._closures:
                if closure.level == rows.level and fleet == EVERYBODY:
                    closed |= closed_edges(rows, closure.points, self._margin_m)[0]
            self._closed[key] = closed
        return self._closed[key]

    def _close_lanes(self, rows: LevelRoadmap, rules: LaneRules, closed: Bool) -> None:
        """Close a lane's way in; where it cannot be left backwards, robots on it may drive on to its end."""
        graph = self.graph_of(rules.fleet)
        found = [self._lanes.edges(graph, number) for number in rules.closed if number < len(self._lanes.lanes(graph))]
        chains = [edges for level, edges in found if level == rows.level and edges.size]
        shut = {int(edge) for edges in chains for edge in edges}
        for edges in chains:
            back = rows.edge_reverse[edges]
            can_leave = bool((back >= 0).all()) and not any(int(edge) in shut for edge in back)
            entries = ~np.isin(rows.edge_from[edges], rows.edge_to[edges])
            closed[edges if can_leave else edges[entries]] = True

    def _slowed(self, rows: LevelRoadmap, fleets: set[str]) -> Float:
        """(m,) speed limits that hold for any of the fleets."""
        speed = rows.edge_speed_mps
        for rules in self._rules:
            if rules.fleet not in fleets:
                continue
            graph = self.graph_of(rules.fleet)
            for number, limit in rules.limits:
                if number >= len(self._lanes.lanes(graph)):
                    continue
                level, edges = self._lanes.edges(graph, number)
                if level == rows.level:
                    speed = speed.copy() if speed is rows.edge_speed_mps else speed
                    speed[edges] = np.minimum(speed[edges], limit)
        return speed

    def _inside(self, rows: LevelRoadmap, closure: Closure) -> Bool:
        return closed_edges(rows, closure.points, self._margin_m)[1]


def describe(closure: Closure) -> str:
    """A closure in one line: its name, who closed it and why."""
    by = f" ({closure.requester})" if closure.requester else ""
    why = f": {closure.reason}" if closure.reason else ""
    return f"{closure.name!r}{by}{why}"


def _spare_bits(roadmap: Roadmap) -> list[int]:
    """Bits of navigation graphs no lane uses, the highest last."""
    used = 0
    for rows in roadmap.levels:
        used |= int(np.bitwise_or.reduce(rows.edge_graphs)) if rows.n_edges else 0
    return [1 << bit for bit in range(8, 32) if not used >> bit & 1]


