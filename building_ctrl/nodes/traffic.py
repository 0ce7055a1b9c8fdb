"""The path planner's topics for rules of the traffic: requests in, what is in force out, kept over restarts."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from building_ctrl_msgs.msg import ClosureRequest

from building_ctrl.core.path.traffic import TrafficRules
from building_ctrl.model.traffic import TrafficSnapshot
from building_ctrl.nodes import convert_traffic
from building_ctrl.nodes.shell import Shell
from building_ctrl.store import StoreError
from building_ctrl.store.traffic import read_traffic, write_traffic

CHECK_S = 0.5

log = logging.getLogger("path_planner")


class TrafficTopics:
    """Joins the rules of one path planner to their topics and their file.

    store: the file the rules are kept in; None: they end with the process.
    """

    def __init__(self, shell: Shell, rules: TrafficRules, store: Path | None) -> None:
        self._shell = shell
        self._rules = rules
        self._store = store
        self._told: TrafficSnapshot | None = None
        self._told_refused: tuple[tuple[str, str], ...] = ()
        self._send_lanes = shell.publisher("closed_lanes")
        self._send_closures = shell.publisher("closures")

    def start(self) -> None:
        """Take over what was in force, subscribe, and tell. Raises StoreError where the file cannot be used."""
        if self._store is not None:
            for problem in self._rules.restore(read_traffic(self._store)):
                log.warning("%s", problem)
        self._shell.subscribe("lane_closure_requests", self._on_lanes)
        self._shell.subscribe("speed_limit_requests", self._on_limits)
        self._shell.subscribe("closure_requests", self._on_closure)
        self._shell.every(CHECK_S, self._tell_changes)
        self._tell()

    def _on_lanes(self, message: Any) -> None:
        self._done(self._rules.lane_request(convert_traffic.lane_request(message)))

    def _on_limits(self, message: Any) -> None:
        self._done(self._rules.speed_limit_request(convert_traffic.speed_limit_request(message)))

    def _on_closure(self, message: Any) -> None:
        name = message.closure.name
        if message.action == ClosureRequest.ACTION_OPEN:
            self._done(self._rules.open(name))
        elif message.action == ClosureRequest.ACTION_CLOSE:
            try:
                closure = convert_traffic.closure(message.closure)
            except ValueError:
                n_x, n_y = len(message.closure.x), len(message.closure.y)
                self._done(f"closure {name!r} refused: it has {n_x} x and {n_y} y")
                return
            self._done(self._rules.close(closure, self._shell.now()))
        else:
            self._done(f"request for closure {name!r} refused: action {message.action} is not known")

    def _done(self, problem: str) -> None:
        if problem:
            log.warning("%s", problem)
        self._tell_changes()

    def _tell_changes(self) -> None:
        if self._rules.snapshot() != self._told or self._rules.refused() != self._told_refused:
            self._tell()

    def _tell(self) -> None:
        """Keep the rules, then say that they hold."""
        snapshot = self._rules.snapshot()
        if self._store is not None and self._told is not None and snapshot != self._told:
            try:
                write_traffic(self._store, snapshot)
            except StoreError as error:
                log.error("%s", error)
        before = {row.fleet: row for row in self._told.lanes} if self._told is not None else {}
        for rules in snapshot.lanes:
            if before.get(rules.fleet) != rules:
                self._send_lanes(convert_traffic.closed_lanes_msg(rules))
        self._told, self._told_refused = snapshot, self._rules.refused()
        self._send_closures(
            convert_traffic.closures_msg(self._shell.name, snapshot.closures, self._told_refused, self._shell.now())
        )
