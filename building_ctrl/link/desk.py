"""The gateway's desk: what people and programs ask of robots, and how it reaches pilot and robot."""

from __future__ import annotations

from dataclasses import dataclass

from building_ctrl.core.motion import Hold, ManualCommand, Pilot, RobotNow, StopBook
from building_ctrl.link.hub import LinkHub
from building_ctrl.link.protocol.messages import Flag, RequestKind, StopCode, Telemetry
from building_ctrl.model.robot_request import RobotRequest, RobotRequestState, StopCategory

LONGEST_EXPIRY_S = 0.3
STILL_MPS = 0.02
STILL_RADPS = 0.05
_E_STOP = int(Flag.E_STOP)
_CODES = {
    StopCategory.UNCONTROLLED: StopCode.CATEGORY_0,
    StopCategory.CONTROLLED_THEN_OFF: StopCode.CATEGORY_1,
    StopCategory.CONTROLLED: StopCode.CATEGORY_2,
}


@dataclass(frozen=True, slots=True)
class HandDrive:
    """An operator's velocities, as they arrived."""

    request_id: str
    robot: str
    seq: int
    vx_mps: float
    vy_mps: float
    w_radps: float
    expires_s: float


class Desk:
    """Serves requests to the robots of one pilot and one hub; belongs to their owner, under its lock."""

    def __init__(self, pilot: Pilot, hub: LinkHub) -> None:
        self.book = StopBook()
        self._pilot = pilot
        self._hub = hub

    def ask(
        self, request: RobotRequest, newest: Telemetry | None, age_s: float, now: float, wall_s: float
    ) -> RobotRequestState:
        """Serve a request; `age_s` is that of the robot's `newest` telemetry. For the link's thread."""
        index = self._pilot.index_of(request.robot)
        change = self.book.ask(request, self._now(index, newest, age_s), wall_s)
        if index is not None:
            if change.hold:
                self._pilot.hold(index, change.hold)
            if change.free:
                self._pilot.hold(index, change.free, False)
            if change.latch is not None:
                self._tell(request.robot, RequestKind.E_STOP, _CODES[change.latch], now)
            elif change.release:
                self._tell(request.robot, RequestKind.RELEASE, 0, now)
        return change.state

    def drive(self, hand: HandDrive, now: float) -> str:
        """Velocities of an operator; says what is wrong with them, empty where nothing is."""
        holder = self.book.holder(hand.robot, Hold.MANUAL)
        index = self._pilot.index_of(hand.robot)
        if index is None or holder is None or holder.request_id != hand.request_id:
            return f"robot {hand.robot!r} was not taken by request {hand.request_id!r}"
        if not 0.0 < hand.expires_s <= LONGEST_EXPIRY_S + 1e-6:
            return f"manual drive of robot {hand.robot!r}: expires_s must be in 0..{LONGEST_EXPIRY_S}"
        command = ManualCommand(hand.seq, hand.vx_mps, hand.vy_mps, hand.w_radps, now + hand.expires_s)
        if not self._pilot.manual(index, command):
            return f"manual drive of robot {hand.robot!r}: seq {hand.seq} is not newer, or a velocity is no number"
        return ""

    def look(self, newest: dict[str, Telemetry]) -> None:
        """Confirm stops whose robots stand by now."""
        for robot in self.book.waiting():
            t = newest.get(robot)
            if t is not None and not moves(t):
                self.book.stands(robot, bool(t.flags & _E_STOP))

    def cause(self, robot: str) -> str:
        """Who stopped a robot and why, to put behind a sentence; empty where nobody did."""
        for hold in (Hold.E_STOP, Hold.PROTECTIVE):
            request = self.book.holder(robot, hold)
            if request is not None:
                why = f", because: {request.why}" if request.why else ""
                return f" by {request.who or 'somebody unnamed'}{why}"
        return ""

    def _now(self, index: int | None, newest: Telemetry | None, age_s: float) -> RobotNow:
        if index is None:
            return RobotNow(False, Hold(0), False, False, False)
        fresh = newest is not None and age_s <= self._hub.parameters.watchdog_s
        moving = newest is None or moves(newest)
        e_stopped = newest is not None and bool(newest.flags & _E_STOP)
        return RobotNow(True, self._pilot.held(index), fresh, moving, e_stopped)

    def _tell(self, robot: str, kind: RequestKind, value: int, now: float) -> None:
        self._hub.request(robot, kind, value, "", now)


def moves(t: Telemetry) -> bool:
    """Whether a robot says that it moves."""
    return max(abs(t.v), abs(t.vy)) > STILL_MPS or abs(t.w) > STILL_RADPS
