"""A world from a map's file, with robots at the places the simulator would choose."""

from __future__ import annotations

from pathlib import Path

from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.gazebo.export.building import describe
from building_ctrl.gazebo.world import World, WorldOptions
from building_ctrl.model.building import Building
from building_ctrl.sim.graph import JoinedGraph
from building_ctrl.sim.scenario import choose_robots


def world_of_map(path: Path, robots: int, options: WorldOptions | None = None) -> tuple[Building, World]:
    """The building drawn in a map and its world. Raises MapError, and ValueError where the map has no room
    for that many robots."""
    building = load_building(path)
    chosen = choose_robots(building, JoinedGraph(build_roadmap(building)), robots) if robots else ()
    return building, describe(building, chosen, options)
