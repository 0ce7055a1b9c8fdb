"""The dispatcher as a ROS 2 node: task requests and robots' states in, destinations and tasks' states out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rclpy.utilities import remove_ros_args
from rmf_task_msgs.msg import ApiResponse

from building_ctrl.building.classes import ClassesError, given_classes
from building_ctrl.building.loader import MapError, load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.core.task import DispatchDecisions, Dispatcher, DispatchParameters, open_rmf
from building_ctrl.core.task.desk import TaskDesk
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.nodes import convert
from building_ctrl.nodes.shell import Shell, node_parser, start_logging
from building_ctrl.store import StoreError, TaskStore

PERIOD_S = 0.25
REPORT_S = 1.0

log = logging.getLogger("dispatcher")


class DispatcherNode:
    """Joins one Dispatcher and its store to their topics."""

    def __init__(self, shell: Shell, dispatcher: Dispatcher, store: TaskStore, roadmap: Roadmap) -> None:
        self._shell = shell
        self._dispatcher = dispatcher
        self._store = store
        self._roadmap = roadmap
        self._desk = TaskDesk(dispatcher, store)
        self._decisions = DispatchDecisions()
        self._send_response = shell.publisher("task_api_responses")
        self._send_destination = shell.publisher("destination_requests")
        self._send_tasks = shell.publisher("task_states")
        self._send_alarms = shell.publisher("alarms")

    def start(self) -> None:
        """Subscribe and set the timers."""
        self._shell.subscribe("task_api_requests", self._on_request)
        self._shell.subscribe("robot_states", self._on_robot_states)
        self._shell.subscribe("planner_state", self._on_planner_state)
        self._shell.every(PERIOD_S, self._step)
        self._shell.every(REPORT_S, self._report)

    def _on_request(self, message: Any) -> None:
        response = self._desk.handle(message.json_msg, message.request_id, self._shell.now())
        log.info("request %r: %s", message.request_id, open_rmf.in_words(response))
        answer = ApiResponse(
            type=ApiResponse.TYPE_RESPONDING, json_msg=response, request_id=message.request_id
        )
        self._send_response(answer)
        self._report_tasks()

    def _on_robot_states(self, message: Any) -> None:
        try:
            states = convert.robot_states(message)
        except ValueError as error:
            log.warning("robot_states of gateway %r ignored: %s", message.gateway, error)
            return
        self._dispatcher.robot_states(states, self._shell.now())

    def _on_planner_state(self, message: Any) -> None:
        try:
            states = convert.travel_states(message)
        except ValueError as error:
            log.warning("planner_state of planner %r ignored: %s", message.planner, error)
            return
        self._dispatcher.travel_states(states, self._shell.now())

    def _step(self) -> None:
        now = self._shell.now()
        before = {alarm.alarm_id for alarm in self._decisions.alarms}
        self._decisions = decisions = self._desk.step(now)
        for request in decisions.destinations:
            self._send_destination(convert.destination_msg(request, self._roadmap))
        for alarm in decisions.alarms:
            if alarm.alarm_id not in before:
                log.warning("%s %s: %s", alarm.kind, alarm.source, alarm.detail)
        if decisions.changed:
            self._report_tasks()
        if before != {alarm.alarm_id for alarm in decisions.alarms}:
            self._report_alarms()

    def _report(self) -> None:
        self._report_tasks()
        self._report_alarms()

    def _report_tasks(self) -> None:
        completed, failed = self._store.totals()
        tasks = self._dispatcher.tasks()
        self._send_tasks(convert.task_states_msg(tasks, completed, failed, self._shell.now()))

    def _report_alarms(self) -> None:
        self._send_alarms(convert.alarms_msg(self._shell.name, self._decisions.alarms, self._shell.now()))


def main(argv: Sequence[str]) -> int:
    """Run the dispatcher until SIGINT or SIGTERM; 1 where the map or the store cannot be used."""
    parser = node_parser("Takes tasks and gives them to robots.")
    parser.add_argument("--store", required=True, metavar="FILE", help="SQLite file the tasks are kept in")
    options = parser.parse_args(remove_ros_args(list(argv)))
    start_logging(options.log_level)
    parameters = DispatchParameters()
    try:
        roadmap = build_roadmap(load_building(Path(options.map)), classes=given_classes(options.classes))
        with TaskStore(Path(options.store)) as store, Shell("dispatcher", argv) as shell:
            dispatcher = Dispatcher.for_roadmap(roadmap, parameters)
            dispatcher.restore(store.load(shell.now() - parameters.ended_kept_s))
            DispatcherNode(shell, dispatcher, store, roadmap).start()
            shell.spin()
    except (MapError, ClassesError, StoreError) as error:
        log.error("%s", error)
        return 1
    return 0
