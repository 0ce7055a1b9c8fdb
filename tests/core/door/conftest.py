"""A corridor with doors in virtual time: a DoorPlanner, simulated doors, and robots that want to pass."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from building_ctrl.core.door import DoorParameters, DoorPlanner, DoorSpec
from building_ctrl.model.building import DoorKind
from building_ctrl.model.door import CrossingAction, CrossingPhase, CrossingRequest, CrossingState
from building_ctrl.sim.doors import SimulatedDoor


@dataclass
class Passer:
    """A robot and its path planner: enters a doorway only when granted, and says when it is through."""

    crossing_id: str
    robot: str
    door: str
    arrives_s: float
    walk_s: float = 4.0
    place: str = "before"  # before, doorway, through
    until_s: float = 0.0
    waited_s: float = 0.0
    frozen: bool = False
    gives_up: bool = False
    sent_s: float = -1e9
    seen: CrossingState | None = None

    @property
    def over(self) -> bool:
        return self.seen is not None and self.seen.phase.ended and self.place != "doorway"

    def request(self, now: float) -> CrossingRequest:
        ends = self.place == "through" or (self.place == "before" and self.gives_up)
        return CrossingRequest(
            crossing_id=self.crossing_id,
            fleet="fleet",
            robot=self.robot,
            door=self.door,
            level="L1",
            action=CrossingAction.END if ends else CrossingAction.REQUEST,
            eta_s=max(self.arrives_s - now, 0.0),
            lease_s=5.0,
        )


class Channel:
    """Carries messages with delay; may lose and repeat them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.delay_s, self.loss, self.repeat = chance, 0.05, 0.0, 0.0
        self._queue: deque[tuple[float, Any]] = deque()

    def send(self, message: Any, now: float) -> None:
        if self.chance.random() >= self.loss:
            copies = 2 if self.chance.random() < self.repeat else 1
            self._queue.extend([(now + self.delay_s, message)] * copies)

    def deliver(self, now: float, take: Callable[[Any, float], None]) -> None:
        while self._queue and self._queue[0][0] <= now:
            take(self._queue.popleft()[1], now)


class Corridor:
    """Steps everything, and checks at each tick that no door moves onto a robot."""

    dt = 0.1

    def __init__(
        self, kinds: tuple[DoorKind, ...] = (DoorKind.SLIDING,), parameters: DoorParameters | None = None
    ) -> None:
        self.p = parameters or DoorParameters()
        self.specs = tuple(
            DoorSpec(f"d{i}", "L1", kind, *((0.7, 0.7) if kind is DoorKind.SPEED_GATE else (2.5, 3.0)))
            for i, kind in enumerate(kinds)
        )
        self.doors = {spec.name: SimulatedDoor(spec) for spec in self.specs}
        self.planner = DoorPlanner(self.specs, self.p)
        self.passers: list[Passer] = []
        self.now = 0.0
        chance = random.Random(3)
        self.channels = [Channel(chance) for _ in range(3)]
        self.to_door, self.from_door, self.to_planner = self.channels
        self.requests: list[tuple[float, Any]] = []
        self.crossings: dict[str, CrossingState] = {}
        self.alarms: dict[str, Any] = {}
        self.sessions: tuple[Any, ...] = ()
        self._published: dict[str, tuple[Any, float]] = {}
        self.sensors = False  # door edges that feel a robot; without them the planner alone has to keep doors open

    def add(self, crossing_id: str, arrives_s: float = 0.0, door: str = "d0", **more: Any) -> Passer:
        passer = Passer(crossing_id, more.pop("robot", f"r-{crossing_id}"), door, arrives_s, **more)
        self.passers.append(passer)
        return passer

    def restart_planner(self) -> None:
        self.planner = DoorPlanner(self.specs, self.p)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.tick()

    def run_until(self, done: Callable[[], bool], limit_s: float = 120.0) -> None:
        end = self.now + limit_s
        while not done():
            assert self.now < end, f"not within {limit_s} s: {[(p.place, p.seen) for p in self.passers]}"
            self.tick()

    def run_until_over(self, limit_s: float = 300.0) -> None:
        self.run_until(lambda: all(passer.over for passer in self.passers), limit_s)

    def tick(self) -> None:
        self.now = round(self.now + self.dt, 6)
        for name, door in self.doors.items():
            door.obstructed = self.sensors and any(p.place == "doorway" and p.door == name for p in self.passers)
            door.step(self.now)
            state, (told, told_s) = door.state(), self._published.get(name, (None, -9.0))
            if not door.silent and (state != told or self.now - told_s >= 1.0):
                self._published[name] = (state, self.now)
                self.from_door.send(state, self.now)
        self.to_planner.deliver(self.now, self.planner.crossing_request)
        self.from_door.deliver(self.now, self.planner.door_state)
        decisions = self.planner.step(self.now)
        self.crossings = {crossing.crossing_id: crossing for crossing in decisions.crossings}
        self.alarms = {alarm.alarm_id: alarm for alarm in decisions.alarms if alarm.active}
        self.sessions = decisions.sessions
        for request in decisions.requests:
            self.requests.append((self.now, request))
            self.to_door.send(request, self.now)
        self.to_door.deliver(self.now, lambda request, now: self.doors[request.door].request(request, now))
        for passer in self.passers:
            if not passer.frozen:
                self._move(passer)
        for passer in self.passers:
            if passer.place == "doorway":
                least = 0.9 if self.sensors else 1.0
                assert self.doors[passer.door].opening >= least, f"{self.now}: door on {passer}"

    def _move(self, passer: Passer) -> None:
        passer.seen = self.crossings.get(passer.crossing_id, passer.seen)
        before = passer.place
        granted = passer.seen is not None and passer.seen.phase is CrossingPhase.GRANTED
        if passer.place == "doorway" and self.now >= passer.until_s:
            passer.place = "through"
        elif passer.place == "before" and self.now >= passer.arrives_s and not passer.gives_up:
            if granted:
                passer.place, passer.until_s = "doorway", self.now + passer.walk_s
            else:
                passer.waited_s += self.dt
        if not passer.over and (passer.place != before or self.now - passer.sent_s >= 1.0):
            passer.sent_s = self.now
            self.to_planner.send(passer.request(self.now), self.now)


@pytest.fixture
def make_corridor() -> type[Corridor]:
    return Corridor
