"""A world from a map's file, with robots at the places the simulator would choose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from building_ctrl.building.classes import given_classes
from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.gazebo.export.building import describe
from building_ctrl.gazebo.world import World, WorldOptions
from building_ctrl.model.building import Building
from building_ctrl.sim.graph import JoinedGraph
from building_ctrl.sim.scenario import choose_robots
from building_ctrl.sim.spawns import ScenarioRobot


@dataclass(frozen=True, slots=True)
class MappedWorld:
    """A map, its robots at their starts, and the world made of both."""

    building: Building
    robots: tuple[ScenarioRobot, ...]
    world: World


def world_of_map(
    path: Path, robots: int, options: WorldOptions | None = None, classes: Path | None = None
) -> MappedWorld:
    """The world of a map's file. Raises MapError, ClassesError, and ValueError where the map has
    no room for that many robots."""
    building = load_building(path)
    roadmap = build_roadmap(building, classes=given_classes(classes))
    chosen = choose_robots(building, JoinedGraph(roadmap), robots) if robots else ()
    return MappedWorld(building, chosen, describe(building, chosen, options))
