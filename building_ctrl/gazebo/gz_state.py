"""What a gz-sim world has told, as frames, and what its topics have to be told, from commands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from building_ctrl.gazebo.names import WorldIndex
from building_ctrl.gazebo.world_port import Contact, Float, WorldCommand, WorldFrame
from building_ctrl.sim.shapes import convex_gap, placed

CATCH_UP_PER_S = 4.0  # of a cabin's distance from where it should be
TOUCH_HEIGHT_M = 0.3
REPEAT_S = 1.0


@dataclass(frozen=True, slots=True)
class Odometry:
    """True state of a robot: pose in the building's frame, twist in the robot's own."""

    stamp_s: float
    x_m: float
    y_m: float
    z_m: float
    quaternion: tuple[float, float, float, float]  # x, y, z, w
    forward_mps: float
    sideways_mps: float
    yaw_rate_radps: float


class GzState:
    """The newest of everything a world has told. Element i is robot or joint i of the index."""

    def __init__(self, index: WorldIndex) -> None:
        self.index = index
        n = len(index.robots)
        self._pose: Float = np.zeros((n, 6))
        self._twist: Float = np.zeros((n, 3))
        self._joints: Float = np.zeros((len(index.joints), 2))
        self._slots = {(joint.model, joint.joint): slot for slot, joint in enumerate(index.joints)}
        self._radius = np.array([robot.radius_m for robot in index.robots])
        self._footprints = [
            (np.array(robot.corners or ((0.0, 0.0),)), 0.0 if robot.corners else robot.radius_m)
            for robot in index.robots
        ]
        self._unheard = {robot.model for robot in index.robots} | {joint.model for joint in index.joints}
        self._newest_s = 0.0
        self._given_s = -math.inf
        self._zero_s: float | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Models that have not told anything yet."""
        return tuple(sorted(self._unheard))

    def heard_robot(self, robot: int, odometry: Odometry) -> None:
        """A robot's true state; one that is not finite is dropped."""
        roll, pitch, yaw = euler(odometry.quaternion)
        pose = (odometry.x_m, odometry.y_m, odometry.z_m, roll, pitch, yaw)
        twist = (odometry.forward_mps, odometry.sideways_mps, odometry.yaw_rate_radps)
        if all(math.isfinite(value) for value in (*pose, *twist)):
            self._pose[robot], self._twist[robot] = pose, twist
            self._heard(self.index.robots[robot].model, odometry.stamp_s)

    def heard_joints(
        self, model: str, stamp_s: float, names: Sequence[str], positions: Sequence[float], speeds: Sequence[float]
    ) -> None:
        """Joints of a model; those the index does not know are ignored. `speeds` may be empty."""
        padded = speeds if len(speeds) == len(positions) else [0.0] * len(positions)
        for name, position, speed in zip(names, positions, padded, strict=False):
            slot = self._slots.get((model, name))
            if slot is not None and math.isfinite(position) and math.isfinite(speed):
                self._joints[slot] = (position, speed)
        self._heard(model, stamp_s)

    def frame(self) -> WorldFrame | None:
        """What is true now; None while something is missing or nothing is newer than the last frame. Time begins
        with the first frame."""
        if self._unheard or self._newest_s <= self._given_s:
            return None
        self._given_s = self._newest_s
        if self._zero_s is None:
            self._zero_s = self._newest_s
        time_s = self._newest_s - self._zero_s
        return WorldFrame(time_s, self._pose.copy(), self._twist.copy(), self._joints.copy(), self._contacts())

    def joint_values(self, command: WorldCommand) -> Float:
        """What each joint's topic has to be told, (j,): a speed for joints driven by speed, a position for others."""
        values: Float = command.joints[:, 0].copy()
        for slot, joint in enumerate(self.index.joints):
            position, speed, most = command.joints[slot]
            if joint.by_speed:
                wanted = speed + CATCH_UP_PER_S * (position - self._joints[slot, 0])
                values[slot] = min(max(wanted, -most), most)
            elif most <= 0.0:
                values[slot] = self._joints[slot, 0]
        return values

    def _heard(self, model: str, stamp_s: float) -> None:
        self._unheard.discard(model)
        self._newest_s = max(self._newest_s, stamp_s)

    def _contacts(self) -> tuple[Contact, ...]:
        """Robots whose footprints overlap, as the bridge passes no contacts."""
        if len(self._pose) < 2:
            return ()
        d = self._pose[:, None, :3] - self._pose[None, :, :3]
        near = np.hypot(d[:, :, 0], d[:, :, 1]) < self._radius[:, None] + self._radius[None, :]
        near &= np.abs(d[:, :, 2]) < TOUCH_HEIGHT_M
        pairs = np.argwhere(np.triu(near, 1)).tolist()
        return tuple(Contact(a, b) for a, b in pairs if self._overlap(a, b))

    def _overlap(self, a: int, b: int) -> bool:
        """Whether the footprints of two robots near each other overlap where one of them is no circle."""
        (first, first_m), (second, second_m) = self._footprints[a], self._footprints[b]
        placed_a = placed(first, *self._pose[a, [0, 1, 5]].tolist())
        placed_b = placed(second, *self._pose[b, [0, 1, 5]].tolist())
        return float(convex_gap(placed_a, placed_b)) < first_m + second_m


def euler(quaternion: tuple[float, float, float, float]) -> tuple[float, float, float]:
    """Fixed-axis roll, pitch, yaw of a quaternion x, y, z, w."""
    x, y, z, w = quaternion
    roll = math.atan2(2.0 * (w * x + y * z), 1.0 - 2.0 * (x * x + y * y))
    pitch = math.asin(min(1.0, max(-1.0, 2.0 * (w * y - z * x))))
    yaw = math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
    return roll, pitch, yaw
