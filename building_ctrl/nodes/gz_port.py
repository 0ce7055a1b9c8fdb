"""A gz-sim world behind ros_gz_bridge, as a WorldPort: topics of ROS 2 on one side, frames on the other.

Its topics are those of the world's index, a set for each robot and model (building_ctrl/gazebo/names.py): they
belong to the bridge, not to the platform's table.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry as OdometryMsg
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64

from building_ctrl.gazebo.gz_state import GzState, Odometry
from building_ctrl.gazebo.names import WorldIndex, joint_state_topic
from building_ctrl.gazebo.world_port import Float, WorldCommand, WorldError, WorldFrame

PERIOD_S = 0.04
REPEAT_S = 1.0
START_S = 60.0


class GzPort:
    """One thread calls `turn`; the node's callbacks run in another."""

    def __init__(self, node: Node, index: WorldIndex, clock: Callable[[], float] = time.monotonic) -> None:
        self._node = node
        self._index = index
        self._clock = clock
        self._state = GzState(index)
        self._lock = threading.Lock()
        self._started_s = clock()
        self._sent_s = -np.inf
        self._told: Float = np.full(len(index.joints), np.nan)
        self._told_s: Float = np.full(len(index.joints), -np.inf)
        self._velocity = [node.create_publisher(Twist, robot.velocity_topic, 1) for robot in index.robots]
        self._joint = [node.create_publisher(Float64, joint.command_topic, 1) for joint in index.joints]
        self._closed = False

    def open(self) -> None:
        """Hear the world."""
        for i, robot in enumerate(self._index.robots):
            heard = partial(self._on_odometry, i)
            self._node.create_subscription(OdometryMsg, robot.odometry_topic, heard, qos_profile_sensor_data)
        for model in dict.fromkeys(joint.model for joint in self._index.joints):
            heard = partial(self._on_joints, model)
            self._node.create_subscription(JointState, joint_state_topic(model), heard, qos_profile_sensor_data)

    def turn(self, command: WorldCommand) -> WorldFrame | None:
        """Tell the world what is due and return what it has told. Raises WorldError while it has told nothing for
        START_S after the start."""
        now = self._clock()
        with self._lock:
            frame = self._state.frame()
            missing = self._state.missing
            values = self._state.joint_values(command)
        if missing:
            if now - self._started_s > START_S:
                raise WorldError(
                    f"gz-sim has not told the state of {missing[0]} ({len(missing)} models silent):"
                    " check that it runs this world and that ros_gz_bridge has its bridge.yaml"
                )
            return None
        if now - self._sent_s >= PERIOD_S:
            self._sent_s = now
            self._send(command, values, now)
        return frame

    def close(self) -> None:
        """Stop robots and cabins. May be repeated."""
        if self._closed:
            return
        self._closed = True
        for publisher in self._velocity:
            publisher.publish(Twist())
        for joint, publisher in zip(self._index.joints, self._joint, strict=True):
            if joint.by_speed:
                publisher.publish(Float64(data=0.0))

    def _send(self, command: WorldCommand, values: Float, now: float) -> None:
        for (v_mps, w_radps), publisher in zip(command.bodies.tolist(), self._velocity, strict=True):
            twist = Twist()
            twist.linear.x, twist.angular.z = v_mps, w_radps
            publisher.publish(twist)
        due = (np.abs(values - self._told) > 1e-6) | np.isnan(self._told) | (now - self._told_s >= REPEAT_S)
        for slot in np.nonzero(due)[0].tolist():
            self._joint[slot].publish(Float64(data=float(values[slot])))
            self._told[slot], self._told_s[slot] = values[slot], now

    def _on_odometry(self, robot: int, message: Any) -> None:
        at, turn, twist = message.pose.pose.position, message.pose.pose.orientation, message.twist.twist
        quaternion = (turn.x, turn.y, turn.z, turn.w)
        odometry = Odometry(
            _seconds(message.header.stamp), at.x, at.y, at.z, quaternion,
            twist.linear.x, twist.linear.y, twist.angular.z,
        )  # fmt: skip
        with self._lock:
            self._state.heard_robot(robot, odometry)

    def _on_joints(self, model: str, message: Any) -> None:
        with self._lock:
            self._state.heard_joints(
                model, _seconds(message.header.stamp), message.name, message.position, message.velocity
            )


def _seconds(stamp: Any) -> float:
    return float(stamp.sec) + 1e-9 * float(stamp.nanosec)
