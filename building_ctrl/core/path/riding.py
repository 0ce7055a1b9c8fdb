"""In and out of lift cabins, in the one order that cannot deadlock: ride granted, into the cabin, off the level, car at
the other level, onto that level, out of the cabin."""

from __future__ import annotations

from building_ctrl.core.path.agent import Agent
from building_ctrl.core.path.journey import Journey, Place
from building_ctrl.core.path.placing import join_level
from building_ctrl.core.path.state import PlannerState
from building_ctrl.model.lift import RideAction


def ride_on(planner: PlannerState, journey: Journey, now: float) -> None:
    """A robot in a cabin: keep its ride alive, and join the level once the car stands open there."""
    ride = planner.rides.of(journey.name)
    if ride is None:
        roadmap = planner.levels[journey.level].roadmap
        lift = roadmap.cabin_lift[roadmap.nearest_vertex(*journey.position, journey.state.graph_mask)[0]]
        ride = planner.rides.adopt(journey.fleet, journey.name, journey.level, lift)
    if not ride.may_alight or ride.to_level not in planner.levels:
        return
    vertex = planner.times.cabin(ride.to_level, ride.lift, journey.state.graph_mask)
    journey.shut_in_by = planner.levels[ride.to_level].holder_near(vertex, journey.name)
    if not journey.shut_in_by:
        join_level(planner, journey, ride.to_level, vertex, now)


def finish_alighting(planner: PlannerState, journey: Journey, agent: Agent) -> None:
    """Say so once the robot has left the cabin."""
    ride = planner.rides.of(journey.name)
    in_cabin = planner.levels[journey.level].roadmap.cabin_lift[agent.vertex]
    if ride is not None and ride.request.action is RideAction.BOARDED and not in_cabin:
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
