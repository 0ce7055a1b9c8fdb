"""What path planners tell each other: core types to messages and back."""

from __future__ import annotations

from typing import Any

from building_ctrl_msgs import msg as own

from building_ctrl.model.path import DestinationRequest
from building_ctrl.model.shard import Handover, HandoverPhase, ShardState
from building_ctrl.nodes.convert import time_msg


def shard_state_msg(state: ShardState, now: float) -> own.ShardState:
    return own.ShardState(
        stamp=time_msg(now),
        planner=state.planner,
        epoch=state.epoch,
        seq=state.seq,
        levels=list(state.levels),
        robots=list(state.robots),
        handovers=[_handover_msg(row) for row in state.handovers],
    )


def shard_state(message: Any) -> ShardState:
    """Raises ValueError for a phase that is not known."""
    return ShardState(
        planner=message.planner,
        epoch=int(message.epoch),
        seq=int(message.seq),
        levels=tuple(message.levels),
        robots=tuple(message.robots),
        handovers=tuple(_handover(row) for row in message.handovers),
    )


def _handover_msg(row: Handover) -> own.Handover:
    request = row.request
    return own.Handover(
        id=row.handover_id,
        robot=row.robot,
        fleet=row.fleet,
        from_level=row.from_level,
        to_level=row.to_level,
        lift=row.lift,
        graph_mask=row.graph_mask,
        phase=int(row.phase),
        reason=row.reason,
        task_id=request.task_id if request else "",
        destination_level=request.level if request else "",
        destination=request.place if request else "",
        request_age_s=row.request_age_s,
    )


def _handover(row: Any) -> Handover:
    request = DestinationRequest(row.fleet, row.robot, row.destination_level, row.destination, row.task_id)
    return Handover(
        handover_id=row.id,
        robot=row.robot,
        fleet=row.fleet,
        from_level=row.from_level,
        to_level=row.to_level,
        lift=row.lift,
        graph_mask=int(row.graph_mask),
        phase=HandoverPhase(row.phase),
        reason=row.reason,
        request=request if row.destination else None,
        request_age_s=float(row.request_age_s),
    )
