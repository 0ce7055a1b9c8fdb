"""The console as a ROS 2 node: topics into its picture, commands onto the topics everybody uses, HTTP beside it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvicorn
from rclpy.utilities import remove_ros_args
from rmf_task_msgs.msg import ApiRequest

from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.console.app import create_app
from building_ctrl.console.context import Context, NoAnswer
from building_ctrl.console.guard import LOOPBACK_HOSTS
from building_ctrl.console.picture import Picture
from building_ctrl.console.robot_table import RobotTable, from_columns
from building_ctrl.console.server import PortInUse, WebServer
from building_ctrl.core.task import Places
from building_ctrl.nodes import convert
from building_ctrl.nodes.shell import Shell, node_parser, start_logging

ANSWER_S = 5.0

log = logging.getLogger("console")
