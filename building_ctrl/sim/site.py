"""The parts of a building that robots' bodies meet: cabins, cabin doors and doors, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.building import Building
from building_ctrl.sim.geometry import rotated

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Site:
    """Geometry in the building's frame; k lifts, c cabin doors (one a level they open at), d doors, L
    levels. Doors and cabin doors are in order of their level."""

    levels: tuple[str, ...]
    elevation_m: Float  # (L,)
    lifts: tuple[str, ...]
    cabin: Float  # (k, 5) x_m, y_m, yaw_rad, width_m, depth_m
    served: Bool  # (k, L) lift opens at the level
    cabin_door: Float  # (c, 4) ax, ay, bx, by
    cabin_door_lift: Int  # (c,)
    cabin_door_level: Int  # (c,)
    doors: tuple[str, ...]
    door: Float  # (d, 4) ax, ay, bx, by
    door_level: Int  # (d,)


def site_of(building: Building) -> Site:
    """Arrays of a building's lifts and doors."""
    index = {level.name: i for i, level in enumerate(building.levels)}
    served = np.zeros((len(building.lifts), len(index)), dtype=np.bool_)
    cabin_doors: list[tuple[float, float, float, float]] = []
    of_lift: list[int] = []
    of_level: list[int] = []
    for k, lift in enumerate(building.lifts):
        named = {door.name: door for door in lift.doors}
        for level, names in lift.level_doors:
            served[k, index[level]] |= bool(names)
            for name in names:
                door = named[name]
                half_x, half_y = rotated(0.5 * door.width_m, 0.0, door.yaw_rad)
                a = rotated(door.x_m - half_x, door.y_m - half_y, lift.yaw_rad)
                b = rotated(door.x_m + half_x, door.y_m + half_y, lift.yaw_rad)
                cabin_doors.append((lift.x_m + a[0], lift.y_m + a[1], lift.x_m + b[0], lift.y_m + b[1]))
                of_lift.append(k)
                of_level.append(index[level])
    by_level = sorted(range(len(of_level)), key=of_level.__getitem__)
    doors = [(door, index[level.name]) for level in building.levels for door in level.doors]
    return Site(
        levels=tuple(index),
        elevation_m=np.array([level.elevation_m for level in building.levels], dtype=np.float64),
        lifts=tuple(lift.name for lift in building.lifts),
        cabin=_rows([(f.x_m, f.y_m, f.yaw_rad, f.width_m, f.depth_m) for f in building.lifts], 5),
        served=served,
        cabin_door=_rows([cabin_doors[c] for c in by_level], 4),
        cabin_door_lift=np.array([of_lift[c] for c in by_level], dtype=np.int64),
        cabin_door_level=np.array([of_level[c] for c in by_level], dtype=np.int64),
        doors=tuple(door.name for door, _ in doors),
        door=_rows([(*door.start, *door.end) for door, _ in doors], 4),
        door_level=np.array([level for _, level in doors], dtype=np.int64),
    )


def _rows(rows: Sequence[tuple[float, ...]], width: int) -> Float:
    return np.array(rows, dtype=np.float64).reshape(-1, width)
