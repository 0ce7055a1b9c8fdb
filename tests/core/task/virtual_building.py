"""A virtual building for dispatcher tests: robots on lines that drive, get lost, are refused."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from building_ctrl.core.task import Dispatcher, DispatchParameters, Places
from building_ctrl.core.task.homes import Home
from building_ctrl.model.path import DestinationRequest, TravelState, TravelStatus
from building_ctrl.model.robot import RobotState

SPEED_MPS = 1.0
STEP_S = 0.5
LIFT_S = 30.0


@dataclass
class VirtualRobot:
    state: RobotState
    request: DestinationRequest | None = None
    status: TravelStatus = TravelStatus.IDLE
    left_s: float = 0.0
    silent: bool = False


@dataclass
class VirtualBuilding:
    """Two levels; place `pN` of a level lies at x = 10 N metres, home `hN` at x = 10 N + 5 metres."""

    n_places: int = 5
    n_homes: int = 4
    closed: set[tuple[str, str]] = field(default_factory=set)
    robots: dict[str, VirtualRobot] = field(default_factory=dict)
    now: float = 0.0
    asked: list[DestinationRequest] = field(default_factory=list)
    history: list[tuple[str, str]] = field(default_factory=list)

    def dispatcher(self, parameters: DispatchParameters | None = None, chargers: int = 2) -> Dispatcher:
        names = [(lv, f"{lv}_p{i}") for lv in ("L1", "L2") for i in range(self.n_places)]
        homes = [Home("L1", f"L1_h{i}", 10.0 * i + 5.0, 0.0, i < chargers) for i in range(self.n_homes)]
        return Dispatcher(Places(tuple(names), "virtual"), homes, self.cost_s, parameters)

    def add(self, name: str, x_m: float, **fields: object) -> VirtualRobot:
        state = RobotState(name, "fleet", "L1", x_m, 0.0, 0.0)
        robot = self.robots[name] = VirtualRobot(replace(state, **fields))  # type: ignore[arg-type]
        return robot

    @staticmethod
    def x_of(place: str) -> float:
        kind, number = place.split("_")[1][0], int(place.split("_")[1][1:])
        return 10.0 * number + (5.0 if kind == "h" else 0.0)

    def cost_s(self, robot: RobotState, level: str, place: str) -> float:
        if (robot.name, place) in self.closed or ("*", place) in self.closed:
            return math.inf
        return abs(robot.x_m - self.x_of(place)) / SPEED_MPS + (LIFT_S if robot.level != level else 0.0)

    def obey(self, request: DestinationRequest) -> None:
        robot = self.robots[request.robot]
        self.asked.append(request)
        if robot.silent or (robot.request == request and robot.status is not TravelStatus.IDLE):
            return
        robot.request = request
        refused = ("refuse " + request.robot, request.place) in self.closed
        robot.status = TravelStatus.REFUSED if refused else TravelStatus.MOVING
        robot.left_s = self.cost_s(robot.state, request.level, request.place)

    def drive(self) -> None:
        for robot in self.robots.values():
            if robot.silent or robot.status is not TravelStatus.MOVING or robot.request is None:
                continue
            robot.left_s -= STEP_S
            if robot.left_s <= 0.0:
                robot.status = TravelStatus.ARRIVED
                goal = robot.request
                robot.state = replace(robot.state, level=goal.level, x_m=self.x_of(goal.place))
                self.history.append((goal.robot, goal.place))

    def travel_states(self) -> list[TravelState]:
        return [
            TravelState(
                name,
                r.state.level,
                r.request.task_id if r.request else "",
                r.request.place if r.request else "",
                r.status,
                waiting_for="blocked" if r.status is TravelStatus.REFUSED else "",
            )
            for name, r in self.robots.items()
        ]

    def step(self, dispatcher: Dispatcher) -> None:
        """One step of everything, with the invariants of a dispatcher checked."""
        self.now += STEP_S
        self.drive()
        dispatcher.robot_states([r.state for r in self.robots.values() if not r.silent], self.now)
        dispatcher.travel_states(self.travel_states(), self.now)
        decisions = dispatcher.step(self.now)
        asked = [d.robot for d in decisions.destinations]
        assert len(asked) == len(set(asked))
        for request in decisions.destinations:
            self.obey(request)
        holders = [t.robot for t in dispatcher.tasks() if t.robot and not t.status.ended]
        assert len(holders) == len(set(holders)), "a robot has two tasks"
        homes = [h for n in self.robots if (h := dispatcher.home(n)) is not None]
        assert len(homes) == len(set(homes)), "two robots share a home"

    def run(self, dispatcher: Dispatcher, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.step(dispatcher)
