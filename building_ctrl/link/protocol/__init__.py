"""The protocol of the robot link, without sockets and clock; docs/reference/robot-protocol.md describes
it."""

from building_ctrl.link.protocol.clock import ClockFilter
from building_ctrl.link.protocol.codec import ProtocolError, decode_from_gateway, decode_from_robot, encode
from building_ctrl.link.protocol.gateway import GatewaySession, LinkParameters
from building_ctrl.link.protocol.robot import RobotReport, RobotSession, SetPoint, StopRamp

__all__ = [
    "ClockFilter",
    "GatewaySession",
    "LinkParameters",
    "ProtocolError",
    "RobotReport",
    "RobotSession",
    "SetPoint",
    "StopRamp",
    "decode_from_gateway",
    "decode_from_robot",
    "encode",
]
