"""What a lift planner raises alarms about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from building_ctrl.core.alarms import Condition
from building_ctrl.core.lift.car import Car
from building_ctrl.core.lift.ride import Ride
from building_ctrl.core.lift.spec import LiftParameters
from building_ctrl.model.alarm import AlarmPriority
from building_ctrl.model.lift import LiftMode, RidePhase

LIFT_ALARMS: Mapping[str, AlarmPriority] = {
    "fire": AlarmPriority.HIGH,
    "ride_silent_in_cabin": AlarmPriority.HIGH,
    "ride_silent_in_doorway": AlarmPriority.HIGH,
    "ride_without_lift": AlarmPriority.HIGH,
    "ride_boarded_without_grant": AlarmPriority.HIGH,
    "ride_id_clash": AlarmPriority.LOW,
    "lift_session_lost": AlarmPriority.HIGH,
    "lift_session_orphaned": AlarmPriority.MEDIUM,
    "lift_not_answering": AlarmPriority.MEDIUM,
    "lift_silent": AlarmPriority.MEDIUM,
    "lift_out_of_service": AlarmPriority.MEDIUM,
    "lift_fire": AlarmPriority.HIGH,
}

SESSION_GRACE_S = 3.0


def ride_conditions(rides: Iterable[Ride], cars: Mapping[str, Car], now: float) -> Iterator[Condition]:
    """Robots that are silent where they must not be, and rides that are not in order."""
    for ride in rides:
        if ride.ended:
            continue
        where = f"ride {ride.ride_id} in lift {ride.lift or '?'}"
        if ride.aboard and ride.silent(now):
            yield Condition("ride_silent_in_cabin", ride.robot, f"{where}: nothing heard; the lift is kept for it")
        elif ride.granted and ride.silent(now):
            detail = f"{where}: nothing heard since boarding was granted; the door is held open"
            yield Condition("ride_silent_in_doorway", ride.robot, detail)
        if ride.aboard and not ride.lift:
            yield Condition(
                "ride_without_lift", ride.robot, f"{where}: says it is in a cabin; no lift shows its session"
            )
        if ride.ungranted_boarding:
            yield Condition("ride_boarded_without_grant", ride.robot, f"{where}: boarded without a grant")
        car = cars.get(ride.lift)
        if car is not None and ride.bound and _lost_session(ride, car, now):
            detail = f"{where}: the lift shows session {car.session_id or 'none'}"
            yield Condition("lift_session_lost", ride.lift, detail)


def _lost_session(ride: Ride, car: Car, now: float) -> bool:
    """Whether the lift, taking requests, shows another session or none for longer than it takes to ask."""
    wrong = car.state is not None and car.state.mode.takes_requests and car.session_id != ride.session_id
    return wrong and now - car.session_since_s > SESSION_GRACE_S


def car_conditions(
    car: Car, rides: Iterable[Ride], started_s: float, now: float, p: LiftParameters
) -> Iterator[Condition]:
    """Lifts that are silent, out of use, or do not do what they are asked."""
    name = car.spec.name
    state = car.fresh(now, p)
    if state is None:
        if now - max(started_s, car.heard_s) > p.state_timeout_s:
            yield Condition("lift_silent", name, f"lift {name}: no state for {p.state_timeout_s:g} s")
        return
    if state.mode is LiftMode.FIRE:
        yield Condition("lift_fire", name, f"lift {name} is in mode FIRE at level {state.current_level}")
    elif not state.mode.takes_requests:
        yield Condition("lift_out_of_service", name, f"lift {name} is in mode {state.mode.name}")
    for ride in rides:
        if ride.phase in (RidePhase.ASSIGNED, RidePhase.CALLED) and now - ride.called_s > p.arrive_timeout_s:
            detail = f"lift {name} has not opened at {ride.from_level} within {p.arrive_timeout_s:g} s"
            yield Condition("lift_not_answering", name, detail)
