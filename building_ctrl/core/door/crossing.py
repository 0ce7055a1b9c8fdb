"""A door planner's record of one crossing."""

from __future__ import annotations

from dataclasses import dataclass

from building_ctrl.model.door import CrossingPhase, CrossingRequest, CrossingState

NEVER = float("inf")
LONGEST_LEASE_S = 120.0
HOLDING = (CrossingPhase.OPENING, CrossingPhase.GRANTED)


@dataclass(slots=True)
class Crossing:
    """Mutable; only its DoorPlanner writes it.

    `granted` is never taken back: the robot may be in the doorway, and the door is held until the robot (or
    a person) has said that it is not. `doubtful`: a planner before this one may have granted it.
    """

    crossing_id: str
    fleet: str
    robot: str
    door: str
    requested_s: float
    heard_s: float
    lease_s: float
    phase: CrossingPhase = CrossingPhase.REQUESTED
    arrives_s: float = 0.0
    from_front: bool = True
    granted: bool = False
    doubtful: bool = False
    opening_since_s: float = NEVER
    ended_s: float = NEVER
    reason: str = ""
    eta_s: float = -1.0

    @property
    def ended(self) -> bool:
        return self.phase.ended

    @property
    def holds(self) -> bool:
        """The door is to be open for it now."""
        return self.phase in HOLDING

    @property
    def requester(self) -> str:
        return f"{self.fleet}/{self.robot}"

    def silent(self, now: float) -> bool:
        """Whether the crossing's lease has run out."""
        return now - self.heard_s > self.lease_s

    def hear(self, request: CrossingRequest, now: float) -> None:
        """Renew the lease; a robot whose time of arrival is not known may come at any moment."""
        self.heard_s = now
        self.lease_s = request.lease_s if 0.0 < request.lease_s <= LONGEST_LEASE_S else LONGEST_LEASE_S
        self.arrives_s = now + request.eta_s if 0.0 <= request.eta_s < NEVER else now
        self.from_front = request.from_front

    def end(self, phase: CrossingPhase, reason: str, now: float) -> None:
        self.phase = phase
        self.reason = reason
        self.ended_s = now
        self.granted = False
        self.eta_s = -1.0

    def state(self) -> CrossingState:
        """What is published."""
        return CrossingState(
            crossing_id=self.crossing_id,
            fleet=self.fleet,
            robot=self.robot,
            door=self.door,
            phase=self.phase,
            reason=self.reason,
            eta_s=self.eta_s,
        )
