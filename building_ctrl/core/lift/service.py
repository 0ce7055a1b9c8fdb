"""How a ride advances with what its lift reports, and what the lift is asked for next."""

from __future__ import annotations

from collections.abc import Sequence

from building_ctrl.core.lift.car import Car
from building_ctrl.core.lift.ride import NEVER, Ride
from building_ctrl.core.lift.spec import LiftParameters
from building_ctrl.model.building import LiftKind
from building_ctrl.model.lift import (
    LiftDoorState,
    LiftMode,
    LiftMotion,
    LiftRequest,
    LiftState,
    RidePhase,
)


def holder(car: Car, queue: Sequence[Ride], now: float, p: LiftParameters) -> Ride | None:
    """The ride the lift is to serve now: one whose robot may be in it, else the next one in time to call."""
    bound = [ride for ride in queue if ride.bound]
    if bound:
        return min(bound, key=lambda r: (r.session_id != car.session_id, not r.aboard, r.assigned_s, r.ride_id))
    for ride in queue:
        if ride.before_boarding:
            return ride if ride.session_id in car.claimed or _time_to_call(ride, car, now, p) else None
    return None


def advance(ride: Ride, car: Car, queue: Sequence[Ride], fire: str, now: float, p: LiftParameters) -> None:
    """Phase and reason of a ride that has a lift, from the lift's newest state.

    BOARDING and ALIGHTING are published only while the state allows to pass the door; `fire` is the reason
    not to board, empty when there is none.
    """
    state = car.fresh(now, p)
    if ride.aboard:
        _advance_aboard(ride, car, state, fire)
        return
    comes = ride.arrives_within(p.board_ahead_s, now) and car.confirmed(ride.session_id)
    may_grant = ride.granted or comes
    if state is not None and state.open_for(ride.session_id, ride.from_level) and may_grant and not fire:
        ride.phase, ride.granted, ride.reason = RidePhase.BOARDING, True, ""
        return
    has_session = state is not None and state.session_id == ride.session_id
    ride.phase = RidePhase.CALLED if has_session else RidePhase.ASSIGNED
    ride.reason = fire or _why_not_boarding(ride, car, queue, has_session, now, p)


def request_for(ride: Ride, car: Car, fire: str, now: float, p: LiftParameters) -> LiftRequest | None:
    """What to ask the lift for the ride that holds it, if something is due and the lift may be asked."""
    if not car.usable(now, p) or (fire and not ride.bound):
        return None
    if car.session_id not in ("", ride.session_id):
        ride.called_s = now if ride.called_s < NEVER else NEVER  # the time of others does not count
        return None
    level = ride.target_level
    if level not in car.spec.level_names:
        level = car.state.current_level if car.state is not None else level
    request = car.agv_request(ride.session_id, level, now, p)
    if request is not None and ride.called_s == NEVER:
        ride.called_s = now
    return request


def _advance_aboard(ride: Ride, car: Car, state: LiftState | None, fire: str) -> None:
    here = state.current_level if state is not None else ""
    if state is not None and _stands_open(state):
        leaves_anywhere = state.mode in (LiftMode.FIRE, LiftMode.EMERGENCY) or bool(fire)
        stops_short = ride.target_level not in car.spec.level_names
        if here != ride.target_level and (leaves_anywhere or stops_short) and state.lets_out(ride.session_id, here):
            ride.alight_level = here
    if state is not None and state.lets_out(ride.session_id, ride.target_level):
        ride.phase = RidePhase.ALIGHTING
        ride.reason = f"alights at {here} instead of {ride.to_level}" if here != ride.to_level else ""
        return
    ride.phase = RidePhase.RIDING
    ride.reason = _why_not_alighting(ride, car, state)


def _stands_open(state: LiftState) -> bool:
    return state.door is LiftDoorState.OPEN and state.motion is LiftMotion.STOPPED


def _time_to_call(ride: Ride, car: Car, now: float, p: LiftParameters) -> bool:
    """Robot-only cars are called at once; people's cars so that car and robot arrive together."""
    if ride.ready or car.spec.kind is LiftKind.ROBOT_ONLY:
        return True
    here = car.state.current_level if car.state is not None else ""
    if not car.spec.serves(here, ride.from_level):
        return False
    car_s = car.spec.door_closing_s + car.spec.travel_s(here, ride.from_level) + car.spec.door_opening_s
    return ride.ready_at_s - now <= car_s + p.call_margin_s


def _why_not_boarding(
    ride: Ride, car: Car, queue: Sequence[Ride], has_session: bool, now: float, p: LiftParameters
) -> str:
    name = car.spec.name
    trouble = car.out_of_use(now, p)
    if trouble:
        return trouble
    if has_session:
        open_here = car.state is not None and car.state.open_for(ride.session_id, ride.from_level)
        return f"lift {name} waits for the robot" if open_here else f"lift {name} comes to {ride.from_level}"
    before = [other for other in queue if other is not ride and (other.bound or other.assigned_s < ride.assigned_s)]
    if before:
        return f"lift {name} serves robot {before[0].robot} first"
    if car.session_id and car.session_id != ride.session_id:
        return f"lift {name} is used by session {car.session_id}"
    return f"lift {name} is asked for" if ride.called_s < NEVER else f"lift {name} is called when the robot is near"


def _why_not_alighting(ride: Ride, car: Car, state: LiftState | None) -> str:
    name = car.spec.name
    if state is None:
        return f"lift {name} does not report its state"
    if not state.mode.takes_requests:
        return f"lift {name} is in mode {state.mode.name}"
    if state.session_id not in ("", ride.session_id):
        return f"lift {name} is used by session {state.session_id}"
    return ""
