"""A door planner's record of one door: what it reports, who holds it, and what it has been asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from building_ctrl.core.door.spec import DoorParameters, DoorSpec
from building_ctrl.model.door import DoorMode, DoorRequest, DoorState

LONG_AGO = float("-inf")
NEVER = float("inf")
CLOSE_REPEATS = 3


@dataclass(slots=True)
class Device:
    """Mutable; only its DoorPlanner writes it.

    `external`: holds of other fleets with the time of their last request. `openers`: requesters in whose
    name the door was asked to open and not yet to close. `closing`: requests to close on their way, with
    the number sent.
    """

    spec: DoorSpec
    state: DoorState | None = None
    heard_s: float = LONG_AGO
    held_since_s: float = NEVER
    last_open_s: float = LONG_AGO
    close_at_s: float = NEVER
    failed_s: float = NEVER
    was_open: bool = False  # since it is held
    opened_for_us: bool = False  # it was seen not open since it is held, and then open
    external: dict[str, float] = field(default_factory=dict)
    openers: set[str] = field(default_factory=set)
    closing: dict[str, int] = field(default_factory=dict)
    last_close_s: float = LONG_AGO

    def hear(self, state: DoorState, now: float) -> None:
        held = self.held_since_s < NEVER
        self.opened_for_us = held and (self.opened_for_us or state.mode is not DoorMode.OPEN)
        self.was_open = held and (self.was_open or state.mode is DoorMode.OPEN)
        self.state = state
        self.heard_s = now
        if state.mode is DoorMode.OPEN:
            self.failed_s = NEVER

    @property
    def idle(self) -> bool:
        """Nobody holds the door, and nothing is left to be asked of it."""
        return not (self.external or self.openers or self.closing)

    def mode(self, now: float, p: DoorParameters) -> DoorMode | None:
        """The newest mode reported, unless it is too old to act on."""
        fresh = self.state is not None and now - self.heard_s <= p.state_timeout_s
        return self.state.mode if fresh and self.state is not None else None

    def is_open(self, now: float, p: DoorParameters) -> bool:
        """Whether the door reports open, and did so after it was asked to."""
        answered = self.heard_s >= self.held_since_s + p.confirm_s
        return answered and self.mode(now, p) is DoorMode.OPEN

    def trouble(self, now: float, p: DoorParameters) -> str:
        """Why the door cannot be relied on; empty: it can."""
        mode = self.mode(now, p)
        if mode is None:
            return f"door {self.spec.name} does not report its state"
        if mode in (DoorMode.OFFLINE, DoorMode.UNKNOWN):
            return f"door {self.spec.name} reports {mode.name}"
        return ""

    def hold(self, requester: str, now: float, p: DoorParameters) -> list[DoorRequest]:
        """Requests to open that are due while the door is held."""
        self.closing.clear()
        self.close_at_s = NEVER
        if self.held_since_s < NEVER and now - self.last_open_s < self._repeat_s(p):
            return []
        self.held_since_s = min(self.held_since_s, now)
        self.last_open_s = now
        self.openers.add(requester)
        return [DoorRequest(self.spec.name, requester, DoorMode.OPEN)]

    def _repeat_s(self, p: DoorParameters) -> float:
        """When to repeat the request to open.

        A door that was seen to open for it obeys. One that somebody else had opened shows nothing: it may
        close again.
        """
        if self.state is None or self.heard_s <= self.last_open_s:
            return p.resend_s
        if self.state.mode is DoorMode.OPEN:
            return p.keepalive_s if self.opened_for_us else p.resend_s
        if self.state.mode is DoorMode.MOVING and not self.was_open:
            return p.keepalive_s
        return 0.0 if self.was_open else p.resend_s

    def hold_for_other(self, requester: str, now: float) -> None:
        """Another fleet holds the door, or renews its hold."""
        self.external[requester] = now
        self.openers.add(requester)
        self.closing.clear()
        self.close_at_s = NEVER

    def let_go(self, now: float, delay_s: float, p: DoorParameters) -> list[DoorRequest]:
        """Requests to close that are due when nobody holds the door any more."""
        if self.openers:
            self.close_at_s = min(self.close_at_s, now + delay_s)
            if now < self.close_at_s:
                return []
            self.held_since_s = NEVER
            self.closing.update(dict.fromkeys(self.openers, 0))
            self.openers.clear()
            self.close_at_s = NEVER
        return self._close(now, p)

    def _close(self, now: float, p: DoorParameters) -> list[DoorRequest]:
        if not self.closing:
            return []
        begun = all(sent > 0 for sent in self.closing.values())
        obeys = self.state is not None and self.state.mode is not DoorMode.OPEN and self.heard_s > self.last_close_s
        if begun and (obeys or min(self.closing.values()) >= CLOSE_REPEATS):
            self.closing.clear()
            return []
        if begun and now - self.last_close_s < p.resend_s:
            return []
        self.last_close_s = now
        for requester in self.closing:
            self.closing[requester] += 1
        return [DoorRequest(self.spec.name, requester, DoorMode.CLOSED) for requester in sorted(self.closing)]
