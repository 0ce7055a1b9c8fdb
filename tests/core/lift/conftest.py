"""A small building in virtual time: a LiftPlanner, simulated lifts, and robots that want to ride."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from building_ctrl.core.lift import LiftParameters, LiftPlanner, LiftSpec
from building_ctrl.model.building import LiftKind
from building_ctrl.model.lift import LiftMode, RideAction, RidePhase, RideRequest, RideState
from building_ctrl.sim.lifts import SimulatedLift, SimulatedLiftParameters

LEVELS = (("L1", 0.0), ("L2", 4.0), ("L3", 8.0), ("L4", 12.0))


@dataclass
class Rider:
    """A robot and its path planner: enters and leaves only when granted, and says so."""

    ride_id: str
    robot: str
    from_level: str
    to_level: str
    arrives_s: float
    lifts: tuple[str, ...] = ()
    walk_s: float = 4.0
    place: str = "outside"  # outside, entering, inside, leaving, out, gone
    until_s: float = 0.0
    lift: str = ""
    ended_level: str = ""
    silent: bool = False
    frozen: bool = False
    cancels: bool = False
    sent_s: float = -1e9
    seen: RideState | None = None
    history: list[RidePhase] = field(default_factory=list)

    @property
    def between_doors(self) -> bool:
        return self.place in ("entering", "leaving")

    @property
    def over(self) -> bool:
        return self.seen is not None and self.seen.phase.ended and self.place in ("outside", "out")

    def action(self, now: float) -> RideAction:
        if self.place == "outside" and self.cancels:
            return RideAction.CANCEL
        if self.place in ("inside", "leaving"):
            return RideAction.BOARDED
        if self.place == "out":
            return RideAction.ALIGHTED
        return RideAction.READY if now >= self.arrives_s else RideAction.REQUEST

    def request(self, now: float) -> RideRequest:
        lifts = (self.lift,) if self.lift else self.lifts
        return RideRequest(
            ride_id=self.ride_id,
            fleet="fleet",
            robot=self.robot,
            action=self.action(now),
            from_level=self.from_level,
            to_level=self.to_level,
            lifts=lifts,
            eta_s=max(self.arrives_s - now, 0.0),
            lease_s=6.0,
        )


class Channel:
    """Carries messages with delay; may lose and repeat them."""

    def __init__(self, chance: random.Random, delay_s: float = 0.05, loss: float = 0.0, repeat: float = 0.0) -> None:
        self.chance, self.delay_s, self.loss, self.repeat = chance, delay_s, loss, repeat
        self._queue: deque[tuple[float, Any]] = deque()

    def send(self, message: Any, now: float) -> None:
        if self.chance.random() < self.loss:
            return
        copies = 2 if self.chance.random() < self.repeat else 1
        self._queue.extend([(now + self.delay_s, message)] * copies)

    def deliver(self, now: float, take: Callable[[Any, float], None]) -> None:
        while self._queue and self._queue[0][0] <= now:
            take(self._queue.popleft()[1], now)


class World:
    """Steps everything, and checks at each tick what must always hold."""

    dt = 0.1

    def __init__(
        self,
        lifts: tuple[str, ...] = ("A",),
        kind: LiftKind = LiftKind.ROBOT_ONLY,
        parameters: LiftParameters | None = None,
        sim: SimulatedLiftParameters | None = None,
        seed: int = 0,
        loss: float = 0.0,
        repeat: float = 0.0,
        sensor: bool = False,
    ) -> None:
        self.p = parameters or LiftParameters(learn_s=1.0)
        self.specs = tuple(LiftSpec(name, LEVELS, kind, "L1") for name in lifts)
        self.lifts = {
            spec.name: SimulatedLift(spec, replace(sim or SimulatedLiftParameters(), seed=seed + i))
            for i, spec in enumerate(self.specs)
        }
        self.planner = LiftPlanner(self.specs, self.p)
        self.riders: list[Rider] = []
        self.now = 0.0
        self.sensor = sensor
        chance = random.Random(seed)
        self.to_lift = Channel(chance, loss=loss, repeat=repeat)
        self.from_lift = Channel(chance, loss=loss, repeat=repeat)
        self.to_planner = Channel(chance, loss=loss, repeat=repeat)
        self.requests: list[tuple[float, Any]] = []
        self.rides: dict[str, RideState] = {}
        self.alarms: dict[str, Any] = {}
        self._published: dict[str, Any] = {}
        self._published_s: dict[str, float] = {}
        self._boarding_last: set[str] = set()
        self.faulty_until_s = -1.0  # a lift was made to misbehave: states on their way may be old

    def add(self, ride_id: str, from_level: str, to_level: str, arrives_s: float = 0.0, **more: Any) -> Rider:
        rider = Rider(ride_id, more.pop("robot", f"r-{ride_id}"), from_level, to_level, arrives_s, **more)
        self.riders.append(rider)
        return rider

    def restart_planner(self) -> None:
        self.planner = LiftPlanner(self.specs, self.p)

    def fault(self) -> None:
        """Tell the checks that a lift does something by itself now."""
        self.faulty_until_s = self.now + 1.0

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.tick()

    def run_until(self, done: Callable[[], bool], limit_s: float) -> None:
        end = self.now + limit_s
        while not done():
            assert self.now < end, f"not within {limit_s} s: {[(r.place, r.seen) for r in self.riders]}"
            self.tick()

    def run_until_over(self, limit_s: float = 900.0) -> None:
        self.run_until(lambda: all(rider.over for rider in self.riders), limit_s)

    def tick(self) -> None:
        self.now = round(self.now + self.dt, 6)
        for lift in self.lifts.values():
            lift.obstructed = self.sensor and any(r.between_doors and r.lift == lift.spec.name for r in self.riders)
            lift.step(self.now)
        self._publish_states()
        self.to_planner.deliver(self.now, self.planner.ride_request)
        self.from_lift.deliver(self.now, self.planner.lift_state)
        decisions = self.planner.step(self.now)
        self.rides = {ride.ride_id: ride for ride in decisions.rides}
        self.alarms = {alarm.alarm_id: alarm for alarm in decisions.alarms if alarm.active}
        for request in decisions.requests:
            self.requests.append((self.now, request))
            self.to_lift.send(request, self.now)
        self.to_lift.deliver(self.now, lambda request, now: self.lifts[request.lift].request(request, now))
        self._check_grants()
        for rider in self.riders:
            self._move(rider)
        self._check_cabins()

    def _publish_states(self) -> None:
        for name, lift in self.lifts.items():
            state = lift.state()
            due = state != self._published.get(name) or self.now - self._published_s.get(name, -9.0) >= 1.0
            if due and not lift.silent:
                self._published[name], self._published_s[name] = state, self.now
                self.from_lift.send(state, self.now)

    def _move(self, rider: Rider) -> None:
        if rider.frozen:
            return
        rider.seen = self.rides.get(rider.ride_id, rider.seen) if not rider.silent else rider.seen
        if rider.seen is not None and (not rider.history or rider.history[-1] is not rider.seen.phase):
            rider.history.append(rider.seen.phase)
        before = rider.place
        self._walk(rider)
        changed = rider.place != before
        if not rider.over and not rider.silent and (changed or self.now - rider.sent_s >= 1.0):
            rider.sent_s = self.now
            self.to_planner.send(rider.request(self.now), self.now)

    def _walk(self, rider: Rider) -> None:
        """Passes a door only with the phase published and the lift's own state, as the gateway checks it."""
        ride = rider.seen
        if rider.place == "entering" and self.now >= rider.until_s:
            rider.place = "inside"
        elif rider.place == "leaving" and self.now >= rider.until_s:
            rider.place = "out"
        if ride is None or rider.silent or (rider.place == "outside" and rider.cancels):
            return
        lift = self.lifts.get(ride.lift)
        if lift is None:
            return
        may_enter = ride.phase is RidePhase.BOARDING and lift.state().open_for(ride.session_id, rider.from_level)
        taken = any(r.lift == ride.lift and r is not rider for r in self.riders)
        if rider.place == "outside" and self.now >= rider.arrives_s and may_enter and not taken:
            rider.place, rider.lift, rider.until_s = "entering", ride.lift, self.now + rider.walk_s
        here = self.lifts[rider.lift].state() if rider.lift else None
        may_leave = ride.phase is RidePhase.ALIGHTING and here is not None
        if rider.place == "inside" and may_leave and here is not None and here.lets_out(ride.session_id, ride.to_level):
            rider.place, rider.until_s, rider.ended_level = "leaving", self.now + rider.walk_s, ride.to_level

    def _check_grants(self) -> None:
        boarding = {ride.ride_id for ride in self.rides.values() if ride.phase is RidePhase.BOARDING}
        for ride_id in boarding - self._boarding_last:
            ride = self.rides[ride_id]
            state = self.lifts[ride.lift].state()
            assert state.open_for(ride.session_id, ride.from_level) or self.now < self.faulty_until_s, (
                ride,
                state,
            )
        self._boarding_last = boarding
        for lift in self.lifts:
            aboard = [r for r in self.rides.values() if r.lift == lift and r.phase is RidePhase.BOARDING]
            assert len(aboard) <= 1, aboard

    def _check_cabins(self) -> None:
        for rider in self.riders:
            if rider.between_doors and self.now >= self.faulty_until_s:
                lift = self.lifts[rider.lift]
                level = rider.from_level if rider.place == "entering" else rider.ended_level
                assert lift.stands_open_at == level, f"{self.now}: {rider} while {lift.state()}"
            if rider.place in ("out", "gone"):
                rider.lift = ""


@pytest.fixture
def make_world() -> type[World]:
    return World


@pytest.fixture
def fire_mode() -> LiftMode:
    return LiftMode.FIRE
