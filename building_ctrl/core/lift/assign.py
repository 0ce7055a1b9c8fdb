"""Which lift serves which waiting ride next, by predicted time of arrival.

A ride goes to the lift that brings it to its level first, given all rides the lift has already; among the
rides a free lift would be best for, the one it can pick up soonest goes first (estimated time to
destination: Barney and Al-Sharif, Elevator Traffic Handbook, 2nd ed., chapter 10). No ride is overtaken
more than `max_overtakes` times, so that each is served after a bounded number of others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from building_ctrl.core.lift.car import Car
from building_ctrl.core.lift.ride import NEVER, Ride
from building_ctrl.core.lift.spec import LiftParameters
from building_ctrl.model.lift import LiftDoorState

SESSION_OF_OTHERS_S = 30.0
SILENT_RIDE_S = 600.0
AVOIDED_S = 300.0


@dataclass(frozen=True, slots=True)
class Assignment:
    """A lift for a ride, and the waiting rides that were passed over by it."""

    ride: Ride
    lift: str
    overtaken: tuple[Ride, ...] = ()


@dataclass(slots=True)
class Fleet:
    """The lifts that may be given away, with the rides each of them has, in the order they are served."""

    cars: Mapping[str, Car]
    queues: dict[str, list[Ride]]
    now: float
    p: LiftParameters
    _free: dict[str, tuple[str, float]] = field(default_factory=dict)

    def give(self, lift: str, ride: Ride) -> None:
        """One more ride for a lift."""
        self.queues[lift].append(ride)
        self._free.pop(lift, None)

    def has_berth(self, lift: str) -> bool:
        """Whether one more robot may be sent to that lift."""
        return sum(1 for ride in self.queues[lift] if not ride.aboard) < self.p.berth_rides

    def blocked(self, lift: str, ride: Ride) -> bool:
        """Whether the robot, waiting before the lift, would stand in the way of one about to leave it."""
        return any(other.aboard and other.target_level == ride.from_level for other in self.queues[lift])

    def pickup_s(self, lift: str, ride: Ride) -> float:
        """Predicted time until the lift stands open for the ride, after all rides it has already."""
        level, free_s = self._when_free(lift)
        if self.queues[lift] and level == ride.from_level:
            return max(free_s, _ready_in_s(ride, self.now))  # the car stands open there already
        car_s = free_s + _run_s(self.cars[lift], level, ride.from_level)
        return max(car_s, _ready_in_s(ride, self.now))

    def arrival_s(self, lift: str, ride: Ride) -> float:
        """Predicted time until the ride is at its level by that lift, with a charge for less wanted lifts."""
        car = self.cars[lift]
        rank = ride.lifts.index(lift) if lift in ride.lifts else 0
        charge = rank * self.p.preference_s + (AVOIDED_S if self.now < car.avoid_until_s else 0.0)
        return self.pickup_s(lift, ride) + self.p.boarding_s + _run_s(car, ride.from_level, ride.to_level) + charge

    def _when_free(self, lift: str) -> tuple[str, float]:
        """Level and time from now at which the lift has served all it has."""
        known = self._free.get(lift)
        if known is None:
            known = self._free[lift] = self._find_free(lift)
        return known

    def _find_free(self, lift: str) -> tuple[str, float]:
        car = self.cars[lift]
        level, t = _position(car), 0.0
        if car.session_id and car.session_id not in car.claimed and car.session_id not in car.ending:
            t = max(SESSION_OF_OTHERS_S, self.now - car.session_since_s)
        for ride in self.queues[lift]:
            if ride.bound and ride.silent(self.now):
                t += SILENT_RIDE_S
            if not ride.aboard:
                t = max(t + _run_s(car, level, ride.from_level), _ready_in_s(ride, self.now)) + self.p.boarding_s
                level = ride.from_level
            t += _run_s(car, level, ride.target_level if ride.aboard else ride.to_level) + self.p.alighting_s
            level = ride.target_level if ride.aboard else ride.to_level
        return level, t


def assign(waiting: Sequence[Ride], fleet: Fleet) -> list[Assignment]:
    """Lifts for rides without one, as far as there are free berths; the queues in `fleet` grow."""
    limit = fleet.p.max_overtakes
    order = sorted(waiting, key=lambda r: (r.overtaken < limit, -r.priority, r.requested_s, r.ride_id))
    made: list[Assignment] = []
    while True:
        wanted = _wanted(order, fleet)
        chosen = next(((lift, ride) for lift, rides in wanted.items() if (ride := _choose(lift, rides, fleet))), None)
        if chosen is None:
            return made
        lift, ride = chosen
        passed = tuple(r for r in wanted[lift] if r.requested_s < ride.requested_s)
        made.append(Assignment(ride, lift, passed))
        fleet.give(lift, ride)
        order.remove(ride)


def usable_lifts(ride: Ride, cars: Mapping[str, Car]) -> list[str]:
    """Lifts that serve the ride, in the request's order of preference."""
    names = ride.lifts or tuple(cars)
    return [name for name in names if name in cars and cars[name].spec.serves(ride.from_level, ride.to_level)]


def _wanted(order: Sequence[Ride], fleet: Fleet) -> dict[str, list[Ride]]:
    """For each lift with a free berth the rides it is best for, in order."""
    found: dict[str, list[Ride]] = {}
    for ride in order:
        lifts = usable_lifts(ride, fleet.cars)
        if lifts:
            best = min(lifts, key=lambda lift: fleet.arrival_s(lift, ride))
            found.setdefault(best, []).append(ride)
    return {lift: rides for lift, rides in found.items() if fleet.has_berth(lift)}


def _choose(lift: str, rides: Sequence[Ride], fleet: Fleet) -> Ride | None:
    """The ride that can be picked up soonest, or the first of them if it was passed over often enough."""
    first = rides[0]
    peers = [first] if first.overtaken >= fleet.p.max_overtakes else rides
    free = (r for r in peers if r.priority >= first.priority and not fleet.blocked(lift, r))
    return min(free, key=lambda ride: fleet.pickup_s(lift, ride), default=None)


def _position(car: Car) -> str:
    """Level the car is at or on its way to."""
    state = car.state
    levels = car.spec.level_names
    for level in (state.destination_level, state.current_level) if state is not None else ():
        if level in levels:
            return level
    return levels[0]


def _run_s(car: Car, from_level: str, to_level: str) -> float:
    """From standing at one level to standing open at another."""
    spec, state = car.spec, car.state
    if from_level == to_level:
        is_open = state is not None and state.door is LiftDoorState.OPEN and state.current_level == to_level
        return 0.0 if is_open else spec.door_opening_s
    if not spec.serves(from_level, to_level):
        return 0.0
    return spec.door_closing_s + spec.travel_s(from_level, to_level) + spec.door_opening_s


def _ready_in_s(ride: Ride, now: float) -> float:
    if ride.ready or ride.ready_at_s == NEVER:
        return 0.0
    return max(ride.ready_at_s - now, 0.0)
