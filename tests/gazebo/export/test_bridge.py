"""What passes between gz-sim and ROS 2."""

from __future__ import annotations

import yaml

from building_ctrl.gazebo.export.bridge import bridge_yaml
from building_ctrl.gazebo.export.building import describe
from building_ctrl.gazebo.world import WorldOptions
from building_ctrl.model.building import DoorKind

from .worlds import building, door, lift, robot

TO, FROM = "ROS_TO_GZ", "GZ_TO_ROS"


def rows(text: str) -> list[tuple[str, str, str, str]]:
    found = yaml.safe_load(text)
    assert all(row["ros_topic_name"] == row["gz_topic_name"] for row in found)
    return [(row["ros_topic_name"], row["ros_type_name"], row["gz_type_name"], row["direction"]) for row in found]


def test_robots_doors_and_the_clock() -> None:
    index = describe(building(doors=(door(DoorKind.HINGED),)), [robot("r-1")], WorldOptions(lidar=True)).index
    assert rows(bridge_yaml(index)) == [
        ("/clock", "rosgraph_msgs/msg/Clock", "gz.msgs.Clock", FROM),
        ("/model/robot_r_1/cmd_vel", "geometry_msgs/msg/Twist", "gz.msgs.Twist", TO),
        ("/model/robot_r_1/odometry", "nav_msgs/msg/Odometry", "gz.msgs.Odometry", FROM),
        ("/model/robot_r_1/scan", "sensor_msgs/msg/LaserScan", "gz.msgs.LaserScan", FROM),
        ("/model/door_front_door/joint/leaf_1_joint/cmd_pos", "std_msgs/msg/Float64", "gz.msgs.Double", TO),
        ("/model/door_front_door/joint_state", "sensor_msgs/msg/JointState", "gz.msgs.Model", FROM),
    ]


def test_lifts() -> None:
    found = rows(bridge_yaml(describe(building(lift()), ()).index))
    told = [topic for topic, _, _, direction in found if direction == TO]
    assert "/model/lift_lift_A/joint/cabin_joint/cmd_vel" in told
    assert "/model/landing_lift_A/joint/door_2_L3_leaf_1_joint/cmd_pos" in told
    assert [topic for topic, _, _, direction in found if direction == FROM] == [
        "/clock",
        "/model/lift_lift_A/joint_state",
        "/model/landing_lift_A/joint_state",
    ]
    assert len(set(found)) == len(found)


def test_without_lidar_nothing_is_scanned() -> None:
    assert "scan" not in bridge_yaml(describe(building(), [robot()]).index)
