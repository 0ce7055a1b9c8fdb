"""Whether what is reported of a robot can be one robot: two gateways, and poses that jump."""

from __future__ import annotations

import math
from dataclasses import dataclass

from building_ctrl.core.path.journey import Journey, Place
from building_ctrl.core.path.state import PathParameters
from building_ctrl.model.robot import Connection, RobotState

HANDED_OVER_S = 1.0  # a gateway whose newest pose is this much older than another's has lost the robot to it
BOTH_S = 1.0  # both gateways have poses this much younger than the second one's first: two robots


@dataclass(frozen=True, slots=True)
class Doubt:
    """Whether a state is the planner's newest word of a robot, why it is in doubt (empty: it is not), and a pose
    (level, x_m, y_m) it may be at beside. `jump`: only because of how far it is from where it was."""

    believed: bool
    reason: str = ""
    pose: tuple[str, float, float] | None = None
    jump: bool = False


BELIEVED = Doubt(True)
PASSED_OVER = Doubt(False)


class Reports:
    """Compares every state with those before it; remembers it in the journey's source."""

    def __init__(self, parameters: PathParameters) -> None:
        self._parameters = parameters

    def doubt(self, journey: Journey, state: RobotState, now: float, gateway: str) -> Doubt:
        """What to make of a state."""
        if not (math.isfinite(state.x_m) and math.isfinite(state.y_m)):
            return PASSED_OVER
        source = journey.source
        overtaken = state.path_epoch == journey.state.path_epoch and state.reached_seq < journey.state.reached_seq
        if overtaken and gateway == source.gateway:
            return PASSED_OVER
        lost = state.connection is Connection.LOST
        pose_s = source.pose_s if lost else now - state.age_s
        if journey.seen_s == float("-inf"):
            source.gateway, source.pose_s = gateway, pose_s
            return BELIEVED
        if gateway != source.gateway:
            return self._from_another(journey, state, now, gateway, pose_s)
        both = source.rival and not lost and min(pose_s, source.rival_seen_s) > source.rival_s + BOTH_S
        jump = "" if lost else self._jump(journey, state, pose_s)
        before = (journey.state.level, round(journey.state.x_m, 1), round(journey.state.y_m, 1))
        source.pose_s = max(source.pose_s, pose_s)
        if both:
            names = f"{source.gateway!r} and {source.rival!r}"
            return Doubt(True, f"gateways {names} both report a robot {journey.name!r}: rename one of the two")
        return Doubt(True, jump, before, jump=True) if jump else BELIEVED

    def _from_another(
        self, journey: Journey, state: RobotState, now: float, gateway: str, pose_s: float
    ) -> Doubt:
        """A gateway that did not report this robot before: it has been handed over, or there are two of them."""
        source = journey.source
        if state.connection is Connection.LOST:
            return PASSED_OVER
        if journey.state.connection is Connection.LOST or pose_s - source.pose_s > HANDED_OVER_S:
            jump = self._jump(journey, state, pose_s)
            before = (journey.state.level, round(journey.state.x_m, 1), round(journey.state.y_m, 1))
            source.gateway, source.pose_s, source.rival = gateway, pose_s, ""
            return Doubt(True, jump, before, jump=True) if jump else BELIEVED
        if source.rival != gateway:
            source.rival, source.rival_s = gateway, now
        source.rival_seen_s = pose_s
        pose = (state.level, round(state.x_m, 1), round(state.y_m, 1))
        return Doubt(False, "", pose) if journey.needs_person else PASSED_OVER

    def _jump(self, journey: Journey, state: RobotState, pose_s: float) -> str:
        """Why a pose cannot be that of the robot seen before; empty where it can."""
        old = journey.state
        if old.level != state.level or not old.level or journey.place is Place.OUTSIDE:
            return ""
        distance_m = math.hypot(state.x_m - old.x_m, state.y_m - old.y_m)
        if distance_m <= self._parameters.jump_m:
            return ""
        seconds = max(0.0, pose_s - journey.source.pose_s)
        if distance_m <= self._parameters.jump_m + self._parameters.jump_mps * seconds:
            return ""
        return (
            f"{journey.name} was seen {distance_m:.1f} m from where it was {seconds:.1f} s before: there may be two "
            f"robots of that name, or its localisation has lost it"
        )
