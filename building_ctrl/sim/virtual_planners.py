"""The planners' cores on the in-memory bus: the same few lines as their ROS 2 nodes, in virtual time."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from building_ctrl.core.door.planner import DoorPlanner
from building_ctrl.core.lift.planner import LiftPlanner
from building_ctrl.core.path.planner import PathDecisions, PathPlanner
from building_ctrl.core.task import Accepted, Dispatcher
from building_ctrl.model.path import DestinationRequest
from building_ctrl.model.task import TaskRequest
from building_ctrl.sim.bus import Bus, VirtualClock

PERIOD_S = 0.2
REPEAT_S = 1.0
STATE_S = 0.5


class PathPart:
    """Path planner: robot states and destinations in, released paths and requests out."""

    def __init__(self, clock: VirtualClock, bus: Bus, planner: PathPlanner, phase_s: float) -> None:
        self._bus = bus
        self._planner = planner
        self._last: PathDecisions | None = None
        self.refusals: deque[str] = deque(maxlen=1000)
        bus.subscribe("robot_states", lambda states, now: planner.robot_states(states, now))
        bus.subscribe("destination_requests", self._on_destination)
        bus.subscribe("ride_states", lambda rides, now: planner.ride_states(rides, now))
        bus.subscribe("crossing_states", lambda crossings, now: planner.crossing_states(crossings, now))
        bus.subscribe("shard_states", lambda state, now: planner.shard_state(state, now))
        clock.every(PERIOD_S, phase_s, self._step)
        clock.every(REPEAT_S, phase_s + 0.1, self._repeat)
        clock.every(STATE_S, phase_s + 0.05, self._report)

    def _on_destination(self, request: DestinationRequest, now: float) -> None:
        refusal = self._planner.destination(request, now)
        if refusal:
            self.refusals.append(refusal)

    def _step(self, now: float) -> None:
        decisions = self._last = self._planner.step(now)
        if decisions.released:
            self._bus.publish("released_paths", decisions.released)
        for ride in decisions.rides:
            self._bus.publish("ride_requests", ride)
        for crossing in decisions.crossings:
            self._bus.publish("crossing_requests", crossing)
        if decisions.shard is not None:
            self._bus.publish("shard_states", decisions.shard)

    def _repeat(self, now: float) -> None:
        self._bus.publish("released_paths", self._planner.all_released())

    def _report(self, now: float) -> None:
        if self._last is not None:
            self._bus.publish("planner_state", self._planner.travel())


class LiftPart:
    """Lift planner: ride requests and lift states in, lift requests and rides out."""

    def __init__(self, clock: VirtualClock, bus: Bus, planner: LiftPlanner, phase_s: float) -> None:
        self._bus = bus
        self._planner = planner
        self._told: object = None
        self._told_s = float("-inf")
        bus.subscribe("ride_requests", lambda request, now: planner.ride_request(request, now))
        bus.subscribe("lift_states", self._on_lift_states)
        clock.every(PERIOD_S, phase_s, self._step)

    def _on_lift_states(self, states: Sequence[object], now: float) -> None:
        for state in states:
            self._planner.lift_state(state, now)  # type: ignore[arg-type]

    def _step(self, now: float) -> None:
        decisions = self._planner.step(now)
        for request in decisions.requests:
            self._bus.publish("lift_requests", request)
        if decisions.rides != self._told or now - self._told_s >= REPEAT_S:
            self._told, self._told_s = decisions.rides, now
            self._bus.publish("ride_states", decisions.rides)


class DoorPart:
    """Door planner: crossing requests and door states in, door requests and crossings out."""

    def __init__(self, clock: VirtualClock, bus: Bus, planner: DoorPlanner, phase_s: float) -> None:
        self._bus = bus
        self._planner = planner
        self._told: object = None
        self._told_s = float("-inf")
        bus.subscribe("crossing_requests", lambda request, now: planner.crossing_request(request, now))
        bus.subscribe("door_states", self._on_door_states)
        clock.every(PERIOD_S, phase_s, self._step)

    def _on_door_states(self, states: Sequence[object], now: float) -> None:
        for state in states:
            self._planner.door_state(state, now)  # type: ignore[arg-type]

    def _step(self, now: float) -> None:
        decisions = self._planner.step(now)
        for request in decisions.requests:
            self._bus.publish("door_requests", request)
        if decisions.crossings != self._told or now - self._told_s >= REPEAT_S:
            self._told, self._told_s = decisions.crossings, now
            self._bus.publish("crossing_states", decisions.crossings)


class DispatchPart:
    """Dispatcher: tasks and states in, destinations and task states out."""

    def __init__(self, clock: VirtualClock, bus: Bus, dispatcher: Dispatcher, phase_s: float) -> None:
        self._bus = bus
        self._dispatcher = dispatcher
        self.refused: list[tuple[TaskRequest, str]] = []
        bus.subscribe("robot_states", lambda states, now: dispatcher.robot_states(states, now))
        bus.subscribe("planner_state", lambda travel, now: dispatcher.travel_states(travel, now))
        bus.subscribe("task_requests", self._on_task)
        clock.every(PERIOD_S, phase_s, self._step)
        clock.every(REPEAT_S, phase_s + 0.1, self._report)

    def _on_task(self, request: TaskRequest, now: float) -> None:
        answer = self._dispatcher.submit(request, now)
        if not isinstance(answer, Accepted):
            self.refused.append((request, answer.reason))

    def _step(self, now: float) -> None:
        decisions = self._dispatcher.step(now)
        for destination in decisions.destinations:
            self._bus.publish("destination_requests", destination)
        if decisions.changed:
            self._bus.publish("task_states", decisions.changed)

    def _report(self, now: float) -> None:
        self._bus.publish("task_states", self._dispatcher.tasks())
