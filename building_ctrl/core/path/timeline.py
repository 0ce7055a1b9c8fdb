"""When the moves of a level will be done: every robot drives its released and planned edges in order, and waits for the
earlier moves its sweeps touch, as it does when they are released (level.py).

Speeds are trapezoids: starting costs v / 2a, stopping v / 2b and a little more, a corner beyond CORNER_RAD is turned on
the spot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.motion.compiled import compiled
from building_ctrl.model.roadmap import LevelRoadmap

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

CORNER_RAD = 0.35
RELEASE_S = 0.4  # from the end of a move to the start of one that waited for it: reports and the planner's period
TURN_DELAY_S = 0.3
SHORT_WAIT_S = 0.05


@dataclass(frozen=True, slots=True)
class DriveEstimate:
    """How robots drive: metres, seconds, radians. braking_mps2 is what the pilot plans with, and stop_s what it takes
    longer for commands that may be lost."""

    acceleration_mps2: float = 0.8
    braking_mps2: float = 0.64
    stop_s: float = 0.35
    yaw_rate_radps: float = 1.5
    yaw_acceleration_radps2: float = 3.0


@dataclass(frozen=True, slots=True)
class Moves:
    """k moves of n robots in the order they may be done, each robot's own in their order.

    robot (k,), edge (k,); earliest_s (k,) not before this many seconds from now (doors). left_m (n,) what is left of
    each robot's first move, moving (n,) whether it drives now, yaw_rad (n,), speed_mps (n,) its usual speed.
    """

    robot: Int
    edge: Int
    earliest_s: Float
    left_m: Float
    moving: Bool
    yaw_rad: Float
    speed_mps: Float


class Timeline:
    """Predicts the ends of moves on one level's roadmap."""

    def __init__(self, rows: LevelRoadmap, drive: DriveEstimate) -> None:
        start, end = rows.edge_from, rows.edge_to
        self._rows = rows
        self._drive = drive
        self._heading = np.arctan2(rows.y_m[end] - rows.y_m[start], rows.x_m[end] - rows.x_m[start])

    def ends_s(self, moves: Moves) -> tuple[Float, Float]:
        """((k,) seconds from now at which each move begins, (k,) and ends, a robot's last one with its halt)."""
        rows, drive = self._rows, self._drive
        begins, ends = np.zeros(moves.edge.size), np.zeros(moves.edge.size)
        _run(
            moves.robot,
            moves.edge,
            moves.earliest_s,
            moves.left_m,
            moves.moving,
            moves.yaw_rad,
            moves.speed_mps,
            rows.conflict_ptr,
            rows.conflict_idx,
            rows.edge_length_m,
            rows.edge_speed_mps,
            self._heading,
            drive.acceleration_mps2,
            drive.braking_mps2,
            drive.stop_s,
            drive.yaw_rate_radps,
            drive.yaw_acceleration_radps2,
            begins,
            ends,
        )
        return begins, ends


@compiled
def _run(
    robot: Int,
    edge: Int,
    earliest_s: Float,
    left_m: Float,
    moving: Bool,
    yaw_rad: Float,
    speed_mps: Float,
    conflict_ptr: NDArray[np.int32],
    conflict_idx: NDArray[np.int32],
    length_m: Float,
    limit_mps: Float,
    heading: Float,
    acceleration: float,
    braking: float,
    stop_s: float,
    yaw_rate: float,
    yaw_acceleration: float,
    begins: Float,
    ends: Float,
) -> None:
    n = left_m.shape[0]
    free = np.zeros((heading.shape[0], 2))  # when the last robot's moves that touch an edge end, and any other's
    owner = np.full(heading.shape[0], -1)  # that last robot
    clock = np.zeros(n)
    rolling = moving.copy()
    facing = yaw_rad.copy()
    last = np.full(n, -1)
    for k in range(edge.shape[0]):
        i, e = robot[k], edge[k]
        first = last[i] < 0
        speed = min(speed_mps[i], limit_mps[e])
        turn = abs((heading[e] - facing[i] + math.pi) % (2.0 * math.pi) - math.pi)
        if first and rolling[i]:
            turn = 0.0
        at = clock[i]
        wait_for = max(earliest_s[k], free[e, 1] if owner[e] == i else free[e, 0])
        if rolling[i] and (turn > CORNER_RAD or wait_for > at + SHORT_WAIT_S):
            at += speed / (2.0 * braking) + stop_s
            rolling[i] = False
        at = max(at, wait_for)
        begins[k] = at
        if not rolling[i]:
            at += speed / (2.0 * acceleration)
            if turn > CORNER_RAD:
                at += TURN_DELAY_S + turn / yaw_rate + yaw_rate / yaw_acceleration
        at += (left_m[i] if first else length_m[e]) / speed
        ends[k] = at
        clock[i], rolling[i], facing[i], last[i] = at, True, heading[e], k
        for c in range(conflict_ptr[e], conflict_ptr[e + 1]):
            touched = conflict_idx[c]
            until = at + RELEASE_S
            if owner[touched] == i:
                free[touched, 0] = max(free[touched, 0], until)
            elif until > free[touched, 0]:
                free[touched, 1], free[touched, 0], owner[touched] = free[touched, 0], until, i
            else:
                free[touched, 1] = max(free[touched, 1], until)
    for i in range(n):
        if last[i] >= 0:
            speed = min(speed_mps[i], limit_mps[edge[last[i]]])
            ends[last[i]] += speed / (2.0 * braking) + stop_s
