"""The path planner's side of rides: one ride a robot, repeated as the heartbeat of its lease until it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from building_ctrl.model.lift import RideAction, RidePhase, RideRequest, RideState

HEARTBEAT_S = 1.0
RETRY_S = 3.0
ENDING_S = 10.0
UNDERWAY = (RidePhase.BOARDING, RidePhase.RIDING, RidePhase.ALIGHTING)


@dataclass(slots=True)
class Ride:
    """One robot's ride as the path planner knows it."""

    request: RideRequest
    phase: RidePhase = RidePhase.REQUESTED
    lift: str = ""
    to_level: str = ""
    reason: str = ""
    eta_s: float = -1.0
    sent_s: float = float("-inf")

    @property
    def may_board(self) -> bool:
        return self.phase is RidePhase.BOARDING

    @property
    def may_alight(self) -> bool:
        return self.phase is RidePhase.ALIGHTING


class RideBook:
    """All rides one path planner wants or uses."""

    def __init__(self, epoch: int) -> None:
        self._epoch = epoch
        self._count = 0
        self._rides: dict[str, Ride] = {}
        self._ending: dict[str, tuple[Ride, float]] = {}
        self._not_before: dict[str, float] = {}
        self._foreign: dict[str, RideState] = {}
        self.heard = False

    def of(self, robot: str) -> Ride | None:
        return self._rides.get(robot)

    def states(self, states: Sequence[RideState], now: float) -> None:
        """Hear the lift planner."""
        self.heard = True
        for state in states:
            if state.phase.ended:
                self._ending.pop(state.ride_id, None)
                known = self._foreign.get(state.robot)
                if known is not None and known.ride_id == state.ride_id:
                    del self._foreign[state.robot]
            ride = self._rides.get(state.robot)
            if ride is None or ride.request.ride_id != state.ride_id:
                if not state.phase.ended:
                    self._foreign[state.robot] = state
                continue
            ride.phase, ride.lift, ride.reason = state.phase, state.lift, state.reason
            ride.to_level, ride.eta_s = state.to_level, state.eta_s
            if state.phase.ended:
                del self._rides[state.robot]
                if state.phase is not RidePhase.DONE:
                    self._not_before[state.robot] = now + RETRY_S

    def underway(self, robot: str) -> RideState | None:
        """The ride, not this planner's, of a robot that may be in a doorway or cabin."""
        known = self._foreign.get(robot)
        return known if known is not None and known.phase in UNDERWAY and robot not in self._rides else None

    def bound_for(self, robot: str) -> str:
        """The level to which a robot that may be in a doorway or cabin rides; empty where there is none."""
        ride = self._rides.get(robot) or self._foreign.get(robot)
        return ride.to_level if ride is not None and ride.phase in UNDERWAY else ""

    def may_ask(self, robot: str, now: float) -> bool:
        """Whether a new ride may be asked for: not directly after one was refused or failed."""
        return now >= self._not_before.get(robot, float("-inf"))

    def ask(self, fleet: str, robot: str, from_level: str, to_level: str, lifts: tuple[str, ...]) -> Ride:
        """Ask for a ride; the robot must have none."""
        if robot in self._rides:
            raise ValueError(f"{robot} has a ride already")
        self._count += 1
        request = RideRequest(
            ride_id=f"{robot}/ride/{self._epoch}.{self._count}",
            fleet=fleet,
            robot=robot,
            action=RideAction.REQUEST,
            from_level=from_level,
            to_level=to_level,
            lifts=lifts,
        )
        ride = self._rides[robot] = Ride(request, to_level=to_level)
        return ride

    def adopt(self, fleet: str, robot: str, level: str, lift: str) -> Ride:
        """Take over the ride of a robot that stands in a cabin, from before a restart where one is known."""
        known = self._foreign.pop(robot, None)
        if known is None:
            ride = self.ask(fleet, robot, level, level, (lift,))
            ride.lift = lift
        else:
            request = RideRequest(
                known.ride_id, known.fleet, robot, RideAction.BOARDED, known.from_level, known.to_level, (known.lift,)
            )
            ride = self._rides[robot] = Ride(request, known.phase, known.lift, known.to_level)
        self.tell(robot, RideAction.BOARDED)
        return ride

    def turn_back(self, fleet: str, robot: str, level: str, lift: str) -> None:
        """Have a robot in a cabin brought to another level than it was bound for."""
        self.forget(robot)
        ride = self.ask(fleet, robot, level, level, (lift,))
        ride.lift = lift
        self.tell(robot, RideAction.BOARDED)

    def forget(self, robot: str) -> None:
        """Say no more of a robot's ride: it is another planner's."""
        self._rides.pop(robot, None)

    def tell(self, robot: str, action: RideAction, eta_s: float = -1.0) -> None:
        """Say how far the robot is; sent at once when the action is new.

        From boarding on the request names the one lift the robot is in: a lift planner that starts anew finds it so.
        """
        ride = self._rides[robot]
        if action is RideAction.BOARDED and ride.lift:
            ride.request = replace(ride.request, lifts=(ride.lift,))
        if ride.request.action is not action:
            ride.sent_s = float("-inf")
        ride.request = replace(ride.request, action=action, eta_s=eta_s)

    def cancel(self, robot: str, now: float) -> None:
        """Give back a ride before boarding."""
        ride = self._rides.pop(robot)
        ride.request = replace(ride.request, action=RideAction.CANCEL)
        ride.sent_s = float("-inf")
        self._ending[ride.request.ride_id] = (ride, now)

    def requests(self, now: float) -> tuple[RideRequest, ...]:
        """What to send now."""
        due = []
        for ride in [*self._rides.values(), *(ride for ride, _ in self._ending.values())]:
            if now - ride.sent_s >= HEARTBEAT_S:
                ride.sent_s = now
                due.append(ride.request)
        for ride_id in [i for i, (_, ended) in self._ending.items() if now - ended > ENDING_S]:
            del self._ending[ride_id]
        return tuple(due)
