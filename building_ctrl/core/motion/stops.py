"""Why robots stand: pause, protective stop, e-stop and manual driving, each by a request of somebody, kept until a
named request to resume.

Categories are those of IEC 60204-1; an emergency stop is of category 0 or 1 (ISO 13850, 4.1.4), a protective stop of 1
or 2. This is machine control: the safety functions themselves stay on the robot.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from building_ctrl.core.motion.parameters import Hold
from building_ctrl.model.robot_request import (
    RequestStatus,
    RobotRequest,
    RobotRequestKind,
    RobotRequestState,
    StopCategory,
)

KEEP_S = 60.0
MOST_KEPT = 4096
Kind = RobotRequestKind
HOLDS = {
    Kind.PAUSE: Hold.PAUSED,
    Kind.PROTECTIVE_STOP: Hold.PROTECTIVE,
    Kind.E_STOP: Hold.E_STOP,
    Kind.MANUAL: Hold.MANUAL,
}
ANYBODY = Hold.PAUSED | Hold.PROTECTIVE | Hold.E_STOP | Hold.MANUAL
CATEGORIES = {
    Kind.E_STOP: (StopCategory.UNCONTROLLED, StopCategory.CONTROLLED_THEN_OFF),
    Kind.PROTECTIVE_STOP: (StopCategory.CONTROLLED_THEN_OFF, StopCategory.CONTROLLED),
}


class RobotNow(NamedTuple):
    """What the desk has to know of a robot when somebody asks for something.

    `held`: why the pilot makes it stand. `fresh`: its newest telemetry is;
    `e_stopped`: the robot itself shows an e-stop, of its button or latched by a gateway.
    """

    known: bool
    held: Hold
    fresh: bool
    moving: bool
    e_stopped: bool


class Change(NamedTuple):
    """What a request changes: holds to set and to take away, and the category to latch on the robot (None: nothing to
    tell it), or its release."""

    state: RobotRequestState
    hold: Hold = Hold(0)
    free: Hold = Hold(0)
    latch: StopCategory | None = None
    release: bool = False


@dataclass(slots=True)
class _Desk:
    """What holds one robot."""

    holding: dict[Hold, str] = field(default_factory=dict)
    latched: bool = False


class StopBook:
    """Requests to the robots of one gateway. Times are seconds since the Unix epoch."""

    def __init__(self) -> None:
        self._states: dict[str, RobotRequestState] = {}
        self._desks: dict[str, _Desk] = {}

    def ask(self, request: RobotRequest, robot: RobotNow, now: float) -> Change:
        """Serve a request; one that is repeated is answered as it was and changes nothing."""
        known = self._states.get(request.request_id)
        if known is not None:
            return Change(known)
        problem = self._problem(request, robot)
        if problem:
            return Change(self._keep(request, RequestStatus.REFUSED, problem, now))
        desk = self._desks.setdefault(request.robot, _Desk())
        if request.kind is Kind.RESUME:
            return self._resume(request, desk, robot, now)
        hold = HOLDS[request.kind]
        desk.holding[hold] = request.request_id
        latch = request.category if request.kind in CATEGORIES and request.category < StopCategory.CONTROLLED else None
        desk.latched = desk.latched or latch is not None
        status = RequestStatus.DONE if latch is None and not robot.moving else RequestStatus.ACCEPTED
        return Change(self._keep(request, status, "", now), hold=hold, latch=latch)

    def stands(self, robot: str, latched: bool) -> None:
        """The robot reports standstill (and, where one was asked for, its latch): what waited for it is done."""
        desk = self._desks.get(robot)
        if desk is None or (desk.latched and not latched):
            return
        for request_id in desk.holding.values():
            state = self._states[request_id]
            if state.status is RequestStatus.ACCEPTED:
                self._states[request_id] = replace(state, status=RequestStatus.DONE)

    def holder(self, robot: str, hold: Hold) -> RobotRequest | None:
        """The request by which a robot is held for that reason."""
        desk = self._desks.get(robot)
        request_id = desk.holding.get(hold) if desk is not None else None
        return None if request_id is None else self._states[request_id].request

    def waiting(self) -> list[str]:
        """Robots that have not yet confirmed a stop."""
        return [
            robot
            for robot, desk in self._desks.items()
            if any(self._states[i].status is RequestStatus.ACCEPTED for i in desk.holding.values())
        ]

    def states(self, now: float) -> list[RobotRequestState]:
        """Requests of the last minute and those that hold a robot, oldest first."""
        holding = {i for desk in self._desks.values() for i in desk.holding.values()}
        self._states = {
            i: s for i, s in self._states.items() if i in holding or now - s.at_s <= KEEP_S
        }
        return [replace(state, holds=i in holding) for i, state in self._states.items()]

    def _problem(self, request: RobotRequest, robot: RobotNow) -> str:
        kind = request.kind
        if not request.request_id or not request.robot:
            return "request_id and robot are wanted"
        if not robot.known:
            return f"robot {request.robot!r} is not enrolled here"
        if kind is Kind.E_STOP:
            wrong = request.category not in CATEGORIES[kind]
            return "an e-stop is of category 0 or 1 (ISO 13850)" if wrong else ""
        if kind is Kind.PROTECTIVE_STOP:
            wrong = request.category not in CATEGORIES[kind]
            return "a protective stop is of category 1 or 2" if wrong else ""
        if len(self._states) >= MOST_KEPT:
            return f"{MOST_KEPT} requests were made in the last minute; try again later"
        if not request.who:
            return "who asks is wanted"
        if kind is not Kind.PAUSE and not request.why:
            return "why is wanted"
        if kind is Kind.RESUME:
            return self._may_not_resume(request, robot)
        if kind is Kind.MANUAL:
            return self._may_not_take(request, robot)
        return ""

    def _may_not_resume(self, request: RobotRequest, robot: RobotNow) -> str:
        desk = self._desks.get(request.robot)
        if not robot.held & ANYBODY and not robot.e_stopped:
            return f"nothing holds robot {request.robot!r}"
        if robot.e_stopped or (desk is not None and (desk.latched or Hold.MANUAL in desk.holding)):
            if not robot.fresh:
                return f"robot {request.robot!r} is not heard: whether it stands is not known"
            if robot.moving:
                return f"robot {request.robot!r} still moves"
        return ""

    def _may_not_take(self, request: RobotRequest, robot: RobotNow) -> str:
        desk = self._desks.get(request.robot)
        if desk is not None and Hold.E_STOP in desk.holding:
            return f"robot {request.robot!r} is e-stopped: resume it first"
        holder = self.holder(request.robot, Hold.MANUAL)
        if holder is not None:
            return f"robot {request.robot!r} is driven by {holder.who!r}"
        return "" if robot.fresh else f"robot {request.robot!r} is not heard"

    def _resume(self, request: RobotRequest, desk: _Desk, robot: RobotNow, now: float) -> Change:
        release = desk.latched or robot.e_stopped
        desk.holding.clear()
        desk.latched = False
        return Change(self._keep(request, RequestStatus.DONE, "", now), free=ANYBODY, release=release)

    def _keep(self, request: RobotRequest, status: RequestStatus, detail: str, now: float) -> RobotRequestState:
        state = RobotRequestState(request, status, detail, now)
        if request.request_id:
            self._states[request.request_id] = state
        return state
