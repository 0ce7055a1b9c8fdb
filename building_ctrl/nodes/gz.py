"""The simulator's process beside a running gz-sim: the same topics and robots, gz-sim's physics."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rclpy.utilities import remove_ros_args

from building_ctrl.building.classes import given_classes
from building_ctrl.building.loader import MapError, load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.gazebo.building import GazeboBuilding
from building_ctrl.gazebo.index import WorldIndexError, read_index
from building_ctrl.gazebo.loop import GazeboLoop
from building_ctrl.gazebo.names import INDEX_FILE, WorldIndex
from building_ctrl.nodes.gazebo import START_S, serve
from building_ctrl.nodes.gz_port import GzPort
from building_ctrl.nodes.shell import Shell, start_logging
from building_ctrl.nodes.sim import read_keys, simulator_parser
from building_ctrl.robot.keys import RobotKeyError
from building_ctrl.sim.crew import RobotCrew
from building_ctrl.sim.graph import JoinedGraph
from building_ctrl.sim.scenario import choose_robots


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = simulator_parser("Stands in for lifts, doors and robots' bodies, in a gz-sim that runs already.")
    parser.add_argument("--gz-world", metavar="DIR", required=True, help="folder of the exported world gz-sim runs")
    return parser.parse_args(remove_ros_args(list(argv)))


def _make_loop(options: argparse.Namespace, index: WorldIndex, port: GzPort, failed: Callable[[], None]) -> GazeboLoop:
    """Raises MapError, RobotKeyError, and WorldIndexError where the world is not this map's."""
    building = load_building(Path(options.map))
    roadmap = build_roadmap(building, classes=given_classes(options.classes))
    count = len(index.robots)
    robots = choose_robots(building, JoinedGraph(roadmap), count) if count else ()
    theirs = [(r.name, r.level, round(r.x_m, 3), round(r.y_m, 3)) for r in index.robots]
    ours = [(r.name, r.level, round(r.x_m, 3), round(r.y_m, 3)) for r in robots]
    levels = tuple((level.name, level.elevation_m) for level in building.levels)
    if theirs != ours or levels != index.levels:
        raise WorldIndexError(f"{options.gz_world}: was not exported from {options.map} as it is now; export it again")
    world = GazeboBuilding(building, roadmap, robots, index, port, seed=options.seed, start_s=START_S)
    keys = read_keys(options.robot_keys, robots)
    return GazeboLoop(world, RobotCrew(options.gateway, world, keys, time.monotonic), failed)


def main(argv: Sequence[str]) -> int:
    """Run beside gz-sim until SIGINT or SIGTERM; 1 where it cannot start or fails."""
    options = _options(argv)
    start_logging(options.log_level)
    failures: list[str] = []
    with Shell("sim", argv) as shell:

        def failed() -> None:
            failures.append("loop")
            shell.stop()

        try:
            index = read_index(Path(options.gz_world) / INDEX_FILE)
            port = GzPort(shell.node, index)
            loop = _make_loop(options, index, port, failed)
            port.open()
            options.output = options.gz_world
            try:
                serve(shell, loop, options)
            finally:
                port.close()
        except (MapError, RobotKeyError, WorldIndexError, ValueError, OSError) as error:
            print(f"sim: {error}", file=sys.stderr)
            return 1
    return 1 if failures else 0
