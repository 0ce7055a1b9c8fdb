"""The pilot's memory: one row a robot, waypoints in rings, commands sent in rings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.motion.kernel import SENT, WAYPOINTS

Rows = NDArray[Any]
Float = NDArray[np.float64]

ROW = np.dtype(
    [
        ("active", np.bool_),
        ("has_pose", np.bool_),
        ("anchored", np.bool_),  # whether the point before the first waypoint is set
        ("turning", np.bool_),
        ("off_path", np.bool_),
        ("omni", np.bool_),
        ("heading_free", np.bool_),
        ("hold", np.int32),
        ("x", np.float64),  # newest pose, metres and radians, and when it was measured
        ("y", np.float64),
        ("yaw", np.float64),
        ("v", np.float64),
        ("w", np.float64),
        ("vy", np.float64),
        ("stamp", np.float64),
        ("accel", np.float64),  # of the speed commanded last
        ("downlink", np.float64),  # expected seconds from command to robot
        ("cap_v", np.float64),  # what the link allows
        ("max_v", np.float64),
        ("max_a", np.float64),
        ("max_jerk", np.float64),  # 0: no limit
        ("max_w", np.float64),
        ("max_aw", np.float64),
        ("epoch", np.int64),
        ("leg", np.int64),  # number of the waypoint driven to
        ("reached", np.int64),
        ("released", np.int64),
        ("end", np.int64),  # number after the last waypoint allowed now: released, shut gates and pauses
        ("sent", np.int64),  # number of commands sent
    ],
    align=True,
)


class Memory:
    """Arrays that grow together.

    rows (n,) ROW; waypoints (n, WAYPOINTS, 3) [x_m, y_m, speed_limit_mps], number s at s % WAYPOINTS;
    sent (n, SENT, 4) [time_s, v_mps, w_radps, vy_mps].
    """

    def __init__(self, capacity: int) -> None:
        self.rows: Rows = np.zeros(capacity, dtype=ROW)
        self.waypoints: Float = np.zeros((capacity, WAYPOINTS, 3))
        self.sent: Float = np.zeros((capacity, SENT, 4))
        self.v: Float = np.zeros(capacity)
        self.vy: Float = np.zeros(capacity)
        self.w: Float = np.zeros(capacity)
        self.due: NDArray[np.bool_] = np.zeros(capacity, dtype=np.bool_)
        self.valid: NDArray[np.bool_] = np.zeros(capacity, dtype=np.bool_)

    @property
    def capacity(self) -> int:
        return int(self.rows.shape[0])

    def grow(self) -> None:
        """Double the capacity."""
        for name in ("rows", "waypoints", "sent", "due", "v", "vy", "w", "valid"):
            old = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.zeros_like(old)]))
