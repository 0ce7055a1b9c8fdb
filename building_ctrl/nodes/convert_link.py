"""The gateway's own messages: link states and Open-RMF's fleet states."""

from __future__ import annotations

from collections.abc import Sequence

from building_ctrl_msgs import msg as own
from rmf_fleet_msgs import msg as rmf_fleet

from building_ctrl.link.gateway import LinkReport
from building_ctrl.model.robot import MotionState, RobotState, WorkState
from building_ctrl.nodes.convert import time_msg

_WORK_MODES = {
    WorkState.E_STOPPED: rmf_fleet.RobotMode.MODE_EMERGENCY,
    WorkState.ERROR: rmf_fleet.RobotMode.MODE_ADAPTER_ERROR,
    WorkState.CHARGING: rmf_fleet.RobotMode.MODE_CHARGING,
}
_MOTION_MODES = {
    MotionState.MOVING: rmf_fleet.RobotMode.MODE_MOVING,
    MotionState.WAITING: rmf_fleet.RobotMode.MODE_WAITING,
    MotionState.STOPPED: rmf_fleet.RobotMode.MODE_IDLE,
}


def link_states_msg(gateway: str, report: LinkReport, now: float) -> own.LinkStates:
    """Quality of all links of a gateway."""
    rows = report.rows
    return own.LinkStates(
        stamp=time_msg(now),
        gateway=gateway,
        robot=[r.robot for r in rows],
        state=bytes(r.state for r in rows),
        round_trip_ms=[r.round_trip_ms for r in rows],
        jitter_ms=[r.jitter_ms for r in rows],
        loss_ratio=[r.loss_ratio for r in rows],
        clock_offset_ms=[r.clock_offset_ms for r in rows],
        telemetry_hz=[r.telemetry_hz for r in rows],
        age_s=[r.age_s for r in rows],
        command_latency_p50_ms=report.command_latency_p50_ms,
        command_latency_p99_ms=report.command_latency_p99_ms,
    )


def fleet_state_msg(
    fleet: str,
    robots: Sequence[RobotState],
    paths: Sequence[Sequence[tuple[float, float]]],
    paused: Sequence[bool],
    seq: int,
    now: float,
) -> rmf_fleet.FleetState:
    """One fleet; `paths` and `paused` in the order of `robots`, a path being the waypoints ahead."""
    return rmf_fleet.FleetState(
        name=fleet,
        robots=[
            _robot_state_msg(robot, path, is_paused, seq, now)
            for robot, path, is_paused in zip(robots, paths, paused, strict=True)
        ],
    )


def _robot_state_msg(
    robot: RobotState, path: Sequence[tuple[float, float]], paused: bool, seq: int, now: float
) -> rmf_fleet.RobotState:
    mode = _WORK_MODES.get(robot.work, _MOTION_MODES[robot.motion])
    if paused and robot.work not in _WORK_MODES:
        mode = rmf_fleet.RobotMode.MODE_PAUSED
    return rmf_fleet.RobotState(
        name=robot.name,
        model="building_ctrl",
        seq=seq,
        mode=rmf_fleet.RobotMode(mode=mode),
        battery_percent=robot.battery_percent,
        location=_location(robot.x_m, robot.y_m, robot.yaw_rad, robot.level, now - robot.age_s),
        path=[_location(x_m, y_m, 0.0, robot.level, now) for x_m, y_m in path],
    )


def _location(x_m: float, y_m: float, yaw_rad: float, level: str, at_s: float) -> rmf_fleet.Location:
    return rmf_fleet.Location(t=time_msg(max(0.0, at_s)), x=x_m, y=y_m, yaw=yaw_rad, level_name=level)
