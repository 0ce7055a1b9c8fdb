"""A simulated lift: car, doors and an Open-RMF adapter's behaviour, in virtual time.

The result does not depend on how often it is stepped: motion and doors are advanced from event to event.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from enum import Enum

from building_ctrl.core.lift.profile import SCurve, s_curve
from building_ctrl.core.lift.spec import LiftSpec
from building_ctrl.model.lift import (
    LiftDoorState,
    LiftMode,
    LiftMotion,
    LiftRequest,
    LiftRequestKind,
    LiftState,
)
from building_ctrl.sim.passengers import PassengerLoad, Trip

EPSILON_S = 1e-6  # above the resolution of seconds since the epoch
PENDING_S = 5.0


@dataclass(frozen=True, slots=True)
class SimulatedLiftParameters:
    """Times of a simulated lift beyond its spec; passengers off by default."""

    dwell_s: float = 3.0  # doors stay open for people
    transfer_s: float = 3.0  # beside the dwell time, for a person to enter or leave
    session_timeout_s: float = 30.0  # a session nobody renews is dropped; 0: never
    recall_level: str = ""  # where the car goes in fire; empty: the lowest level
    passengers_per_hour: float = 0.0
    seed: int = 0


class DoorMove(Enum):
    """What the car door is doing."""

    STILL = 0
    OPENING = 1
    CLOSING = 2


class SimulatedLift:
    """One car with its door.

    Set `obstructed` while something is in the doorway: the door then does not close, and opens again when
    closing. Faults: `stuck_door` (the door does not move), `stuck_car` (the car does not start), `silent`
    (hears nothing; its owner publishes nothing).

    Attributes:
        cabin_height_m: height of the cabin's floor.
        door_opening: 0 closed to 1 open.
    """

    def __init__(self, spec: LiftSpec, parameters: SimulatedLiftParameters | None = None, start_s: float = 0.0) -> None:
        self.spec = spec
        self.obstructed = False
        self.stuck_door = False
        self.stuck_car = False
        self.silent = False
        self._p = parameters or SimulatedLiftParameters()
        self._elevations = [elevation_m for _, elevation_m in spec.levels]
        self._now = start_s
        self._level = spec.initial_level if spec.serves(spec.initial_level) else spec.level_names[0]
        self.cabin_height_m = spec.elevation_m(self._level)
        self.door_opening = 0.0
        self._door = DoorMove.STILL
        self._open_since_s = start_s
        self._run: SCurve | None = None
        self._run_start_s = 0.0
        self._run_from_m = 0.0
        self._target = self._level
        self._target_of_run = self._level
        self._want_open = False
        self._mode = LiftMode.HUMAN
        self._session = ""
        self._renewed_s = start_s
        self._pending: tuple[LiftRequest, float] | None = None
        self._trip: Trip | None = None
        self._aboard = False
        rate = self._p.passengers_per_hour
        self._people = PassengerLoad(spec.level_names, rate, self._p.seed, start_s) if rate > 0.0 else None

    def request(self, request: LiftRequest, now: float) -> None:
        """Take a request as an adapter does: the first session owns the lift; some modes take none."""
        self.step(now)
        if self.silent or request.lift != self.spec.name or not self._mode.takes_requests or not request.session_id:
            return
        if request.kind is LiftRequestKind.END_SESSION:
            if request.session_id == self._session:
                self._end_session()
            return
        if self._session not in ("", request.session_id) or not self.spec.serves(request.destination):
            return
        if self._trip is not None and not self._session:
            self._pending = (request, now)
            return
        self._take(request, now)

    def set_mode(self, mode: LiftMode, now: float) -> None:
        """Put the lift into a mode, as its own controller does. FIRE recalls the car, to stand open there.

        Modes that take no requests end the session.
        """
        self.step(now)
        if mode is self._mode:
            return
        self._mode = mode
        if not mode.takes_requests:
            self._session, self._trip, self._aboard = "", None, False
        if mode is LiftMode.FIRE:
            self._target = self._p.recall_level or self.spec.level_names[0]
            self._want_open = True
        elif mode is LiftMode.HUMAN:
            self._want_open = False

    def drop_session(self, now: float) -> None:
        """Lose the session, as a faulty adapter does."""
        self.step(now)
        self._end_session()

    def step(self, now: float) -> None:
        """Advance to `now`; a time that is past changes nothing."""
        while self._now < now - EPSILON_S:
            self._decide()
            due = min(now, self._next_event_s())
            self._advance(max(due - self._now, EPSILON_S))
        self._decide()

    def state(self) -> LiftState:
        """What the adapter publishes now."""
        return LiftState(
            lift=self.spec.name,
            available_levels=self.spec.level_names,
            current_level=self._nearest_level(),
            destination_level=self._target,
            door=self._door_state(),
            motion=self._motion(),
            mode=self._mode,
            session_id=self._session,
        )

    @property
    def stands_open_at(self) -> str:
        """Level at which the car stands with its door fully open; empty: it does not."""
        return self._level if self._run is None and self.door_opening >= 1.0 else ""

    @property
    def moving(self) -> bool:
        """Whether the car is under way between levels."""
        return self._run is not None

    def _take(self, request: LiftRequest, now: float) -> None:
        self._pending = None
        self._session = request.session_id
        self._mode = LiftMode.AGV if request.kind is LiftRequestKind.AGV_MODE else LiftMode.HUMAN
        self._renewed_s = now
        self._target = request.destination
        self._want_open = request.door is LiftDoorState.OPEN

    def _end_session(self) -> None:
        self._session = ""
        if self._mode.takes_requests:
            self._mode = LiftMode.HUMAN
        self._want_open = False

    def _advance(self, dt: float) -> None:
        self._now += dt
        if self._run is not None:
            gone = self._run.position_m(self._now - self._run_start_s)
            up = self.spec.elevation_m(self._target_of_run) > self._run_from_m
            self.cabin_height_m = self._run_from_m + (gone if up else -gone)
            if self._now - self._run_start_s >= self._run.duration_s - EPSILON_S:
                self._run = None
                self._level = self._target_of_run
                self.cabin_height_m = self.spec.elevation_m(self._level)
        self._move_door(dt)

    def _move_door(self, dt: float) -> None:
        if self.stuck_door:
            return
        if self._door is DoorMove.OPENING:
            self.door_opening = _settled(self.door_opening + dt / self.spec.door_opening_s)
            if self.door_opening >= 1.0:
                self._door, self._open_since_s = DoorMove.STILL, self._now
        elif self._door is DoorMove.CLOSING:
            self.door_opening = _settled(self.door_opening - dt / self.spec.door_closing_s)
            if self.door_opening <= 0.0:
                self._door = DoorMove.STILL

    def _decide(self) -> None:
        """Start and stop door and car as the state of the moment asks for."""
        timeout_s = self._p.session_timeout_s
        if self._session and 0.0 < timeout_s <= self._now - self._renewed_s:
            self._end_session()
        self._serve_people()
        if self._run is not None:
            return
        if self._door is DoorMove.CLOSING and self.obstructed:
            self._door = DoorMove.OPENING
        stays = self._target == self._level or self._mode in (
            LiftMode.OFFLINE,
            LiftMode.EMERGENCY,
            LiftMode.UNKNOWN,
        )
        if stays and self._want_open:
            self._door = DoorMove.OPENING if self.door_opening < 1.0 else DoorMove.STILL
        elif self.door_opening >= 1.0:
            held = self.obstructed or self._now < self._close_at_s() - EPSILON_S
            self._door = DoorMove.STILL if held else DoorMove.CLOSING
        elif self.door_opening > 0.0:
            self._door = DoorMove.OPENING if self._door is DoorMove.OPENING or self.obstructed else DoorMove.CLOSING
        elif not stays and not self.stuck_car:
            self._start()

    def _start(self) -> None:
        self._door = DoorMove.STILL
        self._run_from_m = self.cabin_height_m
        self._target_of_run = self._target
        distance = abs(self.spec.elevation_m(self._target) - self._run_from_m)
        self._run = s_curve(distance, self.spec.speed_mps, self.spec.acceleration_mps2, self.spec.jerk_mps3)
        self._run_start_s = self._now + self.spec.start_delay_s

    def _close_at_s(self) -> float:
        """When an open door may close: at once for a robot that leaves, after the dwell time for people."""
        robots = self._mode is LiftMode.AGV or self._mode is LiftMode.FIRE
        people_s = self._p.transfer_s if self._trip is not None else 0.0
        return self._open_since_s + (0.0 if robots else self._p.dwell_s + people_s)

    def _serve_people(self) -> None:
        """One trip at a time, in the order people come; a robot that asked meanwhile is next."""
        if self._people is None or self._session or self._mode is not LiftMode.HUMAN:
            return
        if self._trip is None:
            if self._pending is not None and self._now - self._pending[1] <= PENDING_S:
                self._take(self._pending[0], self._now)
                return
            self._trip = self._people.next_trip(self._now)
            if self._trip is None:
                return
            self._target, self._want_open, self._aboard = self._trip.from_level, True, False
        done = self.stands_open_at == self._target and self._now >= self._close_at_s() - EPSILON_S
        if not done or self.obstructed:
            return
        if self._aboard:
            self._trip, self._want_open = None, False
        else:
            self._target, self._aboard = self._trip.to_level, True

    def _next_event_s(self) -> float:
        """Time of the next change that `_decide` has to see."""
        times = [float("inf")]
        if self._run is not None:
            times.append(self._run_start_s + self._run.duration_s)
        if self._door is DoorMove.OPENING and not self.stuck_door:
            times.append(self._now + (1.0 - self.door_opening) * self.spec.door_opening_s)
        if self._door is DoorMove.CLOSING and not self.stuck_door:
            times.append(self._now + self.door_opening * self.spec.door_closing_s)
        if self.door_opening >= 1.0:
            times.append(self._close_at_s())
        if self._session and self._p.session_timeout_s > 0.0:
            times.append(self._renewed_s + self._p.session_timeout_s)
        if self._people is not None and self._trip is None:
            times.append(self._people.next_arrival_s)
        return min(t for t in times if t > self._now + EPSILON_S or t == float("inf"))

    def _nearest_level(self) -> str:
        if self._run is None:
            return self._level
        above = bisect.bisect_left(self._elevations, self.cabin_height_m)
        near = self.spec.levels[max(0, above - 1) : above + 1]
        return min(near, key=lambda level: abs(level[1] - self.cabin_height_m))[0]

    def _door_state(self) -> LiftDoorState:
        if self._door is not DoorMove.STILL or 0.0 < self.door_opening < 1.0:
            return LiftDoorState.MOVING
        return LiftDoorState.OPEN if self.door_opening >= 1.0 else LiftDoorState.CLOSED

    def _motion(self) -> LiftMotion:
        if self._run is None:
            return LiftMotion.STOPPED
        up = self.spec.elevation_m(self._target_of_run) > self._run_from_m
        return LiftMotion.UP if up else LiftMotion.DOWN


def _settled(opening: float) -> float:
    """Clamped to 0..1, without the dust of floating point at its ends."""
    if opening < 1e-5:
        return 0.0
    return 1.0 if opening > 1.0 - 1e-5 else opening
