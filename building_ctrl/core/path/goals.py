"""Who heads for which vertex: every robot has a vertex of its own to end at, so that no two ever want the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.path.waiting_zones import spot_costs
from building_ctrl.model.roadmap import LevelRoadmap


class GoalBook:
    """Goals of the robots on one level. A vertex too near to a claimed one counts as claimed too."""

    def __init__(self, roadmap: LevelRoadmap) -> None:
        self._roadmap = roadmap
        self._owner: dict[int, str] = {}
        self._goal: dict[str, int] = {}
        self._spot_cost = spot_costs(roadmap)
        self._neighbours = _neighbours(roadmap)
        self._shuts_in: dict[tuple[int, int], bool] = {}

    def goal_of(self, robot: str) -> int:
        """The robot's claimed vertex, -1 where it has none."""
        return self._goal.get(robot, -1)

    def holder(self, vertex: int, robot: str) -> str:
        """Another robot that claims `vertex` or one too near to it; empty when it is free."""
        rows = self._roadmap
        for near in (vertex, *rows.stand_idx[rows.stand_ptr[vertex] : rows.stand_ptr[vertex + 1]].tolist()):
            owner = self._owner.get(near, robot)
            if owner != robot:
                return owner
        return ""

    def claim(self, robot: str, vertex: int) -> None:
        """Make `vertex` the robot's goal, giving up its former one. Raises ValueError when it is taken."""
        holder = self.holder(vertex, robot)
        if holder:
            raise ValueError(f"{self._roadmap.label(vertex)} is claimed by {holder}")
        self.release(robot)
        self._owner[vertex] = robot
        self._goal[robot] = vertex

    def release(self, robot: str) -> None:
        vertex = self._goal.pop(robot, -1)
        self._owner.pop(vertex, None)

    def waiting_spot(
        self, robot: str, target: int, seconds_over: NDArray[np.float32], reachable: Callable[[int], bool]
    ) -> int:
        """The best free vertex to wait at for `target`, -1 where there is none.

        seconds_over (n,) float32: travel time over each vertex to where the robot wants to go in the end. Parking and
        holding vertices are preferred, places and doorways avoided, and above all spots that shut in who is at the
        target.
        """
        cost = self._spot_cost + seconds_over
        last_resort = -1
        for vertex in np.argsort(cost, kind="stable").tolist():
            if not np.isfinite(cost[vertex]):
                break
            if self.holder(vertex, robot) or not reachable(vertex):
                continue
            if not self._is_shut_in(target, vertex):
                return int(vertex)
            last_resort = vertex if last_resort < 0 else last_resort
        return last_resort

    def _is_shut_in(self, target: int, spot: int) -> bool:
        """Whether a robot at `spot` keeps one at `target` from most of the level."""
        known = self._shuts_in.get((target, spot))
        if known is None:
            known = self._shuts_in[target, spot] = self._find_shut_in(target, spot)
        return known

    def _find_shut_in(self, target: int, spot: int) -> bool:
        rows = self._roadmap
        blocked = {spot, *rows.stand_idx[rows.stand_ptr[spot] : rows.stand_ptr[spot + 1]].tolist()} - {target}
        everything = self._reached(target, set())
        return 2 * self._reached(target, blocked) < everything - len(blocked)

    def _reached(self, start: int, blocked: set[int]) -> int:
        seen, todo = {start}, [start]
        while todo:
            new = self._neighbours[todo.pop()] - seen - blocked
            seen |= new
            todo.extend(new)
        return len(seen)


def _neighbours(roadmap: LevelRoadmap) -> list[set[int]]:
    """Vertices one lane away, whichever way it may be driven."""
    found: list[set[int]] = [set() for _ in range(roadmap.n_vertices)]
    for start, end in zip(roadmap.edge_from.tolist(), roadmap.edge_to.tolist(), strict=True):
        found[start].add(end)
        found[end].add(start)
    return found
