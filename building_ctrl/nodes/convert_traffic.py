"""Rules of the traffic between `model.traffic` and messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from building_ctrl_msgs import msg as own
from rmf_fleet_msgs import msg as rmf_fleet

from building_ctrl.model.traffic import FOR_GOOD, Closure, LaneRequest, LaneRules, SpeedLimitRequest
from building_ctrl.nodes.convert import seconds, time_msg


def lane_request(message: Any) -> LaneRequest:
    return LaneRequest(
        message.fleet_name,
        open=tuple(int(lane) for lane in message.open_lanes),
        close=tuple(int(lane) for lane in message.close_lanes),
    )


def speed_limit_request(message: Any) -> SpeedLimitRequest:
    return SpeedLimitRequest(
        message.fleet_name,
        limits=tuple((int(row.lane_index), float(row.speed_limit)) for row in message.speed_limits),
        remove=tuple(int(lane) for lane in message.remove_limits),
    )


def closed_lanes_msg(rules: LaneRules) -> rmf_fleet.ClosedLanes:
    return rmf_fleet.ClosedLanes(fleet_name=rules.fleet, closed_lanes=list(rules.closed))


def closure(message: Any) -> Closure:
    """Raises ValueError when its arrays differ in length."""
    return Closure(
        name=message.name,
        level=message.level,
        points=tuple((float(x), float(y)) for x, y in zip(message.x, message.y, strict=True)),
        requester=message.requester,
        reason=message.reason,
        closed_s=seconds(message.closed),
        until_s=seconds(message.until) or FOR_GOOD,
    )


def closure_msg(row: Closure) -> own.Closure:
    return own.Closure(
        name=row.name,
        level=row.level,
        x=[x for x, _ in row.points],
        y=[y for _, y in row.points],
        requester=row.requester,
        reason=row.reason,
        closed=time_msg(row.closed_s),
        until=time_msg(row.until_s),
    )


def closures_msg(
    planner: str, rows: Iterable[Closure], refused: Iterable[tuple[str, str]], now: float
) -> own.Closures:
    """refused: (name, reason) of closures asked for lately and refused."""
    refusals = list(refused)
    return own.Closures(
        stamp=time_msg(now),
        planner=planner,
        closures=[closure_msg(row) for row in rows],
        refused=[name for name, _ in refusals],
        refused_reason=[reason for _, reason in refusals],
    )
