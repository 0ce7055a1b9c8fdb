"""Driving by hand: an operator's velocities with a dead-man, a cap and a fence.

The path planner keeps for a robot driven by hand what it keeps for every robot that does not obey: the stretch it
owns, nothing more. So the fence is that stretch: the straights from the waypoint reached last to the last one released,
`manual_fence_m` to each side, which is the tracking error that lanes' clearances reckon with. A robot outside may
only be driven nearer. The operator's velocity is scaled down until the robot, braking when the command has
expired, comes to rest within.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from building_ctrl.core.motion.parameters import PilotParameters

LONGEST_EXPIRY_S = 0.3
SHARES = (1.0, 0.75, 0.5, 0.3, 0.15)
Point = tuple[float, float]


class ManualCommand(NamedTuple):
    """What the operator asks for; `expires_at` on the gateway's clock."""

    seq: int
    vx_mps: float
    vy_mps: float
    w_radps: float
    expires_at: float


class Mover(NamedTuple):
    """Where a robot is and what it is able to do."""

    x_m: float
    y_m: float
    yaw_rad: float
    max_speed_mps: float
    max_acceleration_mps2: float
    sideways: bool


def accepted(command: ManualCommand, before: ManualCommand | None) -> bool:
    """Whether a command is newer than the one before and made of numbers."""
    numbers = (command.vx_mps, command.vy_mps, command.w_radps, command.expires_at)
    return all(map(math.isfinite, numbers)) and (before is None or command.seq > before.seq)


def manual_velocity(
    command: ManualCommand | None, mover: Mover, stretch: Sequence[Point], now: float, parameters: PilotParameters
) -> tuple[float, float, float]:
    """Velocities forward, to the left and yaw rate to command now: the operator's, capped and fenced; zeros once
    the dead-man is let go. Without a stretch the robot may turn on the spot only."""
    if command is None or now >= command.expires_at:
        return 0.0, 0.0, 0.0
    p = parameters
    limit = p.manual_yaw_rate_radps
    w = max(-limit, min(limit, command.w_radps))
    vx, vy = command.vx_mps, command.vy_mps if mover.sideways else 0.0
    length = math.hypot(vx, vy)
    if length < 1e-6 or not stretch:
        return 0.0, 0.0, w
    most = min(length, p.manual_speed_mps, mover.max_speed_mps)
    for share in SHARES:
        v = most * share
        if _stays_inside(vx / length, vy / length, v, w, mover, stretch, p):
            return v * vx / length, v * vy / length, w
    return 0.0, 0.0, w


def _stays_inside(
    ux: float, uy: float, v: float, w: float, mover: Mover, stretch: Sequence[Point], p: PilotParameters
) -> bool:
    """Whether the robot is inside, or at least nearer, all the way until it would rest."""
    reach_s = p.watchdog_s + p.actuation_s
    braking_s = v / mover.max_acceleration_mps2
    way_m = v * reach_s + 0.5 * v * braking_s
    yaw = mover.yaw_rad
    x, y = mover.x_m, mover.y_m
    outside = max(p.manual_fence_m, distance_to_stretch(stretch, x, y))
    steps = 8
    turn = w * (reach_s + 0.5 * braking_s) / steps
    for _ in range(steps):
        yaw += 0.5 * turn
        x += way_m / steps * (ux * math.cos(yaw) - uy * math.sin(yaw))
        y += way_m / steps * (ux * math.sin(yaw) + uy * math.cos(yaw))
        yaw += 0.5 * turn
        off_m = distance_to_stretch(stretch, x, y)
        if off_m > outside - (1e-4 if outside > p.manual_fence_m else 0.0):
            return False
        outside = max(p.manual_fence_m, off_m)
    return True


def distance_to_stretch(stretch: Sequence[Point], x: float, y: float) -> float:
    """Metres from a point to a polyline; infinite where it has no points."""
    best = math.inf
    for k, (bx, by) in enumerate(stretch):
        ax, ay = stretch[max(0, k - 1)]
        square = (bx - ax) ** 2 + (by - ay) ** 2
        share = 0.0
        if square > 0.0:
            share = max(0.0, min(1.0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / square))
        best = min(best, math.hypot(x - ax - share * (bx - ax), y - ay - share * (by - ay)))
    return best
