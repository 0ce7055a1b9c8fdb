"""Robots as columns, the way they come from the gateway and go to browsers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.robot import Connection, MotionState, WorkState

Float32 = NDArray[np.float32]
Int16 = NDArray[np.int16]
UInt8 = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class RobotTable:
    """n robots: element i of every column is one robot. `level` indexes `levels`, -1: not known."""

    names: tuple[str, ...]
    fleets: tuple[str, ...]
    gateways: tuple[str, ...]
    levels: tuple[str, ...]
    x_m: Float32  # (n,)
    y_m: Float32
    yaw_rad: Float32
    speed_mps: Float32
    battery_percent: Float32
    age_s: Float32
    radius_m: Float32
    level: Int16
    work: UInt8
    motion: UInt8
    connection: UInt8

    def __len__(self) -> int:
        return len(self.names)

    def level_name(self, i: int) -> str:
        """The level robot i is on, empty where it is not known."""
        level = int(self.level[i])
        return self.levels[level] if 0 <= level < len(self.levels) else ""

    def merged(self, other: RobotTable) -> RobotTable:
        """`other` with the robots this table has of other gateways."""
        gateway = other.gateways[0] if other.gateways else ""
        known = set(other.names)
        rows = [i for i, name in enumerate(self.names) if self.gateways[i] != gateway and name not in known]
        if not rows:
            return other
        levels = other.levels + tuple(level for level in self.levels if level not in other.levels)
        of_level = {"": -1} | {level: i for i, level in enumerate(levels)}
        kept = {column: getattr(self, column)[rows] for column in COLUMNS}
        kept["level"] = np.array([of_level[self.level_name(i)] for i in rows], dtype=np.int16)
        return RobotTable(
            names=other.names + tuple(self.names[i] for i in rows),
            fleets=other.fleets + tuple(self.fleets[i] for i in rows),
            gateways=other.gateways + tuple(self.gateways[i] for i in rows),
            levels=levels,
            **{column: np.concatenate([getattr(other, column), kept[column]]) for column in COLUMNS},
        )


STATES: dict[str, type[IntEnum]] = {"work": WorkState, "motion": MotionState, "connection": Connection}
COLUMNS = (
    *("x_m", "y_m", "yaw_rad", "speed_mps", "battery_percent", "age_s", "radius_m"),
    *("level", "work", "motion", "connection"),
)


def from_columns(
    gateway: str, names: tuple[str, ...], fleets: tuple[str, ...], levels: tuple[str, ...], **columns: Any
) -> RobotTable:
    """A table from anything array-like, columns named as the fields.

    Raises ValueError where lengths differ or a state is not known.
    """
    kinds: dict[str, Any] = {"level": np.int16, "work": np.uint8, "motion": np.uint8, "connection": np.uint8}
    arrays = {
        name: np.array(
            np.frombuffer(column, np.uint8) if isinstance(column, bytes) else column,
            dtype=kinds.get(name, np.float32),
        )
        for name, column in columns.items()
    }
    for name, kind in STATES.items():
        if arrays[name].size and int(arrays[name].max()) >= len(kind):
            raise ValueError(f"{name} state {int(arrays[name].max())} is not known")
    wrong = [name for name, array in arrays.items() if array.shape != (len(names),)]
    if wrong or len(fleets) != len(names):
        raise ValueError(f"{len(names)} robots, but {', '.join(wrong) or 'fleets'} of another length")
    return RobotTable(names, fleets, (gateway,) * len(names), levels, **arrays)


EMPTY = from_columns("", (), (), (), **{name: () for name in COLUMNS})
