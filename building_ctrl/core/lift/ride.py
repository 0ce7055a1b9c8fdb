"""A lift planner's record of one ride."""

from __future__ import annotations

from dataclasses import dataclass

from building_ctrl.model.lift import RideAction, RidePhase, RideRequest, RideState

NEVER = float("inf")
LONGEST_LEASE_S = 120.0
WAITING_PHASES = (RidePhase.ASSIGNED, RidePhase.CALLED, RidePhase.BOARDING)


def bounded_lease_s(lease_s: float) -> float:
    """The lease asked for, within (0, LONGEST_LEASE_S]: every lease ends, also one that is not a number."""
    return lease_s if 0.0 < lease_s <= LONGEST_LEASE_S else LONGEST_LEASE_S


@dataclass(slots=True)
class Ride:
    """Mutable; only its LiftPlanner writes it.

    `granted` is never taken back while the ride waits: boarding was granted once, so the robot may be in
    the doorway, and the car does not leave the level until the robot (or a person) has said where it is.
    """

    ride_id: str
    fleet: str
    robot: str
    from_level: str
    to_level: str
    session_id: str
    requested_s: float
    heard_s: float
    lease_s: float
    lifts: tuple[str, ...] = ()
    priority: int = 0
    phase: RidePhase = RidePhase.REQUESTED
    lift: str = ""
    ready: bool = False
    ready_at_s: float = NEVER
    granted: bool = False
    alight_level: str = ""
    reason: str = ""
    eta_s: float = -1.0
    assigned_s: float = 0.0
    called_s: float = NEVER
    ended_s: float = NEVER
    not_before_s: float = 0.0
    overtaken: int = 0
    ungranted_boarding: bool = False

    @property
    def ended(self) -> bool:
        return self.phase.ended

    @property
    def aboard(self) -> bool:
        """The robot is in the cabin, or on its way out of it."""
        return self.phase in (RidePhase.RIDING, RidePhase.ALIGHTING)

    @property
    def bound(self) -> bool:
        """The robot may be in the cabin or in its doorway: the ride keeps its lift whatever happens."""
        return not self.ended and (self.aboard or self.granted)

    @property
    def before_boarding(self) -> bool:
        """Has a lift, and the robot is not yet in its cabin."""
        return self.phase in WAITING_PHASES

    @property
    def target_level(self) -> str:
        """Where the car has to stand open next."""
        if self.aboard:
            return self.alight_level or self.to_level
        return self.from_level

    def silent(self, now: float) -> bool:
        """Whether the ride's lease has run out."""
        return now - self.heard_s > self.lease_s

    def hear(self, request: RideRequest, now: float) -> None:
        """Renew the lease, and take over what a repetition may change."""
        self.heard_s = now
        self.lease_s = bounded_lease_s(request.lease_s)
        self.priority = request.priority
        if request.lifts:
            self.lifts = request.lifts
        if request.action in (RideAction.REQUEST, RideAction.READY):
            self.ready = request.action is RideAction.READY
            if self.ready:
                self.ready_at_s = min(self.ready_at_s, now)
            else:
                self.ready_at_s = now + request.eta_s if request.eta_s >= 0.0 else NEVER

    def arrives_within(self, seconds: float, now: float) -> bool:
        """Whether the robot stands before the lift or will within that time."""
        return self.ready or self.ready_at_s - now <= seconds

    def continues(self, other: Ride) -> None:
        """Take over lift, session, place in the queue and grant of another ride of the same robot."""
        self.session_id, self.lift = other.session_id, other.lift
        self.requested_s, self.assigned_s, self.called_s = other.requested_s, other.assigned_s, other.called_s
        self.granted = other.bound
        self.phase = RidePhase.ASSIGNED if other.lift else RidePhase.REQUESTED

    def end(self, phase: RidePhase, reason: str, now: float) -> None:
        self.phase = phase
        self.reason = reason
        self.ended_s = now
        self.granted = False
        self.eta_s = -1.0

    def back_to_queue(self, reason: str) -> None:
        """Lose the lift and wait for another one. Only for rides that are not bound."""
        self.phase = RidePhase.REQUESTED
        self.lift = ""
        self.reason = reason
        self.called_s = NEVER
        self.eta_s = -1.0

    def state(self) -> RideState:
        """What is published."""
        return RideState(
            ride_id=self.ride_id,
            fleet=self.fleet,
            robot=self.robot,
            lift=self.lift,
            from_level=self.from_level,
            to_level=self.alight_level or self.to_level,
            phase=self.phase,
            session_id=self.session_id,
            reason=self.reason,
            eta_s=self.eta_s,
        )
