"""A make-believe building behind a real console, to look at: `python fake_building.py MAP [PORT [ROBOTS]]`.

Robots drive over the map's roadmap without minding each other; tasks go through the real dispatcher. Robots
whose number ends in 7, 8 or 9 have troubles, so that those can be seen too.
"""

from __future__ import annotations

import heapq
import math
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.console.app import create_app
from building_ctrl.console.context import Context
from building_ctrl.console.picture import Picture
from building_ctrl.console.robot_table import from_columns
from building_ctrl.console.server import WebServer
from building_ctrl.core.task import Dispatcher, Places
from building_ctrl.core.task.desk import Answer, TaskDesk
from building_ctrl.model.building import Building
from building_ctrl.model.door import DoorMode, DoorState
from building_ctrl.model.lift import LiftDoorState, LiftMode, LiftMotion, LiftState, RidePhase, RideState
from building_ctrl.model.path import (
    DestinationRequest,
    ReleasedPath,
    TravelState,
    TravelStatus,
    WaitingKind,
    Waypoint,
)
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.model.robot import Connection, MotionState, RobotState, WorkState
from building_ctrl.model.task import Task

TICK_S = 0.1
RIDE_S = 8.0
Vertex = tuple[int, int]


class Memory:
    """A ledger that forgets everything at the end."""

    def __init__(self) -> None:
        self.count = 0
        self.answers: dict[str, Answer] = {}

    def next_number(self) -> int:
        self.count += 1
        return self.count

    def answer(self, request_id: str) -> Answer | None:
        return self.answers.get(request_id)

    def keep(self, tasks: Sequence[Task], now: float, answer: Answer | None = None) -> None:
        if answer is not None:
            self.answers[answer.request_id] = answer


class DeskBus:
    """Answers the console's requests at once."""

    def __init__(self, desk: TaskDesk, lock: threading.Lock) -> None:
        self._desk, self._lock = desk, lock

    async def ask_dispatcher(self, text: str, request_id: str) -> str:
        with self._lock:
            return self._desk.handle(text, request_id, time.time())


@dataclass
class Body:
    state: RobotState
    request: DestinationRequest | None = None
    way: list[Vertex] = field(default_factory=list)
    status: TravelStatus = TravelStatus.IDLE
    riding_s: float = 0.0


class FakeBuilding:
    """Moves bodies and tells the picture."""

    def __init__(self, building: Building, roadmap: Roadmap, robots: int) -> None:
        self.building, self.roadmap = building, roadmap
        self.picture = Picture()
        self.lock = threading.Lock()
        self.dispatcher = Dispatcher.for_roadmap(roadmap)
        self.desk = TaskDesk(self.dispatcher, Memory())
        self.bodies = {body.state.name: body for body in self._spawn(robots)}
        self.near = self._neighbours()
        self.lift_level = {lift.name: lift.initial_level for lift in building.lifts}
        self.finished: set[str] = set()

    def _spawn(self, robots: int) -> list[Body]:
        spots = [
            (level.level, float(level.x_m[v]), float(level.y_m[v]))
            for level in self.roadmap.levels
            for v in range(level.n_vertices)
            if level.is_parking[v] or level.is_charger[v] or level.is_place[v]
        ] or [(lv.level, float(lv.x_m[0]), float(lv.y_m[0])) for lv in self.roadmap.levels if lv.n_vertices]
        masks = {lv.level: int(np.bitwise_or.reduce(lv.edge_graphs)) for lv in self.roadmap.levels if lv.n_edges}
        chance = np.random.default_rng(3)
        chosen = [spots[int(i)] for i in chance.permutation(len(spots))]
        return [
            Body(
                RobotState(
                    f"robot_{i:02d}",
                    "fleet",
                    *chosen[i % len(chosen)],
                    0.0,
                    battery_percent=float(40 + (i * 17) % 55),
                    graph_mask=masks.get(chosen[i % len(chosen)][0], 1),
                )
            )
            for i in range(1, robots + 1)
        ]

    def _neighbours(self) -> dict[Vertex, list[tuple[Vertex, float]]]:
        near: dict[Vertex, list[tuple[Vertex, float]]] = {}
        cabins: dict[str, list[Vertex]] = {}
        for li, level in enumerate(self.roadmap.levels):
            for e in range(level.n_edges):
                start = (li, int(level.edge_from[e]))
                near.setdefault(start, []).append(((li, int(level.edge_to[e])), float(level.edge_length_m[e])))
            for v, lift in enumerate(level.cabin_lift):
                if lift:
                    cabins.setdefault(lift, []).append((li, v))
        for vertices in cabins.values():
            for a in vertices:
                near.setdefault(a, []).extend((b, 30.0) for b in vertices if b[0] != a[0])
        return near

    def _route(self, start: Vertex, goal: Vertex) -> list[Vertex]:
        heap, came, cost = [(0.0, start)], {start: start}, {start: 0.0}
        while heap:
            distance, vertex = heapq.heappop(heap)
            if vertex == goal:
                break
            for other, length in self.near.get(vertex, []):
                if distance + length < cost.get(other, math.inf):
                    cost[other], came[other] = distance + length, vertex
                    heapq.heappush(heap, (distance + length, other))
        if goal not in came:
            return []
        way = [goal]
        while way[-1] != start:
            way.append(came[way[-1]])
        return way[::-1]

    def tick(self, now: float) -> None:
        with self.lock:
            self.dispatcher.robot_states([b.state for b in self.bodies.values()], now)
            travel = [self._travel(b) for b in self.bodies.values()]
            self.dispatcher.travel_states(travel, now)
            decisions = self.desk.step(now)
            for request in decisions.destinations:
                self._obey(request)
            tasks = self.dispatcher.tasks()
        for body in self.bodies.values():
            self._move(body, now)
        self._tell(now, travel, tasks)
        self.picture.hear_alarms("dispatcher", decisions.alarms, now)

    def _obey(self, request: DestinationRequest) -> None:
        body = self.bodies[request.robot]
        if body.request == request:
            return
        levels = [level.level for level in self.roadmap.levels]
        li = levels.index(body.state.level)
        start, _ = self.roadmap.levels[li].nearest_vertex(body.state.x_m, body.state.y_m)
        goal_level = levels.index(request.level)
        body.request = request
        body.way = self._route((li, start), (goal_level, self.roadmap.levels[goal_level].vertex_of(request.place)))
        body.status = TravelStatus.MOVING if body.way else TravelStatus.REFUSED

    def _trouble(self, body: Body) -> str:
        return {"7": "error", "8": "lost", "9": "battery"}.get(body.state.name[-1], "")

    def _move(self, body: Body, now: float) -> None:
        trouble = self._trouble(body)
        if trouble == "error":
            body.state = replace(body.state, work=WorkState.ERROR, motion=MotionState.STOPPED)
            return
        if trouble == "lost":
            body.state = replace(body.state, connection=Connection.LOST, age_s=body.state.age_s + TICK_S)
            return
        if trouble == "battery":
            body.state = replace(body.state, battery_percent=9.0)
        if body.riding_s > 0.0:
            body.riding_s -= TICK_S
            return
        if not body.way:
            if body.status is TravelStatus.MOVING:
                body.status = TravelStatus.ARRIVED
            work = (
                WorkState.STANDBY if body.request is None or "home/" in body.request.task_id else WorkState.PERFORMING
            )
            body.state = replace(body.state, motion=MotionState.STOPPED, work=work, speed_mps=0.0)
            return
        li, v = body.way[0]
        level = self.roadmap.levels[li]
        if level.level != body.state.level:
            body.riding_s = RIDE_S
            self.lift_level[level.cabin_lift[v]] = level.level
            body.state = replace(body.state, level=level.level, x_m=float(level.x_m[v]), y_m=float(level.y_m[v]))
            return
        dx, dy = float(level.x_m[v]) - body.state.x_m, float(level.y_m[v]) - body.state.y_m
        distance = math.hypot(dx, dy)
        step = min(distance, 1.0 * TICK_S)
        if distance <= 0.05:
            body.way.pop(0)
            return
        wait = body.state.name.endswith("3") and int(now) % 20 < 8
        body.state = replace(
            body.state,
            x_m=body.state.x_m + (0.0 if wait else dx / distance * step),
            y_m=body.state.y_m + (0.0 if wait else dy / distance * step),
            yaw_rad=math.atan2(dy, dx),
            speed_mps=0.0 if wait else 1.0,
            motion=MotionState.WAITING if wait else MotionState.MOVING,
            work=WorkState.PERFORMING,
        )

    def _travel(self, body: Body) -> TravelState:
        request = body.request
        waiting = body.state.motion is MotionState.WAITING
        return TravelState(
            body.state.name,
            body.state.level,
            request.task_id if request else "",
            request.place if request else "",
            body.status,
            WaitingKind.ROBOT if waiting else WaitingKind.NONE,
            "robot_01" if waiting else "",
            float(len(body.way)) if body.way else -1.0,
        )

    def _tell(self, now: float, travel: list[TravelState], tasks: Sequence[Task]) -> None:
        states = [b.state for b in self.bodies.values()]
        levels = tuple(level.level for level in self.roadmap.levels)
        table = from_columns(
            "gateway",
            tuple(s.name for s in states),
            tuple(s.fleet for s in states),
            levels,
            x_m=[s.x_m for s in states],
            y_m=[s.y_m for s in states],
            yaw_rad=[s.yaw_rad for s in states],
            speed_mps=[s.speed_mps for s in states],
            battery_percent=[s.battery_percent for s in states],
            age_s=[s.age_s for s in states],
            radius_m=[s.radius_m for s in states],
            level=[levels.index(s.level) for s in states],
            work=[int(s.work) for s in states],
            motion=[int(s.motion) for s in states],
            connection=[int(s.connection) for s in states],
        )
        self.picture.hear_robots(table, now)
        self.picture.hear_travel(travel, now)
        self.picture.hear_paths([self._path(b) for b in self.bodies.values()], now)
        self.finished |= {t.request.task_id for t in tasks if t.status.name == "COMPLETED"}
        failed = sum(t.status.name == "FAILED" for t in tasks)
        self.picture.hear_tasks(tasks, len(self.finished), failed, now)
        rides = []
        for lift in self.building.lifts:
            rider = next((b for b in self.bodies.values() if b.riding_s > 0.0), None)
            here = self.lift_level[lift.name] or lift.levels[0]
            self.picture.hear_lift(
                LiftState(
                    lift.name,
                    lift.levels,
                    here,
                    here,
                    LiftDoorState.OPEN if rider else LiftDoorState.CLOSED,
                    LiftMotion.STOPPED,
                    LiftMode.AGV if rider else LiftMode.HUMAN,
                    "",
                ),
                now,
            )
            if rider:
                rides.append(RideState("ride", "fleet", rider.state.name, lift.name, here, here, RidePhase.ALIGHTING))
        self.picture.hear_rides(rides, now)
        for i, door in enumerate(d for level in self.building.levels for d in level.doors):
            if i % 9 != 8:
                mode = (DoorMode.CLOSED, DoorMode.OPEN, DoorMode.CLOSED, DoorMode.MOVING)[(i + int(now / 7)) % 4]
                self.picture.hear_door(DoorState(door.name, mode), now)

    def _path(self, body: Body) -> ReleasedPath:
        level = next(lv for lv in self.roadmap.levels if lv.level == body.state.level)
        points = [(float(level.x_m[v]), float(level.y_m[v])) for li, v in body.way if self.roadmap.levels[li] is level]
        return ReleasedPath(
            body.state.name,
            body.state.level,
            1,
            0,
            tuple(Waypoint(x, y) for x, y in points[:6]),
            tuple(points[6:30]),
        )


def main(path: str, port: int = 8000, robots: int = 12) -> None:
    building = load_building(path)
    roadmap = build_roadmap(building)
    fake = FakeBuilding(building, roadmap, robots)
    context = Context(building, Places.of(roadmap), fake.picture, DeskBus(fake.desk, fake.lock), time.time)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    with WebServer(create_app(context), "127.0.0.1", port) as server:
        print(server.url, flush=True)
        while not stop.wait(TICK_S):
            fake.tick(time.time())


if __name__ == "__main__":
    main(sys.argv[1], *(int(argument) for argument in sys.argv[2:]))
