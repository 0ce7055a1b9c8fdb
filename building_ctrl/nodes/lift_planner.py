"""The lift planner as a ROS 2 node: ride requests and lift states in, lift requests and ride states out."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rclpy.utilities import remove_ros_args

from building_ctrl.building.loader import MapError, load_building
from building_ctrl.core.lift import LiftDecisions, LiftParameters, LiftPlanner, lift_specs
from building_ctrl.nodes import convert
from building_ctrl.nodes.shell import Shell, node_parser, start_logging

PERIOD_S = 0.2
REPEAT_S = 1.0

log = logging.getLogger("lift_planner")


class LiftPlannerNode:
    """Joins one LiftPlanner to its topics."""

    def __init__(self, shell: Shell, planner: LiftPlanner) -> None:
        self._shell = shell
        self._planner = planner
        self._decisions = LiftDecisions()
        self._send_request = shell.publisher("lift_requests")
        self._send_rides = shell.publisher("ride_states")
        self._send_alarms = shell.publisher("alarms")

    def start(self) -> None:
        """Subscribe and set the timers."""
        hear = self._shell.subscribe
        hear(
            "ride_requests",
            lambda m: self._take("ride_requests", convert.ride_request, m, self._planner.ride_request),
        )
        hear(
            "lift_states",
            lambda m: self._take("lift_states", convert.lift_state, m, self._planner.lift_state),
        )
        hear("fire_alarm_trigger", self._on_fire_alarm)
        hear("emergency_signal", self._on_emergency)
        self._shell.every(PERIOD_S, self._step)
        self._shell.every(REPEAT_S, self._report)

    def _take(self, topic: str, read: Callable[[Any], Any], message: Any, event: Callable[[Any, float], None]) -> None:
        try:
            event(read(message), self._shell.now())
        except ValueError as error:
            log.warning("a message on %s ignored: %s", topic, error)
            return
        self._step()

    def _on_fire_alarm(self, message: Any) -> None:
        log.warning("fire alarm %s", "on" if message.data else "off")
        self._planner.fire(bool(message.data), self._shell.now())
        self._step()

    def _on_emergency(self, message: Any) -> None:
        fleets = tuple(message.fleet_names)
        log.warning("emergency %s for %s", "on" if message.is_emergency else "off", ", ".join(fleets) or "all fleets")
        self._planner.fire(bool(message.is_emergency), self._shell.now(), "emergency signal", fleets)
        self._step()

    def _step(self) -> None:
        now = self._shell.now()
        before = self._decisions
        self._decisions = decisions = self._planner.step(now)
        for request in decisions.requests:
            self._send_request(convert.lift_request_msg(request, now))
        if decisions.rides != before.rides:
            self._report_rides()
        if decisions.alarms != before.alarms:
            known = {alarm.alarm_id for alarm in before.alarms if alarm.active}
            for alarm in decisions.alarms:
                if alarm.active and alarm.alarm_id not in known:
                    log.warning("%s %s: %s", alarm.kind, alarm.source, alarm.detail)
            self._report_alarms()

    def _report(self) -> None:
        self._report_rides()
        self._report_alarms()

    def _report_rides(self) -> None:
        self._send_rides(convert.ride_states_msg(self._shell.name, self._decisions.rides, self._shell.now()))

    def _report_alarms(self) -> None:
        self._send_alarms(convert.alarms_msg(self._shell.name, self._decisions.alarms, self._shell.now()))


def main(argv: Sequence[str]) -> int:
    """Run the lift planner until SIGINT or SIGTERM; 1 where the map cannot be read."""
    parser = node_parser("Gives rides in lifts.")
    parser.add_argument(
        "--fire-latched",
        action="store_true",
        help="a fire ends only when a person resets it, not with its signal",
    )
    options = parser.parse_args(remove_ros_args(list(argv)))
    start_logging(options.log_level)
    try:
        building = load_building(Path(options.map))
    except MapError as error:
        print(f"lift_planner: {error}", file=sys.stderr)
        return 1
    with Shell("lift_planner", argv) as shell:
        planner = LiftPlanner(lift_specs(building), LiftParameters(fire_latched=options.fire_latched))
        LiftPlannerNode(shell, planner).start()
        shell.spin()
    return 0
