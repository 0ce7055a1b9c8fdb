"""The embedded building as a ROS 2 node: it stands in for lifts, doors and robots' bodies, as hardware would.

Lifts and doors are reached by their topics alone, robots over the link alone. What the checker measures on
true poses goes out as `simulator_report`.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TypeVar

from building_ctrl_msgs.msg import SimulatorReport
from rclpy.utilities import remove_ros_args

from building_ctrl.building.classes import given_classes
from building_ctrl.building.loader import MapError, load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.core.alarms import AlarmBook, Condition
from building_ctrl.model.alarm import AlarmPriority
from building_ctrl.nodes import convert
from building_ctrl.nodes.shell import Shell, node_parser, start_logging
from building_ctrl.robot.keys import RobotKeyError, RobotKeys, read_robot_keys
from building_ctrl.sim.crew import RobotCrew
from building_ctrl.sim.embedded import EmbeddedBuilding
from building_ctrl.sim.figures import RunTimes, latency_of, result_of
from building_ctrl.sim.graph import JoinedGraph
from building_ctrl.sim.loop import SimulatorLoop
from building_ctrl.sim.progress import WorkBook
from building_ctrl.sim.scenario import choose_robots
from building_ctrl.sim.spawns import ScenarioRobot
from building_ctrl.sim.statistics import Statistics

DEVICES_S = 0.1
REPEAT_S = 1.0
INCIDENT = "simulator_incident"

T = TypeVar("T")

log = logging.getLogger("sim")


class BuildingLoop(Protocol):
    """What drives a building that stands in for hardware: SimulatorLoop, or another with the same calls."""

    @property
    def world(self) -> EmbeddedBuilding: ...

    def now(self) -> float: ...

    def call(self, action: Callable[[EmbeddedBuilding, RobotCrew], T]) -> T: ...


class SimNode:
    """Joins the loop of a building that stands in for hardware to its topics."""

    def __init__(self, shell: Shell, loop: BuildingLoop, map_file: str, seed: int) -> None:
        self._shell = shell
        self._loop = loop
        self._map = map_file
        self._seed = seed
        self._started_s = loop.now()
        self._started_real_s = time.monotonic()
        self._statistics = Statistics()
        self._work = WorkBook.of(loop.world.names)
        self._telemetry_hz: float | None = None
        self._lifts_told: dict[str, object] = {}
        self._shown = 0
        self._alarms = AlarmBook({INCIDENT: AlarmPriority.HIGH})
        self._send_lift = shell.publisher("lift_states")
        self._send_door = shell.publisher("door_states")
        self._send_report = shell.publisher("simulator_report")
        self._send_alarms = shell.publisher("alarms")

    def start(self) -> None:
        """Subscribe and set the timers."""
        self._hear("lift_requests", self._on_lift_request)
        self._hear("door_requests", self._on_door_request)
        self._hear("ride_requests", self._on_ride_request)
        self._hear("crossing_requests", self._on_crossing_request)
        self._hear("ride_states", self._on_rides)
        self._hear("crossing_states", self._on_crossings)
        self._hear("planner_state", self._on_travel)
        self._hear("task_states", self._on_tasks)
        self._hear("link_states", self._on_link_states)
        self._shell.every(DEVICES_S, self._tell_changes)
        self._shell.every(REPEAT_S, self._repeat)

    def _hear(self, topic: str, callback: Callable[[Any], None]) -> None:
        def guarded(message: Any) -> None:
            try:
                callback(message)
            except ValueError as error:
                log.warning("message on %s ignored: %s", topic, error)

        self._shell.subscribe(topic, guarded)

    def report(self) -> None:
        """Publish what was measured so far."""
        text = json.dumps(self._loop.call(self._figures))
        self._send_report(SimulatorReport(stamp=convert.time_msg(self._shell.now()), json=text))

    def _on_lift_request(self, message: Any) -> None:
        request = convert.lift_request(message)
        self._loop.call(lambda world, _: world.lift_request(request, self._loop.now()))

    def _on_door_request(self, message: Any) -> None:
        request = convert.door_request(message)
        self._loop.call(lambda world, _: world.door_request(request, self._loop.now()))

    def _on_ride_request(self, message: Any) -> None:
        self._statistics.ride_request(convert.ride_request(message), self._loop.now())

    def _on_crossing_request(self, message: Any) -> None:
        self._statistics.crossing_request(convert.crossing_request(message), self._loop.now())

    def _on_travel(self, message: Any) -> None:
        self._work.travel(convert.travel_states(message), self._loop.now())

    def _on_rides(self, message: Any) -> None:
        rides = convert.ride_states(message)
        self._loop.call(lambda world, _: world.ride_states(rides))
        for ride in rides:
            self._statistics.ride(ride, self._loop.now())

    def _on_crossings(self, message: Any) -> None:
        for crossing in convert.crossing_states(message):
            self._statistics.crossing(crossing, self._loop.now())

    def _on_tasks(self, message: Any) -> None:
        tasks = convert.task_states(message)
        self._work.tasks(tasks)
        for task in tasks:
            self._statistics.task(task)

    def _on_link_states(self, message: Any) -> None:
        names = set(self._loop.world.names)
        rates = [float(hz) for robot, hz in zip(message.robot, message.telemetry_hz, strict=True) if robot in names]
        if rates:
            self._telemetry_hz = round(sum(rates) / len(rates), 2)

    def _tell_changes(self) -> None:
        lifts, doors = self._loop.call(lambda world, _: (world.lift_states(), world.changed_door_states()))
        now = self._shell.now()
        for state in lifts:
            if self._lifts_told.get(state.lift) != state:
                self._lifts_told[state.lift] = state
                self._send_lift(convert.lift_state_msg(state, now))
        for door in doors:
            self._send_door(convert.door_state_msg(door, now))

    def _repeat(self) -> None:
        lifts, doors = self._loop.call(lambda world, _: (world.lift_states(), world.door_states()))
        now = self._shell.now()
        for state in lifts:
            self._send_lift(convert.lift_state_msg(state, now))
        for door in doors:
            self._send_door(convert.door_state_msg(door, now))
        busy, waiting_for = self._work.has_work(self._loop.now()), self._work.waiting_for()
        self._loop.call(lambda world, _: world.watch_progress(self._loop.now(), busy, waiting_for))
        self._tell_incidents(now)
        self.report()

    def _tell_incidents(self, now: float) -> None:
        incidents = self._loop.call(lambda world, _: world.incidents)
        for incident in incidents[self._shown :]:
            log.error("%s: %s", incident.kind, incident.detail)
        self._shown = len(incidents)
        conditions = [Condition(INCIDENT, i.kind, i.detail) for i in incidents]
        self._send_alarms(convert.alarms_msg(self._shell.name, self._alarms.update(conditions, now), now))

    def _figures(self, world: EmbeddedBuilding, crew: RobotCrew) -> dict[str, Any]:
        passed_s = self._loop.now() - self._started_s
        result = result_of(
            world,
            self._statistics,
            self._statistics.tasks,
            latency_of(crew.latencies_s),
            self._telemetry_hz,
            self._map,
            self._seed,
            RunTimes(passed_s, time.process_time(), time.monotonic() - self._started_real_s),
        )
        incidents = [asdict(incident) for incident in world.incidents]
        return asdict(result) | {"incidents": incidents, "connected": crew.connected}


def simulator_parser(description: str) -> argparse.ArgumentParser:
    """Options of every process that stands in for hardware."""
    parser = node_parser(description)
    parser.add_argument("--gateway", default="tcp://127.0.0.1:5570", help="where the robots connect (%(default)s)")
    parser.add_argument("--robots", type=int, default=0, help="number of simulated robots (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of noise and passengers (%(default)s)")
    parser.add_argument(
        "--robot-keys", metavar="DIR", help="folder of the robots' key files NAME.key; without it plain text"
    )
    return parser


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = simulator_parser("Stands in for lifts, doors and robots' bodies.")
    parser.add_argument("--passengers", type=float, default=0.0, help="people an hour at every lift (%(default)s)")
    return parser.parse_args(remove_ros_args(list(argv)))


def read_keys(folder: str | None, robots: Sequence[ScenarioRobot]) -> dict[str, RobotKeys] | None:
    """Keys of all robots from a folder, None without one. Raises RobotKeyError."""
    if not folder:
        return None
    return {robot.name: read_robot_keys(Path(folder) / f"{robot.name}.key") for robot in robots}


def _make_loop(options: argparse.Namespace, failed: Callable[[], None]) -> SimulatorLoop:
    building = load_building(Path(options.map))
    roadmap = build_roadmap(building, classes=given_classes(options.classes))
    robots = choose_robots(building, JoinedGraph(roadmap), options.robots) if options.robots else ()
    clock = time.monotonic
    world = EmbeddedBuilding(building, roadmap, robots, options.seed, clock(), passengers_per_hour=options.passengers)
    keys = read_keys(options.robot_keys, robots)
    return SimulatorLoop(world, RobotCrew(options.gateway, world, keys, clock), failed, clock)


def main(argv: Sequence[str]) -> int:
    """Run the building until SIGINT or SIGTERM; 1 where it cannot start or fails. `--gazebo`
    makes Gazebo Classic its world, `--gz-world` a gz-sim that runs already."""
    if "--gazebo" in argv:
        from building_ctrl.nodes.gazebo import main as main_in_gazebo

        return main_in_gazebo([argument for argument in argv if argument != "--gazebo"])
    if "--gz-world" in argv:
        from building_ctrl.nodes.gz import main as main_beside_gz

        return main_beside_gz(argv)
    options = _options(argv)
    start_logging(options.log_level)
    with Shell("sim", argv) as shell:
        failures: list[str] = []

        def failed() -> None:
            failures.append("loop")
            shell.stop()

        try:
            loop = _make_loop(options, failed)
        except (MapError, RobotKeyError, ValueError) as error:
            print(f"sim: {error}", file=sys.stderr)
            return 1
        node = SimNode(shell, loop, options.map, options.seed)
        node.start()
        loop.start()
        try:
            shell.spin()
            node.report()
        finally:
            loop.stop()
    return 1 if failures else 0
