"""Shards: which levels a path planner owns, its name, and numbers that no two planners use.

An epoch is the fencing token of a robot's released path (Kleppmann, How to do distributed locking, 2016): whoever takes
a robot over uses a greater one, and the gateway takes nothing of a lesser one. Its low bits are the number of the
shard's first level, so that epochs of shards with different levels never are the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LEVEL_BITS = 10
NAME = "path_planner"
PER_LEVEL = "per-level"


class LevelsError(ValueError):
    """Levels or planners that do not fit the building; one line says which and what there is."""


@dataclass(frozen=True, slots=True)
class Shard:
    """The levels one path planner owns. `number` is the index of the first of them in the building."""

    name: str
    number: int
    levels: frozenset[str]

    def owns(self, level: str) -> bool:
        return level in self.levels

    def first_epoch(self, start_ms: int) -> int:
        """The epoch of a planner started at that time (milliseconds since 1970; must grow from start to start)."""
        return start_ms << LEVEL_BITS | self.number

    def epoch_after(self, epoch: int) -> int:
        """The least epoch of this shard that is greater than another planner's."""
        return ((epoch >> LEVEL_BITS) + 1) << LEVEL_BITS | self.number


def shard_of(building_levels: Sequence[str], owned: Sequence[str] = ()) -> Shard:
    """The shard that owns some levels of a building, all where none is named. Raises LevelsError for unknown ones."""
    unknown = [level for level in owned if level not in building_levels]
    if unknown:
        raise LevelsError(f"no level {unknown[0]!r} in the building; there are {', '.join(building_levels)}")
    if len(building_levels) > 1 << LEVEL_BITS:
        raise LevelsError(f"the building has {len(building_levels)} levels; path planners count to {1 << LEVEL_BITS}")
    levels = frozenset(owned or building_levels)
    number = min((building_levels.index(level) for level in levels), default=0)
    name = NAME if levels == frozenset(building_levels) else f"{NAME}_{_label(building_levels, number)}"
    return Shard(name, number, levels)


def split_levels(building_levels: Sequence[str], planners: str) -> tuple[tuple[str, ...], ...]:
    """Levels dealt out to planners, neighbours together: `planners` is a number or `per-level`.

    Raises LevelsError where it is neither, or more planners than levels.
    """
    count = len(building_levels) if planners == PER_LEVEL else int(planners) if planners.isdecimal() else 0
    if not 1 <= count <= max(1, len(building_levels)):
        raise LevelsError(
            f"path planners must be a number from 1 to {len(building_levels)} (levels of the building) or "
            f"{PER_LEVEL!r}, not {planners!r}"
        )
    bounds = [len(building_levels) * k // count for k in range(count + 1)]
    return tuple(tuple(building_levels[a:b]) for a, b in pairwise(bounds))


def shards_of(building_levels: Sequence[str], planners: str) -> tuple[Shard, ...]:
    """The shards of that many planners, or `per-level`. Raises LevelsError."""
    return tuple(shard_of(building_levels, group) for group in split_levels(building_levels, planners))


def level_list(text: str) -> tuple[str, ...]:
    """Level names separated by commas."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _label(building_levels: Sequence[str], number: int) -> str:
    """What distinguishes a planner, in letters ROS allows in a name: its first level, or that level's number."""
    labels = [re.sub(r"\W+", "_", level, flags=re.ASCII) for level in building_levels]
    label = labels[number]
    clear = label.strip("_") and labels.count(label) == 1
    return label if clear else str(number)
