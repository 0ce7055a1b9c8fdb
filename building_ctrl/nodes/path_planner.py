"""The path planner as a ROS 2 node: robots' states and destinations in, released paths and requests out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rclpy.utilities import remove_ros_args

from building_ctrl.building.classes import ClassesError, given_classes
from building_ctrl.building.loader import MapError, load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.core.path.planner import PathDecisions, PathPlanner
from building_ctrl.core.path.shard import LevelsError, Shard, level_list, shard_of
from building_ctrl.model.roadmap import RoadmapParameters
from building_ctrl.nodes import convert, convert_held, convert_shard
from building_ctrl.nodes.shell import Shell, node_parser, start_logging
from building_ctrl.nodes.traffic import TrafficTopics
from building_ctrl.store import ReleaseStore, StoreError

PERIOD_S = 0.2
REPEAT_S = 1.0
STATE_S = 0.5

log = logging.getLogger("path_planner")


class PathPlannerNode:
    """Joins one PathPlanner to its topics, and to the file that keeps what it releases."""

    def __init__(
        self, shell: Shell, planner: PathPlanner, store: ReleaseStore | None = None, rules: Path | None = None
    ) -> None:
        self._shell = shell
        self._planner = planner
        self._store = store
        self._traffic = TrafficTopics(shell, planner.traffic, rules)
        self._send_paths = shell.publisher("released_paths")
        self._send_state = shell.publisher("planner_state")
        self._send_ride = shell.publisher("ride_requests")
        self._send_crossing = shell.publisher("crossing_requests")
        self._send_alarms = shell.publisher("alarms")
        self._send_shard = shell.publisher("shard_states")
        self._last: PathDecisions | None = None

    def start(self) -> None:
        """Subscribe and set the timers. Raises StoreError where the file of rules cannot be used."""
        self._traffic.start()
        self._shell.subscribe("robot_states", self._on_robot_states)
        self._shell.subscribe("destination_requests", self._on_destination)
        self._shell.subscribe("task_states", self._on_tasks)
        self._shell.subscribe("ride_states", self._on_ride_states)
        self._shell.subscribe("crossing_states", self._on_crossing_states)
        self._shell.subscribe("robot_clear_requests", self._on_clear)
        self._shell.subscribe("shard_states", self._on_shard_state)
        self._shell.every(PERIOD_S, self._step)
        self._shell.every(REPEAT_S, self._repeat)
        self._shell.every(STATE_S, self._report)

    def _on_robot_states(self, message: Any) -> None:
        try:
            states = convert.robot_states(message, self._planner.hears)
        except ValueError as error:
            log.warning("robot_states of gateway %r ignored: %s", message.gateway, error)
            return
        self._planner.robot_states(states, self._shell.now(), message.gateway)

    def _on_destination(self, message: Any) -> None:
        try:
            request = convert.destination(message, self._planner.roadmap)
        except ValueError as error:
            log.warning("destination of robot %r refused: %s", message.robot_name, error)
            return
        refusal = self._planner.destination(request, self._shell.now())
        if refusal:
            log.warning("destination of robot %r refused: %s", request.robot, refusal)

    def _on_tasks(self, message: Any) -> None:
        self._planner.task_priorities({task.task_id: int(task.priority) for task in message.tasks})

    def _on_ride_states(self, message: Any) -> None:
        self._planner.ride_states(convert.ride_states(message), self._shell.now())

    def _on_crossing_states(self, message: Any) -> None:
        self._planner.crossing_states(convert.crossing_states(message), self._shell.now())

    def _on_clear(self, message: Any) -> None:
        try:
            request = convert_held.clear_request(message)
        except ValueError as error:
            log.warning("clear request for robot %r refused: %s", message.robot, error)
            return
        refusal = self._planner.clear(request, self._shell.now())
        if refusal:
            log.warning("clear request refused: %s", refusal)
        else:
            log.info("robot %r: %s, says %s", request.robot, request.action.name.lower(), request.person)
    def _on_shard_state(self, message: Any) -> None:
        try:
            state = convert_shard.shard_state(message)
        except ValueError as error:
            log.warning("shard_states of planner %r ignored: %s", message.planner, error)
            return
        self._planner.shard_state(state, self._shell.now())

    def _step(self) -> None:
        now = self._shell.now()
        decisions = self._last = self._planner.step(now)
        if self._store is not None:
            self._store.keep(decisions.held)
        if decisions.released:
            self._publish_paths(decisions.released, now)
        for ride in decisions.rides:
            self._send_ride(convert.ride_request_msg(ride, now))
        for crossing in decisions.crossings:
            self._send_crossing(convert.crossing_request_msg(crossing, now))
        if decisions.shard is not None:
            self._send_shard(convert_shard.shard_state_msg(decisions.shard, now))

    def _repeat(self) -> None:
        self._publish_paths(self._planner.all_released(), self._shell.now())

    def _publish_paths(self, paths: Sequence[Any], now: float) -> None:
        self._send_paths(convert.released_paths_msg(self._planner.name, self._planner.epoch, paths, now))

    def _report(self) -> None:
        if self._last is None:
            return
        now = self._shell.now()
        planner = self._planner
        self._send_state(convert.planner_state_msg(planner.name, planner.epoch, planner.travel(), now))
        self._send_alarms(convert.alarms_msg(planner.name, self._last.alarms, now))


def main(argv: Sequence[str]) -> int:
    """Run the path planner until SIGINT or SIGTERM; 1 where the map cannot be read."""
    parser = node_parser("Plans and releases the robots' paths.")
    parser.add_argument("--radius", type=float, default=RoadmapParameters().radius_m, help="without --classes, metres")
    parser.add_argument("--rules", metavar="FILE", help="keeps closed lanes and areas and speed limits over restarts")
    parser.add_argument("--levels", default="", metavar="L1,L2", help="levels to coordinate (all); parameter too")
    parser.add_argument("--store", metavar="FILE", help="SQLite file that keeps what is released over a restart")
    options = parser.parse_args(remove_ros_args(list(argv)))
    start_logging(options.log_level)
    try:
        building = load_building(Path(options.map))
        classes = given_classes(options.classes)
    except (MapError, ClassesError) as error:
        log.error("%s", error)
        return 1
    roadmap = build_roadmap(building, RoadmapParameters(radius_m=options.radius), classes)
    names = tuple(level.level for level in roadmap.levels)
    try:
        node_name = shard_of(names, level_list(options.levels)).name
        with ExitStack() as stack:
            store = stack.enter_context(ReleaseStore(options.store)) if options.store else None
            shell = stack.enter_context(Shell(node_name, argv))
            shard = _shard(shell, names, options.levels)
            planner = PathPlanner(building, roadmap, shard.first_epoch(int(shell.now() * 1000)), shard=shard)
            if store is None:
                log.warning("no --store: a planner started anew does not know what this one has released")
            else:
                planner.restore(store.load())
            PathPlannerNode(shell, planner, store, Path(options.rules) if options.rules else None).start()
            shell.spin()
    except (LevelsError, StoreError) as error:
        log.error("%s", error)
        return 1
    return 0


def _shard(shell: Shell, names: Sequence[str], levels: str) -> Shard:
    """The levels of the command line, or those of the parameter `levels`. Raises LevelsError."""
    chosen = shell.node.declare_parameter("levels", levels).value
    shard = shard_of(names, level_list(chosen))
    if not shard.levels >= frozenset(names):
        log.info("%s coordinates %s", shard.name, ", ".join(level for level in names if shard.owns(level)))
    return shard
