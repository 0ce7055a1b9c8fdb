"""What simulated robots measure of themselves."""

from __future__ import annotations

from building_ctrl.link.protocol import RobotReport
from building_ctrl.link.protocol.messages import Flag
from building_ctrl.model.robot import WorkState
from building_ctrl.sim.embedded import EmbeddedBuilding

_STANDING = int(Flag.LOCALISED), int(WorkState.STANDBY)
_CHARGING = int(Flag.LOCALISED | Flag.CHARGING), int(WorkState.CHARGING)


def body_reports(world: EmbeddedBuilding) -> list[RobotReport]:
    """One report a body, measured now."""
    bodies = world.bodies
    x, y, yaw = (values.tolist() for values in bodies.measured())
    rows = zip(
        x, y, yaw, bodies.speed_mps.tolist(), bodies.yaw_rate_radps.tolist(), bodies.battery_percent.tolist(),
        bodies.charging.tolist(), strict=True,
    )  # fmt: skip
    return [
        RobotReport(px, py, angle, v, w, battery, *(_CHARGING if charging else _STANDING), world.level_name(i))
        for i, (px, py, angle, v, w, battery, charging) in enumerate(rows)
    ]
