"""What a gateway tells others of its robots: their states and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator

from building_ctrl.core.alarms import Condition
from building_ctrl.core.motion import Hold, PilotStates
from building_ctrl.link import alarms
from building_ctrl.link.protocol.messages import Flag, Telemetry
from building_ctrl.model.robot import Connection, MotionState, RobotProfile, RobotState, WorkState


def robot_state(
    states: PilotStates, i: int, profile: RobotProfile, telemetry: Telemetry, hold: Hold, lost: bool
) -> RobotState:
    """State of the robot in row `i`."""
    return RobotState(
        name=profile.name,
        fleet=profile.fleet,
        level=states.levels[i],
        x_m=float(states.x_m[i]),
        y_m=float(states.y_m[i]),
        yaw_rad=float(states.yaw_rad[i]),
        speed_mps=float(states.speed_mps[i]),
        battery_percent=telemetry.battery,
        age_s=float(states.age_s[i]),
        work=work_state(telemetry, hold),
        motion=MotionState(int(states.motion[i])),
        connection=Connection.LOST if lost else Connection.NORMAL,
        graph_mask=profile.graph_mask,
        radius_m=profile.radius_m,
        path_epoch=int(states.epoch[i]),
        reached_seq=int(states.reached_seq[i]),
        released_seq=int(states.released_seq[i]),
    )


def work_state(telemetry: Telemetry, hold: Hold) -> WorkState:
    """What the robot reports, overruled by what stops it."""
    if telemetry.flags & Flag.E_STOP or hold & Hold.E_STOP:
        return WorkState.E_STOPPED
    if telemetry.flags & Flag.FAULT:
        return WorkState.ERROR
    if hold & Hold.MANUAL:
        return WorkState.MANUAL
    work = WorkState(telemetry.work)
    if work is WorkState.STANDBY and telemetry.flags & Flag.CHARGING:
        return WorkState.CHARGING
    return work


def conditions(
    states: PilotStates, i: int, telemetry: Telemetry, hold: Hold, lost: bool
) -> Iterator[Condition]:
    """What is wrong with the robot in row `i`."""
    robot = states.names[i]
    if lost:
        yield Condition(alarms.LINK_LOST, robot, f"robot {robot!r} is not heard any more")
    if states.off_path[i]:
        where = f"({states.x_m[i]:.1f}, {states.y_m[i]:.1f}) on {states.levels[i] or 'an unknown level'}"
        yield Condition(alarms.OFF_PATH, robot, f"robot {robot!r} is off its path at {where}")
    if work_state(telemetry, hold) is WorkState.E_STOPPED:
        yield Condition(alarms.E_STOP, robot, f"robot {robot!r} is e-stopped")
    if telemetry.flags & Flag.BUMPER:
        yield Condition(alarms.BUMPER, robot, f"bumper of robot {robot!r} is pressed")
    if telemetry.flags & Flag.FAULT:
        yield Condition(alarms.FAULT, robot, f"robot {robot!r} reports a fault")
