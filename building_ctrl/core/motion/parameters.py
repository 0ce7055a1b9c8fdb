"""Parameters of the pilot."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from enum import IntFlag
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Hold(IntFlag):
    """Why a robot has to stand although its path goes on."""

    PAUSED = 1
    E_STOP = 2
    MANUAL = 4
    ROBOT = 8
    PLANNER = 16


@dataclass(frozen=True, slots=True)
class PilotParameters:
    """Times, tolerances and margins.

    `watchdog_s` is how long a robot may go on obeying a command, counted from the pose the command was based
    on; `pose_limit_s` is the age at which a pose no longer allows driving; `downlink_s` the expected time
    from command to robot; `actuation_s` from set point to motion. `separation` of robots rests on
    `tracking_error_m`.
    """

    watchdog_s: float = 0.30
    pose_limit_s: float = 0.25
    downlink_s: float = 0.01
    actuation_s: float = 0.05
    prediction_limit_s: float = 0.30
    arrival_m: float = 0.05
    reached_m: float = 0.08
    stop_margin_m: float = 0.02
    tracking_error_m: float = 0.10
    off_path_m: float = 0.50
    corner_rad: float = 0.35
    aligned_rad: float = 0.05
    braking_share: float = 0.8
    lookahead_min_m: float = 0.30
    lookahead_s: float = 0.60
    gate_state_limit_s: float = 5.0
    entered_m: float = 0.60
    left_m: float = 0.50

    def record(self) -> NDArray[Any]:
        """The same as a structured array (1,), for compiled code."""
        dtype = np.dtype([(f.name, np.float64) for f in fields(self)])
        return np.array([astuple(self)], dtype=dtype)


DEFAULT_PILOT = PilotParameters()
