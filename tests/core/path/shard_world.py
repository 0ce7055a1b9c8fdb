"""Several path planners of one building on a bus that loses, delays, repeats and reorders; robots, lifts and doors.

Planners may die and start anew at any time. An own check looks at what bodies may sweep on each level.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from building_world import STEP_S, Body, BuildingWorld
from delay_world import Point, segment_distance

from building_ctrl.core.lift.planner import LiftPlanner
from building_ctrl.core.lift.spec import lift_specs
from building_ctrl.core.path.planner import PathPlanner
from building_ctrl.core.path.shard import shard_of
from building_ctrl.model.building import Building
from building_ctrl.model.held import ClearAction, ClearRequest
from building_ctrl.model.path import DestinationRequest, ReleasedPath, TravelState, TravelStatus
from building_ctrl.model.roadmap import RoadmapParameters
from building_ctrl.model.robot import RobotState

ASK_AGAIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Network:
    """What happens to each copy of a message: lost, doubled, and late by up to `delay_s` (so that others overtake)."""

    loss: float = 0.0
    double: float = 0.0
    delay_s: float = 0.0


class ShardWorld(BuildingWorld):
    """`groups` are the levels of each planner."""

    def __init__(
        self,
        building: Building,
        starts: Sequence[str],
        seed: int,
        groups: Sequence[Sequence[str]],
        network: Network | None = None,
        finish: float = 0.3,
    ) -> None:
        super().__init__(building, starts, seed, finish)
        self.network = network or Network()
        self.names = tuple(level.name for level in building.levels)
        self.shards = [shard_of(self.names, group) for group in groups]
        self.planners: dict[int, PathPlanner] = {}
        self.hung: set[int] = set()
        self.travel: dict[str, TravelState] = {}
        self.wanted: dict[str, tuple[DestinationRequest, float]] = {}
        self._queue: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._count = itertools.count()
        self._separation_m = RoadmapParameters().separation_m
        for k in range(len(groups)):
            self.start(k)

    # -- planners that come and go ------------------------------------------------------------------------------

    def start(self, k: int) -> None:
        """Start a planner, or start it anew."""
        epoch = self.shards[k].first_epoch(round(self.now * 1000))
        self.planners[k] = PathPlanner(self.building, self.roadmap, epoch, shard=self.shards[k])

    def kill(self, k: int) -> None:
        self.planners.pop(k, None)

    def revive(self, k: int) -> None:
        """Let a planner go on that hung, or start it anew where it died."""
        self.hung.discard(k)
        if k not in self.planners:
            self.start(k)

    def restart_lift_planner(self, _: int) -> None:
        self.lift_planner = LiftPlanner(lift_specs(self.building))

    # -- time ---------------------------------------------------------------------------------------------------

    def send(self, robot: str, place: str, task_id: str = "t") -> str:
        level, _, _ = place.partition("_")
        self.wanted[robot] = (DestinationRequest("fleet", robot, level, place, task_id), float("-inf"))
        return ""

    def tick(self) -> None:
        self.now += STEP_S
        self._lifts()
        self._deliver()
        self._publish_states()
        self._ask_destinations()
        for k, planner in list(self.planners.items()):
            if k not in self.hung:
                self._step(planner)
        for body in self.bodies.values():
            self._drive(body)
        self._check_cabins()
        self.check_distances()

    def settle(self, seconds: float = 5.0) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.tick()

    def run_until_arrived(self, limit_s: float, person: bool = False) -> None:
        """A person, where there is one, comes once a minute and clears robots in quarantine."""
        end, comes = self.now + limit_s, self.now + 60.0
        while self.now < end:
            self.tick()
            if self.arrived():
                return
            if person and self.now >= comes:
                comes += 60.0
                self.clear_quarantined()
        late = [self.travel.get(robot) for robot in self.wanted]
        raise AssertionError(f"not arrived after {limit_s} s: {late} rides {self.rides} bodies {self.bodies}")

    def clear_quarantined(self) -> None:
        for robot in self.wanted:
            state = self.travel.get(robot)
            if state is not None and state.status is TravelStatus.QUARANTINED:
                for planner in self.planners.values():
                    planner.clear(ClearRequest(robot, ClearAction.RESUME, "tester"), self.now)

    def arrived(self) -> bool:
        return all(self.has_arrived(robot) for robot in self.wanted)

    def has_arrived(self, robot: str) -> bool:
        state = self.travel.get(robot)
        request = self.wanted[robot][0]
        known = state is not None and (state.task_id, state.destination) == (request.task_id, request.place)
        return known and state is not None and state.status is TravelStatus.ARRIVED

    # -- the bus ------------------------------------------------------------------------------------------------

    def say(self, receiver: Callable[[Any], None], message: Any) -> None:
        if self.random.random() < self.network.loss:
            return
        copies = 2 if self.random.random() < self.network.double else 1
        for _ in range(copies):
            due = self.now + self.random.uniform(0.0, self.network.delay_s)
            heapq.heappush(self._queue, (due, next(self._count), receiver, message))

    def _deliver(self) -> None:
        while self._queue and self._queue[0][0] <= self.now:
            _, _, receiver, message = heapq.heappop(self._queue)
            receiver(message)

    def _to_planners(self, call: Callable[[PathPlanner, Any], None], message: Any) -> None:
        for k in list(self.planners):

            def receive(heard: Any, k: int = k, planner: PathPlanner = self.planners[k]) -> None:
                if self.planners.get(k) is planner and k not in self.hung:
                    call(planner, heard)

            self.say(receive, message)

    def _publish_states(self) -> None:
        states = [body.state() for body in self.bodies.values()]
        self._to_planners(self._hear_robots, states)
        self._to_planners(lambda p, m: p.ride_states(m, self.now), self.rides)
        self._to_planners(lambda p, m: p.crossing_states(m, self.now), self._crossing_states())

    def _hear_robots(self, planner: PathPlanner, states: Sequence[RobotState]) -> None:
        """As a node does: only what the planner wants to hear."""
        planner.robot_states([state for state in states if planner.hears(state.name, state.level)], self.now)

    def _ask_destinations(self) -> None:
        for robot, (request, asked_s) in self.wanted.items():
            state = self.travel.get(robot)
            known = state is not None and (state.task_id, state.destination) == (request.task_id, request.place)
            if not known and self.now - asked_s >= ASK_AGAIN_S:
                self.wanted[robot] = (request, self.now)
                self._to_planners(lambda p, m: p.destination(m, self.now) and None, request)

    def _step(self, planner: PathPlanner) -> None:
        decisions = planner.step(self.now)
        planner.assert_sound()
        repeat = round(self.now / STEP_S) % 5 == 0
        for path in planner.all_released() if repeat else decisions.released:
            self.say(self._release, path)
        for ride in decisions.rides:
            self.say(lambda m: self.lift_planner.ride_request(m, self.now), ride)
        for crossing in decisions.crossings:
            self.say(self._cross, crossing)
        if decisions.shard is not None:
            self._to_planners(lambda p, m: p.shard_state(m, self.now), decisions.shard)
        self.say(lambda m: self.travel.update({s.robot: s for s in m}), planner.travel())

    # -- bodies -------------------------------------------------------------------------------------------------

    def _release(self, path: ReleasedPath) -> None:
        """As the pilot takes released paths."""
        body = self.bodies[path.robot]
        if path.epoch < body.epoch:
            return
        if path.epoch > body.epoch:
            body.epoch, body.reached = path.epoch, path.first_seq
            body.waypoints.clear()
        released = max(body.waypoints, default=body.reached - 1) + 1
        if path.first_seq > released:
            return
        for seq, waypoint in enumerate(path.waypoints, path.first_seq):
            if seq >= released:
                assert path.level == body.level, f"{body.name} is on {body.level}, its path on {path.level}"
                body.waypoints[seq] = waypoint

    def check_distances(self) -> None:
        """No two robots that stand or drive on a level may come too near, wherever they are on what they drive."""
        for first, second in itertools.combinations(self.bodies.values(), 2):
            if first.level != second.level or (first.lift and first.lift == second.lift):
                continue
            if self._under_way(first) or self._under_way(second):
                continue
            gap = segment_distance(*self._sweep(first), *self._sweep(second))
            assert gap >= self._separation_m - 1e-6, f"{first.name} and {second.name} may be {gap:.3f} m apart"

    def _under_way(self, body: Body) -> bool:
        return bool(body.lift) and self.lifts[body.lift].moving

    def _sweep(self, body: Body) -> tuple[Point, Point]:
        at = (body.x_m, body.y_m)
        waypoint = body.waypoints.get(body.reached)
        return at, at if waypoint is None else (waypoint.x_m, waypoint.y_m)
