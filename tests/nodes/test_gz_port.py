"""A world behind a bridge, played by a node that speaks the bridge's topics, moves robots, leaves and cabins."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
import rclpy
from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64

from building_ctrl.gazebo.export.bridge import bridged_topics
from building_ctrl.gazebo.export.building import describe
from building_ctrl.gazebo.names import WorldIndex
from building_ctrl.gazebo.world_port import WorldCommand, WorldError, WorldFrame
from building_ctrl.model.building import Building, Door, DoorKind, Lane, Level, Lift, LiftDoor, Vertex
from building_ctrl.nodes.gz_port import START_S, GzPort
from building_ctrl.sim.spawns import ScenarioRobot

pytestmark = pytest.mark.e2e

DEADLINE_S = 40.0
TICK_S = 0.04
TYPES = {
    "geometry_msgs/msg/Twist": Twist,
    "nav_msgs/msg/Odometry": Odometry,
    "sensor_msgs/msg/JointState": JointState,
    "std_msgs/msg/Float64": Float64,
}


def index() -> WorldIndex:
    vertices = (Vertex(0, 0.0, 0.0), Vertex(1, 10.0, 10.0))
    door = Door("d", "L1", DoorKind.SLIDING, (0.0, 5.0), (1.0, 5.0))
    levels = tuple(
        Level(name, z, vertices, (Lane(0, 0, 1),), doors=(door,) if z == 0 else ())
        for name, z in (("L1", 0.0), ("L2", 4.0))
    )
    opens = (("L1", ("front",)), ("L2", ("front",)))
    lift = Lift("a", 5.0, 5.0, 0.0, 2.0, 2.0, (LiftDoor("front", 0.0, -1.0, 0.0, 1.0),), opens, "L1", "L1")
    robot = ScenarioRobot("r1", "f", "L1", 0, 2.0, 2.0, 0.0, 1, 0.3)
    return describe(Building("b", levels, (lift,)), (robot,)).index


class BridgedWorld:
    """Speaks only topics of the bridge's configuration, of the bridge's types."""

    def __init__(self, node: Node, world: WorldIndex) -> None:
        self.index = world
        self.stamp_s = 100.0
        self.x_m = 2.0
        self.twist = Twist()
        self.position = {joint.key: 0.0 for joint in world.joints}
        self.told = {joint.key: math.nan for joint in world.joints}
        self._send: dict[str, Any] = {}
        commands: dict[str, Callable[[Any], None]] = {world.robots[0].velocity_topic: self._on_twist}
        commands |= {joint.command_topic: partial(self._on_joint, joint.key) for joint in world.joints}
        for row in bridged_topics(world):
            if row.to_gz:
                node.create_subscription(TYPES[row.ros_type], row.topic, commands[row.topic], 10)
            elif row.ros_type in TYPES:
                self._send[row.topic] = node.create_publisher(TYPES[row.ros_type], row.topic, 10)

    def _on_twist(self, message: Any) -> None:
        self.twist = message

    def _on_joint(self, key: str, message: Any) -> None:
        self.told[key] = message.data

    def tick(self) -> None:
        """Move everything by TICK_S and tell it."""
        self.stamp_s += TICK_S
        self.x_m += self.twist.linear.x * TICK_S
        for joint in self.index.joints:
            told = self.told[joint.key]
            if math.isnan(told):
                continue
            at = self.position[joint.key]
            step = told * TICK_S if joint.by_speed else min(max(told - at, -0.1), 0.1)
            self.position[joint.key] = min(max(at + step, joint.lower), joint.upper)
        robot = self.index.robots[0]
        odometry = Odometry()
        self._stamp(odometry.header)
        odometry.pose.pose.position.x, odometry.pose.pose.position.y = self.x_m, 2.0
        odometry.twist.twist.linear.x = self.twist.linear.x
        self._send[robot.odometry_topic].publish(odometry)
        for model in dict.fromkeys(joint.model for joint in self.index.joints):
            state = JointState()
            self._stamp(state.header)
            mine = [joint for joint in self.index.joints if joint.model == model]
            state.name = [joint.joint for joint in mine]
            state.position = [self.position[joint.key] for joint in mine]
            state.velocity = [0.0] * len(mine)
            self._send[f"/model/{model}/joint_state"].publish(state)

    def _stamp(self, header: Any) -> None:
        header.stamp.sec = int(self.stamp_s)
        header.stamp.nanosec = int((self.stamp_s % 1.0) * 1e9)


class Stage:
    """Both nodes, turned by the test's own thread."""

    def __init__(self, context: Context) -> None:
        self.node = Node("port", context=context)
        bridge = Node("bridge", context=context)
        self.index = index()
        self.world = BridgedWorld(bridge, self.index)
        self.executor = SingleThreadedExecutor(context=context)
        for node in (self.node, bridge):
            self.executor.add_node(node)
        self.now_s = 0.0
        self.port = GzPort(self.node, self.index, lambda: self.now_s)
        self.port.open()

    def until(self, condition: Callable[[WorldFrame], bool], command: WorldCommand) -> WorldFrame:
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            self.now_s += TICK_S
            self.world.tick()
            self.executor.spin_once(timeout_sec=0.005)
            while (frame := self.port.turn(command)) is not None:
                if condition(frame):
                    return frame
            for _ in range(20):
                self.executor.spin_once(timeout_sec=0.0)
        raise AssertionError(f"nothing came of it within {DEADLINE_S:g} s")


@pytest.fixture
def stage() -> Iterator[Stage]:
    context = Context()
    rclpy.init(context=context, domain_id=100 + (os.getpid() + 1) % 100)
    stage = Stage(context)
    try:
        yield stage
    finally:
        stage.executor.shutdown()
        rclpy.try_shutdown(context=context)


def command(world: WorldIndex, v_mps: float = 0.0, opening: float = 0.0, cabin_m: float = 0.0) -> WorldCommand:
    rows = [
        (cabin_m, 0.0, 1.0) if joint.by_speed else (opening * joint.travel, 0.0, joint.max_speed)
        for joint in world.joints
    ]
    return WorldCommand(np.array([[v_mps, 0.0]]), np.array(rows))


def test_robots_drive_doors_open_and_cabins_rise(stage: Stage) -> None:
    slots = {joint.key: slot for slot, joint in enumerate(stage.index.joints)}
    cabin, leaf = slots["lift_a/cabin_joint"], slots["door_d/leaf_1_joint"]
    frame = stage.until(
        lambda f: f.pose[0, 0] > 2.5 and abs(f.joints[cabin, 0] - 2.0) < 0.004 and f.joints[leaf, 0] > 0.99,
        command(stage.index, 0.5, 1.0, 2.0),
    )
    assert frame.twist[0, 0] == pytest.approx(0.5)
    leaves = [slot for slot, joint in enumerate(stage.index.joints) if not joint.by_speed]
    assert all(frame.joints[slot, 0] > 0.9 * stage.index.joints[slot].travel for slot in leaves)


def test_closing_stops_robots_and_cabins(stage: Stage) -> None:
    stage.until(lambda f: f.pose[0, 0] > 2.2, command(stage.index, 0.5, 0.0, 3.0))
    assert stage.world.told["lift_a/cabin_joint"] != 0.0
    stage.port.close()
    deadline = time.monotonic() + DEADLINE_S
    while stage.world.twist.linear.x or stage.world.told["lift_a/cabin_joint"]:
        assert time.monotonic() < deadline
        stage.executor.spin_once(timeout_sec=0.05)


def test_a_world_that_says_nothing_is_an_error_in_one_line(stage: Stage) -> None:
    assert stage.port.turn(command(stage.index)) is None
    stage.now_s = START_S + 1.0
    with pytest.raises(WorldError, match=r"door_d .*bridge\.yaml"):
        stage.port.turn(command(stage.index))
