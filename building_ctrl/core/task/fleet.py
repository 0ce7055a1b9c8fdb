"""The dispatcher's picture of the robots: who can take a task, who is lost, who has to charge."""

from __future__ import annotations

from collections.abc import Sequence

from building_ctrl.core.task.parameters import DispatchParameters
from building_ctrl.model.path import TravelState, TravelStatus
from building_ctrl.model.robot import Connection, RobotState, WorkState

OUT_OF_SERVICE = {
    WorkState.MAINTENANCE: "in maintenance",
    WorkState.MANUAL: "driven by hand",
    WorkState.ERROR: "in error",
    WorkState.E_STOPPED: "emergency-stopped",
}


class Fleet:
    """Newest robot and travel states, and what follows from them."""

    def __init__(self, parameters: DispatchParameters) -> None:
        self._p = parameters
        self._robots: dict[str, RobotState] = {}
        self._seen_s: dict[str, float] = {}
        self._travel: dict[str, TravelState] = {}
        self._trouble: dict[str, tuple[float, str]] = {}
        self._charging: set[str] = set()

    def robot_states(self, states: Sequence[RobotState], now: float) -> None:
        """Takes the newest states of some or all robots."""
        for state in states:
            self._robots[state.name] = state
            self._seen_s[state.name] = now
            if state.battery_percent < self._p.battery_low_percent:
                self._charging.add(state.name)
            elif state.battery_percent >= self._p.battery_ready_percent:
                self._charging.discard(state.name)

    def travel_states(self, states: Sequence[TravelState]) -> None:
        """Takes the newest travel states of some or all robots."""
        for state in states:
            self._travel[state.robot] = state

    def step(self, now: float, expected: Sequence[str] = ()) -> tuple[str, ...]:
        """Notes who is out of service since when; returns the robots forgotten in this step.

        `expected` names robots that have a task: they are never forgotten, and missing ones are in trouble.
        """
        for name in {*self._robots, *expected}:
            reason = self._reason(name, now)
            if not reason:
                self._trouble.pop(name, None)
            else:
                since = self._trouble[name][0] if name in self._trouble else now
                self._trouble[name] = (since, reason)
        gone = tuple(
            n for n, seen in self._seen_s.items() if now - seen > self._p.forget_robot_s and n not in expected
        )
        for name in gone:
            for table in (self._robots, self._seen_s, self._travel, self._trouble):
                table.pop(name, None)
            self._charging.discard(name)
        return gone

    def _reason(self, name: str, now: float) -> str:
        state = self._robots.get(name)
        if state is None:
            return "not connected"
        silent_s = now - self._seen_s[name]
        if silent_s > self._p.robot_silent_s:
            return "no state received"
        if state.connection is Connection.LOST:
            return "connection lost"
        if state.work in OUT_OF_SERVICE:
            return OUT_OF_SERVICE[state.work]
        if not state.level:
            return "position not known"
        travel = self._travel.get(name)
        if travel is not None and travel.status is TravelStatus.QUARANTINED:
            return "off its path, a person has to look"
        return ""

    def names(self) -> list[str]:
        """All known robots in order of name."""
        return sorted(self._robots)

    def state(self, name: str) -> RobotState | None:
        """Newest state of a robot."""
        return self._robots.get(name)

    def travel(self, name: str) -> TravelState | None:
        """Newest travel state of a robot."""
        return self._travel.get(name)

    def trouble(self, name: str) -> tuple[float, str] | None:
        """Since when and why a robot cannot be used, or None; a robot never heard of is no trouble yet."""
        return self._trouble.get(name)

    def usable(self, name: str) -> bool:
        """Whether a robot can be sent somewhere now."""
        return name in self._robots and name not in self._trouble

    def must_charge(self, name: str) -> bool:
        """Whether a robot's battery fell below the low mark and is not yet back at the ready mark."""
        return name in self._charging
