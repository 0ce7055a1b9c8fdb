"""A lift planner's record of one lift: what the lift reports, and what it has been asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from building_ctrl.core.lift.spec import LiftParameters, LiftSpec
from building_ctrl.model.lift import LiftDoorState, LiftMotion, LiftRequest, LiftRequestKind, LiftState

LONG_AGO = float("-inf")


@dataclass(slots=True)
class Car:
    """Mutable; only its LiftPlanner writes it.

    `claimed`: sessions for which the lift has been asked, each with the time from which on a state that
    shows it is an answer to that. `ending`: sessions that are over, with the time END_SESSION was last
    sent.
    """

    spec: LiftSpec
    state: LiftState | None = None
    heard_s: float = LONG_AGO
    session_since_s: float = 0.0
    avoid_until_s: float = LONG_AGO
    claimed: dict[str, float] = field(default_factory=dict)
    ending: dict[str, float] = field(default_factory=dict)
    last: LiftRequest | None = None
    last_sent_s: float = LONG_AGO

    def hear(self, state: LiftState, now: float) -> None:
        if self.state is None or self.state.session_id != state.session_id:
            self.session_since_s = now
        self.state = state
        self.heard_s = now

    def fresh(self, now: float, p: LiftParameters) -> LiftState | None:
        """The newest state, unless it is too old to act on."""
        return self.state if now - self.heard_s <= p.state_timeout_s else None

    def usable(self, now: float, p: LiftParameters) -> bool:
        """Whether the lift is heard of and takes requests."""
        state = self.fresh(now, p)
        return state is not None and state.mode.takes_requests

    @property
    def session_id(self) -> str:
        return self.state.session_id if self.state is not None else ""

    def out_of_use(self, now: float, p: LiftParameters) -> str:
        """Why robots cannot use the lift now; empty: they can."""
        state = self.fresh(now, p)
        if state is None:
            return f"lift {self.spec.name} does not report its state"
        if not state.mode.takes_requests:
            return f"lift {self.spec.name} is in mode {state.mode.name}"
        return ""

    def release(self, session_id: str) -> None:
        """The session is over: END_SESSION is due if the lift was ever asked for it or shows it."""
        if session_id in self.claimed or session_id == self.session_id:
            self.claimed.pop(session_id, None)
            self.last = None
            self.ending.setdefault(session_id, LONG_AGO)

    def end_requests(self, now: float, p: LiftParameters) -> list[LiftRequest]:
        """END_SESSION for sessions that are over, until a later state shows that they are gone."""
        requests: list[LiftRequest] = []
        if self.state is not None and not self.state.mode.takes_requests:
            return requests
        for session_id, sent_s in list(self.ending.items()):
            if self.heard_s > sent_s > LONG_AGO and self.session_id != session_id:
                del self.ending[session_id]
            elif now - sent_s >= p.resend_s:
                self.ending[session_id] = now
                requests.append(self._request(session_id, LiftRequestKind.END_SESSION, self._here()))
        return requests

    def agv_request(self, session_id: str, level: str, now: float, p: LiftParameters) -> LiftRequest | None:
        """A request to stand open at `level` for the session, when one is due."""
        request = self._request(session_id, LiftRequestKind.AGV_MODE, level)
        interval_s = p.keepalive_s if self._shows(request) else p.resend_s
        if request == self.last and now - self.last_sent_s < interval_s:
            return None
        self.last = request
        self.last_sent_s = now
        if session_id not in self.claimed:
            self.claimed[session_id] = now + (p.confirm_s if session_id in self.ending else 0.0)
        self.ending.pop(session_id, None)
        return request

    def confirmed(self, session_id: str) -> bool:
        """Whether the newest state was reported after the lift was asked for the session."""
        return self.heard_s > self.claimed.get(session_id, float("inf"))

    def _shows(self, request: LiftRequest) -> bool:
        state = self.state
        if state is None or self.heard_s <= self.last_sent_s or state.session_id != request.session_id:
            return False
        stands_there = state.current_level == request.destination and state.motion is LiftMotion.STOPPED
        return stands_there or state.destination_level == request.destination

    def _request(self, session_id: str, kind: LiftRequestKind, level: str) -> LiftRequest:
        door = LiftDoorState.CLOSED if kind is LiftRequestKind.END_SESSION else LiftDoorState.OPEN
        return LiftRequest(self.spec.name, session_id, kind, level, door)

    def _here(self) -> str:
        return self.state.current_level if self.state is not None else ""
