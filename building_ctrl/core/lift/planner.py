"""Gives rides in lifts: one state machine a ride, one session a lift, leases on both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from building_ctrl.core.alarms import AlarmBook, Condition
from building_ctrl.core.lift.assign import Fleet, assign, usable_lifts
from building_ctrl.core.lift.book import RideBook
from building_ctrl.core.lift.car import Car
from building_ctrl.core.lift.fire import FireSignals
from building_ctrl.core.lift.ride import NEVER, Ride
from building_ctrl.core.lift.service import advance, holder, request_for
from building_ctrl.core.lift.spec import LiftParameters, LiftSpec
from building_ctrl.core.lift.watch import LIFT_ALARMS, car_conditions, ride_conditions
from building_ctrl.model.alarm import Alarm
from building_ctrl.model.building import LiftKind
from building_ctrl.model.lift import LiftRequest, LiftState, RidePhase, RideRequest, RideState


@dataclass(frozen=True, slots=True)
class LiftDecisions:
    """What to send and to publish: requests that are due, all rides (also those ended lately), all alarms."""

    requests: tuple[LiftRequest, ...] = ()
    rides: tuple[RideState, ...] = ()
    alarms: tuple[Alarm, ...] = ()


class LiftPlanner:
    """Takes ride requests and lift states, answers with lift requests and ride states.

    A ride is REQUESTED -> ASSIGNED -> CALLED -> BOARDING -> RIDING -> ALIGHTING -> DONE. BOARDING and
    ALIGHTING are published only while the lift's newest state lets the robot pass; a ride falls back to
    CALLED or RIDING otherwise. Before boarding was first granted a ride may lose its lift and go back to
    REQUESTED; from then on it keeps the lift until the robot has ALIGHTED, has CANCELled outside the cabin,
    or a person clears it. A ride whose lease runs out ends by itself before that point, and after it raises
    an alarm and keeps the lift.

    A planner that starts anew learns of running rides from their repeated requests and the sessions lifts
    show.
    """

    def __init__(self, lifts: Sequence[LiftSpec], parameters: LiftParameters | None = None) -> None:
        self._p = parameters or LiftParameters()
        self._cars = {spec.name: Car(spec) for spec in lifts}
        self._book = RideBook(self._cars, self._p)
        self._fire = FireSignals(self._p.fire_latched)
        self._alarms = AlarmBook(LIFT_ALARMS)
        self._started_s = NEVER

    def ride_request(self, request: RideRequest, now: float) -> None:
        """A path planner asks for a ride, or says what its robot has done; may be repeated at will."""
        self._book.hear(request, now)

    def lift_state(self, state: LiftState, now: float) -> None:
        """A lift reports. Lifts that are not ours are ignored."""
        car = self._cars.get(state.lift)
        if car is not None:
            car.hear(state, now)

    def fire(self, active: bool, now: float, source: str = "fire alarm", fleets: Iterable[str] = ()) -> None:
        """A fire or emergency signal began or ended, for some fleets or (none named) for all."""
        self._fire.signal(source, active, fleets)

    def reset_fire(self, person: str, now: float) -> None:
        """A person ends latched fires whose signal is gone. Raises ValueError without a name."""
        _named(person)
        self._fire.reset()

    def clear_ride(self, ride_id: str, person: str, now: float) -> None:
        """A person has seen that the robot is in no cabin and no doorway: the ride ends and frees its lift.

        Raises KeyError for an unknown ride, ValueError without a name.
        """
        _named(person)
        ride = self._book.get(ride_id)
        self._book.end(ride, RidePhase.FAILED, f"cleared by {person}", now)

    def clear_session(self, lift: str, person: str, now: float) -> None:
        """A person has seen that the cabin is empty: end a session of ours of which no ride is known.

        Raises KeyError for an unknown lift, ValueError without a name.
        """
        _named(person)
        car = self._cars[lift]
        if self._orphaned(car):
            car.release(car.session_id)

    def step(self, now: float) -> LiftDecisions:
        """Act on all that was heard. Call a few times a second, and after events."""
        self._started_s = min(self._started_s, now)
        self._book.expire(now)
        self._book.find_cabins(now)
        self._withdraw(now)
        self._assign(now)
        requests = [request for car in self._cars.values() for request in self._serve(car, now)]
        rides = tuple(ride.state() for ride in self._book.rides())
        return LiftDecisions(tuple(requests), rides, self._alarms.update(self._conditions(now), now))

    def _withdraw(self, now: float) -> None:
        """Take lifts back from rides that cannot use them."""
        for ride in self._book.waiting_at_lifts():
            car = self._cars[ride.lift]
            reason = self._fire.reason(ride.fleet) or car.out_of_use(now, self._p)
            if not reason and self._no_show(ride, car, now):
                reason = f"robot has not come to lift {ride.lift}"
                ride.not_before_s = now + self._p.no_show_pause_s
                ride.overtaken = 0
            if not reason and self._does_not_come(ride, now):
                reason = f"lift {ride.lift} has not come"
                car.avoid_until_s = now + self._p.avoid_s
            if reason:
                car.release(ride.session_id)
                ride.back_to_queue(reason)

    def _no_show(self, ride: Ride, car: Car, now: float) -> bool:
        if ride.ready or now - ride.assigned_s <= self._p.no_show_s:
            return False
        wanted = any(car.spec.name in usable_lifts(r, self._cars) for r in self._book.in_queue())
        return wanted or (car.spec.kind is not LiftKind.ROBOT_ONLY and ride.session_id in car.claimed)

    def _does_not_come(self, ride: Ride, now: float) -> bool:
        if now - ride.called_s <= self._p.arrive_timeout_s:
            return False
        others = [name for name in usable_lifts(ride, self._cars) if name != ride.lift]
        car = self._cars[ride.lift]
        stands_open = car.state is not None and car.state.open_for(ride.session_id, ride.from_level)
        return not stands_open and any(self._cars[name].usable(now, self._p) for name in others)

    def _assign(self, now: float) -> None:
        cars = {name: car for name, car in self._cars.items() if car.usable(now, self._p) and not self._orphaned(car)}
        learning = now - self._started_s < self._p.learn_s
        waiting = []
        for ride in self._book.in_queue():
            reason = self._fire.reason(ride.fleet) or self._cannot_assign(ride, cars, learning)
            if now < ride.not_before_s:
                continue
            ride.reason = reason or "waits for a lift"
            if not reason:
                waiting.append(ride)
        queues = {name: self._book.queue(name) for name in self._cars}
        for made in assign(waiting, Fleet(cars, queues, now, self._p)):
            made.ride.phase = RidePhase.ASSIGNED
            made.ride.lift = made.lift
            made.ride.assigned_s = now
            for passed in made.overtaken:
                passed.overtaken += 1

    def _cannot_assign(self, ride: Ride, cars: dict[str, Car], learning: bool) -> str:
        """Why the ride has to wait whatever the queues are; empty: it has not."""
        if learning:
            return "waits for news of rides that run already"
        if usable_lifts(ride, cars):
            return ""
        names = ", ".join(usable_lifts(ride, self._cars))
        return f"no lift can be used now (of {names})"

    def _serve(self, car: Car, now: float) -> list[LiftRequest]:
        queue = self._book.queue(car.spec.name)
        served = holder(car, queue, now, self._p)
        if served is not None and served.bound:
            self._yield_session(car, queue, served)
        requests = car.end_requests(now, self._p)
        for ride in queue:
            if not ride.ended and ride.lift:
                advance(ride, car, queue, self._fire.reason(ride.fleet), now, self._p)
                ride.eta_s = _eta_s(ride, car)
        if served is not None:
            request = request_for(served, car, self._fire.reason(served.fleet), now, self._p)
            requests += [request] if request is not None else []
        return requests

    def _yield_session(self, car: Car, queue: Sequence[Ride], served: Ride) -> None:
        """A robot in the cabin comes before one that holds the session and may not board yet."""
        for ride in queue:
            if not ride.bound and ride.session_id == car.session_id != served.session_id:
                car.release(ride.session_id)
                ride.back_to_queue(f"lift {car.spec.name} has robot {served.robot} in its cabin")

    def _orphaned(self, car: Car) -> bool:
        return self._book.is_ours(car.session_id) and not self._book.accounts_for(car)

    def _conditions(self, now: float) -> Iterator[Condition]:
        for source in self._fire.sources():
            yield Condition("fire", source, f"{source}: robots do not board lifts")
        yield from self._book.clashes(now)
        yield from ride_conditions(self._book.rides(), self._cars, now)
        for name, car in self._cars.items():
            yield from car_conditions(car, self._book.queue(name), self._started_s, now, self._p)
            if self._orphaned(car) and now - max(car.session_since_s, self._started_s) > self._p.orphan_s:
                detail = f"lift {name}: session {car.session_id} of an unknown ride; see that the cabin is empty"
                yield Condition("lift_session_orphaned", name, detail)


def _named(person: str) -> None:
    if not person.strip():
        raise ValueError("a person's name is needed to clear this")


def _eta_s(ride: Ride, car: Car) -> float:
    """Predicted time until the car stands open for the ride; negative: not known."""
    if ride.phase in (RidePhase.BOARDING, RidePhase.ALIGHTING):
        return 0.0
    here = car.state.current_level if car.state is not None else ""
    if ride.phase is RidePhase.ASSIGNED or not car.spec.serves(here, ride.target_level):
        return -1.0
    return car.spec.travel_s(here, ride.target_level) + car.spec.door_opening_s
