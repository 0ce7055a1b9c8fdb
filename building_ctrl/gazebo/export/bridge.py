"""What ros_gz_bridge has to pass between gz-sim and ROS 2, as its YAML."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from building_ctrl.gazebo.names import WorldIndex, joint_state_topic


@dataclass(frozen=True, slots=True)
class BridgedTopic:
    """One topic of the same name on both sides."""

    topic: str
    ros_type: str
    gz_type: str
    to_gz: bool


def bridged_topics(index: WorldIndex) -> tuple[BridgedTopic, ...]:
    """All topics of a world: the clock, robots, then joints."""
    found = [BridgedTopic("/clock", "rosgraph_msgs/msg/Clock", "gz.msgs.Clock", False)]
    for robot in index.robots:
        found.append(BridgedTopic(robot.velocity_topic, "geometry_msgs/msg/Twist", "gz.msgs.Twist", True))
        found.append(BridgedTopic(robot.odometry_topic, "nav_msgs/msg/Odometry", "gz.msgs.Odometry", False))
        if robot.lidar:
            found.append(BridgedTopic(robot.scan_topic, "sensor_msgs/msg/LaserScan", "gz.msgs.LaserScan", False))
    for joint in index.joints:
        found.append(BridgedTopic(joint.command_topic, "std_msgs/msg/Float64", "gz.msgs.Double", True))
    for model in dict.fromkeys(joint.model for joint in index.joints):
        found.append(BridgedTopic(joint_state_topic(model), "sensor_msgs/msg/JointState", "gz.msgs.Model", False))
    return tuple(found)


def bridge_yaml(index: WorldIndex) -> str:
    """The bridge's configuration."""
    rows = [
        {
            "ros_topic_name": row.topic,
            "gz_topic_name": row.topic,
            "ros_type_name": row.ros_type,
            "gz_type_name": row.gz_type,
            "direction": "ROS_TO_GZ" if row.to_gz else "GZ_TO_ROS",
        }
        for row in bridged_topics(index)
    ]
    return yaml.safe_dump(rows, sort_keys=False)
