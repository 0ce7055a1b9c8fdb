"""Who has a claim on which stretch of a level: the part of the Action Dependency Graph that is not yet done.

Two actions of different robots depend on each other when their sweeps touch. All actions have one total order (that
of their release, then that of the plan), and an action waits for every earlier one it conflicts with, so the
dependency graph is acyclic by construction (Hoenig et al., RA-L 2019).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.roadmap import LevelRoadmap


class ConflictIndex:
    """Conflict sets of a level as frozensets, made when first needed."""

    def __init__(self, roadmap: LevelRoadmap) -> None:
        self._roadmap = roadmap
        self._sets: dict[int, frozenset[int]] = {}

    def touching(self, edge: int) -> NDArray[np.int32]:
        """Edges whose sweep touches that of `edge`."""
        return self._roadmap.conflicts(edge)

    def touch(self, first: int, second: int) -> bool:
        """Whether the sweeps of two edges touch."""
        found = self._sets.get(first)
        if found is None:
            found = self._sets[first] = frozenset(self.touching(first).tolist())
        return second in found


class Claims:
    """Counts, for every edge, the claimed edges whose sweep touches it, and remembers whose they are."""

    def __init__(self, index: ConflictIndex, n_edges: int) -> None:
        self._index = index
        self._count = np.zeros(n_edges, dtype=np.int32)
        self._edges: dict[str, list[int]] = {}

    def add(self, robot: str, edge: int) -> None:
        self._count[self._index.touching(edge)] += 1
        self._edges.setdefault(robot, []).append(edge)

    def remove(self, robot: str, edge: int) -> None:
        """Take back one claim. Raises ValueError when the robot has none on that edge."""
        self._edges[robot].remove(edge)
        self._count[self._index.touching(edge)] -= 1

    def of(self, robot: str) -> list[int]:
        return self._edges.get(robot, [])

    def held_by_others(self, robot: str, edge: int) -> bool:
        """Whether another robot's claim touches the sweep of `edge`."""
        total = int(self._count[edge])
        if total == 0:
            return False
        own = sum(1 for mine in self._edges.get(robot, ()) if self._index.touch(mine, edge))
        return total > own

    def holder(self, robot: str, edge: int) -> str:
        """Name of another robot whose claim touches `edge`; empty when there is none."""
        for other, edges in self._edges.items():
            if other != robot and any(self._index.touch(theirs, edge) for theirs in edges):
                return other
        return ""
