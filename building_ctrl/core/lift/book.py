"""All rides a lift planner knows of: what requests do to them, their leases, and who is in which cabin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from building_ctrl.core.alarms import Condition
from building_ctrl.core.lift.assign import usable_lifts
from building_ctrl.core.lift.car import Car
from building_ctrl.core.lift.ride import Ride, bounded_lease_s
from building_ctrl.core.lift.spec import LiftParameters
from building_ctrl.model.lift import LiftDoorState, RideAction, RidePhase, RideRequest

CLASH_SHOWN_S = 10.0


class RideBook:
    """Owns the rides; the cars are shared with the LiftPlanner."""

    def __init__(self, cars: Mapping[str, Car], parameters: LiftParameters) -> None:
        self._cars = cars
        self._p = parameters
        self._rides: dict[str, Ride] = {}
        self._clashes: dict[tuple[str, str], float] = {}

    def get(self, ride_id: str) -> Ride:
        """Raises KeyError for an unknown ride."""
        try:
            return self._rides[ride_id]
        except KeyError:
            raise KeyError(f"no ride {ride_id!r}") from None

    def rides(self) -> list[Ride]:
        return list(self._rides.values())

    def active(self) -> Iterator[Ride]:
        return (ride for ride in self._rides.values() if not ride.ended)

    def in_queue(self) -> list[Ride]:
        """Rides without a lift that wait for one."""
        return [ride for ride in self._rides.values() if ride.phase is RidePhase.REQUESTED]

    def waiting_at_lifts(self) -> list[Ride]:
        """Rides with a lift that can still be taken from them."""
        return [ride for ride in self._rides.values() if ride.before_boarding and not ride.bound]

    def queue(self, lift: str) -> list[Ride]:
        """Rides of one lift: those with a robot in the cabin or doorway first, then as assigned."""
        rides = [ride for ride in self.active() if ride.lift == lift]
        return sorted(rides, key=lambda r: (not r.aboard, not r.granted, r.assigned_s, r.ride_id))

    def is_ours(self, session_id: str) -> bool:
        """Whether a session was made by this platform."""
        return session_id.startswith(self._p.session_prefix + "/")

    def accounts_for(self, car: Car) -> bool:
        """Whether the session a lift shows belongs to a ride that is known, or is being ended."""
        shown = car.session_id
        return shown in car.ending or any(ride.session_id == shown for ride in self.active())

    def clashes(self, now: float) -> Iterator[Condition]:
        """Ride ids used for two robots of late."""
        for (ride_id, robot), heard_s in list(self._clashes.items()):
            if now - heard_s > CLASH_SHOWN_S:
                del self._clashes[ride_id, robot]
                continue
            owner = self._rides[ride_id].robot if ride_id in self._rides else "another"
            detail = f"ride {ride_id} of robot {robot} ignored: the id is used by robot {owner}"
            yield Condition("ride_id_clash", robot, detail)

    def hear(self, request: RideRequest, now: float) -> None:
        """Take one request: the first of a ride, a repetition, or news of what the robot did."""
        ride = self._rides.get(request.ride_id)
        if ride is None:
            ride = self._rides[request.ride_id] = self._new(request, now)
            problem = self._problem(request)
            if problem:
                ride.end(RidePhase.REFUSED, problem, now)
            else:
                self._take_over(ride, request, now)
        elif (ride.fleet, ride.robot) != (request.fleet, request.robot):
            self._clashes[request.ride_id, request.robot] = now
            return
        ride.hear(request, now)
        if ride.ended:
            self._hear_after_end(ride, request, now)
        elif request.action is RideAction.BOARDED:
            self._board(ride)
        elif request.action is RideAction.ALIGHTED:
            backed_out = ride.granted and not ride.aboard
            phase = RidePhase.CANCELLED if backed_out else RidePhase.DONE
            self.end(ride, phase, "left the doorway without boarding" if backed_out else "", now)
        elif request.action is RideAction.CANCEL and not ride.aboard:
            self.end(ride, RidePhase.CANCELLED, "cancelled", now)

    def end(self, ride: Ride, phase: RidePhase, reason: str, now: float) -> None:
        """End a ride and release its session, wherever a lift holds it."""
        ride.end(phase, reason, now)
        for car in self._cars.values():
            car.release(ride.session_id)

    def expire(self, now: float) -> None:
        """End rides whose lease ran out before boarding was granted; forget rides that ended long ago."""
        for ride in self.rides():
            if ride.ended:
                if now - ride.ended_s > self._p.keep_ended_s:
                    del self._rides[ride.ride_id]
            elif not ride.bound and ride.silent(now):
                self.end(ride, RidePhase.FAILED, f"nothing heard of the ride for {ride.lease_s:g} s", now)

    def find_cabins(self, now: float) -> None:
        """Tie rides without a lift to the lift that shows their session, as after a restart."""
        for car in self._cars.values():
            shown = car.session_id
            if any(ride.ended and ride.session_id == shown for ride in self.rides()) and not self.accounts_for(car):
                car.release(shown)
        for ride in self.rides():
            if ride.ended or ride.lift:
                continue
            for car in self._cars.values():
                if self._is_session_of(ride, car):
                    self._tie(ride, car, now)
                    break
            else:
                if ride.aboard:
                    self._tie_to_only_lift(ride)

    def _new(self, request: RideRequest, now: float) -> Ride:
        return Ride(
            ride_id=request.ride_id,
            fleet=request.fleet,
            robot=request.robot,
            from_level=request.from_level,
            to_level=request.to_level,
            session_id=f"{self._robot_prefix(request.fleet, request.robot)}{request.ride_id}",
            requested_s=now,
            heard_s=now,
            lease_s=bounded_lease_s(request.lease_s),
            lifts=request.lifts,
            assigned_s=now,
        )

    def _robot_prefix(self, fleet: str, robot: str) -> str:
        return f"{self._p.session_prefix}/{fleet}/{robot}/"

    def _problem(self, request: RideRequest) -> str:
        """Why a ride is refused; only one that has not begun can be."""
        if request.action not in (RideAction.REQUEST, RideAction.READY):
            return ""
        if request.from_level == request.to_level:
            return f"ride from level {request.from_level} to the same level"
        unknown = [name for name in request.lifts if name not in self._cars]
        if request.lifts and len(unknown) == len(request.lifts):
            return f"no lift {', '.join(unknown)}; there are {', '.join(self._cars) or 'none'}"
        names = request.lifts or tuple(self._cars)
        specs = [self._cars[name].spec for name in names if name in self._cars]
        for level in (request.from_level, request.to_level):
            if not any(spec.serves(level) for spec in specs):
                return f"no lift stops at level {level!r}"
        if not any(spec.serves(request.from_level, request.to_level) for spec in specs):
            return f"no lift stops at both level {request.from_level!r} and level {request.to_level!r}"
        return ""

    def _take_over(self, ride: Ride, request: RideRequest, now: float) -> None:
        """A new ride of a robot replaces one that a path planner forgot, as after its restart."""
        ready, boarded = request.action is RideAction.READY, request.action is RideAction.BOARDED
        for old in self.rides():
            if old.ended or old is ride or (old.fleet, old.robot) != (ride.fleet, ride.robot):
                continue
            waits = request.action <= RideAction.READY and old.from_level == ride.from_level and not old.aboard
            serves = not old.lift or old.lift in usable_lifts(ride, self._cars)
            if (waits and serves) or (boarded and old.bound):
                ride.continues(old)
                old.end(RidePhase.CANCELLED, f"replaced by ride {ride.ride_id}", now)
            elif ready or (waits and not old.bound):
                self.end(old, RidePhase.CANCELLED, f"replaced by ride {ride.ride_id}", now)

    def _board(self, ride: Ride) -> None:
        if not ride.aboard:
            ride.ungranted_boarding = bool(ride.lift) and not ride.granted
            ride.phase, ride.reason = RidePhase.RIDING, ""

    def _hear_after_end(self, ride: Ride, request: RideRequest, now: float) -> None:
        """A robot that says it is in a cabin is there, whatever was thought; other news is old."""
        ride.ended_s = now
        if request.action is RideAction.BOARDED and ride.phase is not RidePhase.DONE:
            ride.lift = ""
            ride.phase, ride.reason = RidePhase.RIDING, ""

    def _is_session_of(self, ride: Ride, car: Car) -> bool:
        shown = car.session_id
        if shown == ride.session_id:
            return ride.aboard or shown not in car.ending
        return shown.startswith(self._robot_prefix(ride.fleet, ride.robot)) and not self.accounts_for(car)

    def _tie(self, ride: Ride, car: Car, now: float) -> None:
        state = car.state
        if not ride.aboard:
            if car.spec.name not in usable_lifts(ride, self._cars):
                car.release(car.session_id)
                return
            ride.phase = RidePhase.ASSIGNED
            # Boarding may have been granted before the restart: the robot may be in the doorway.
            ride.granted = (
                state is not None and state.current_level == ride.from_level and state.door is not LiftDoorState.CLOSED
            )
        car.ending.pop(car.session_id, None)
        ride.session_id = car.session_id
        ride.lift = car.spec.name
        ride.assigned_s = now

    def _tie_to_only_lift(self, ride: Ride) -> None:
        """The lift a robot in a cabin can only be in."""
        known = [name for name in ride.lifts if name in self._cars]
        names = known or [name for name, car in self._cars.items() if car.spec.serves(ride.from_level, ride.to_level)]
        if len(names) == 1:
            ride.lift = names[0]
