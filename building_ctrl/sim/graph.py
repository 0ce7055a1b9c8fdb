"""All levels of a roadmap as one graph, for scenarios: who reaches what, how far, and what must stay free."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.roadmap import LevelRoadmap, Roadmap

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]

RIDE_M = 30.0  # a ride counts as this much driving


class JoinedGraph:
    """Vertices of all levels numbered on; lifts join their cabin vertices. A mask picks the graphs of its
    bits."""

    def __init__(self, roadmap: Roadmap) -> None:
        self.roadmap = roadmap
        sizes = [level.n_vertices for level in roadmap.levels]
        self.offset = [int(o) for o in np.concatenate(([0], np.cumsum(sizes)))]
        self.n = self.offset[-1]
        self._out: dict[int, list[list[tuple[int, float]]]] = {}
        self._components: dict[int, list[Bool]] = {}

    def level_of(self, vertex: int) -> tuple[int, int]:
        """(level index, vertex on that level)."""
        level = int(np.searchsorted(self.offset, vertex, side="right")) - 1
        return level, vertex - self.offset[level]

    def masks(self) -> Iterable[int]:
        """Masks of single graphs in use, lowest first."""
        used = 0
        for level in self.roadmap.levels:
            used |= int(np.bitwise_or.reduce(level.edge_graphs)) if level.n_edges else 0
        return [1 << bit for bit in range(32) if used >> bit & 1]

    def mask_at(self, vertex: int) -> int:
        """Graphs whose lanes touch a vertex."""
        index, local = self.level_of(vertex)
        level = self.roadmap.levels[index]
        touching = (level.edge_from == local) | (level.edge_to == local)
        return int(np.bitwise_or.reduce(level.edge_graphs[touching])) if touching.any() else 0

    def out(self, mask: int) -> list[list[tuple[int, float]]]:
        """Neighbours of every vertex and the way there in metres, over lanes of the mask and lifts."""
        if mask not in self._out:
            table: list[list[tuple[int, float]]] = [[] for _ in range(self.n)]
            cabins: dict[str, list[int]] = {}
            for base, level in zip(self.offset, self.roadmap.levels, strict=False):
                _add_level(table, cabins, base, level, mask)
            for joined in cabins.values():
                for a in joined:
                    table[a].extend((b, RIDE_M) for b in joined if b != a)
            self._out[mask] = table
        return self._out[mask]

    def component(self, start: int, mask: int) -> Bool:
        """(n,) vertices that can be reached from `start` and from which `start` can be reached."""
        for known in self._components.setdefault(mask, []):
            if known[start]:
                return known
        out = self.out(mask)
        back: list[list[tuple[int, float]]] = [[] for _ in range(self.n)]
        for vertex, ways in enumerate(out):
            for other, length in ways:
                back[other].append((vertex, length))
        found: Bool = _reached(start, out) & _reached(start, back)
        self._components[mask].append(found)
        return found

    def distances(self, start: int, mask: int) -> Float:
        """(n,) metres of driving from `start`, inf where there is no way (Dijkstra)."""
        out = self.out(mask)
        best = np.full(self.n, np.inf)
        best[start] = 0.0
        heap = [(0.0, start)]
        while heap:
            length, vertex = heapq.heappop(heap)
            if length > best[vertex]:
                continue
            for other, step in out[vertex]:
                if length + step < best[other]:
                    best[other] = length + step
                    heapq.heappush(heap, (length + step, other))
        return best

    def articulation(self, mask: int) -> Bool:
        """(n,) vertices whose removal disconnects others (Hopcroft and Tarjan, 1973)."""
        around: list[set[int]] = [set() for _ in range(self.n)]
        for vertex, ways in enumerate(self.out(mask)):
            for other, _ in ways:
                around[vertex].add(other)
                around[other].add(vertex)
        return _articulation([sorted(a) for a in around])


def _add_level(
    table: list[list[tuple[int, float]]],
    cabins: dict[str, list[int]],
    base: int,
    level: LevelRoadmap,
    mask: int,
) -> None:
    touched: set[int] = set()
    for edge in np.nonzero(level.edge_graphs & np.uint32(mask))[0]:
        start, end = int(level.edge_from[edge]), int(level.edge_to[edge])
        table[base + start].append((base + end, float(level.edge_length_m[edge])))
        touched.update((start, end))
    for vertex in sorted(touched):
        if level.cabin_lift[vertex]:
            cabins.setdefault(level.cabin_lift[vertex], []).append(base + vertex)


def _reached(start: int, ways: list[list[tuple[int, float]]]) -> Bool:
    seen = np.zeros(len(ways), dtype=np.bool_)
    seen[start] = True
    todo = deque([start])
    while todo:
        for other, _ in ways[todo.popleft()]:
            if not seen[other]:
                seen[other] = True
                todo.append(other)
    return seen


def _articulation(around: list[list[int]]) -> Bool:
    n = len(around)
    found = np.zeros(n, dtype=np.bool_)
    number = [-1] * n
    low = [0] * n
    count = 0
    for root in range(n):
        if number[root] >= 0:
            continue
        number[root] = low[root] = count
        count += 1
        children = 0
        stack = [(root, -1, 0)]
        while stack:
            vertex, parent, at = stack.pop()
            if at < len(around[vertex]):
                stack.append((vertex, parent, at + 1))
                other = around[vertex][at]
                if number[other] < 0:
                    number[other] = low[other] = count
                    count += 1
                    children += vertex == root
                    stack.append((other, vertex, 0))
                elif other != parent:
                    low[vertex] = min(low[vertex], number[other])
            elif parent >= 0:
                low[parent] = min(low[parent], low[vertex])
                if parent != root and low[vertex] >= number[parent]:
                    found[parent] = True
        found[root] = children > 1
    return found
