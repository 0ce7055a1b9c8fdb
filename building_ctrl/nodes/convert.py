"""Between the types of `model` and ROS messages, one pair of functions a message; nothing else.

Times are seconds since the Unix epoch in the cores and builtin_interfaces/Time in messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from building_ctrl_msgs import msg as own
from builtin_interfaces.msg import Time
from rmf_door_msgs import msg as rmf_door
from rmf_fleet_msgs import msg as rmf_fleet
from rmf_lift_msgs import msg as rmf_lift

from building_ctrl.model.alarm import Alarm, AlarmPriority
from building_ctrl.model.door import (
    CrossingAction,
    CrossingPhase,
    CrossingRequest,
    CrossingState,
    DoorMode,
    DoorRequest,
    DoorState,
)
from building_ctrl.model.lift import (
    LiftDoorState,
    LiftMode,
    LiftMotion,
    LiftRequest,
    LiftRequestKind,
    LiftState,
    RideAction,
    RidePhase,
    RideRequest,
    RideState,
)
from building_ctrl.model.path import (
    DestinationRequest,
    ReleasedPath,
    TravelState,
    TravelStatus,
    WaitingKind,
    Waypoint,
)
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.model.robot import Connection, MotionState, RobotState, WorkState
from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus


def time_msg(seconds: float) -> Time:
    """Seconds since the epoch as a message."""
    whole = int(seconds)
    return Time(sec=whole, nanosec=min(int((seconds - whole) * 1e9), 999_999_999))


def seconds(stamp: Any) -> float:
    """A time message as seconds since the epoch."""
    return float(stamp.sec) + float(stamp.nanosec) * 1e-9


def robot_states_msg(gateway: str, levels: Sequence[str], robots: Sequence[RobotState], now: float) -> own.RobotStates:
    """A batch of robots; levels not in `levels` become -1."""
    index = {level: i for i, level in enumerate(levels)}
    return own.RobotStates(
        stamp=time_msg(now),
        gateway=gateway,
        levels=list(levels),
        name=[r.name for r in robots],
        fleet=[r.fleet for r in robots],
        level_index=[index.get(r.level, -1) for r in robots],
        x=[r.x_m for r in robots],
        y=[r.y_m for r in robots],
        yaw=[r.yaw_rad for r in robots],
        speed=[r.speed_mps for r in robots],
        battery_percent=[r.battery_percent for r in robots],
        age_s=[r.age_s for r in robots],
        work_state=bytes(r.work for r in robots),
        motion_state=bytes(r.motion for r in robots),
        connection=bytes(r.connection for r in robots),
        graph_mask=[r.graph_mask for r in robots],
        radius_m=[r.radius_m for r in robots],
        path_epoch=[r.path_epoch for r in robots],
        reached_seq=[r.reached_seq for r in robots],
        released_seq=[r.released_seq for r in robots],
    )


def robot_states(message: Any, wanted: Callable[[str, str], bool] | None = None) -> list[RobotState]:
    """The robots of a batch, or those that are `wanted(name, level)`. Raises ValueError when its arrays differ in
    length."""
    rows = zip(
        message.name,
        message.fleet,
        message.level_index,
        message.x,
        message.y,
        message.yaw,
        message.speed,
        message.battery_percent,
        message.age_s,
        message.work_state,
        message.motion_state,
        message.connection,
        message.graph_mask,
        message.radius_m,
        message.path_epoch,
        message.reached_seq,
        message.released_seq,
        strict=True,
    )
    levels = message.levels
    return [
        RobotState(
            name=name,
            fleet=fleet,
            level=levels[level] if 0 <= level < len(levels) else "",
            x_m=x,
            y_m=y,
            yaw_rad=yaw,
            speed_mps=speed,
            battery_percent=battery,
            age_s=age,
            work=WorkState(work),
            motion=MotionState(motion),
            connection=Connection(connection),
            graph_mask=int(mask),
            radius_m=radius,
            path_epoch=int(epoch),
            reached_seq=int(reached),
            released_seq=int(released),
        )
        for (
            name,
            fleet,
            level,
            x,
            y,
            yaw,
            speed,
            battery,
            age,
            work,
            motion,
            connection,
            mask,
            radius,
            epoch,
            reached,
            released,
        ) in rows
        if wanted is None or wanted(name, levels[level] if 0 <= level < len(levels) else "")
    ]


def released_path_msg(path: ReleasedPath) -> own.ReleasedPath:
    points = path.waypoints
    return own.ReleasedPath(
        robot=path.robot,
        level=path.level,
        epoch=path.epoch,
        first_seq=path.first_seq,
        x=[p.x_m for p in points],
        y=[p.y_m for p in points],
        speed_limit=[p.speed_limit_mps for p in points],
        lift=[p.lift for p in points],
        ride_id=[p.ride_id for p in points],
        door=[p.door for p in points],
        horizon_x=[x for x, _ in path.horizon],
        horizon_y=[y for _, y in path.horizon],
        hold=path.hold,
    )


def released_paths_msg(planner: str, epoch: int, paths: Iterable[ReleasedPath], now: float) -> own.ReleasedPaths:
    return own.ReleasedPaths(
        stamp=time_msg(now), planner=planner, epoch=epoch, paths=[released_path_msg(path) for path in paths]
    )


def released_paths(message: Any) -> list[ReleasedPath]:
    """The paths of a batch. Raises ValueError when a path's arrays differ in length."""
    return [
        ReleasedPath(
            robot=path.robot,
            level=path.level,
            epoch=int(path.epoch),
            first_seq=int(path.first_seq),
            waypoints=tuple(
                Waypoint(x, y, limit, lift, ride, door)
                for x, y, limit, lift, ride, door in zip(
                    path.x, path.y, path.speed_limit, path.lift, path.ride_id, path.door, strict=True
                )
            ),
            horizon=tuple(zip(path.horizon_x, path.horizon_y, strict=True)),
            hold=bool(path.hold),
        )
        for path in message.paths
    ]


def planner_state_msg(planner: str, epoch: int, travel: Sequence[TravelState], now: float) -> own.PlannerState:
    return own.PlannerState(
        stamp=time_msg(now),
        planner=planner,
        epoch=epoch,
        robot=[t.robot for t in travel],
        level=[t.level for t in travel],
        task_id=[t.task_id for t in travel],
        destination=[t.destination for t in travel],
        status=bytes(t.status for t in travel),
        waiting_kind=bytes(t.waiting_kind for t in travel),
        waiting_for=[t.waiting_for for t in travel],
        eta_s=[t.eta_s for t in travel],
    )


def travel_states(message: Any) -> list[TravelState]:
    rows = zip(
        message.robot,
        message.level,
        message.task_id,
        message.destination,
        message.status,
        message.waiting_kind,
        message.waiting_for,
        message.eta_s,
        strict=True,
    )
    return [
        TravelState(robot, level, task, place, TravelStatus(status), WaitingKind(kind), waiting_for, eta)
        for robot, level, task, place, status, kind, waiting_for, eta in rows
    ]


def destination_msg(request: DestinationRequest, roadmap: Roadmap) -> rmf_fleet.DestinationRequest:
    """The location's time is the deadline, zero where there is none; a priority is told by task_states. Raises KeyError
    for a place that is not on the roadmap."""
    level = roadmap.level(request.level)
    vertex = level.vertex_of(request.place)
    if vertex < 0:
        raise KeyError(f"level {request.level!r} has no place {request.place!r}")
    location = rmf_fleet.Location(
        t=time_msg(request.deadline_s), x=float(level.x_m[vertex]), y=float(level.y_m[vertex]), level_name=request.level
    )
    return rmf_fleet.DestinationRequest(
        fleet_name=request.fleet, robot_name=request.robot, destination=location, task_id=request.task_id
    )


def destination(message: Any, roadmap: Roadmap, tolerance_m: float = 0.5) -> DestinationRequest:
    """The place is the vertex nearest to the location. Raises ValueError where none is within the tolerance."""
    location = message.destination
    try:
        level = roadmap.level(location.level_name)
    except KeyError as error:
        raise ValueError(str(error.args[0])) from None
    vertex, distance = level.nearest_vertex(location.x, location.y)
    if distance > tolerance_m:
        raise ValueError(
            f"no vertex of level {level.level!r} within {tolerance_m} m of ({location.x:.2f}, {location.y:.2f})"
        )
    return DestinationRequest(
        message.fleet_name,
        message.robot_name,
        level.level,
        level.label(vertex),
        message.task_id,
        deadline_s=seconds(location.t),
    )


def ride_request_msg(request: RideRequest, now: float) -> own.RideRequest:
    return own.RideRequest(
        request_time=time_msg(now),
        ride_id=request.ride_id,
        fleet=request.fleet,
        robot=request.robot,
        action=int(request.action),
        from_level=request.from_level,
        to_level=request.to_level,
        lifts=list(request.lifts),
        eta_s=request.eta_s,
        lease_s=request.lease_s,
        priority=request.priority,
    )


def ride_request(message: Any) -> RideRequest:
    return RideRequest(
        ride_id=message.ride_id,
        fleet=message.fleet,
        robot=message.robot,
        action=RideAction(message.action),
        from_level=message.from_level,
        to_level=message.to_level,
        lifts=tuple(message.lifts),
        eta_s=message.eta_s,
        lease_s=message.lease_s,
        priority=message.priority,
    )


def ride_states_msg(planner: str, rides: Iterable[RideState], now: float) -> own.RideStates:
    return own.RideStates(
        stamp=time_msg(now),
        planner=planner,
        rides=[
            own.Ride(
                ride_id=r.ride_id,
                fleet=r.fleet,
                robot=r.robot,
                lift=r.lift,
                from_level=r.from_level,
                to_level=r.to_level,
                phase=int(r.phase),
                session_id=r.session_id,
                reason=r.reason,
                eta_s=r.eta_s,
            )
            for r in rides
        ],
    )


def ride_states(message: Any) -> list[RideState]:
    return [
        RideState(
            r.ride_id,
            r.fleet,
            r.robot,
            r.lift,
            r.from_level,
            r.to_level,
            RidePhase(r.phase),
            r.session_id,
            r.reason,
            r.eta_s,
        )
        for r in message.rides
    ]


def crossing_request_msg(request: CrossingRequest, now: float) -> own.CrossingRequest:
    return own.CrossingRequest(
        request_time=time_msg(now),
        crossing_id=request.crossing_id,
        fleet=request.fleet,
        robot=request.robot,
        door=request.door,
        level=request.level,
        action=int(request.action),
        eta_s=request.eta_s,
        lease_s=request.lease_s,
        from_front=request.from_front,
    )


def crossing_request(message: Any) -> CrossingRequest:
    return CrossingRequest(
        crossing_id=message.crossing_id,
        fleet=message.fleet,
        robot=message.robot,
        door=message.door,
        level=message.level,
        action=CrossingAction(message.action),
        eta_s=message.eta_s,
        lease_s=message.lease_s,
        from_front=message.from_front,
    )


def crossing_states_msg(planner: str, crossings: Iterable[CrossingState], now: float) -> own.CrossingStates:
    return own.CrossingStates(
        stamp=time_msg(now),
        planner=planner,
        crossings=[
            own.Crossing(
                crossing_id=c.crossing_id,
                fleet=c.fleet,
                robot=c.robot,
                door=c.door,
                phase=int(c.phase),
                reason=c.reason,
                eta_s=c.eta_s,
            )
            for c in crossings
        ],
    )


def crossing_states(message: Any) -> list[CrossingState]:
    return [
        CrossingState(c.crossing_id, c.fleet, c.robot, c.door, CrossingPhase(c.phase), c.reason, c.eta_s)
        for c in message.crossings
    ]


def lift_request_msg(request: LiftRequest, now: float) -> rmf_lift.LiftRequest:
    return rmf_lift.LiftRequest(
        lift_name=request.lift,
        request_time=time_msg(now),
        session_id=request.session_id,
        request_type=int(request.kind),
        destination_floor=request.destination,
        door_state=int(request.door),
    )


def lift_request(message: Any) -> LiftRequest:
    return LiftRequest(
        lift=message.lift_name,
        session_id=message.session_id,
        kind=LiftRequestKind(message.request_type),
        destination=message.destination_floor,
        door=LiftDoorState(message.door_state),
    )


def lift_state_msg(state: LiftState, now: float) -> rmf_lift.LiftState:
    return rmf_lift.LiftState(
        lift_time=time_msg(now),
        lift_name=state.lift,
        available_floors=list(state.available_levels),
        current_floor=state.current_level,
        destination_floor=state.destination_level,
        door_state=int(state.door),
        motion_state=int(state.motion),
        available_modes=bytes([LiftMode.HUMAN, LiftMode.AGV]),
        current_mode=int(state.mode),
        session_id=state.session_id,
    )


def lift_state(message: Any) -> LiftState:
    return LiftState(
        lift=message.lift_name,
        available_levels=tuple(message.available_floors),
        current_level=message.current_floor,
        destination_level=message.destination_floor,
        door=LiftDoorState(message.door_state),
        motion=LiftMotion(message.motion_state),
        mode=LiftMode(message.current_mode),
        session_id=message.session_id,
    )


def door_request_msg(request: DoorRequest, now: float) -> rmf_door.DoorRequest:
    return rmf_door.DoorRequest(
        request_time=time_msg(now),
        requester_id=request.requester_id,
        door_name=request.door,
        requested_mode=rmf_door.DoorMode(value=int(request.mode)),
    )


def door_request(message: Any) -> DoorRequest:
    return DoorRequest(message.door_name, message.requester_id, DoorMode(message.requested_mode.value))


def door_state_msg(state: DoorState, now: float) -> rmf_door.DoorState:
    return rmf_door.DoorState(
        door_time=time_msg(now), door_name=state.door, current_mode=rmf_door.DoorMode(value=int(state.mode))
    )


def door_state(message: Any) -> DoorState:
    return DoorState(message.door_name, DoorMode(message.current_mode.value))


def task_states_msg(tasks: Iterable[Task], completed: int, failed: int, now: float) -> own.TaskStates:
    return own.TaskStates(
        stamp=time_msg(now), completed=completed, failed=failed, tasks=[_task_msg(task) for task in tasks]
    )


def _task_msg(task: Task) -> own.Task:
    request = task.request
    return own.Task(
        task_id=request.task_id,
        category=request.category.value,
        places=list(request.places),
        status=int(task.status),
        fleet=task.fleet,
        robot=task.robot,
        detail=task.detail,
        requester=request.requester,
        priority=request.priority,
        submitted=time_msg(task.submitted_s),
        started=time_msg(task.started_s),
        ended=time_msg(task.ended_s),
    )


def task_states(message: Any) -> list[Task]:
    """Tasks as shown on the topic: without what only the dispatcher knows."""
    return [
        Task(
            request=TaskRequest(
                task_id=t.task_id,
                category=TaskCategory(t.category),
                places=tuple(t.places),
                priority=t.priority,
                requester=t.requester,
            ),
            status=TaskStatus(t.status),
            fleet=t.fleet,
            robot=t.robot,
            detail=t.detail,
            submitted_s=seconds(t.submitted),
            started_s=seconds(t.started),
            ended_s=seconds(t.ended),
        )
        for t in message.tasks
    ]


def alarms_msg(process: str, alarms: Iterable[Alarm], now: float) -> own.Alarms:
    return own.Alarms(
        stamp=time_msg(now),
        process=process,
        alarms=[
            own.Alarm(
                alarm_id=a.alarm_id,
                kind=a.kind,
                source=a.source,
                priority=int(a.priority),
                active=a.active,
                raised=time_msg(a.raised_s),
                cleared=time_msg(a.cleared_s),
                detail=a.detail,
            )
            for a in alarms
        ],
    )


def alarms(message: Any) -> list[Alarm]:
    return [
        Alarm(
            alarm_id=a.alarm_id,
            kind=a.kind,
            source=a.source,
            priority=AlarmPriority(a.priority),
            active=a.active,
            raised_s=seconds(a.raised),
            cleared_s=seconds(a.cleared),
            detail=a.detail,
        )
        for a in message.alarms
    ]
