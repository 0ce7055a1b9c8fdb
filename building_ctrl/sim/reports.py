"""What simulated robots measure of themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from building_ctrl.link.protocol import RobotReport
from building_ctrl.link.protocol.messages import Flag
from building_ctrl.model.robot import WorkState
from building_ctrl.sim.embedded import EmbeddedBuilding

_STANDING = int(Flag.LOCALISED), int(WorkState.STANDBY)
_CHARGING = int(Flag.LOCALISED | Flag.CHARGING), int(WorkState.CHARGING)


def body_reports(world: EmbeddedBuilding) -> list[RobotReport]:
    """One report a body, measured now."""
    measured, state = body_measurements(world)
    return [body_report(world, i, row, codes) for i, (row, codes) in enumerate(zip(measured, state, strict=True))]


def body_measurements(world: EmbeddedBuilding) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Of all bodies: (n, 6) x_m, y_m, yaw_rad, v_mps, w_radps, battery_percent; (n, 3) flags, work, level index."""
    bodies = world.bodies
    x_m, y_m, yaw_rad = bodies.measured()
    columns = (x_m, y_m, yaw_rad, bodies.speed_mps, bodies.yaw_rate_radps, bodies.battery_percent)
    state = np.empty((len(bodies), 3), dtype=np.int64)
    state[:, :2] = np.where(bodies.charging[:, None], _CHARGING, _STANDING)
    state[:, 2] = bodies.level
    return np.stack(columns, axis=1), state


def body_report(
    world: EmbeddedBuilding, robot: int, measured: NDArray[np.float64], state: NDArray[np.int64]
) -> RobotReport:
    """One body's row of its measurements as a report."""
    flags, work, _ = state.tolist()
    x_m, y_m, yaw_rad, v_mps, w_radps, battery = measured.tolist()
    return RobotReport(x_m, y_m, yaw_rad, v_mps, w_radps, battery, flags, work, world.level_name(robot))
