"""The contract between the platform's simulated hardware and whichever Gazebo moves it.

A world has robots with two driven wheels and joints with motors. It answers every command with a frame: what
is true after the time that the command was in force. Element i of every array is robot or joint i of the
drives the world was opened with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


class WorldError(RuntimeError):
    """The world cannot be opened or has gone; the text says why and what to do, in one line."""


@dataclass(frozen=True, slots=True)
class BodyDrive:
    """How a robot is driven: its model, its wheels, and what its motor controller allows.

    `braking_mps2` bounds slowing down; a positive velocity of both wheel joints drives forward.
    """

    model: str
    left_joint: str
    right_joint: str
    wheel_radius_m: float
    track_m: float
    acceleration_mps2: float = 0.9
    braking_mps2: float = 1.5
    yaw_acceleration_radps2: float = 4.0
    max_speed_mps: float = 1.2
    max_yaw_rate_radps: float = 1.8
    torque_nm: float = 30.0


@dataclass(frozen=True, slots=True)
class JointDrive:
    """A joint with a motor: a door's leaf, a cabin. `effort` is what the motor gives at most (N or N m)."""

    model: str
    joint: str
    effort: float


@dataclass(frozen=True, slots=True)
class Drives:
    """Everything that moves by command."""

    bodies: tuple[BodyDrive, ...]
    joints: tuple[JointDrive, ...]


@dataclass(frozen=True, slots=True)
class WorldCommand:
    """What the motors have to do until the next command.

    bodies (n, 2): v_mps, w_radps. joints (j, 3): position, velocity there, and the most speed on the way, in
    metres or radians and seconds; a motor runs to the position, which itself moves with the velocity.
    """

    bodies: Float
    joints: Float


@dataclass(frozen=True, slots=True)
class Contact:
    """Two things that touched since the last frame, by index of the robot; `other` is -1 where it is no
    robot, `what` then names it."""

    robot: int
    other: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class WorldFrame:
    """What is true at a time of the world.

    pose (n, 6): x_m, y_m, z_m, roll_rad, pitch_rad, yaw_rad of the robots' models. twist (n, 3): forward speed,
    sideways speed (both in the robot's own frame), yaw rate. joints (j, 2): position, velocity.
    """

    time_s: float
    pose: Float
    twist: Float
    joints: Float
    contacts: tuple[Contact, ...] = ()


class WorldPort(Protocol):
    """A world that is running. One thread uses it."""

    def turn(self, command: WorldCommand) -> WorldFrame | None:
        """Put a command in force and return the newest frame.

        In lockstep the world moves by one period and this waits for it. In real time the world moves on by
        itself, and None means that there is nothing new. Raises WorldError when the world has gone.
        """

    def close(self) -> None:
        """End the world. May be repeated."""
