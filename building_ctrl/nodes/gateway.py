"""The gateway as a ROS 2 process: the robots' link and the pilot in one thread, topics in the other."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rclpy.utilities import remove_ros_args
from rmf_fleet_msgs.msg import PauseRequest, RobotMode

from building_ctrl.building.findings import MapError
from building_ctrl.building.loader import load_building
from building_ctrl.core.motion import Hold
from building_ctrl.link.gateway import Gateway
from building_ctrl.link.keys import KeyFileError, read_or_make_keys
from building_ctrl.link.protocol.gateway import LinkParameters
from building_ctrl.link.protocol.messages import RequestKind
from building_ctrl.link.registry import RegistryError, read_registry
from building_ctrl.link.server import LinkServer
from building_ctrl.link.stream_server import StreamServer, beside
from building_ctrl.link.zmq_transport import LinkAddressError, ZmqGatewayTransport
from building_ctrl.model.robot_request import RobotRequest, RobotRequestKind, StopCategory
from building_ctrl.nodes import convert, convert_link
from building_ctrl.nodes.diagnostics import diagnostics_msg
from building_ctrl.nodes.gateway_requests import RequestTopics
from building_ctrl.nodes.shell import Shell, node_parser, start_logging
from building_ctrl.nodes.streams import StreamTopics

STATES_S = 0.1
REPORT_S = 1.0
REGISTRY_S = 0.5
NOTES_S = 0.2
MANUAL = "manual"

log = logging.getLogger("gateway")


class GatewayNode:
    """Joins one Gateway to its topics and its registry file."""

    def __init__(
        self,
        shell: Shell,
        gateway: Gateway,
        server: LinkServer,
        streams: StreamServer,
        registry: Path,
        levels: Sequence[str],
    ) -> None:
        self._shell = shell
        self._streams = streams
        self._gateway = gateway
        self._server = server
        self._registry = registry
        self._registry_stamp = _stamp(registry)
        self._levels = list(levels)
        self._fleet_seq = 0
        self._send_robots = shell.publisher("robot_states")
        self._send_links = shell.publisher("link_states")
        self._send_fleets = shell.publisher("fleet_states")
        self._send_diagnostics = shell.publisher("diagnostics")
        self._requests = RequestTopics(shell, gateway, server.call)
        self._send_alarms = shell.publisher("alarms")

    def start(self) -> None:
        """Subscribe and set the timers."""
        shell = self._shell
        shell.subscribe("released_paths", self._on_released_paths)
        shell.subscribe("lift_states", self._on_lift_state)
        shell.subscribe("ride_states", self._on_ride_states)
        shell.subscribe("robot_pause_requests", self._on_pause)
        shell.subscribe("robot_mode_requests", self._on_mode)
        self._requests.start()
        shell.every(STATES_S, self._publish_robots)
        shell.every(REPORT_S, self._publish_reports)
        shell.every(REGISTRY_S, self._watch_registry)
        shell.every(NOTES_S, self._write_notes)

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
        self._gateway.lift_state(state, time.monotonic())

    def _on_ride_states(self, message: Any) -> None:
        try:
            rides = convert.ride_states(message)
        except ValueError as error:
            log.warning("ride_states of planner %r ignored: %s", message.planner, error)
            return
        self._gateway.ride_states(rides)

    def _on_pause(self, message: Any) -> None:
        robot = message.robot_name
        if not self._ours(message.fleet_name, robot):
            return
        if message.type == PauseRequest.TYPE_PAUSE_IMMEDIATELY:
            self._gateway.hold(robot, Hold.PAUSED, True)
        elif message.type == PauseRequest.TYPE_PAUSE_AT_CHECKPOINT:
            self._gateway.pause_at(robot, int(message.at_checkpoint))
        elif message.type == PauseRequest.TYPE_RESUME:
            self._gateway.hold(robot, Hold.PAUSED, False)
            self._gateway.pause_at(robot, None)
        else:
            log.warning("pause request for robot %r refused: type %d is not known", robot, message.type)

    def _on_mode(self, message: Any) -> None:
        """EMERGENCY e-stops, IDLE takes back e-stop, pause and manual, PAUSED pauses, MOVING resumes from a
        pause, DOCKING (parameter `docking`: where) has the robot dock, PERFORMING_ACTION `manual` keeps the pilot's
        hands off."""
        robot, mode = message.robot_name, message.mode.mode
        if not self._ours(message.fleet_name, robot):
            return
        gateway = self._gateway
        if mode == RobotMode.MODE_EMERGENCY:
            self._ask(message, RobotRequestKind.E_STOP)
        elif mode == RobotMode.MODE_PAUSED:
            gateway.hold(robot, Hold.PAUSED, True)
        elif mode == RobotMode.MODE_MOVING:
            gateway.hold(robot, Hold.PAUSED, False)
        elif mode == RobotMode.MODE_IDLE:
            self._ask(message, RobotRequestKind.RESUME)
        elif mode == RobotMode.MODE_DOCKING:
            where = next((row.value for row in message.parameters if row.name == "docking"), "")
            self._ask_robot(robot, RequestKind.DOCK, where)
        elif mode == RobotMode.MODE_PERFORMING_ACTION and message.mode.performing_action == MANUAL:
            gateway.hold(robot, Hold.MANUAL, True)
        else:
            log.warning("mode request for robot %r refused: mode %d is not served", robot, mode)

    def _ask(self, message: Any, kind: RobotRequestKind) -> None:
        """Open-RMF's ModeRequest as a request of ours; it knows no person, so it goes by its topic's name."""
        request_id = f"robot_mode_requests {message.task_id} {self._shell.now():.3f}"
        category = StopCategory.CONTROLLED_THEN_OFF
        self._requests.ask(
            RobotRequest(request_id, message.robot_name, kind, category, "robot_mode_requests", "Open-RMF asks")
        )

    def _ask_robot(self, robot: str, kind: RequestKind, detail: str) -> None:
        self._server.call(lambda: self._gateway.ask_robot(robot, kind, 0, detail, time.monotonic()))

    def _ours(self, fleet: str, robot: str) -> bool:
        known = self._gateway.fleet_of(robot)
        if known is not None and fleet not in ("", known):
            log.warning("request for robot %r of fleet %r refused: its fleet is %r", robot, fleet, known)
            return False
        return known is not None

    def _publish_robots(self) -> None:
        states = self._gateway.robot_states(time.monotonic())
        self._send_robots(convert.robot_states_msg(self._shell.name, self._levels, states, self._shell.now()))

    def _publish_reports(self) -> None:
        now, monotonic_s = self._shell.now(), time.monotonic()
        gateway = self._gateway
        self._send_links(convert_link.link_states_msg(self._shell.name, gateway.link_report(), now))
        report, refused = gateway.link_report(), gateway.hub.refused_frames
        self._send_diagnostics(diagnostics_msg(self._shell.name, report, refused, now))
        self._send_alarms(convert.alarms_msg(self._shell.name, gateway.alarms(monotonic_s, now), now))
        states = gateway.robot_states(monotonic_s)
        self._fleet_seq += 1
        for fleet in sorted({state.fleet for state in states}):
            robots = [state for state in states if state.fleet == fleet]
            paths = [gateway.waypoints_ahead(state.name) for state in robots]
            paused = [bool(gateway.held(state.name) & Hold.PAUSED) for state in robots]
            self._send_fleets(
                convert_link.fleet_state_msg(fleet, robots, paths, paused, self._fleet_seq, now)
            )

    def _watch_registry(self) -> None:
        stamp = _stamp(self._registry)
        if stamp == self._registry_stamp:
            return
        self._registry_stamp = stamp
        try:
            registry = read_registry(self._registry)
        except RegistryError as error:
            log.error("registry not read again, the one before stays in force: %s", error)
            return
        log.info("registry %s read again: %d robots", self._registry, len(registry.robots))
        self._server.call(lambda: self._gateway.use_registry(registry))
        self._streams.use_registry(registry)

    def _write_notes(self) -> None:
        notes = self._gateway.notes
        while notes:
            log.info("%s", notes.popleft())


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = node_parser("Holds the robots' link and drives them along the paths released to them.")
    parser.add_argument("--bind", default="tcp://127.0.0.1:5570", help="where robots connect (%(default)s)")
    parser.add_argument(
        "--streams-bind", metavar="ADDRESS", help="where robots bring optional streams (any free port of --bind)"
    )
    parser.add_argument(
        "--registry", required=True, metavar="FILE", help="enrolled robots (`building_ctrl robot`)"
    )
    parser.add_argument(
        "--keys", metavar="FILE", help="the gateway's key file (gateway.key beside the registry)"
    )
    parser.add_argument(
        "--plain-loopback", action="store_true", help="no encryption; only for addresses on loopback"
    )
    return parser.parse_args(remove_ros_args(list(argv)))


def main(argv: Sequence[str]) -> int:
    """Run the gateway until SIGINT or SIGTERM."""
    options = _options(argv)
    start_logging(options.log_level)
    path = Path(options.registry)
    try:
        levels = [level.name for level in load_building(Path(options.map)).levels]
        registry = read_registry(path)
        keys = None
        if not options.plain_loopback:
            keys = read_or_make_keys(Path(options.keys) if options.keys else path.with_name("gateway.key"))
        streams = StreamServer(options.streams_bind or beside(options.bind), keys, registry)
        link = LinkParameters(stream_port=streams.port)
        gateway = Gateway("gateway", registry, link, first_epoch=int(time.time() * 1000))
        gateway.turn(time.monotonic())
        transport = ZmqGatewayTransport(options.bind, keys, gateway.allows)
    except (MapError, RegistryError, KeyFileError, LinkAddressError) as error:
        print(f"gateway: {error}", file=sys.stderr)
        return 1
    server = LinkServer(transport, gateway.hub, gateway.turn)
    try:
        with Shell("gateway", argv) as shell:
            GatewayNode(shell, gateway, server, streams, path, levels).start()
            StreamTopics(shell, streams).start()
            server.start()
            streams.start()
            log.info(
                "robots connect to %s (%s)", transport.address, "plain text" if keys is None else "CURVE"
            )
            shell.spin()
    finally:
        streams.stop()
        server.stop()
    return 0
