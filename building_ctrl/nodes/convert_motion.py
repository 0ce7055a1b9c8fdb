"""Requests to robots, driving by hand and pose fixes, to and from messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from building_ctrl_msgs import msg as own

from building_ctrl.core.localisation import PoseFix
from building_ctrl.link.desk import HandDrive
from building_ctrl.link.localisers import RobotFix
from building_ctrl.model.robot_request import (
    RequestStatus,
    RobotRequest,
    RobotRequestKind,
    RobotRequestState,
    StopCategory,
)
from building_ctrl.nodes.convert import seconds, time_msg


def robot_request_msg(request: RobotRequest, now: float) -> own.RobotRequest:
    """One request."""
    return own.RobotRequest(
        stamp=time_msg(now),
        request_id=request.request_id,
        robot=request.robot,
        kind=int(request.kind),
        stop_category=int(request.category),
        who=request.who,
        why=request.why,
    )


def robot_request(message: Any) -> RobotRequest:
    """Raises ValueError for a kind or category that does not exist. A stop without an id is given one: it is not to
    fail for that."""
    kind = RobotRequestKind(message.kind)
    request_id = message.request_id
    if not request_id and kind in (RobotRequestKind.E_STOP, RobotRequestKind.PROTECTIVE_STOP):
        request_id = f"unnamed {kind.name.lower()} of {message.robot} at {seconds(message.stamp):.3f}"
    category = StopCategory(message.stop_category)
    return RobotRequest(request_id, message.robot, kind, category, message.who, message.why)


def robot_request_states_msg(
    gateway: str, states: Iterable[RobotRequestState], now: float
) -> own.RobotRequestStates:
    """A batch of them."""
    rows = list(states)
    return own.RobotRequestStates(
        stamp=time_msg(now),
        gateway=gateway,
        request_id=[r.request.request_id for r in rows],
        robot=[r.request.robot for r in rows],
        kind=bytes(r.request.kind for r in rows),
        status=bytes(r.status for r in rows),
        who=[r.request.who for r in rows],
        why=[r.request.why for r in rows],
        detail=[r.detail for r in rows],
        at_s=[r.at_s for r in rows],
        holds=[r.holds for r in rows],
    )


def robot_request_states(message: Any) -> list[RobotRequestState]:
    """Raises ValueError when arrays differ in length."""
    rows = zip(
        message.request_id, message.robot, message.kind, message.status, message.who, message.why, message.detail,
        message.at_s, message.holds, strict=True,
    )  # fmt: skip
    return [
        RobotRequestState(
            RobotRequest(request_id, robot, RobotRequestKind(kind), who=who, why=why),
            RequestStatus(status), detail, at_s, holds,
        )
        for request_id, robot, kind, status, who, why, detail, at_s, holds in rows
    ]  # fmt: skip


def hand_drive(message: Any) -> HandDrive:
    """An operator's velocities."""
    m = message
    return HandDrive(m.request_id, m.robot, int(m.seq), m.vx, m.vy, m.w, m.expires_s)


def robot_fixes(message: Any, now: float, monotonic_s: float) -> list[RobotFix]:
    """Fixes dated on the gateway's clock, `now` and `monotonic_s` being the same moment; one stamped later than now
    counts as measured now. Raises ValueError when arrays differ in length."""
    n = len(message.robot)
    if len(message.covariance) != 9 * n:
        raise ValueError(f"{len(message.covariance)} numbers of covariance for {n} fixes; 9 each are wanted")
    stamp_s = monotonic_s - max(0.0, now - seconds(message.stamp))
    rows = zip(message.robot, message.level, message.age_s, message.x, message.y, message.yaw, strict=True)
    return [
        RobotFix(robot, PoseFix(x, y, yaw, tuple(message.covariance[9 * i : 9 * i + 9]), stamp_s - age_s, level))
        for i, (robot, level, age_s, x, y, yaw) in enumerate(rows)
    ]
