"""The independent checker: collisions, separation, boardings and doors, on true poses and footprints.

It shares no geometry and no rules with the planners. A pair's gap is the distance between true
footprints, negative where they overlap. Motion between two observations is taken as straight, so
that two robots that pass through each other between observations are seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.footprint import Footprint
from building_ctrl.sim.geometry import inside_cabins, near_pairs, touching_segments
from building_ctrl.sim.shapes import TrueShapes
from building_ctrl.sim.site import Site

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Car:
    """What the checker sees of a lift: level index (-1 under way), whether its door is fully open, its
    session."""

    level: int
    door_open: bool
    session_id: str


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that must never happen."""

    now: float
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Findings:
    """Counts so far. `min_separation_m` is None until two robots were on one level."""

    collisions: int
    min_separation_m: float | None
    boardings_without_grant: int
    door_violations: int


class Checker:
    """Watches bodies. An incident counts once per episode: from first contact until contact ends."""

    RELEASE_M = 0.01
    KEPT_INCIDENTS = 50

    def __init__(self, site: Site, names: Sequence[str], footprints: Sequence[Footprint] = ()) -> None:
        """Without `footprints` every robot is the circle of its radius."""
        self._site = site
        self._names = tuple(names)
        self._shapes = TrueShapes.of(footprints)
        self._pose = np.zeros((len(self._names), 3))
        self._last: tuple[Float, Float, Int] | None = None
        self._touching: set[tuple[int, int]] = set()
        self._trespassing: set[tuple[int, int]] = set()
        self._door_hits: set[tuple[int, int]] = set()
        self._inside: Bool = np.zeros((len(self._names), len(site.lifts)), dtype=np.bool_)
        n = len(self._names)
        self._pairs = np.zeros((n * n, 2), dtype=np.int64)
        self._gaps = np.zeros(n * n)
        self._rows = np.zeros((n * max(1, len(site.doors), len(site.cabin_door)), 2), dtype=np.int64)
        self._by_lift = np.argsort(site.cabin_door_lift, kind="stable")
        self._collisions = 0
        self._boardings = 0
        self._doors = 0
        self._least_m = np.inf
        self.incidents: list[Incident] = []

    @property
    def findings(self) -> Findings:
        """Counts since the start."""
        least = float(self._least_m) if np.isfinite(self._least_m) else None
        return Findings(self._collisions, least, self._boardings, self._doors)

    def observe(
        self,
        now: float,
        x_m: Float,
        y_m: Float,
        radius_m: Float,
        level: Int,
        cabin: Int,
        cars: Sequence[Car],
        door_open: Bool,
        grants: Mapping[tuple[int, int], str],
        yaw_rad: Float | None = None,
    ) -> None:
        """Check one instant and the straight motion since the last one.

        x_m, y_m, radius_m (n,) float64; level (n,) index of the level, -1 in a moving car; cabin (n,)
        index of the lift that carries the robot, -1 none; cars, one a lift; door_open (d,); grants:
        (robot, lift) -> session of the ride that was granted and has not ended. radius_m is that of the circle around
        the footprint; yaw_rad (n,) is needed where a footprint is no circle.
        """
        old_pose, self._pose = self._pose, np.stack([x_m, y_m, x_m * 0.0 if yaw_rad is None else yaw_rad], axis=1)
        group = np.where(level >= 0, level, len(self._site.levels) + np.maximum(cabin, 0))
        self._check_pairs(now, x_m, y_m, radius_m, group, old_pose)
        self._check_boardings(now, x_m, y_m, radius_m, level, cabin, cars, grants)
        self._check_doors(now, x_m, y_m, radius_m, level, door_open)
        self._last = (x_m.copy(), y_m.copy(), group)

    def _check_pairs(self, now: float, x_m: Float, y_m: Float, radius_m: Float, group: Int, old_pose: Float) -> None:
        old_x, old_y, old_group = self._last if self._last is not None else (x_m, y_m, group)
        moved = old_group == group
        old_x, old_y = np.where(moved, old_x, x_m), np.where(moved, old_y, y_m)
        touching: set[tuple[int, int]] = set()
        limit_m = max(float(self._least_m), self.RELEASE_M)
        found = near_pairs(x_m, y_m, old_x, old_y, radius_m, group, limit_m, self._pairs, self._gaps)
        if self._shapes is not None and found:
            was = np.where((moved & (self._last is not None))[:, None], old_pose, self._pose)
            self._shapes.refine(was, self._pose, self._pairs[:found], self._gaps[:found])
        for (i, j), gap in zip(self._pairs[:found].tolist(), self._gaps[:found].tolist(), strict=True):
            self._least_m = min(self._least_m, gap)
            if gap < 0.0 or ((i, j) in self._touching and gap < self.RELEASE_M):
                touching.add((i, j))
        for i, j in sorted(touching - self._touching):
            self._collisions += 1
            self._note(now, "collision", f"{self._names[i]} and {self._names[j]} at {x_m[i]:.2f}, {y_m[i]:.2f}")
        self._touching = touching

    def _check_boardings(
        self,
        now: float,
        x_m: Float,
        y_m: Float,
        radius_m: Float,
        level: Int,
        cabin: Int,
        cars: Sequence[Car],
        grants: Mapping[tuple[int, int], str],
    ) -> None:
        site = self._site
        if not site.lifts:
            return
        trespassing = {
            (robot, lift)
            for robot, lift in self._in_cabin_doors(x_m, y_m, radius_m, level, cabin)
            if not _may_pass(robot, lift, int(level[robot]), cars[lift], grants)
        }
        inside = np.zeros_like(self._inside)
        inside_cabins(x_m, y_m, site.cabin, inside)
        here = site.served[:, np.maximum(level, 0)].T & (level >= 0)[:, None]
        for robot, lift in np.argwhere(inside & here & ~self._inside).tolist():
            if not _may_pass(robot, lift, int(level[robot]), cars[lift], grants):
                trespassing.add((robot, lift))
        self._inside = inside & (here | (cabin[:, None] == np.arange(len(site.lifts))[None, :]))
        for robot, lift in sorted(trespassing - self._trespassing):
            self._boardings += 1
            car = cars[lift]
            self._note(
                now,
                "boarding without grant",
                f"{self._names[robot]} at {site.lifts[lift]}: car at level {car.level}, door "
                f"{'open' if car.door_open else 'not open'}, session {car.session_id!r}, "
                f"granted {grants.get((robot, lift), '')!r}",
            )
        self._trespassing = trespassing

    def _in_cabin_doors(self, x_m: Float, y_m: Float, radius_m: Float, level: Int, cabin: Int) -> list[tuple[int, int]]:
        """Robots whose footprint covers the plane of a cabin door, at their level or of the car they ride
        in."""
        site = self._site
        hits = self._hits(x_m, y_m, radius_m, level, site.cabin_door, site.cabin_door_level)
        lift_of = site.cabin_door_lift
        riding = np.where(level < 0, cabin, -1)
        if (riding >= 0).any():
            order = self._by_lift
            rides = self._hits(x_m, y_m, radius_m, riding, site.cabin_door[order], lift_of[order])
            hits = [*hits, *((robot, int(order[door])) for robot, door in rides)]
        return [(robot, int(lift_of[door])) for robot, door in hits]

    def _hits(
        self, x_m: Float, y_m: Float, radius_m: Float, level: Int, segment: Float, segment_level: Int
    ) -> list[tuple[int, int]]:
        found = touching_segments(x_m, y_m, radius_m, level, segment, segment_level, self._rows)
        rows = self._rows[:found]
        if self._shapes is not None and found:
            rows = self._shapes.touching(self._pose, rows, segment)
        return [(i, s) for i, s in rows.tolist()]

    def _check_doors(self, now: float, x_m: Float, y_m: Float, radius_m: Float, level: Int, door_open: Bool) -> None:
        site = self._site
        found = self._hits(x_m, y_m, radius_m, level, site.door, site.door_level)
        hits = {(robot, door) for robot, door in found if not door_open[door]}
        for i, d in sorted(hits - self._door_hits):
            self._doors += 1
            self._note(now, "door not open", f"{self._names[i]} in {site.doors[d]}")
        self._door_hits = hits

    def _note(self, now: float, kind: str, detail: str) -> None:
        if len(self.incidents) < self.KEPT_INCIDENTS:
            self.incidents.append(Incident(now, kind, detail))


def _may_pass(robot: int, lift: int, level: int, car: Car, grants: Mapping[tuple[int, int], str]) -> bool:
    session = grants.get((robot, lift), "")
    return bool(session) and level >= 0 and car.level == level and car.door_open and car.session_id == session
