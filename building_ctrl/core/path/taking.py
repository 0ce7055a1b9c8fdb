"""The taker's side of handovers: whose a robot is, and what other planners are answered.

A robot that boards or rides belongs to the planner of the level its ride goes to; any other to that of the level it
stands on. A planner that falls silent is stood in for where that is safe: the planner of the destination says that a
robot has boarded, and the planner of the level it came from brings it back.
"""

from __future__ import annotations

from building_ctrl.core.path.exits import Arrival
from building_ctrl.core.path.journey import Journey, Place
from building_ctrl.core.path.peers import FRESH_S
from building_ctrl.core.path.state import PlannerState
from building_ctrl.model.lift import RideAction, RidePhase, RideState
from building_ctrl.model.robot import Connection, RobotState
from building_ctrl.model.shard import Handover, HandoverPhase

STAND_IN_S = 10.0
BRING_BACK_S = 30.0
STANDING_MPS = 0.05


def is_mine(planner: PlannerState, state: RobotState, now: float) -> bool:
    """Whether a robot that this planner does not have should be taken in."""
    if planner.whole:
        return True
    ride = planner.rides.underway(state.name)
    if ride is not None and ride.phase is RidePhase.BOARDING and _boarded_unseen(planner, state, ride, now):
        return True
    if ride is not None and ride.phase is not RidePhase.BOARDING:
        lost = is_lost(planner, ride, now) and stands(state) and in_cabin(planner, state, ride)
        return planner.shard.owns(ride.to_level) or lost
    if planner.peers.holder(state.name, now):
        return False
    nowhere = state.level not in planner.level_names
    return planner.shard.owns(state.level) or (nowhere and planner.shard.number == 0)


def is_lost(planner: PlannerState, ride: RideState, now: float) -> bool:
    """Whether a robot rides to a level whose planner has been silent for long, from one of this planner."""
    if planner.shard.owns(ride.to_level) or not planner.shard.owns(ride.from_level):
        return False
    return planner.peers.silent_s(ride.to_level, now) > BRING_BACK_S


def is_fenced(planner: PlannerState, journey: Journey, now: float) -> bool:
    """Whether another living planner has taken the robot over."""
    newer = journey.state.path_epoch > journey.epoch
    return newer and not planner.whole and bool(planner.peers.holder(journey.name, now))


def stands(state: RobotState) -> bool:
    """Whether a robot is at the end of its released path and known to stand there."""
    still = state.reached_seq == state.released_seq and abs(state.speed_mps) <= STANDING_MPS
    return still and state.connection is not Connection.LOST


def in_cabin(planner: PlannerState, state: RobotState, ride: RideState) -> bool:
    """Whether a robot is where the ride's cabin is, on the level it reports or else on the one it came from."""
    known = state.level if state.level in (ride.from_level, ride.to_level) else ride.from_level
    if known not in planner.level_names:
        return False
    rows = planner.roadmap.level(known)
    return rows.cabin_lift[rows.nearest_vertex(state.x_m, state.y_m, state.graph_mask)[0]] == ride.lift


def is_taken(planner: PlannerState, ride: RideState, now: float) -> bool:
    """Whether a robot in a cabin becomes this planner's because of its ride, and not because of its level."""
    if ride.phase is RidePhase.BOARDING:
        return planner.shard.owns(ride.to_level) and not planner.shard.owns(ride.from_level)
    return planner.shard.owns(ride.to_level) or is_lost(planner, ride, now)


def take(planner: PlannerState, journey: Journey, ride: RideState, now: float) -> str:
    """Take a robot that stands in a cabin; returns why that is not possible, or an empty string."""
    if planner.shard.owns(ride.to_level):
        planner.rides.adopt(journey.fleet, journey.name, ride.to_level, ride.lift)
        journey.level = ride.to_level
    else:
        mask, request = journey.state.graph_mask, journey.request
        if not planner.exits.hold(Arrival(journey.name, ride.from_level, ride.lift, mask, request), now):
            return f"{journey.name} is in lift {ride.lift}, and level {ride.from_level} has no free place for it"
        planner.rides.turn_back(journey.fleet, journey.name, ride.from_level, ride.lift)
        journey.level = ride.from_level
    journey.place = Place.CABIN
    return ""


def let_go(planner: PlannerState, journey: Journey, now: float) -> None:
    """Forget a robot that is another planner's now; its request is kept in case it comes back."""
    name = journey.name
    if journey.place is Place.LEVEL:
        planner.levels[journey.level].remove(name)
        planner.goals[journey.level].release(name)
        planner.crossings.drop(name, now)
    planner.rides.forget(name)
    planner.exits.drop(name)
    del planner.journeys[name]
    if journey.request is not None:
        planner.requests.heard(journey.request, journey.since_s)


def answers(planner: PlannerState, now: float) -> tuple[Handover, ...]:
    """What is said to robots other planners ask exits for, or offer; reserves the exits."""
    found = []
    for _, row in planner.peers.rows(now):
        if row.request is not None:
            planner.requests.heard(row.request, now - row.request_age_s)
        journey = planner.journeys.get(row.robot)
        if journey is not None and journey.place is not Place.OUTSIDE:
            if row.phase is HandoverPhase.BOARDED:
                found.append(_answer(row, HandoverPhase.TAKEN))
            continue
        if planner.frozen(row.to_level):
            found.append(_answer(row, HandoverPhase.WAITING, f"level {row.to_level}, which two planners own"))
            continue
        request = planner.requests.newest(row.robot) or row.request
        arrival = Arrival(row.robot, row.to_level, row.lift, row.graph_mask, request)
        if planner.exits.hold(arrival, now):
            found.append(_answer(row, HandoverPhase.GRANTED))
        else:
            found.append(_answer(row, HandoverPhase.WAITING, f"a free place on level {row.to_level}"))
    return tuple(found)


def _answer(row: Handover, phase: HandoverPhase, reason: str = "") -> Handover:
    return Handover(
        row.handover_id,
        row.robot,
        row.fleet,
        row.from_level,
        row.to_level,
        row.lift,
        row.graph_mask,
        phase,
        reason,
    )


def _boarded_unseen(planner: PlannerState, state: RobotState, ride: RideState, now: float) -> bool:
    """Whether a robot that boards to a level of this planner stands in the cabin, and its planner cannot say so."""
    if not planner.shard.owns(ride.to_level) or planner.shard.owns(ride.from_level):
        return False
    silent = planner.peers.silent_s(ride.from_level, now) > max(STAND_IN_S, FRESH_S)
    return silent and stands(state) and in_cabin(planner, state, ride)


def leave_ride(planner: PlannerState, fleet: str, robot: str, level: str) -> None:
    """End a ride that is thought to go on though its robot is on the level, as after a restart."""
    ride = planner.rides.underway(robot)
    if ride is not None and ride.phase is not RidePhase.BOARDING:
        planner.rides.adopt(fleet, robot, level, ride.lift)
        planner.rides.tell(robot, RideAction.ALIGHTED)


def see_alighted(planner: PlannerState, state: RobotState, now: float) -> None:
    """Say for a planner that is silent for long that a robot has left the cabin: it stands on a vertex beyond it."""
    ride = planner.rides.underway(state.name)
    if ride is None or ride.phase is not RidePhase.ALIGHTING or not is_lost(planner, ride, now):
        return
    if state.level != ride.to_level or not stands(state):
        return
    rows = planner.roadmap.level(state.level)
    vertex, distance = rows.nearest_vertex(state.x_m, state.y_m, state.graph_mask)
    if distance <= planner.parameters.placing_m and not rows.cabin_lift[vertex]:
        leave_ride(planner, state.fleet, state.name, state.level)
