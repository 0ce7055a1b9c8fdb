"""The robot's side of the link: everything a robot needs to be driven by building_ctrl."""

from building_ctrl.link.protocol import RobotReport, RobotSession, SetPoint, StopRamp
from building_ctrl.robot.client import RobotClient
from building_ctrl.robot.keys import RobotKeyError, RobotKeys, read_robot_keys

__all__ = [
    "RobotClient",
    "RobotKeyError",
    "RobotKeys",
    "RobotReport",
    "RobotSession",
    "SetPoint",
    "StopRamp",
    "read_robot_keys",
]
