"""In and out of lift cabins, in the one order that cannot deadlock: exit reserved, ride granted, into the cabin, off
the level, car at the other level, onto that level, out of the cabin."""

from __future__ import annotations

from building_ctrl.core.path.agent import Agent
from building_ctrl.core.path.journey import Journey, Place
from building_ctrl.core.path.placing import join_level
from building_ctrl.core.path.rides import Ride
from building_ctrl.core.path.state import PlannerState
from building_ctrl.core.path.taking import BRING_BACK_S, leave_ride, let_go
from building_ctrl.model.lift import RideAction


def ride_on(planner: PlannerState, journey: Journey, now: float) -> None:
    """A robot in a cabin: keep its ride alive, and join the level once the car stands open there; hand the robot over
    where the level is another planner's."""
    ride = planner.rides.of(journey.name) or _adopt(planner, journey)
    reserved = planner.handovers.want(journey, ride.to_level, ride.lift, now, boarded=True)
    if ride.to_level not in planner.levels:
        _give(planner, journey, ride, now)
        return
    journey.waiting_for_exit = "" if reserved else planner.handovers.obstacle(journey.name, ride.to_level, now)
    if not ride.may_alight or planner.frozen(ride.to_level):
        return
    vertex = planner.times.cabin(ride.to_level, ride.lift, journey.state.graph_mask)
    journey.shut_in_by = planner.levels[ride.to_level].holder_near(vertex, journey.name)
    if not journey.shut_in_by:
        join_level(planner, journey, ride.to_level, vertex, now)
        _head_out(planner, journey, vertex, now)


def finish_alighting(planner: PlannerState, journey: Journey, agent: Agent) -> None:
    """Say so once the robot has left the cabin."""
    if planner.levels[journey.level].roadmap.cabin_lift[agent.vertex]:
        return
    ride = planner.rides.of(journey.name)
    if ride is None:
        leave_ride(planner, journey.fleet, journey.name, journey.level)
    elif ride.request.action is RideAction.BOARDED:
        planner.rides.tell(journey.name, RideAction.ALIGHTED)


def board(planner: PlannerState, journey: Journey, agent: Agent, now: float) -> None:
    """Take a robot off its level once it stands in the cabin it was to board."""
    ride = planner.rides.of(journey.name)
    level = planner.levels[journey.level]
    lift = level.roadmap.cabin_lift[agent.vertex]
    if not lift or agent.actions or (ride is not None and ride.request.action is RideAction.BOARDED):
        return
    if ride is None:
        planner.rides.adopt(journey.fleet, journey.name, journey.level, lift)
    planner.rides.tell(journey.name, RideAction.BOARDED)
    journey.next_seq = level.remove(journey.name).next_seq
    planner.goals[journey.level].release(journey.name)
    planner.crossings.drop(journey.name, now)
    journey.place = Place.CABIN


def _adopt(planner: PlannerState, journey: Journey) -> Ride:
    roadmap = planner.levels[journey.level].roadmap
    lift = roadmap.cabin_lift[roadmap.nearest_vertex(*journey.position, journey.state.graph_mask)[0]]
    return planner.rides.adopt(journey.fleet, journey.name, journey.level, lift)


def _give(planner: PlannerState, journey: Journey, ride: Ride, now: float) -> None:
    """Offer the robot until its new planner has taken it; have it brought back where there is none for long."""
    if planner.handovers.taken(journey.name, now):
        let_go(planner, journey, now)
        return
    journey.waiting_for_exit = planner.handovers.obstacle(journey.name, ride.to_level, now)
    if planner.peers.silent_s(ride.to_level, now) <= BRING_BACK_S:
        return
    if planner.handovers.want(journey, journey.level, ride.lift, now):
        planner.rides.turn_back(journey.fleet, journey.name, journey.level, ride.lift)


def _head_out(planner: PlannerState, journey: Journey, vertex: int, now: float) -> None:
    """The reserved exit is the robot's goal, until it chooses another."""
    spot = planner.goals[journey.level].goal_of(journey.name)
    planner.exits.joined(journey.name)
    if spot >= 0:
        level = planner.levels[journey.level]
        level.set_goal(journey.name, spot, now)
        level.agents[journey.name].waits_for = vertex
