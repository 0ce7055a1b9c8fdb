"""A map and robots as a world for Gazebo Classic."""

from __future__ import annotations

from collections.abc import Sequence

from building_ctrl.gazebo.export.building import describe
from building_ctrl.gazebo.export.classic import classic_sdf
from building_ctrl.gazebo.names import WorldIndex
from building_ctrl.gazebo.world import WorldOptions
from building_ctrl.model.building import Building
from building_ctrl.sim.spawns import ScenarioRobot


def classic_of(building: Building, robots: Sequence[ScenarioRobot], lidar: bool = False) -> tuple[WorldIndex, str]:
    """What is in the world, and its SDF. Raises ValueError where the building has no levels."""
    world = describe(building, robots, WorldOptions(lidar=lidar))
    return world.index, classic_sdf(world)
