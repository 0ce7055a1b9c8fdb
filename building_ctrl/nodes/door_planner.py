"""The door planner as a ROS 2 node: crossing requests, door states in; door requests, crossing states out."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from rclpy.utilities import remove_ros_args
from rmf_door_msgs.msg import DoorSessions, Session, SupervisorHeartbeat

from building_ctrl.building.loader import MapError, load_building
from building_ctrl.core.door import DoorDecisions, DoorParameters, DoorPlanner, DoorSession, door_specs
from building_ctrl.nodes import convert
from building_ctrl.nodes.shell import Shell, node_parser, start_logging

PERIOD_S = 0.2
REPEAT_S = 1.0

log = logging.getLogger("door_planner")


def heartbeat_msg(sessions: Iterable[DoorSession]) -> SupervisorHeartbeat:
    """Who holds which door, door by door."""
    doors: dict[str, list[Session]] = {}
    for row in sessions:
        stamp = convert.time_msg(row.requested_s)
        doors.setdefault(row.door, []).append(Session(request_time=stamp, requester_id=row.requester_id))
    return SupervisorHeartbeat(
        all_sessions=[DoorSessions(door_name=door, sessions=held) for door, held in doors.items()]
    )


class DoorPlannerNode:
    """Joins one DoorPlanner to its topics."""

    def __init__(self, shell: Shell, planner: DoorPlanner) -> None:
        self._shell = shell
        self._planner = planner
        self._decisions = DoorDecisions()
        self._send_request = shell.publisher("door_requests")
        self._send_crossings = shell.publisher("crossing_states")
        self._send_heartbeat = shell.publisher("door_supervisor_heartbeat")
        self._send_alarms = shell.publisher("alarms")

    def start(self) -> None:
        """Subscribe and set the timers."""
        hear, planner = self._shell.subscribe, self._planner
        hear(
            "crossing_requests",
            lambda m: self._take("crossing_requests", convert.crossing_request, m, planner.crossing_request),
        )
        hear("door_states", lambda m: self._take("door_states", convert.door_state, m, planner.door_state))
        hear(
            "adapter_door_requests",
            lambda m: self._take("adapter_door_requests", convert.door_request, m, planner.external_request),
        )
        hear("fire_alarm_trigger", self._on_fire_alarm)
        self._shell.every(PERIOD_S, self._step)
        self._shell.every(REPEAT_S, self._report)

    def _take(self, topic: str, read: Callable[[Any], Any], message: Any, event: Callable[[Any, float], None]) -> None:
        try:
            event(read(message), self._shell.now())
        except ValueError as error:
            log.warning("a message on %s ignored: %s", topic, error)
            return
        if topic != "door_states" or self._decisions.sessions:
            self._step()

    def _on_fire_alarm(self, message: Any) -> None:
        log.warning("fire alarm %s", "on" if message.data else "off")
        self._planner.fire(bool(message.data), self._shell.now())
        self._step()

    def _step(self) -> None:
        now = self._shell.now()
        before = self._decisions
        self._decisions = decisions = self._planner.step(now)
        for request in decisions.requests:
            self._send_request(convert.door_request_msg(request, now))
        if decisions.crossings != before.crossings:
            self._report_crossings()
        if decisions.sessions != before.sessions:
            self._report_sessions()
        if decisions.alarms != before.alarms:
            known = {alarm.alarm_id for alarm in before.alarms if alarm.active}
            for alarm in decisions.alarms:
                if alarm.active and alarm.alarm_id not in known:
                    log.warning("%s %s: %s", alarm.kind, alarm.source, alarm.detail)
            self._report_alarms()

    def _report(self) -> None:
        self._report_crossings()
        self._report_sessions()
        self._report_alarms()

    def _report_crossings(self) -> None:
        states = convert.crossing_states_msg(self._shell.name, self._decisions.crossings, self._shell.now())
        self._send_crossings(states)

    def _report_sessions(self) -> None:
        self._send_heartbeat(heartbeat_msg(self._decisions.sessions))

    def _report_alarms(self) -> None:
        self._send_alarms(convert.alarms_msg(self._shell.name, self._decisions.alarms, self._shell.now()))


def main(argv: Sequence[str]) -> int:
    """Run the door planner until SIGINT or SIGTERM; 1 where the map cannot be read."""
    parser = node_parser("Opens doors for crossings.")
    parser.add_argument(
        "--fire-door",
        action="append",
        default=[],
        metavar="NAME",
        help="a door that is never held during a fire",
    )
    options = parser.parse_args(remove_ros_args(list(argv)))
    start_logging(options.log_level)
    try:
        building = load_building(Path(options.map))
    except MapError as error:
        print(f"door_planner: {error}", file=sys.stderr)
        return 1
    specs = door_specs(building)
    unknown = sorted(set(options.fire_door) - {spec.name for spec in specs})
    if unknown:
        print(f"door_planner: --fire-door {', '.join(unknown)}: no such door in {options.map}", file=sys.stderr)
        return 1
    with Shell("door_planner", argv) as shell:
        parameters = DoorParameters(fire_doors=frozenset(options.fire_door))
        DoorPlannerNode(shell, DoorPlanner(specs, parameters)).start()
        shell.spin()
    return 0
