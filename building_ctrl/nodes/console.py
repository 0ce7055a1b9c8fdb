"""The console as a ROS 2 node: topics into its picture, commands onto everybody's topics, HTTP beside it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rclpy.utilities import remove_ros_args
from rmf_task_msgs.msg import ApiRequest

from building_ctrl.building.classes import ClassesError, given_classes
from building_ctrl.building.loader import MapError, load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.console.app import create_app
from building_ctrl.console.context import Context, NoAnswer
from building_ctrl.console.guard import LOOPBACK_HOSTS
from building_ctrl.console.picture import Picture
from building_ctrl.console.robot_table import RobotTable, from_columns
from building_ctrl.console.server import ServerError, WebServer
from building_ctrl.core.task import Places
from building_ctrl.nodes import convert
from building_ctrl.nodes.shell import Shell, node_parser, start_logging

ANSWER_S = 5.0

log = logging.getLogger("console")


class DispatcherBus:
    """Asks the dispatcher over its topics: asks in the web server's loop, hears answers in ROS's thread."""

    def __init__(self, send: Callable[[Any], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._waiting: dict[str, asyncio.Future[str]] = {}

    async def ask_dispatcher(self, text: str, request_id: str) -> str:
        """Sends a task API request and waits for its answer. Raises NoAnswer."""
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        with self._lock:
            if request_id in self._waiting:
                raise NoAnswer("the same request is being served; ask again in a moment")
            self._waiting[request_id] = future
        try:
            self._send(ApiRequest(json_msg=text, request_id=request_id))
            return await asyncio.wait_for(future, ANSWER_S)
        except asyncio.TimeoutError:
            raise NoAnswer(f"the dispatcher did not answer within {ANSWER_S:g} s: is it running?") from None
        finally:
            with self._lock:
                self._waiting.pop(request_id, None)

    def answered(self, message: Any) -> None:
        """Hands an answer to whoever waits for it; answers to others pass by."""
        with self._lock:
            future = self._waiting.get(message.request_id)
        if future is not None:
            future.get_loop().call_soon_threadsafe(_resolve, future, message.json_msg)


def _resolve(future: asyncio.Future[str], text: str) -> None:
    if not future.done():
        future.set_result(text)


def robot_table(message: Any) -> RobotTable:
    """The columns of building_ctrl_msgs/RobotStates. Raises ValueError where they do not fit together."""
    return from_columns(
        message.gateway,
        tuple(message.name),
        tuple(message.fleet),
        tuple(message.levels),
        x_m=message.x,
        y_m=message.y,
        yaw_rad=message.yaw,
        speed_mps=message.speed,
        battery_percent=message.battery_percent,
        age_s=message.age_s,
        radius_m=message.radius_m,
        level=message.level_index,
        work=message.work_state,
        motion=message.motion_state,
        connection=message.connection,
    )


class ConsoleNode:
    """Keeps the picture up to date with the topics."""

    def __init__(self, shell: Shell, picture: Picture, bus: DispatcherBus) -> None:
        self._shell = shell
        self._picture = picture
        self._bus = bus

    def start(self) -> None:
        """Subscribe. A message that makes no sense is told and ignored."""
        picture, now = self._picture, self._shell.now
        self._hear("robot_states", lambda m: picture.hear_robots(robot_table(m), now()))
        self._hear("planner_state", lambda m: picture.hear_travel(convert.travel_states(m), now()))
        self._hear("released_paths", lambda m: picture.hear_paths(convert.released_paths(m), now()))
        self._hear("lift_states", lambda m: picture.hear_lift(convert.lift_state(m), now()))
        self._hear("door_states", lambda m: picture.hear_door(convert.door_state(m), now()))
        self._hear("ride_states", lambda m: picture.hear_rides(convert.ride_states(m), now()))
        self._hear("task_states", self._on_tasks)
        self._hear("alarms", lambda m: picture.hear_alarms(m.process, convert.alarms(m), now()))
        self._shell.subscribe("task_api_responses", self._bus.answered)

    def _on_tasks(self, message: Any) -> None:
        tasks = convert.task_states(message)
        self._picture.hear_tasks(tasks, message.completed, message.failed, self._shell.now())

    def _hear(self, topic: str, take: Callable[[Any], None]) -> None:
        def callback(message: Any) -> None:
            try:
                take(message)
            except ValueError as error:
                log.warning("%s ignored: %s", topic, error)

        self._shell.subscribe(topic, callback)


def main(argv: Sequence[str]) -> int:
    """Run the console until SIGINT or SIGTERM; 1 where the map or the port cannot be had."""
    parser = node_parser("The status console and the HTTP API.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on, 0: any")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="name browsers may reach the console by",
    )
    options = parser.parse_args(remove_ros_args(list(argv)))
    start_logging(options.log_level)
    try:
        building = load_building(Path(options.map))
        places = Places.of(build_roadmap(building, classes=given_classes(options.classes)))
        with Shell("console", argv) as shell:
            picture = Picture()
            bus = DispatcherBus(shell.publisher("task_api_requests"))
            ConsoleNode(shell, picture, bus).start()
            context = Context(building, places, picture, bus, shell.now)
            app = create_app(context, {*LOOPBACK_HOSTS, options.host, *options.allow_host})
            with WebServer(app, options.host, options.port) as server:
                log.info("console at %s", server.url)
                shell.spin()
    except (MapError, ClassesError, ServerError) as error:
        log.error("%s", error)
        return 1
    return 0
