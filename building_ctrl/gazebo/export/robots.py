"""Robots as models: two driven wheels, two casters, a body as wide as the footprint, a lidar where asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from building_ctrl.building.geometry import Point, point_segment_m
from building_ctrl.gazebo.export import bits, colours
from building_ctrl.gazebo.names import BASE_LINK, WHEEL_JOINTS, WHEEL_LINKS, RobotEntry
from building_ctrl.gazebo.world import (
    Box,
    Cylinder,
    Inertia,
    Joint,
    Link,
    Model,
    Part,
    Pose,
    Prism,
    Rgba,
    Sphere,
    Surface,
)
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
            wheel_radius_m=round(WHEEL_RADIUS_SHARE * _inner_m(robot), 6),
            wheel_separation_m=round(TRACK_SHARE * _inner_m(robot), 6),
            max_torque_nm=MAX_TORQUE_NM,
            max_wheel_speed_radps=TOP_SPEED_MPS / (WHEEL_RADIUS_SHARE * _inner_m(robot)),
            lidar=lidar,
            corners=_corners(robot),
        )
        for robot in robots
    )


def _corners(robot: ScenarioRobot) -> tuple[Point, ...]:
    footprint = robot.footprint
    return () if footprint is None or footprint.is_circle else footprint.corners


def _inner_m(robot: ScenarioRobot) -> float:
    """Radius of the largest circle about the robot's origin that its footprint holds."""
    corners = _corners(robot)
    if not corners:
        return robot.radius_m
    return min(point_segment_m((0.0, 0.0), a, b) for a, b in pairwise((*corners, corners[0])))


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
    inner = robot.wheel_separation_m / TRACK_SHARE
    front, back = _reach(robot)
    top = CLEARANCE_M + BODY_HEIGHT_M
    slippery = Surface(bits.ROBOT, friction=0.0, soft=True)
    nose = Pose(front - 0.4 * inner, 0.0, top + 0.01)
    parts = [
        *_body(robot, colours.robot(number)),
        Part("nose", Box(0.5 * inner, 0.12 * inner, 0.02), nose, colours.NOSE),
    ]
    for name, x in (("caster_front", CASTER_SHARE * front), ("caster_back", -CASTER_SHARE * back)):
        pose = Pose(x, 0.0, CASTER_M + CASTER_LIFT_M)
        parts.append(Part(name, Sphere(CASTER_M), pose, colours.TYRE, slippery))
    lidar_height = 0.0
    if robot.lidar:
        parts.append(Part("scanner", Cylinder(0.05, 0.07), Pose(z_m=top + 0.035), colours.BUMPER))
        lidar_height = top + 0.04
    # The mass lies low, as batteries and motors do: braking does not tip the robot onto its casters.
    radius = robot.radius_m
    moment = BODY_KG * (3.0 * radius**2 + BODY_HEIGHT_M**2) / 12.0
    inertia = Inertia(BODY_KG, (moment, moment, BODY_KG * radius**2 / 2.0), (0.0, 0.0, 0.10))
    return Link(BASE_LINK, tuple(parts), inertia=inertia, lidar_height_m=lidar_height)


def _reach(robot: RobotEntry) -> tuple[float, float]:
    """How far the footprint goes ahead of the robot's origin and behind it."""
    if not robot.corners:
        return robot.radius_m, robot.radius_m
    ring = (*robot.corners, robot.corners[0])
    crossings = [a[0] - a[1] * (b[0] - a[0]) / (b[1] - a[1]) for a, b in pairwise(ring) if (a[1] > 0.0) != (b[1] > 0.0)]
    return max(crossings), -min(crossings)


def _body(robot: RobotEntry, colour: Rgba) -> list[Part]:
    """What touches others, exactly as wide as the footprint, and a lighter shell above a dark bumper."""
    hard = Surface(bits.ROBOT, friction=0.2)
    bumper, shell = 0.1, BODY_HEIGHT_M - 0.1
    if not robot.corners:
        radius, middle = robot.radius_m, CLEARANCE_M + BODY_HEIGHT_M / 2.0
        return [
            Part("body", Cylinder(radius, BODY_HEIGHT_M), Pose(z_m=middle), None, hard),
            Part("shell", Cylinder(0.96 * radius, shell), Pose(z_m=middle + bumper / 2.0), colour),
            Part("bumper", Cylinder(radius, bumper), Pose(z_m=CLEARANCE_M + bumper / 2.0), colours.BUMPER),
        ]
    within = tuple((0.96 * x, 0.96 * y) for x, y in robot.corners)
    return [
        Part("body", Prism((robot.corners,), BODY_HEIGHT_M), Pose(z_m=CLEARANCE_M), None, hard),
        Part("shell", Prism((within,), shell), Pose(z_m=CLEARANCE_M + bumper), colour),
        Part("bumper", Prism((robot.corners,), bumper), Pose(z_m=CLEARANCE_M), colours.BUMPER),
    ]


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
