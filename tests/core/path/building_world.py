"""A building whose robots take their time, with the real lift planner and simulated lifts, in virtual time.

Doors open a while after they are asked for. Robots jump from waypoint to waypoint when chance says so.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from delay_world import segment_distance

from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.core.lift.planner import LiftPlanner
from building_ctrl.core.lift.spec import lift_specs
from building_ctrl.core.path.level import LevelCoordinator
from building_ctrl.core.path.planner import PathPlanner
from building_ctrl.model.building import Building, Door, DoorKind, Lane, Level, Lift, LiftDoor, Vertex
from building_ctrl.model.door import CrossingAction, CrossingPhase, CrossingRequest, CrossingState
from building_ctrl.model.held import HeldStretch
from building_ctrl.model.lift import RideState
from building_ctrl.model.path import DestinationRequest, ReleasedPath, TravelStatus, Waypoint
from building_ctrl.model.robot import RobotState, WorkState
from building_ctrl.sim.lifts import SimulatedLift

STEP_S = 0.2


def two_level_building() -> Building:
    """Two levels, each a ring of lanes with four spurs; two lifts; a door on level L1."""
    return ring_building(2)


def ring_building(n_levels: int) -> Building:
    """Levels L1, L2 ... like those of `two_level_building`, served by the same two lifts."""
    points = [(0.0, 0.0), (6.0, 0.0), (12.0, 0.0), (12.0, 6.0), (6.0, 6.0), (0.0, 6.0)]
    ring = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)]
    spurs = [("park_a", 0, (-3.0, 0.0)), ("park_b", 2, (15.0, 0.0)), ("desk", 3, (15.0, 6.0)), ("cafe", 5, (-3.0, 6.0))]
    cabins = [("A", 1, (6.0, -4.0)), ("B", 4, (6.0, 10.0))]
    levels = []
    for name, elevation in ((f"L{k + 1}", 4.0 * k) for k in range(n_levels)):
        vertices = [Vertex(i, x, y) for i, (x, y) in enumerate(points)]
        lanes = list(ring)
        for place, at, (x, y) in spurs:
            lanes.append((at, len(vertices)))
            vertices.append(Vertex(len(vertices), x, y, f"{name}_{place}", is_parking_spot=place.startswith("park")))
        for lift, at, (x, y) in cabins:
            lanes.append((at, len(vertices)))
            vertices.append(Vertex(len(vertices), x, y, lift_cabin=lift))
        doors = (Door("gate", "L1", DoorKind.SLIDING, (9.0, -1.0), (9.0, 1.0)),) if name == "L1" else ()
        drawn = tuple(Lane(i, a, b) for i, (a, b) in enumerate(lanes))
        levels.append(Level(name, elevation, tuple(vertices), drawn, doors=doors))
    served = tuple((level.name, ("door",)) for level in levels)
    lifts = (
        Lift("A", 6.0, -4.0, 0.0, 2.0, 2.0, (LiftDoor("door", 0.0, 1.0, 0.0, 1.2),), served, "L1", "L1"),
        Lift("B", 6.0, 10.0, 0.0, 2.0, 2.0, (LiftDoor("door", 0.0, -1.0, 0.0, 1.2),), served, "L2", "L1"),
    )
    return Building("rings", tuple(levels), lifts)


@dataclass(slots=True)
class Body:
    """A robot: where it is, and the waypoints released to it."""

    name: str
    level: str
    x_m: float
    y_m: float
    lift: str = ""
    epoch: int = 0
    reached: int = 0
    waypoints: dict[int, Waypoint] = field(default_factory=dict)
    stuck: bool = False
    held: bool = False
    mute: bool = False  # neither heard nor reached by anything, drives on
    work: WorkState = WorkState.STANDBY

    def state(self) -> RobotState:
        released = max(self.waypoints, default=self.reached - 1) + 1
        return RobotState(
            self.name,
            "fleet",
            self.level,
            self.x_m,
            self.y_m,
            0.0,
            path_epoch=self.epoch,
            reached_seq=self.reached,
            released_seq=released,
            work=self.work,
        )


class BuildingWorld:
    """Robots, lifts and doors round one PathPlanner."""

    def __init__(self, building: Building, starts: Sequence[str], seed: int, finish: float = 0.3) -> None:
        self.building = building
        self.random = random.Random(seed)
        self.finish = finish
        self.now = 100.0
        self.roadmap = build_roadmap(building)
        self.planner = PathPlanner(building, self.roadmap, epoch=1)
        specs = lift_specs(building)
        self.lift_planner = LiftPlanner(specs)
        self.lifts = {spec.name: SimulatedLift(spec, start_s=self.now) for spec in specs}
        self.rides: tuple[RideState, ...] = ()
        self.crossings: dict[str, tuple[CrossingRequest, float]] = {}
        self.door_opens_s = 3.0
        self.bodies: dict[str, Body] = {}
        self.deaf: set[str] = set()
        self.kept: dict[str, HeldStretch] = {}
        for i, start in enumerate(starts):
            self.add_robot(f"r{i}", start)

    def add_robot(self, name: str, place: str) -> None:
        found = self.roadmap.find_place(place)
        assert found is not None, place
        level = self.roadmap.level(found[0])
        self.bodies[name] = Body(name, found[0], float(level.x_m[found[1]]), float(level.y_m[found[1]]))

    def send(self, robot: str, place: str, task_id: str = "t") -> str:
        level, _, _ = place.partition("_")
        return self.planner.destination(DestinationRequest("fleet", robot, level, place, task_id), self.now)

    def tick(self) -> None:
        self.now += STEP_S
        self._lifts()
        heard = [body.state() for body in self.bodies.values() if not body.mute]
        self.planner.robot_states(heard, self.now)
        self.planner.ride_states(self.rides, self.now)
        self.planner.crossing_states(self._crossing_states(), self.now)
        decisions = self.decisions = self.planner.step(self.now)
        self.planner.assert_sound()
        self.travel = {state.robot: state for state in self.planner.travel()}
        self.kept.update({stretch.robot: stretch for stretch in decisions.held})
        for path in decisions.released:
            self._release(path)
        for ride in decisions.rides:
            self.lift_planner.ride_request(ride, self.now)
        for crossing in decisions.crossings:
            self._cross(crossing)
        for body in self.bodies.values():
            self._drive(body)
        self._check_cabins()
        self._check_distances()

    def repeat(self) -> None:
        """Tell the robots their released paths once more."""
        for path in self.planner.all_released():
            self._release(path)

    def level(self, name: str) -> LevelCoordinator:
        """What the planner knows of a level."""
        return self.planner._state.levels[name]

    def free_spot(self, robot: str) -> tuple[str, float, float] | None:
        """A vertex no other robot is near to or bound for."""
        for row in self.roadmap.levels:
            others = [
                (x, y)
                for body in self.bodies.values()
                if body.name != robot and body.level == row.level
                for x, y in ((body.x_m, body.y_m), *((w.x_m, w.y_m) for w in body.waypoints.values()))
            ]
            for vertex in np.flatnonzero(row.is_place | row.is_parking).tolist():
                at = float(row.x_m[vertex]), float(row.y_m[vertex])
                if not row.cabin_lift[vertex] and all(math.dist(at, other) > 2.5 for other in others):
                    return row.level, *at
        return None

    def _check_distances(self) -> None:
        """No two robots that follow their paths touch, wherever each is on the way it drives now."""
        driving = [
            (body, (body.x_m, body.y_m), (w.x_m, w.y_m))
            for body in self.bodies.values()
            if not body.held and not body.lift and (w := body.waypoints.get(body.reached)) is not None
        ]
        for body, start, end in driving:
            for other in self.bodies.values():
                if other is body or other.level != body.level or other.lift:
                    continue
                gap = segment_distance(start, end, (other.x_m, other.y_m), (other.x_m, other.y_m))
                assert gap >= 0.6, f"{body.name} may drive into {other.name}: {gap:.2f} m at {self.now:.1f} s"

    def run_until_arrived(self, limit_s: float) -> None:
        """Until every robot with a destination has arrived. Fails with what each waits for."""
        end = self.now + limit_s
        while self.now < end:
            self.tick()
            if all(t.status in (TravelStatus.ARRIVED, TravelStatus.IDLE) for t in self.travel.values()):
                return
        late = [t for t in self.travel.values() if t.status is not TravelStatus.ARRIVED]
        raise AssertionError(f"not arrived after {limit_s} s: {late} rides {self.rides}")

    def _lifts(self) -> None:
        for lift in self.lifts.values():
            lift.step(self.now)
            state = lift.state()
            self.lift_planner.lift_state(state, self.now)
            for body in self.bodies.values():
                if body.lift == lift.spec.name:
                    body.level = state.current_level
        decisions = self.lift_planner.step(self.now)
        self.rides = decisions.rides
        for request in decisions.requests:
            self.lifts[request.lift].request(request, self.now)

    def _cross(self, request: CrossingRequest) -> None:
        if request.action is CrossingAction.END:
            self.crossings.pop(request.crossing_id, None)
        else:
            asked = self.crossings.get(request.crossing_id, (request, self.now))[1]
            self.crossings[request.crossing_id] = (request, asked)

    def _crossing_states(self) -> list[CrossingState]:
        return [
            CrossingState(
                request.crossing_id,
                request.fleet,
                request.robot,
                request.door,
                CrossingPhase.GRANTED if self.now - asked >= self.door_opens_s else CrossingPhase.OPENING,
            )
            for request, asked in self.crossings.values()
        ]

    def _release(self, path: ReleasedPath) -> None:
        body = self.bodies.get(path.robot)
        if body is None or body.mute or body.name in self.deaf:
            return
        body.held = path.hold
        if body.epoch != path.epoch:
            body.epoch, body.reached = path.epoch, path.first_seq
            body.waypoints.clear()
        assert path.first_seq <= body.reached
        for seq, waypoint in enumerate(path.waypoints, path.first_seq):
            if seq >= body.reached:
                assert path.level == body.level, f"{body.name} is on {body.level}, its path on {path.level}"
                body.waypoints[seq] = waypoint

    def _drive(self, body: Body) -> None:
        waypoint = body.waypoints.get(body.reached)
        if waypoint is None or body.stuck or body.held or self.random.random() > self.finish:
            return
        if waypoint.lift and not self._lift_open_for(waypoint, body):
            return
        if waypoint.door:
            open_for = [r for r, asked in self.crossings.values() if self.now - asked >= self.door_opens_s]
            assert any(r.robot == body.name and r.door == waypoint.door for r in open_for), "door not open"
        del body.waypoints[body.reached]
        body.reached += 1
        body.x_m, body.y_m = waypoint.x_m, waypoint.y_m
        level = self.roadmap.level(body.level)
        body.lift = level.cabin_lift[level.nearest_vertex(body.x_m, body.y_m)[0]]

    def _lift_open_for(self, waypoint: Waypoint, body: Body) -> bool:
        sessions = [ride.session_id for ride in self.rides if ride.ride_id == waypoint.ride_id]
        state = self.lifts[waypoint.lift].state()
        return bool(sessions) and state.open_for(sessions[0], body.level)

    def _check_cabins(self) -> None:
        inside = [body.lift for body in self.bodies.values() if body.lift]
        assert len(inside) == len(set(inside)), f"two robots in one cabin: {inside}"
