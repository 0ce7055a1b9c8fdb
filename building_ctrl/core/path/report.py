"""What the path planner tells others of a robot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.path.agent import Agent
from building_ctrl.core.path.journey import Journey, Place
from building_ctrl.core.path.rides import Ride
from building_ctrl.model.path import ReleasedPath, TravelState, TravelStatus, WaitingKind, Waypoint
from building_ctrl.model.roadmap import LevelRoadmap


def released_path(
    rows: LevelRoadmap, agent: Agent, epoch: int, ride_id: str, speed_mps: NDArray[np.float64]
) -> ReleasedPath:
    """The waypoints an agent has not reached yet, with what is planned beyond.

    speed_mps: (m,) the speed limits of the level's edges for this robot, inf where there is none.
    """
    waypoints = tuple(_waypoint(rows, action.edge, ride_id, float(speed_mps[action.edge])) for action in agent.actions)
    first_seq = agent.actions[0].seq if agent.actions else agent.next_seq
    ends = rows.edge_to[np.array(agent.planned, dtype=np.int32)]
    horizon = tuple(zip(rows.x_m[ends].tolist(), rows.y_m[ends].tolist(), strict=True))
    return ReleasedPath(agent.name, rows.level, epoch, first_seq, waypoints, horizon)


def _waypoint(rows: LevelRoadmap, edge: int, ride_id: str, speed: float) -> Waypoint:
    start, end = int(rows.edge_from[edge]), int(rows.edge_to[edge])
    lift = rows.cabin_lift[end] or rows.cabin_lift[start]
    return Waypoint(
        x_m=float(rows.x_m[end]),
        y_m=float(rows.y_m[end]),
        speed_limit_mps=speed if np.isfinite(speed) else 0.0,
        lift=lift,
        ride_id=ride_id if lift else "",
        door=rows.edge_door[edge],
    )


def travel_state(journey: Journey, agent: Agent | None, ride: Ride | None, eta_s: float) -> TravelState:
    """Where a robot is on its way, whom it waits for, and in how many seconds it will be there (negative: unknown)."""
    status = _status(journey)
    kind, waiting_for = _waiting(journey, agent, ride)
    request = journey.request
    return TravelState(
        robot=journey.name,
        level=journey.level or journey.state.level,
        task_id=request.task_id if request else "",
        destination=request.place if request else "",
        status=status,
        waiting_kind=kind,
        waiting_for=waiting_for,
        eta_s=round(eta_s, 1),
    )


def _status(journey: Journey) -> TravelStatus:
    if journey.quarantine:
        return TravelStatus.QUARANTINED
    if journey.place is Place.OUTSIDE:
        return TravelStatus.UNKNOWN
    if journey.refusal:
        return TravelStatus.REFUSED
    if journey.request is None:
        return TravelStatus.IDLE
    return TravelStatus.MOVING if journey.arrived_s == float("inf") else TravelStatus.ARRIVED


def _waiting(journey: Journey, agent: Agent | None, ride: Ride | None) -> tuple[WaitingKind, str]:
    if journey.quarantine:
        return WaitingKind.OPERATOR, journey.quarantine
    if journey.refusal:
        return WaitingKind.NONE, journey.refusal
    if journey.hold_for or (journey.cut_off_by and agent is not None and not agent.actions):
        return WaitingKind.ROBOT, journey.hold_for or journey.cut_off_by
    if journey.waiting_for_exit and (agent is None or not agent.actions):
        return WaitingKind.PLACE, journey.waiting_for_exit
    if journey.place is Place.CABIN:
        return WaitingKind.LIFT, ride.lift if ride else ""
    if agent is None or journey.arrived_s != float("inf"):
        return WaitingKind.NONE, ""
    if agent.wait.kind is not WaitingKind.NONE:
        return agent.wait.kind, agent.wait.holder
    if agent.actions:
        return WaitingKind.NONE, ""
    if journey.way_closed:
        return WaitingKind.PLACE, journey.way_closed
    if journey.waiting_for_place:
        return WaitingKind.PLACE, journey.waiting_for_place
    if ride is not None:
        return WaitingKind.LIFT, ride.lift or " ".join(ride.request.lifts[:1])
    return WaitingKind.NONE, ""

