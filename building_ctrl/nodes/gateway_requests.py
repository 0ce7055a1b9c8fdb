"""The gateway's topics for people and programs that ask something of robots: requests, driving by hand, pose fixes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from building_ctrl.link.gateway import Gateway
from building_ctrl.model.robot_request import RequestStatus, RobotRequest
from building_ctrl.nodes import convert_motion
from building_ctrl.nodes.shell import Shell

STATES_S = 0.5

log = logging.getLogger("gateway")


class RequestTopics:
    """`call` has the link's thread run something."""

    def __init__(self, shell: Shell, gateway: Gateway, call: Callable[[Callable[[], None]], None]) -> None:
        self._shell = shell
        self._gateway = gateway
        self._call = call
        self._send_states = shell.publisher("robot_request_states")

    def start(self) -> None:
        """Subscribe and set the timer."""
        self._shell.subscribe("robot_requests", self._on_request)
        self._shell.subscribe("manual_drives", self._on_manual)
        self._shell.subscribe("robot_pose_fixes", self._on_fixes)
        self._shell.every(STATES_S, self._publish)

    def ask(self, request: RobotRequest) -> None:
        """Serve a request and write it down: who asked what of whom, why, and what became of it."""
        wall_s = self._shell.now()

        def serve() -> None:
            try:
                state = self._gateway.ask(request, time.monotonic(), wall_s)
            except OverflowError as error:
                log.error("%s", error)
                return
            what = f"{request.kind.name.lower()} of robot {request.robot!r} by {request.who!r}"
            if state.status is RequestStatus.REFUSED:
                log.warning("request %r refused: %s: %s", request.request_id, what, state.detail)
            else:
                log.info("request %r: %s, because: %r", request.request_id, what, request.why)

        self._call(serve)

    def _on_request(self, message: Any) -> None:
        try:
            request = convert_motion.robot_request(message)
        except ValueError as error:
            log.warning("request %r for robot %r refused: %s", message.request_id, message.robot, error)
            return
        if self._gateway.fleet_of(request.robot) is not None:
            self.ask(request)

    def _on_manual(self, message: Any) -> None:
        hand = convert_motion.hand_drive(message)
        if self._gateway.fleet_of(hand.robot) is None:
            return
        problem = self._gateway.drive_by_hand(hand, time.monotonic())
        if problem:
            log.warning("%s", problem)

    def _on_fixes(self, message: Any) -> None:
        try:
            fixes = convert_motion.robot_fixes(message, self._shell.now(), time.monotonic())
        except ValueError as error:
            log.warning("robot_pose_fixes of %r ignored: %s", message.source, error)
            return
        for fix in fixes:
            self._gateway.fix(fix)

    def _publish(self) -> None:
        now = self._shell.now()
        states = self._gateway.request_states(now)
        self._send_states(convert_motion.robot_request_states_msg(self._shell.name, states, now))
