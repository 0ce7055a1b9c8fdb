"""What the pilot answers."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class ReleaseResult(IntEnum):
    """What became of a released path."""

    TAKEN = 0
    NOTHING_NEW = 1
    UNKNOWN_ROBOT = 2
    OLD_EPOCH = 3
    GAP = 4
    BAD_WAYPOINT = 5
    OTHER_LEVEL = 6


class Commands(NamedTuple):
    """Velocities per robot index, (n,) each; `valid` is false where the newest pose is too old to drive by.

    The arrays belong to the pilot and are overwritten by the next step."""

    v_mps: Float
    w_radps: Float
    valid: Bools


class PilotStates(NamedTuple):
    """What is known per robot, (n,) each `robot` being the indices; x to speed are the newest pose as
    observed."""

    robot: Ints
    names: tuple[str, ...]
    levels: tuple[str, ...]
    x_m: Float
    y_m: Float
    yaw_rad: Float
    speed_mps: Float
    age_s: Float
    motion: NDArray[np.uint8]
    epoch: NDArray[np.uint64]
    reached_seq: NDArray[np.uint64]
    released_seq: NDArray[np.uint64]
    off_path: Bools
    has_pose: Bools
    hold: Ints
