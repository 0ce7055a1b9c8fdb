"""The robot's side of the link: everything a robot needs to be driven by building_ctrl."""

from building_ctrl.link.protocol import RobotReport, RobotSession, SetPoint, StopRamp
from building_ctrl.link.protocol.stream_sender import StreamSender
from building_ctrl.link.protocol.streams import Battery, Image, Scan, Stream, Wheels
from building_ctrl.robot.asynchronous import AsyncRobotClient
from building_ctrl.robot.client import RobotClient
from building_ctrl.robot.keys import RobotKeyError, RobotKeys, read_robot_keys

__all__ = [
    "AsyncRobotClient",
    "Battery",
    "Image",
    "RobotClient",
    "RobotKeyError",
    "RobotKeys",
    "RobotReport",
    "RobotSession",
    "Scan",
    "SetPoint",
    "StopRamp",
    "Stream",
    "StreamSender",
    "Wheels",
    "read_robot_keys",
]
