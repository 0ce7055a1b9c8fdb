"""A building in virtual time for benchmarks of the path planner: robots follow released paths kinematically, lifts and
doors are simulated, their planners are the real ones; no link, no dispatcher.

    world = make_world(building, robots=24, seed=0, speed_mps=1.0)
    world.demand = EndlessDemand(seed=0)     # every robot gets a new place when it has arrived; None: send() yourself
    for _ in range(18_000):
        world.step(0.2)                      # one cycle of the planner, then 0.2 s of motion
    world.stats                              # arrivals, collisions, CPU time of each cycle ...

Hooks: stall, silence, kill, revive, lift_off, put_down, send. `world.after_planning` is called with the decisions of
each cycle. All CPU times are of the path planner alone (states, step), in seconds.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from _path_bodies import FOREVER, Body, nearest_gaps
from numpy.typing import NDArray

from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.core.door.planner import DoorPlanner
from building_ctrl.core.door.spec import door_specs
from building_ctrl.core.lift.planner import LiftPlanner
from building_ctrl.core.lift.spec import lift_specs
from building_ctrl.core.path.planner import PathDecisions, PathPlanner
from building_ctrl.model.building import Building, Door
from building_ctrl.model.door import CrossingState
from building_ctrl.model.lift import RideState
from building_ctrl.model.path import DestinationRequest, TravelState, TravelStatus
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.model.robot import WorkState
from building_ctrl.sim.doors import SimulatedDoor
from building_ctrl.sim.lifts import SimulatedLift
from building_ctrl.sim.scenario import make_scenario

MOTION_S = 0.1  # collisions are looked for at least this often, on the straight between; may be changed
TRAVEL_S = 1.0  # how often the planner's state is read
DOORWAY_M = 0.5
CABIN_DOOR_M = 1.6  # from the middle of a cabin to where a robot is clear of its door
ENTERED_M = 0.6  # so near to the middle a robot goes on in, so far from it on out, as the pilot does
LEFT_M = 0.5


@dataclass(slots=True)
class WorldStats:
    """What has happened so far. `collisions` counts pairs and instants of overlapping footprints (without tracking
    error); `least_gap_m` is the least distance of footprints."""

    arrivals: int = 0
    refused: int = 0
    collisions: int = 0
    least_gap_m: float = float("inf")
    shut_doors: int = 0
    incidents: list[str] = field(default_factory=list)
    cycle_s: list[float] = field(default_factory=list)  # CPU time of the path planner, per cycle
    arrival_s: list[float] = field(default_factory=list)  # from sent to arrived, per arrival


class EndlessDemand:
    """A robot that has arrived waits a moment and gets another place at random that nobody is sent to."""

    def __init__(self, seed: int, dwell_s: tuple[float, float] = (2.0, 10.0)) -> None:
        self._random = random.Random(seed)
        self._dwell_s = dwell_s
        self._next_s: dict[str, float] = {}
        self.places: list[tuple[str, str]] = []

    def step(self, world: PathWorld) -> None:
        """Send who is due."""
        self.places = self.places or places_of(world.roadmap)
        for name, travel in world.travel.items():
            if name in world.sent or travel.status in (TravelStatus.QUARANTINED, TravelStatus.UNKNOWN):
                continue
            due_s = self._next_s.setdefault(name, world.now + self._random.uniform(*self._dwell_s))
            if world.now < due_s:
                continue
            taken = {(request.level, request.place) for request, _ in world.sent.values()}
            for _ in range(20):
                place = self._random.choice(self.places)
                if place not in taken and place != (travel.level, travel.destination) and world.send(name, *place):
                    del self._next_s[name]
                    break


class PathWorld:
    """Robots, lifts and doors round one PathPlanner. `speed_mps` is the robots' speed."""

    def __init__(
        self, building: Building, robots: int, seed: int, speed_mps: float, roadmap: Roadmap | None = None
    ) -> None:
        self.building = building
        self.roadmap = roadmap or build_roadmap(building)
        self.speed_mps = speed_mps
        self.now = 1000.0
        self.random = random.Random(seed)
        self.planner = PathPlanner(building, self.roadmap, epoch=1)
        self.lift_planner = LiftPlanner(lift_specs(building))
        self.door_planner = DoorPlanner(door_specs(building))
        self.lifts = {s.name: SimulatedLift(s, start_s=self.now) for s in lift_specs(building)}
        self.doors = {s.name: SimulatedDoor(s, start_s=self.now) for s in door_specs(building)}
        self.stats = WorldStats()
        self.demand: EndlessDemand | None = None
        self.after_planning: Callable[[PathDecisions], None] | None = None
        self.travel: dict[str, TravelState] = {}
        self.sent: dict[str, tuple[DestinationRequest, float]] = {}
        self.check_collisions = True
        self.motion_s = MOTION_S
        self.bodies: dict[str, Body] = {}
        for row in make_scenario(building, self.roadmap, robots, 0, 0.0, seed).robots:
            self.bodies[row.name] = Body(row.name, row.level, row.x_m, row.y_m, row.radius_m, row.graph_mask)
        self._level_index = {row.level: i for i, row in enumerate(self.roadmap.levels)}
        self._lift_index = {name: i for i, name in enumerate(self.lifts)}
        self._drawn: dict[str, Door] = {door.name: door for level in building.levels for door in level.doors}
        self._rides: tuple[RideState, ...] = ()
        self._crossings: tuple[CrossingState, ...] = ()
        self._task = 0
        self._travel_due_s = self.now
        self._bad = np.zeros((16, 2), dtype=np.int64)

    # -- hooks ----------------------------------------------------------------------------------------------------

    def stall(self, name: str, seconds: float) -> None:
        """A robot stands for a while, for whatever reason, and goes on."""
        self.bodies[name].still_until_s = max(self.bodies[name].still_until_s, self.now + seconds)

    def silence(self, name: str, seconds: float) -> None:
        """A robot is not heard for a while and hears nothing."""
        self.bodies[name].silent_until_s = max(self.bodies[name].silent_until_s, self.now + seconds)

    def kill(self, name: str) -> None:
        """A robot stops for good where it is, and says so."""
        body = self.bodies[name]
        body.still_until_s, body.work = FOREVER, WorkState.ERROR

    def revive(self, name: str) -> None:
        """A dead robot is mended where it stands."""
        body = self.bodies[name]
        body.still_until_s, body.work = -FOREVER, WorkState.STANDBY

    def lift_off(self, name: str) -> Body:
        """A person takes a robot from the floor; it is silent until `put_down`."""
        self.sent.pop(name, None)
        return self.bodies.pop(name)

    def put_down(self, body: Body, level: str, x_m: float, y_m: float) -> None:
        """A person puts a robot down, switched off and on: it knows no path."""
        body.level, body.x_m, body.y_m, body.lift, body.near_lift = level, x_m, y_m, "", ""
        body.epoch, body.reached, body.work = 0, 0, WorkState.STANDBY
        body.waypoints.clear()
        body.still_until_s = body.silent_until_s = -FOREVER
        self.bodies[body.name] = body

    def send(self, name: str, level: str, place: str) -> bool:
        """Send a robot somewhere; False where the planner refuses."""
        self._task += 1
        request = DestinationRequest("fleet", name, level, place, f"task-{self._task}")
        if self.planner.destination(request, self.now):
            self.stats.refused += 1
            return False
        self.sent[name] = (request, self.now)
        return True

    # -- time -----------------------------------------------------------------------------------------------------

    def step(self, dt: float) -> PathDecisions:
        """One cycle of all planners, then `dt` seconds of motion."""
        decisions = self._plan()
        if self.now >= self._travel_due_s:
            self._travel_due_s += TRAVEL_S
            self._hear_travel()
        parts = max(1, math.ceil(dt / self.motion_s - 1e-9))
        for _ in range(parts):
            self._move(dt / parts)
        return decisions

    def _plan(self) -> PathDecisions:
        states = [body.state(self.now) for body in self.bodies.values() if body.silent_until_s <= self.now]
        begin = time.process_time()
        self.planner.robot_states(states, self.now)
        self.planner.ride_states(self._rides, self.now)
        self.planner.crossing_states(self._crossings, self.now)
        decisions = self.planner.step(self.now)
        self.stats.cycle_s.append(time.process_time() - begin)
        if self.after_planning is not None:
            self.after_planning(decisions)
        for path in decisions.released:
            body = self.bodies.get(path.robot)
            if body is not None and body.silent_until_s <= self.now:
                body.release(path)
        for ride in decisions.rides:
            self.lift_planner.ride_request(ride, self.now)
        for crossing in decisions.crossings:
            self.door_planner.crossing_request(crossing, self.now)
        self._plan_devices()
        return decisions

    def repeat(self) -> None:
        """Repeat every released path, as the node does once a second: robots that were silent catch up."""
        for path in self.planner.all_released():
            body = self.bodies.get(path.robot)
            if body is not None and body.silent_until_s <= self.now:
                body.release(path)

    def _hear_travel(self) -> None:
        self.repeat()
        self.travel = {state.robot: state for state in self.planner.travel() if state.robot in self.bodies}
        for name, (request, since_s) in list(self.sent.items()):
            state = self.travel.get(name)
            if state is None or state.task_id != request.task_id:
                continue
            if state.status is TravelStatus.ARRIVED:
                self.stats.arrivals += 1
                self.stats.arrival_s.append(self.now - since_s)
                del self.sent[name]
            elif state.status is TravelStatus.REFUSED:
                self.stats.refused += 1
                del self.sent[name]
        if self.demand is not None:
            self.demand.step(self)

    def _move(self, dt: float) -> None:
        bodies = list(self.bodies.values())
        old = np.array([(body.x_m, body.y_m) for body in bodies])
        self._move_devices()
        for body in bodies:
            if body.still_until_s > self.now or not body.waypoints or body.held:
                body.speed_mps = 0.0
            else:
                body.drive(dt, self.speed_mps, self._open_ahead(body))
        self.now += dt
        if self.check_collisions and bodies:
            self._check(bodies, old)

    def _plan_devices(self) -> None:
        """One cycle of the lift and the door planner."""
        for lift in self.lifts.values():
            self.lift_planner.lift_state(lift.state(), self.now)
        for door in self.doors.values():
            self.door_planner.door_state(door.state(), self.now)
        lifts = self.lift_planner.step(self.now)
        doors = self.door_planner.step(self.now)
        self._rides, self._crossings = lifts.rides, doors.crossings
        for lift_request in lifts.requests:
            self.lifts[lift_request.lift].request(lift_request, self.now)
        for door_request in doors.requests:
            self.doors[door_request.door].request(door_request, self.now)

    def _move_devices(self) -> None:
        """Lifts and doors move on; who stands in which doorway, and who rides along."""
        for device in (*self.lifts.values(), *self.doors.values()):
            device.step(self.now)
            device.obstructed = False
        for body in self.bodies.values():
            ahead = body.waypoints[0] if body.waypoints else None
            body.near_lift = (ahead.lift if ahead is not None else "") or body.near_lift
            if body.near_lift:
                self._ride(body, body.near_lift)
            else:
                body.group = self._level_index[body.level]
            if ahead is not None and ahead.door:
                distance_m = self._distance_to_door(body, ahead.door)
                self.doors[ahead.door].obstructed |= distance_m < DOORWAY_M
                self.stats.shut_doors += distance_m < body.radius_m and self.doors[ahead.door].opening < 0.99

    def _ride(self, body: Body, name: str) -> None:
        lift, distance_m = self.lifts[name], self._from_cabin_m(body, name)
        body.lift = name if distance_m < 0.01 else ""
        if body.lift:
            body.level = lift.state().current_level
        elif distance_m < CABIN_DOOR_M:
            lift.obstructed = True
        else:
            body.near_lift = ""
        body.group = self._level_index[body.level]
        if body.lift and lift.door_opening <= 0.0:
            body.group = len(self._level_index) + self._lift_index[name]

    def _from_cabin_m(self, body: Body, lift: str) -> float:
        row = self.roadmap.level(body.level)
        cabin = row.cabin_lift.index(lift)
        return math.hypot(body.x_m - float(row.x_m[cabin]), body.y_m - float(row.y_m[cabin]))

    def _distance_to_door(self, body: Body, name: str) -> float:
        (ax, ay), (bx, by) = self._drawn[name].start, self._drawn[name].end
        dx, dy = bx - ax, by - ay
        t = ((body.x_m - ax) * dx + (body.y_m - ay) * dy) / max(dx * dx + dy * dy, 1e-9)
        t = min(max(t, 0.0), 1.0)
        return math.hypot(body.x_m - ax - t * dx, body.y_m - ay - t * dy)

    def _open_ahead(self, body: Body) -> int:
        """How many waypoints a body may drive to now: up to the first shut cabin door it is not through yet."""
        for count, waypoint in enumerate(body.waypoints):
            if not waypoint.lift or self._lift_open(waypoint.lift, waypoint.ride_id, body.level):
                continue
            row = self.roadmap.level(body.level)
            enters = row.cabin_lift[row.nearest_vertex(waypoint.x_m, waypoint.y_m)[0]] == waypoint.lift
            distance_m = self._from_cabin_m(body, waypoint.lift)
            if count > 0 or (distance_m > ENTERED_M if enters else distance_m < LEFT_M):
                return count
        return len(body.waypoints)

    def _lift_open(self, lift: str, ride_id: str, level: str) -> bool:
        session = next((ride.session_id for ride in self._rides if ride.ride_id == ride_id), "")
        return bool(session) and self.lifts[lift].state().open_for(session, level)

    def _check(self, bodies: list[Body], old: NDArray[np.float64]) -> None:
        new = np.array([(body.x_m, body.y_m) for body in bodies])
        group = np.array([body.group for body in bodies], dtype=np.int64)
        radius = np.array([body.radius_m for body in bodies])
        least, found = nearest_gaps(old, new, radius, group, np.argsort(group), self._bad)
        self.stats.least_gap_m = min(self.stats.least_gap_m, least)
        self.stats.collisions += found
        for i, j in self._bad[: min(found, len(self._bad))].tolist():
            if len(self.stats.incidents) < 50:
                a, b = bodies[i], bodies[j]
                where = f"{a.level} ({a.x_m:.2f}, {a.y_m:.2f}) and {b.level} ({b.x_m:.2f}, {b.y_m:.2f})"
                self.stats.incidents.append(f"{self.now:.1f} s: {a.name} and {b.name} touch at {where}")


def places_of(roadmap: Roadmap) -> list[tuple[str, str]]:
    """(level, label) of every vertex tasks may go to."""
    return [
        (row.level, row.label(vertex))
        for row in roadmap.levels
        for vertex in range(row.n_vertices)
        if row.is_place[vertex] and not row.cabin_lift[vertex] and not row.in_doorway[vertex]
    ]


def make_world(
    building: Building, robots: int, seed: int, speed_mps: float = 1.0, roadmap: Roadmap | None = None
) -> PathWorld:
    """A world with robots at their homes, standing. Raises ValueError where the map has no room for them."""
    return PathWorld(building, robots, seed, speed_mps, roadmap)
