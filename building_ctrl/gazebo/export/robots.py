"""Robots as models: two driven wheels, two casters, a body as wide as the footprint, a lidar where asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from building_ctrl.gazebo.export import bits, colours
from building_ctrl.gazebo.names import BASE_LINK, WHEEL_JOINTS, WHEEL_LINKS, RobotEntry
from building_ctrl.gazebo.world import Box, Cylinder, Inertia, Joint, Link, Model, Part, Pose, Sphere, Surface
from building_ctrl.sim.spawns import ScenarioRobot

BODY_KG = 40.0
WHEEL_KG = 2.0
WHEEL_RADIUS_SHARE = 0.27  # of the footprint's radius
TRACK_SHARE = 1.30
CLEARANCE_M = 0.03
BODY_HEIGHT_M = 0.32
CASTER_M = 0.025
CASTER_SHARE = 0.72
CASTER_LIFT_M = 0.0005  # casters hang this far above the floor, so that the wheels carry
MAX_TORQUE_NM = 12.0
TOP_SPEED_MPS = 2.0
START_HEIGHT_M = 0.002


def robot_entries(
    robots: Sequence[ScenarioRobot], tokens: Mapping[str, str], elevations: Mapping[str, float], lidar: bool
) -> tuple[RobotEntry, ...]:
    """What is known of each robot from its place and its footprint."""
    return tuple(
        RobotEntry(
            name=robot.name,
            fleet=robot.fleet,
            model=f"robot_{tokens[robot.name]}",
            level=robot.level,
            x_m=robot.x_m,
            y_m=robot.y_m,
            z_m=elevations[robot.level],
            yaw_rad=robot.yaw_rad,
            radius_m=robot.radius_m,
            wheel_radius_m=round(WHEEL_RADIUS_SHARE * robot.radius_m, 6),
            wheel_separation_m=round(TRACK_SHARE * robot.radius_m, 6),
            max_torque_nm=MAX_TORQUE_NM,
            max_wheel_speed_radps=TOP_SPEED_MPS / (WHEEL_RADIUS_SHARE * robot.radius_m),
            lidar=lidar,
        )
        for robot in robots
    )


def robot_model(robot: RobotEntry, number: int) -> Model:
    """The robot's model at its place."""
    links = [_base(robot, number)]
    joints = []
    for side, link, joint in zip((1.0, -1.0), WHEEL_LINKS, WHEEL_JOINTS, strict=True):
        links.append(_wheel(link, robot, side))
        joints.append(
            Joint(
                joint,
                BASE_LINK,
                link,
                (0.0, 1.0, 0.0),
                max_speed=robot.max_wheel_speed_radps,
                max_effort=robot.max_torque_nm,
            )
        )
    pose = Pose(robot.x_m, robot.y_m, robot.z_m + START_HEIGHT_M, yaw_rad=robot.yaw_rad)
    return Model(robot.model, tuple(links), tuple(joints), pose, robot=robot)


def _base(robot: RobotEntry, number: int) -> Link:
    radius = robot.radius_m
    middle = CLEARANCE_M + BODY_HEIGHT_M / 2.0
    top = CLEARANCE_M + BODY_HEIGHT_M
    hard = Surface(bits.ROBOT, friction=0.2)
    slippery = Surface(bits.ROBOT, friction=0.0, soft=True)
    parts = [
        Part("body", Cylinder(radius, BODY_HEIGHT_M), Pose(z_m=middle), None, hard),
        Part("shell", Cylinder(0.96 * radius, BODY_HEIGHT_M - 0.1), Pose(z_m=middle + 0.05), colours.robot(number)),
        Part("bumper", Cylinder(radius, 0.1), Pose(z_m=CLEARANCE_M + 0.05), colours.BUMPER),
        Part("nose", Box(0.5 * radius, 0.12 * radius, 0.02), Pose(0.6 * radius, 0.0, top + 0.01), colours.NOSE),
    ]
    for name, x in (("caster_front", CASTER_SHARE * radius), ("caster_back", -CASTER_SHARE * radius)):
        pose = Pose(x, 0.0, CASTER_M + CASTER_LIFT_M)
        parts.append(Part(name, Sphere(CASTER_M), pose, colours.TYRE, slippery))
    lidar_height = 0.0
    if robot.lidar:
        parts.append(Part("scanner", Cylinder(0.05, 0.07), Pose(z_m=top + 0.035), colours.BUMPER))
        lidar_height = top + 0.04
    # The mass lies low, as batteries and motors do: braking does not tip the robot onto its casters.
    moment = BODY_KG * (3.0 * radius**2 + BODY_HEIGHT_M**2) / 12.0
    inertia = Inertia(BODY_KG, (moment, moment, BODY_KG * radius**2 / 2.0), (0.0, 0.0, 0.10))
    return Link(BASE_LINK, tuple(parts), inertia=inertia, lidar_height_m=lidar_height)


def _wheel(name: str, robot: RobotEntry, side: float) -> Link:
    """A wheel touches the floor in one point, as the sphere does by which it is felt."""
    radius, width = robot.wheel_radius_m, 0.04
    across = WHEEL_KG * (3.0 * radius**2 + width**2) / 12.0
    return Link(
        name,
        (
            Part("tread", Sphere(radius), surface=Surface(bits.ROBOT, friction=1.0, soft=True)),
            Part("tyre", Cylinder(radius, width), Pose(roll_rad=math.pi / 2.0), colours.TYRE),
        ),
        Pose(0.0, side * robot.wheel_separation_m / 2.0, radius),
        Inertia(WHEEL_KG, (across, WHEEL_KG * radius**2 / 2.0, across)),
    )
