"""Between what a person says of a robot and its ROS message."""

from __future__ import annotations

from typing import Any

from building_ctrl_msgs import msg as own

from building_ctrl.model.held import ClearAction, ClearRequest
from building_ctrl.nodes.convert import time_msg


def clear_request_msg(request: ClearRequest, now: float) -> own.RobotClearRequest:
    return own.RobotClearRequest(
        stamp=time_msg(now), robot=request.robot, action=int(request.action), person=request.person
    )


def clear_request(message: Any) -> ClearRequest:
    """Raises ValueError for an action that is not known."""
    return ClearRequest(message.robot, ClearAction(message.action), message.person)
