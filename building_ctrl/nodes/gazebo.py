"""The simulator's process with Gazebo Classic as its world: the same topics and robots, Gazebo's physics.

It owns Gazebo's server. Figures of the physics itself go to a file beside Gazebo's log.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rclpy.utilities import remove_ros_args

from building_ctrl.building.classes import given_classes
from building_ctrl.building.loader import MapError, load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.gazebo.building import GazeboBuilding, drives_of
from building_ctrl.gazebo.classic.root import ClassicError, chosen_root
from building_ctrl.gazebo.classic.session import ClassicOptions, classic_world
from building_ctrl.gazebo.figures import physics_figures
from building_ctrl.gazebo.loop import GazeboLoop
from building_ctrl.gazebo.make import classic_of
from building_ctrl.gazebo.world_port import WorldError, WorldPort
from building_ctrl.nodes import convert
from building_ctrl.nodes.shell import Shell, start_logging
from building_ctrl.nodes.sim import SimNode, read_keys, simulator_parser
from building_ctrl.robot.keys import RobotKeyError
from building_ctrl.sim.crew import RobotCrew
from building_ctrl.sim.graph import JoinedGraph
from building_ctrl.sim.scenario import choose_robots

START_S = 1.0
FIGURES_S = 1.0
FIGURES_FILE = "gazebo.json"


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = simulator_parser("Stands in for lifts, doors and robots' bodies, in Gazebo Classic.")
    parser.add_argument("--root", metavar="DIR", help="where Gazebo Classic is set up (default: the user's cache)")
    parser.add_argument("--output", metavar="DIR", default=".", help="folder of Gazebo's log and figures (%(default)s)")
    parser.add_argument("--gui", action="store_true", help="open Gazebo's window")
    parser.add_argument("--lidar", action="store_true", help="robots carry a lidar")
    return parser.parse_args(remove_ros_args(list(argv)))


class _Prepared:
    """A map and its robots, read before Gazebo is started."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.building = load_building(Path(options.map))
        self.roadmap = build_roadmap(self.building, classes=given_classes(options.classes))
        self.robots = choose_robots(self.building, JoinedGraph(self.roadmap), options.robots)
        self.keys = read_keys(options.robot_keys, self.robots)
        self.index, self.world = classic_of(self.building, self.robots, options.lidar)

    def loop(self, port: WorldPort, options: argparse.Namespace, failed: Callable[[], None]) -> GazeboLoop:
        """The loop that joins a running world to the robots' clients."""
        world = GazeboBuilding(
            self.building, self.roadmap, self.robots, self.index, port, seed=options.seed, start_s=START_S
        )
        return GazeboLoop(world, RobotCrew(options.gateway, world, self.keys, time.monotonic), failed)


def serve(shell: Shell, loop: GazeboLoop, options: argparse.Namespace) -> None:
    """Join the loop to its topics until the shell ends."""
    node = SimNode(shell, loop, options.map, options.seed)
    node.start()
    file = Path(options.output) / FIGURES_FILE

    def heard_paths(message: Any) -> None:
        paths = convert.released_paths(message)
        loop.call(lambda world, _: loop.world.tracking.released(paths))

    began_s, began_real_s = loop.now(), time.monotonic()

    def write_figures() -> None:
        figures = loop.call(lambda world, _: physics_figures(loop.world))
        passed_s = max(time.monotonic() - began_real_s, 1e-9)
        figures["real_time_factor"] = round((loop.now() - began_s) / passed_s, 4)
        file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")

    shell.subscribe("released_paths", heard_paths)
    shell.every(FIGURES_S, write_figures)
    loop.start()
    try:
        shell.spin()
        node.report()
        write_figures()
    finally:
        loop.stop()


def main(argv: Sequence[str]) -> int:
    """Run the building in Gazebo until SIGINT or SIGTERM; 1 where it cannot start or fails."""
    options = _options(argv)
    start_logging(options.log_level)
    failures: list[str] = []
    with Shell("sim", argv) as shell:

        def failed() -> None:
            failures.append("loop")
            shell.stop()

        try:
            prepared = _Prepared(options)
            output = Path(options.output)
            output.mkdir(parents=True, exist_ok=True)
            classic = ClassicOptions(
                chosen_root(Path(options.root) if options.root else None),
                output / "gzserver.log",
                lockstep=False,
                seed=options.seed,
                gui=options.gui,
            )
            drives = drives_of(prepared.index)
            with classic_world(classic, prepared.world, drives, lambda: shell.stopping) as port:
                serve(shell, prepared.loop(port, options, failed), options)
        except (MapError, RobotKeyError, ClassicError, WorldError, ValueError, OSError) as error:
            print(f"sim: {error}", file=sys.stderr)
            return 1
    return 1 if failures else 0
