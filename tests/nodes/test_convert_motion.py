"""Requests to robots, driving by hand and pose fixes as messages."""

from __future__ import annotations

import pytest

from building_ctrl.model.robot_request import (
    RequestStatus,
    RobotRequest,
    RobotRequestKind,
    RobotRequestState,
    StopCategory,
)

own = pytest.importorskip("building_ctrl_msgs.msg", reason="needs the interface packages of a ROS 2 environment")


def test_requests_and_their_states_come_through() -> None:
    from building_ctrl.nodes import convert_motion

    request = RobotRequest("q1", "r1", RobotRequestKind.E_STOP, StopCategory.UNCONTROLLED, "Kim", "smoke")
    assert convert_motion.robot_request(convert_motion.robot_request_msg(request, 5.0)) == request
    state = RobotRequestState(
        RobotRequest("q1", "r1", RobotRequestKind.PAUSE, who="Kim", why="w"), RequestStatus.REFUSED, "no", 4.5, True
    )
    assert convert_motion.robot_request_states(convert_motion.robot_request_states_msg("g", [state], 5.0)) == [state]


def test_a_stop_without_an_id_gets_one_and_nonsense_is_refused() -> None:
    from building_ctrl.nodes import convert_motion

    nameless = convert_motion.robot_request(own.RobotRequest(robot="r1", kind=3, stop_category=1))
    assert nameless.request_id and nameless.kind is RobotRequestKind.E_STOP
    with pytest.raises(ValueError, match="77"):
        convert_motion.robot_request(own.RobotRequest(request_id="q", robot="r1", kind=77))


def test_fixes_are_dated_on_the_gateway_s_clock() -> None:
    from building_ctrl.nodes import convert_motion
    from building_ctrl.nodes.convert import time_msg

    message = own.RobotPoseFixes(
        stamp=time_msg(1000.0), source="cameras", robot=["r1"], level=["L2"], age_s=[0.25], x=[1.0], y=[2.0], yaw=[0.5],
        covariance=[float(i) for i in range(9)],
    )  # fmt: skip
    (fix,) = convert_motion.robot_fixes(message, 1000.5, 70.5)
    assert fix.robot == "r1" and fix.fix.level == "L2" and fix.fix.stamp_s == pytest.approx(69.75)
    assert tuple(fix.fix.covariance) == tuple(range(9))
    message.covariance = [1.0]
    with pytest.raises(ValueError, match="covariance"):
        convert_motion.robot_fixes(message, 1000.5, 70.5)
