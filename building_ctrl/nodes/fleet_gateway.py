"""The gateway of other fleets as a ROS 2 process: fleet states and released paths in, path requests out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rclpy.utilities import remove_ros_args

from building_ctrl.building.loader import MapError, load_building
from building_ctrl.core.foreign.gateway import ForeignGateway
from building_ctrl.nodes import convert, convert_fleet
from building_ctrl.nodes.shell import Shell, node_parser, start_logging

STEP_S = 0.2
ALARMS_S = 1.0
MAX_GRAPH = 31

log = logging.getLogger("fleet_gateway")


class FleetGatewayNode:
    """Joins one ForeignGateway to its topics."""

    def __init__(self, shell: Shell, gateway: ForeignGateway, levels: Sequence[str]) -> None:
        self._shell = shell
        self._gateway = gateway
        self._levels = list(levels)
        self._told: set[str] = set()
        self._send_robots = shell.publisher("robot_states")
        self._send_path = shell.publisher("robot_path_requests")
        self._send_alarms = shell.publisher("alarms")

    def start(self) -> None:
        """Subscribe and set the timers."""
        self._shell.subscribe("fleet_states", self._on_fleet)
        self._shell.subscribe("released_paths", self._on_released_paths)
        self._shell.subscribe("lift_states", self._on_lift_state)
        self._shell.subscribe("ride_states", self._on_ride_states)
        self._shell.every(STEP_S, self._step)
        self._shell.every(ALARMS_S, self._report)

    def _on_fleet(self, message: Any) -> None:
        robots, bad = convert_fleet.fleet_robots(message)
        problems = [f"state of robot {name!r} of fleet {message.name!r} ignored: it is no pose" for name in bad]
        self._warn_once(problems + self._gateway.reports(robots, self._shell.now()))

    def _on_released_paths(self, message: Any) -> None:
        try:
            paths = convert.released_paths(message)
        except ValueError as error:
            log.warning("released_paths of planner %r ignored: %s", message.planner, error)
            return
        for problem in self._gateway.release(paths):
            log.warning("%s", problem)

    def _on_lift_state(self, message: Any) -> None:
        try:
            state = convert.lift_state(message)
        except ValueError as error:
            log.warning("state of lift %r ignored: %s", message.lift_name, error)
            return
        self._gateway.lift_states((state,), self._shell.now())

    def _on_ride_states(self, message: Any) -> None:
        try:
            rides = convert.ride_states(message)
        except ValueError as error:
            log.warning("ride_states of planner %r ignored: %s", message.planner, error)
            return
        self._gateway.ride_states(rides)

    def _step(self) -> None:
        now = self._shell.now()
        for order in self._gateway.orders(now):
            self._send_path(convert_fleet.path_request_msg(order, now))
        states = self._gateway.robot_states(now)
        self._send_robots(convert.robot_states_msg(self._shell.name, self._levels, states, now))

    def _report(self) -> None:
        now = self._shell.now()
        self._send_alarms(convert.alarms_msg(self._shell.name, self._gateway.alarms(now), now))

    def _warn_once(self, problems: Sequence[str]) -> None:
        for problem in problems:
            if problem not in self._told:
                self._told.add(problem)
                log.warning("%s", problem)


def fleet_masks(options: Sequence[str]) -> Mapping[str, int]:
    """NAME or NAME:GRAPH[,GRAPH...] -> mask of navigation graphs. Raises ValueError naming the option."""
    masks = {}
    for option in options:
        name, colon, graphs = option.partition(":")
        numbers = graphs.split(",") if colon else ["0"]
        if not name or not all(number.isdecimal() and int(number) <= MAX_GRAPH for number in numbers):
            raise ValueError(f"--fleet {option!r} is not NAME or NAME:GRAPH,... with graphs from 0 to {MAX_GRAPH}")
        masks[name] = sum(1 << number for number in {int(number) for number in numbers})
    return masks


def main(argv: Sequence[str]) -> int:
    """Run the gateway of other fleets until SIGINT or SIGTERM; 1 where its options or the map cannot be used."""
    parser = node_parser("Drives robots of other fleets by Open-RMF's path requests.")
    parser.add_argument(
        "--fleet",
        action="append",
        default=[],
        metavar="NAME[:GRAPH,...]",
        help="a fleet to drive, and the navigation graphs its robots may use (0); may be repeated",
    )
    options = parser.parse_args(remove_ros_args(list(argv)))
    start_logging(options.log_level)
    try:
        levels = [level.name for level in load_building(Path(options.map)).levels]
        fleets = fleet_masks(options.fleet)
    except (MapError, ValueError) as error:
        log.error("%s", error)
        return 1
    with Shell("fleet_gateway", argv) as shell:
        gateway = ForeignGateway(fleets, run_id=str(int(shell.now() * 1000)))
        FleetGatewayNode(shell, gateway, levels).start()
        shell.spin()
    return 0
