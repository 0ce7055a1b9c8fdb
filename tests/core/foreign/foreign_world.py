"""Slotcars in a building: the real path, lift planner and foreign gateway, simulated lifts, in virtual time."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence

from slotcar import Slotcar

from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.core.foreign.gateway import ForeignGateway
from building_ctrl.core.lift.planner import LiftPlanner
from building_ctrl.core.lift.spec import lift_specs
from building_ctrl.core.path.planner import PathPlanner
from building_ctrl.model.building import Building
from building_ctrl.model.door import CrossingAction, CrossingPhase, CrossingRequest, CrossingState
from building_ctrl.model.path import DestinationRequest, ReleasedPath, TravelState, TravelStatus
from building_ctrl.sim.lifts import SimulatedLift

TICK_S = 0.1
FLEET = "slotcars"


class ForeignWorld:
    """`tick` moves everything by TICK_S and checks that robots stay on what is released and never come too near."""

    def __init__(self, building: Building, starts: Sequence[str], seed: int = 1, loss: float = 0.0) -> None:
        self.building, self.roadmap = building, build_roadmap(building)
        self.random, self.loss = random.Random(seed), loss
        self.now, self.ticks = 100.0, 0
        self.planner = PathPlanner(building, self.roadmap, epoch=1)
        self.gateway = ForeignGateway({FLEET: 1}, "run1")
        specs = lift_specs(building)
        self.lift_planner = LiftPlanner(specs)
        self.lifts = {spec.name: SimulatedLift(spec, start_s=self.now) for spec in specs}
        self.cars: dict[str, Slotcar] = {}
        self.held: dict[str, list[tuple[str, float, float]]] = {}
        self.travel: dict[str, TravelState] = {}
        self.crossings: dict[str, CrossingRequest] = {}
        self.orders = 0
        for i, start in enumerate(starts):
            found = self.roadmap.find_place(start)
            assert found is not None, start
            rows = self.roadmap.level(found[0])
            at = float(rows.x_m[found[1]]), float(rows.y_m[found[1]])
            self.cars[f"c{i}"] = Slotcar(f"c{i}", FLEET, found[0], *at, delay_s=self.random.uniform(0.0, 0.4))

    def send(self, robot: str, level: str, place: str, task: str = "t") -> str:
        return self.planner.destination(DestinationRequest(FLEET, robot, level, place, task), self.now)

    def tick(self) -> None:
        self.now += TICK_S
        self.ticks += 1
        for car in self.cars.values():
            car.tick(self.now, TICK_S)
        self._lifts()
        self.gateway.reports([car.told for car in self.cars.values() if car.told is not None], self.now)
        if self.ticks % 2 == 0:
            self._plan()
        for order in self.gateway.orders(self.now):
            self.orders += 1
            if self.random.random() >= self.loss:
                self.cars[order.robot].request(order, self.now)
        self._check()

    def run_until_arrived(self, limit_s: float) -> None:
        done = (TravelStatus.ARRIVED, TravelStatus.IDLE)
        for k in range(round(limit_s / TICK_S)):
            self.tick()
            if k > 3 and all(travel.status in done for travel in self.travel.values()):
                return
        raise AssertionError(f"not arrived after {limit_s} s: {self.travel}")

    def _plan(self) -> None:
        self.planner.robot_states(self.gateway.robot_states(self.now), self.now)
        self.planner.crossing_states(
            [
                CrossingState(r.crossing_id, r.fleet, r.robot, r.door, CrossingPhase.GRANTED)
                for r in self.crossings.values()
            ],
            self.now,
        )
        decisions = self.planner.step(self.now)
        self.planner.assert_sound()
        self.travel = {state.robot: state for state in self.planner.travel()}
        paths = self.planner.all_released() if self.ticks % 10 == 0 else decisions.released
        self.release(paths)
        for ride in decisions.rides:
            self.lift_planner.ride_request(ride, self.now)
        for crossing in decisions.crossings:
            if crossing.action is CrossingAction.END:
                self.crossings.pop(crossing.crossing_id, None)
            else:
                self.crossings[crossing.crossing_id] = crossing

    def release(self, paths: Sequence[ReleasedPath]) -> None:
        assert self.gateway.release(paths) == []

    def _lifts(self) -> None:
        for lift in self.lifts.values():
            lift.step(self.now)
            state = lift.state()
            self.lift_planner.lift_state(state, self.now)
            self.gateway.lift_states((state,), self.now)
            x, y = lift.spec.name, state.current_level
            for car in self.cars.values():
                if self._cabin_of(car) == x:
                    car.level = y
        decisions = self.lift_planner.step(self.now)
        self.gateway.ride_states(decisions.rides)
        self.planner.ride_states(decisions.rides, self.now)
        for request in decisions.requests:
            self.lifts[request.lift].request(request, self.now)

    def _cabin_of(self, car: Slotcar) -> str:
        rows = self.roadmap.level(car.level)
        vertex, gap = rows.nearest_vertex(car.x_m, car.y_m)
        return rows.cabin_lift[vertex] if gap < 0.9 else ""

    def _check(self) -> None:
        for first, second in itertools.combinations(self.cars.values(), 2):
            if first.level == second.level:
                gap = math.dist((first.x_m, first.y_m), (second.x_m, second.y_m))
                assert gap >= 0.6, f"{first.name} and {second.name} are {gap:.2f} m apart"
        for car in self.cars.values():
            self._check_on_path(car)

    def _check_on_path(self, car: Slotcar) -> None:
        """A car never leaves the edges its planner holds for it by more than 10 cm."""
        level = self.planner._state.levels[car.level]
        agent = level.agents.get(car.name)
        if agent is None:
            return
        rows = level.roadmap
        ends = [agent.vertex, *(action.vertex for action in agent.actions)]
        chain = [(float(rows.x_m[v]), float(rows.y_m[v])) for v in ends]
        gap = min(
            (segment_gap((car.x_m, car.y_m), a, b) for a, b in itertools.pairwise([chain[0], *chain])), default=0.0
        )
        assert gap <= 0.11, f"{car.name} is {gap:.2f} m off what is released to it"


def segment_gap(p: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length2 = dx * dx + dy * dy
    t = 0.0 if length2 == 0.0 else min(max(((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length2, 0.0), 1.0)
    return math.dist(p, (a[0] + t * dx, a[1] + t * dy))
