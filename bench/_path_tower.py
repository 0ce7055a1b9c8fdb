"""Towers for the building benchmarks, and robots that follow their released paths in them.

The path, lift and door planners are the real ones; lifts and doors are simulated; robots drive along what is released
to them at nominal speed, without link or motion control. Tasks never end: a robot that arrives is sent on at once.
"""

from __future__ import annotations

import math
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from building_ctrl.building.loader import load_building, save_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.building.tower import MAX_LEVELS, generate_tower
from building_ctrl.core.door.planner import DoorPlanner
from building_ctrl.core.door.spec import door_specs
from building_ctrl.core.lift.planner import LiftPlanner
from building_ctrl.core.lift.spec import lift_specs
from building_ctrl.core.path.planner import PathDecisions, PathPlanner
from building_ctrl.core.path.state import PathParameters
from building_ctrl.model.building import Building, Lane, Level, Vertex
from building_ctrl.model.path import DestinationRequest, ReleasedPath, Waypoint
from building_ctrl.model.robot import RobotState
from building_ctrl.sim.doors import SimulatedDoor
from building_ctrl.sim.lifts import SimulatedLift

TICK_S = 0.2
SPEED_MPS = 1.0
STUCK_S = 300.0
Answer = TypeVar("Answer")


def tower(levels: int, robots: int, robot_lifts: int = 2, shared_lifts: int = 1) -> Building:
    """A generated tower; of more than 36 levels: several towers side by side, seen as one building."""
    blocks = -(-levels // MAX_LEVELS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tower.building.yaml"
        document = generate_tower(levels // blocks, robots // blocks, robot_lifts, shared_lifts)
        save_building(document, path)
        block = load_building(path)
    return block if blocks == 1 else side_by_side(block, blocks)


def side_by_side(block: Building, count: int) -> Building:
    """`count` copies of a building as one; the names of levels, lifts and doors begin with the copy's number."""
    levels, lifts = [], []
    for number in range(count):
        tag = f"B{number}"
        for level in block.levels:
            doors = tuple(replace(d, name=tag + d.name, level=tag + d.level) for d in level.doors)
            vertices = tuple(
                replace(v, lift_cabin=_tagged(tag, v.lift_cabin), spawn_robot_name=_tagged(tag, v.spawn_robot_name))
                for v in level.vertices
            )
            levels.append(replace(level, name=tag + level.name, doors=doors, vertices=vertices))
        for lift in block.lifts:
            opens = tuple((tag + name, names) for name, names in lift.level_doors)
            reference, initial = tag + lift.reference_level, tag + lift.initial_level
            lifts.append(
                replace(
                    lift, name=tag + lift.name, level_doors=opens, reference_level=reference, initial_level=initial
                )
            )
    return Building(f"{count} x {block.name}", tuple(levels), tuple(lifts))


def _tagged(tag: str, name: str) -> str:
    return tag + name if name else ""


def hall(robots: int) -> Building:
    """One level, a square grid of lanes a metre apart, three vertices a robot, two of them places."""
    side = math.ceil(math.sqrt(3 * robots))
    vertices = []
    for i in range(side * side):
        number, place = divmod(i, 3)
        spawn = f"robot_{number:04d}" if place == 0 and number < robots else ""
        name = f"place_{i}" if place != 1 else ""
        vertices.append(Vertex(i, float(i % side), float(i // side), name, spawn_robot_name=spawn))
    across = [(i, i + 1) for i in range(side * side) if i % side != side - 1]
    down = [(i, i + side) for i in range(side * (side - 1))]
    lanes = [Lane(k, a, b) for k, (a, b) in enumerate(across + down)]
    return Building("hall", (Level("L1", 0.0, tuple(vertices), tuple(lanes)),))


@dataclass(slots=True)
class Body:
    """A robot: where it is and what is released to it."""

    name: str
    level: str
    x_m: float
    y_m: float
    lift: str = ""
    epoch: int = 0
    reached: int = 0
    end: int = 0
    left_m: float = 0.0  # to the next waypoint
    waypoints: dict[int, Waypoint] = field(default_factory=dict)
    target: tuple[str, int] = ("", -1)
    crosses: bool = False
    sent_s: float = 0.0
    sent: int = 0


class TowerWorld:
    """All robots of a tower round one PathPlanner; `tick` is one cycle of coordination.

    `call` runs the planner's methods: a benchmark takes the time there. cross_level: share of the goals that lie on
    another level, as long as fewer than `riders` robots for each lift are under way between levels: a lift carries one
    robot at a time, and more of them would only wait.
    """

    def __init__(
        self,
        building: Building,
        seed: int,
        cross_level: float,
        call: Callable[[str, Callable[[], Answer]], Answer],
        riders: int = 4,
        parameters: PathParameters | None = None,
    ) -> None:
        self.random = random.Random(seed)
        self.riders = riders * len(building.lifts)
        self.crossing = 0
        self.cross_level = cross_level
        self.call = call
        self.now = 1000.0
        self.ticks = 0
        self.deliveries: list[tuple[float, float]] = []  # (when, seconds since the robot was sent)
        self.cross_deliveries = 0
        self.roadmap = build_roadmap(building)
        self.planner = PathPlanner(building, self.roadmap, 1, parameters)
        lifts, doors = lift_specs(building), door_specs(building)
        self.lift_planner, self.door_planner = LiftPlanner(lifts), DoorPlanner(doors)
        self.lifts = {spec.name: SimulatedLift(spec, start_s=self.now) for spec in lifts}
        self.doors = {spec.name: SimulatedDoor(spec, start_s=self.now) for spec in doors}
        self.rows = {level.level: level for level in self.roadmap.levels}
        self.places = {name: np.flatnonzero(row.is_place).tolist() for name, row in self.rows.items()}
        self.taken: set[tuple[str, int]] = set()
        self.sessions: dict[str, str] = {}
        self._reach = self._levels_in_reach(building)
        self.bodies = self._spawn_bodies(building)

    def _levels_in_reach(self, building: Building) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {level.name: [] for level in building.levels}
        for lift in building.lifts:
            names = [name for name, doors in lift.level_doors if doors]
            for name in names:
                found[name] = sorted({*found[name], *names} - {name})
        return found

    def _spawn_bodies(self, building: Building) -> dict[str, Body]:
        bodies = {}
        for level in building.levels:
            for vertex in level.vertices:
                if vertex.spawn_robot_name:
                    bodies[vertex.spawn_robot_name] = Body(vertex.spawn_robot_name, level.name, vertex.x_m, vertex.y_m)
        return bodies

    # -- one cycle ------------------------------------------------------------------------------------------------

    def tick(self) -> PathDecisions:
        """Devices, planners, then the robots drive for a cycle's length."""
        self.now += TICK_S
        self.ticks += 1
        self._devices()
        states = [self._state(body) for body in self.bodies.values()]
        self.call("events", lambda: self.planner.robot_states(states, self.now))
        decisions = self.call("step", lambda: self.planner.step(self.now))
        for path in decisions.released:
            self._release(path)
        for ride in decisions.rides:
            self.lift_planner.ride_request(ride, self.now)
        for crossing in decisions.crossings:
            self.door_planner.crossing_request(crossing, self.now)
        for body in self.bodies.values():
            self._drive(body)
        for body in self.bodies.values():
            self._send_on(body)
        if self.ticks % 5 == 0:
            self.call("repeat", self.planner.all_released)
        if self.ticks % 5 in (1, 3):
            self.call("report", self.planner.travel)
        return decisions

    def stuck(self) -> list[str]:
        """Robots that have been on one errand on their level for longer than STUCK_S, for which they need no lift."""
        late = [body for body in self.bodies.values() if self.now - body.sent_s > STUCK_S and body.sent]
        return [body.name for body in late if not body.crosses]

    def _state(self, body: Body) -> RobotState:
        return RobotState(
            body.name,
            "fleet",
            body.level,
            body.x_m,
            body.y_m,
            0.0,
            path_epoch=body.epoch,
            reached_seq=body.reached,
            released_seq=body.end,
        )

    def _devices(self) -> None:
        """Lifts and doors move, their planners decide, and the path planner hears of it."""
        aboard = {body.lift: body for body in self.bodies.values() if body.lift}
        for name, lift in self.lifts.items():
            lift.step(self.now)
            state = lift.state()
            self.lift_planner.lift_state(state, self.now)
            if name in aboard:
                aboard[name].level = state.current_level
        lift_decisions = self.lift_planner.step(self.now)
        for wanted in lift_decisions.requests:
            self.lifts[wanted.lift].request(wanted, self.now)
        self.sessions = {ride.ride_id: ride.session_id for ride in lift_decisions.rides}
        for door in self.doors.values():
            door.step(self.now)
            self.door_planner.door_state(door.state(), self.now)
        door_decisions = self.door_planner.step(self.now)
        for opened in door_decisions.requests:
            self.doors[opened.door].request(opened, self.now)
        self.call("events", lambda: self.planner.ride_states(lift_decisions.rides, self.now))
        self.call("events", lambda: self.planner.crossing_states(door_decisions.crossings, self.now))

    # -- robots ---------------------------------------------------------------------------------------------------

    def _release(self, path: ReleasedPath) -> None:
        body = self.bodies[path.robot]
        if body.epoch != path.epoch:
            body.epoch, body.reached = path.epoch, path.first_seq
            body.waypoints.clear()
        for seq, waypoint in enumerate(path.waypoints, path.first_seq):
            if seq >= body.reached:
                body.waypoints[seq] = waypoint
        body.end = max(body.end, path.end_seq)

    def _drive(self, body: Body) -> None:
        budget = SPEED_MPS * TICK_S
        while budget > 1e-9:
            waypoint = body.waypoints.get(body.reached)
            if waypoint is None or (waypoint.lift and not self._lift_open_for(waypoint, body)):
                return
            dx, dy = waypoint.x_m - body.x_m, waypoint.y_m - body.y_m
            distance = float(np.hypot(dx, dy))
            if distance > budget:
                body.x_m += dx / distance * budget
                body.y_m += dy / distance * budget
                return
            budget -= distance
            body.x_m, body.y_m = waypoint.x_m, waypoint.y_m
            del body.waypoints[body.reached]
            body.reached += 1
            if waypoint.lift:
                rows = self.rows[body.level]
                body.lift = rows.cabin_lift[rows.nearest_vertex(body.x_m, body.y_m)[0]]

    def _lift_open_for(self, waypoint: Waypoint, body: Body) -> bool:
        session = self.sessions.get(waypoint.ride_id, "")
        return bool(session) and self.lifts[waypoint.lift].state().open_for(session, body.level)

    def _send_on(self, body: Body) -> None:
        """Give a robot that is where it was sent, or that was never sent anywhere, the next place to go to."""
        level, vertex = body.target
        if vertex >= 0:
            rows = self.rows[level]
            if body.level != level or body.lift or body.waypoints:
                return
            if abs(body.x_m - rows.x_m[vertex]) > 1e-6 or abs(body.y_m - rows.y_m[vertex]) > 1e-6:
                return
            self.deliveries.append((self.now, self.now - body.sent_s))
            self.cross_deliveries += body.crosses
        elif self.now < 1002.0:
            return
        self._send(body)

    def _send(self, body: Body) -> None:
        here, others = body.level, self._reach[body.level]
        lift_is_free = bool(others) and self.crossing - body.crosses < self.riders
        crosses = lift_is_free and self.random.random() < self.cross_level
        level = self.random.choice(others) if crosses else here
        free = [vertex for vertex in self.places[level] if (level, vertex) not in self.taken]
        if not free:
            return
        vertex = self.random.choice(free)
        body.sent += 1
        request = DestinationRequest("fleet", body.name, level, self.rows[level].label(vertex), f"t{body.sent}")
        refusal = self.call("destination", lambda: self.planner.destination(request, self.now))
        if refusal:
            raise RuntimeError(f"{body.name} was not sent to {request.place}: {refusal}")
        self.taken.discard(body.target)
        self.taken.add((level, vertex))
        self.crossing += crosses - body.crosses
        body.target, body.sent_s, body.crosses = (level, vertex), self.now, crosses
