"""Which path planners to start for which levels."""

from __future__ import annotations

from building_ctrl.core.path.shard import level_list, shard_of, split_levels
from building_ctrl.model.building import Building
from building_ctrl.supervise.deployment import PathPlannerPart


def path_planner_parts(building: Building, planners: str, levels: str = "") -> tuple[PathPlannerPart, ...]:
    """`planners` is a number or `per-level`; `levels`, separated by commas, those of this machine, all where empty.

    Raises LevelsError.
    """
    names = tuple(level.name for level in building.levels)
    chosen = shard_of(names, level_list(levels)).levels
    groups = split_levels([name for name in names if name in chosen], planners)
    return tuple(
        PathPlannerPart(shard_of(names, group).name, () if set(group) == set(names) else group) for group in groups
    )
