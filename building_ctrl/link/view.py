"""What a gateway tells others of its robots: their states and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from building_ctrl.core.alarms import Condition
from building_ctrl.core.motion import Hold, PilotStates
from building_ctrl.link import alarms
from building_ctrl.link.protocol.messages import Flag, Telemetry
from building_ctrl.model.robot import Connection, MotionState, RobotProfile, RobotState, WorkState

_E_STOP, _FAULT, _CHARGING, _BUMPER, _LOCALISED = (
    int(f) for f in (Flag.E_STOP, Flag.FAULT, Flag.CHARGING, Flag.BUMPER, Flag.LOCALISED)
)
_TELLING = _E_STOP | _FAULT | _CHARGING
_HELD_E_STOP, _HELD_MANUAL = int(Hold.E_STOP), int(Hold.MANUAL)
_WORK, _MOTION = tuple(WorkState), tuple(MotionState)


def robot_states(
    states: PilotStates,
    profiles: Sequence[RobotProfile],
    newest: Mapping[str, Telemetry],
    lost: Sequence[bool],
    batteries: Mapping[int, float],
) -> list[RobotState]:
    """States of the robots that were ever heard; `profiles` and `lost` go with the rows. `batteries` holds what is
    newer than the telemetry, by the robot's index."""
    rows = zip(
        states.robot.tolist(), profiles, states.levels,
        states.x_m.tolist(), states.y_m.tolist(), states.yaw_rad.tolist(),
        states.speed_mps.tolist(), states.age_s.tolist(), states.motion.tolist(), states.hold.tolist(), lost,
        states.epoch.tolist(), states.reached_seq.tolist(), states.released_seq.tolist(), strict=True,
    )  # fmt: skip
    return [
        RobotState(
            profile.name, profile.fleet, level, x_m, y_m, yaw_rad, speed_mps,
            batteries.get(index, telemetry.battery), age_s, work_state(telemetry, hold), _MOTION[motion],
            Connection.LOST if gone else Connection.NORMAL, profile.graph_mask, profile.radius_m,
            epoch, reached, released,
        )
        for (
            index, profile, level, x_m, y_m, yaw_rad, speed_mps, age_s, motion, hold, gone, epoch, reached, released,
        ) in rows
        if (telemetry := newest.get(profile.name)) is not None
    ]  # fmt: skip


def work_state(telemetry: Telemetry, hold: int) -> WorkState:
    """What the robot reports, overruled by what stops it."""
    if not hold and not telemetry.flags & _TELLING:
        return _WORK[telemetry.work]
    if telemetry.flags & _E_STOP or hold & _HELD_E_STOP:
        return WorkState.E_STOPPED
    if telemetry.flags & _FAULT:
        return WorkState.ERROR
    if hold & _HELD_MANUAL:
        return WorkState.MANUAL
    work = _WORK[telemetry.work]
    if work is WorkState.STANDBY and telemetry.flags & _CHARGING:
        return WorkState.CHARGING
    return work


def cannot_drive(telemetry: Telemetry) -> bool:
    """Whether the robot says of itself that it cannot be driven now: it is lost, hit something, is at fault,
    or is in other hands."""
    return (
        telemetry.flags & (_LOCALISED | _BUMPER | _FAULT) != _LOCALISED
        or telemetry.work >= WorkState.MAINTENANCE
    )


def conditions(
    states: PilotStates, i: int, telemetry: Telemetry, hold: int, lost: bool
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
    if telemetry.flags & _BUMPER:
        yield Condition(alarms.BUMPER, robot, f"bumper of robot {robot!r} is pressed")
    if telemetry.flags & _FAULT:
        yield Condition(alarms.FAULT, robot, f"robot {robot!r} reports a fault")
    if not telemetry.flags & _LOCALISED:
        yield Condition(alarms.NOT_LOCALISED, robot, f"robot {robot!r} does not know where it is")
