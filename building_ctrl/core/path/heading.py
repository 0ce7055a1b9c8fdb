"""Which vertex of its level a robot heads for now: its destination, a lift, or a spot to wait at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from building_ctrl.core.path.agent import Agent
from building_ctrl.core.path.journey import Journey
from building_ctrl.core.path.precedence import goes_before
from building_ctrl.core.path.rides import Ride
from building_ctrl.core.path.state import PlannerState
from building_ctrl.model.lift import RideAction, RidePhase
from building_ctrl.model.path import DestinationRequest

DETOUR_WEIGHT = 0.5  # a second of driving while it has to wait counts as this much later


class Heading:
    """Chooses and claims goals on the levels, and asks for rides towards other levels."""

    def __init__(self, planner: PlannerState) -> None:
        self._planner = planner
        self._times = planner.times
        self._rides = planner.rides

    def choose(self, journey: Journey, agent: Agent, now: float) -> None:
        """Set the goal of a robot on a level."""
        ride, request = self._rides.of(journey.name), journey.request
        journey.way_closed = self._cut_off(journey, agent, request)
        journey.waiting_for_exit = ""
        if request is None or journey.refusal:
            self._drop_ride(journey, ride, agent, now)
            self._stay(journey, agent, now)
        elif journey.way_closed:
            self._drop_ride(journey, ride, agent, now)
            self._wait_for_way(journey, agent, now)
        elif request.level == journey.level:
            self._drop_ride(journey, ride, agent, now)
            self._head_for(journey, agent, journey.vertex, now)
        elif ride is not None and ride.request.action in (RideAction.BOARDED, RideAction.ALIGHTED):
            self._wait_near(journey, agent, self._times.cabin(journey.level, ride.lift, agent.graph_mask), now)
        else:
            self._head_for_lift(journey, agent, ride, request, now)

    def _cut_off(self, journey: Journey, agent: Agent, request: DestinationRequest | None) -> str:
        """What closed the robot's way to its destination; empty where there is a way, or it is under way in a lift."""
        traffic = self._planner.traffic
        if request is None or journey.refusal or not traffic.roadmap.any_closed() or self._committed(journey, agent):
            return ""
        ride = self._rides.of(journey.name)
        if ride is not None and ride.request.action in (RideAction.BOARDED, RideAction.ALIGHTED):
            return ""
        mask = agent.graph_mask
        seconds = self._times.travel_s(journey.level, agent.frontier, request.level, journey.vertex, mask)
        if np.isfinite(seconds):
            return ""
        why = traffic.roadmap.why_closed(request.level, journey.vertex, journey.fleet, journey.state.graph_mask)
        return why or f"the way to {request.level}/{request.place} is closed"

    def _wait_for_way(self, journey: Journey, agent: Agent, now: float) -> None:
        """Wait where it is for its way to be opened, without keeping others from where it cannot go."""
        goals = self._planner.goals[journey.level]
        if agent.waits_for < 0:
            goals.release(journey.name)
        if goals.goal_of(journey.name) >= 0:
            return
        if self._can_stay(journey, agent):
            self._claim(journey, agent, agent.frontier, agent.frontier, now)
        else:
            self._wait_near(journey, agent, agent.frontier, now)

    def _can_stay(self, journey: Journey, agent: Agent) -> bool:
        level = self._planner.levels[journey.level]
        goals = self._planner.goals[journey.level]
        return not level.roadmap.cabin_lift[agent.frontier] and not goals.holder(agent.frontier, journey.name)

    def _stay(self, journey: Journey, agent: Agent, now: float) -> None:
        """Nothing to do: keep to the present goal, or to where the robot stands, unless somebody needs it."""
        goals = self._planner.goals[journey.level]
        if goals.goal_of(journey.name) >= 0:
            return
        if self._can_stay(journey, agent):
            self._claim(journey, agent, agent.frontier, -1, now)
        else:
            self._wait_near(journey, agent, agent.frontier, now)

    def _head_for(self, journey: Journey, agent: Agent, vertex: int, now: float) -> None:
        goals = self._planner.goals[journey.level]
        holder = goals.holder(vertex, journey.name)
        if holder and self._makes_way(holder, journey, now):
            goals.release(holder)
            holder = goals.holder(vertex, journey.name)
        journey.waiting_for_place = holder
        if holder:
            self._wait_near(journey, agent, vertex, now)
        elif goals.goal_of(journey.name) != vertex or agent.goal != vertex:
            self._claim(journey, agent, vertex, -1, now)

    def _claim(self, journey: Journey, agent: Agent, vertex: int, waits_for: int, now: float) -> None:
        self._planner.goals[journey.level].claim(journey.name, vertex)
        self._planner.levels[journey.level].set_goal(journey.name, vertex, now)
        agent.waits_for = waits_for

    def _makes_way(self, name: str, claimant: Journey, now: float) -> bool:
        """Whether a robot gives its goal up to one that needs it: it only waits there or is still to come, was done
        there a while ago, or stands at a berth while the lift comes for the other one."""
        if self._planner.exits.reserved(claimant.level, name):
            return True
        holder = self._planner.journeys[name]
        agent = self._planner.levels[holder.level].agents[holder.name]
        if agent.waits_for >= 0 or holder.request is None:
            return True
        if self._is_overtaken(holder, agent, claimant):
            return True
        if self._lift_comes_for(claimant) and not self._lift_comes_for(holder):
            return holder.request.level != holder.level
        if now - holder.arrived_s <= self._planner.parameters.pin_s or holder.goes_home:
            return False
        holder.request, holder.arrived_s = None, float("inf")
        return True

    def _is_overtaken(self, holder: Journey, agent: Agent, claimant: Journey) -> bool:
        """Whether a robot on its way to its destination leaves it to one that is due there earlier."""
        other = self._planner.levels[claimant.level].agents[claimant.name]
        same_place = holder.request is not None and claimant.request is not None and (
            (holder.request.level, holder.vertex) == (claimant.request.level, claimant.vertex)
        )
        if not same_place or claimant.level != holder.level or holder.vertex in (agent.frontier, agent.vertex):
            return False
        mine = self._drive_s(holder, agent, agent.vertex, holder.vertex)
        theirs = self._drive_s(claimant, other, other.vertex, claimant.vertex)
        if mine is None or theirs is None:
            return False
        return goes_before(claimant, theirs, holder, mine)

    def _lift_comes_for(self, journey: Journey) -> bool:
        ride = self._rides.of(journey.name)
        return ride is not None and RidePhase.CALLED <= ride.phase <= RidePhase.ALIGHTING

    def _wait_near(self, journey: Journey, agent: Agent, target: int, now: float) -> None:
        """Head for a free waiting spot near the target; keep a claimed one as long as the target is the same."""
        goals = self._planner.goals[journey.level]
        if goals.goal_of(journey.name) >= 0 and agent.waits_for == target:
            return
        onward = self._times.seconds_to(journey.level, target, agent.graph_mask)
        there = self._times.seconds_to(journey.level, agent.frontier, agent.graph_mask)  # as far as back
        spot = goals.waiting_spot(
            journey.name,
            target,
            onward + DETOUR_WEIGHT * there,
            lambda vertex: self._drive_s(journey, agent, agent.frontier, vertex) is not None,
        )
        if spot >= 0:
            self._claim(journey, agent, spot, target, now)

    def _head_for_lift(
        self, journey: Journey, agent: Agent, ride: Ride | None, request: DestinationRequest, now: float
    ) -> None:
        level = self._planner.levels[journey.level]
        if ride is None or not self._committed(journey, agent):
            ride = self._right_ride(journey, agent, ride, request, now)
        else:
            self._has_exit(journey, ride.to_level, ride.lift, now)
        if ride is None:
            self._stay_off_berths(journey, agent, now)
            return
        assigned = bool(ride.lift) and ride.phase is not RidePhase.REQUESTED
        lift = ride.lift if assigned else ride.request.lifts[0]
        berth = self._times.berth(journey.level, lift, agent.graph_mask)
        if assigned:
            level.allow_cabin(journey.name, ride.lift if ride.may_board else "")
            goal = self._times.cabin(journey.level, lift, agent.graph_mask) if ride.may_board else berth
            self._head_for(journey, agent, goal, now)
        else:
            self._wait_near(journey, agent, berth, now)
        self._tell_how_far(journey, agent, berth)

    def _right_ride(
        self, journey: Journey, agent: Agent, ride: Ride | None, request: DestinationRequest, now: float
    ) -> Ride | None:
        """The ride that leads towards the destination: the present one, a new one, or None for the moment."""
        legs = self._times.lift_legs(journey.level, agent.frontier, request.level, journey.vertex, agent.graph_mask)
        kept = ride.request.to_level if ride is not None else ""
        if ride is not None and kept in (leg.to_level for leg in legs):
            if self._has_exit(journey, kept, ride.lift or ride.request.lifts[0], now):
                return ride
            self._drop_ride(journey, ride, agent, now)
            return None
        self._drop_ride(journey, ride, agent, now)
        if not legs or not self._rides.may_ask(journey.name, now):
            return None
        to_level = legs[0].to_level
        if not self._has_exit(journey, to_level, legs[0].lift, now):
            return None
        lifts = tuple(leg.lift for leg in legs if leg.to_level == to_level)
        asked = self._rides.ask(journey.fleet, journey.name, journey.level, to_level, lifts)
        asked.request = replace(asked.request, priority=min(max(request.priority, 0), 255))
        return asked

    def _has_exit(self, journey: Journey, to_level: str, lift: str, now: float) -> bool:
        """Whether the robot could get out there: without that it neither asks for a lift nor boards."""
        handovers = self._planner.handovers
        reserved = handovers.want(journey, to_level, lift, now)
        journey.waiting_for_exit = "" if reserved else handovers.obstacle(journey.name, to_level, now)
        return reserved

    def _stay_off_berths(self, journey: Journey, agent: Agent, now: float) -> None:
        """Stay, but not where others board."""
        berth = self._times.berth_at(journey.level, agent.frontier)
        if berth and self._planner.goals[journey.level].goal_of(journey.name) == agent.frontier:
            self._wait_near(journey, agent, agent.frontier, now)
        else:
            self._stay(journey, agent, now)

    def _tell_how_far(self, journey: Journey, agent: Agent, berth: int) -> None:
        if agent.vertex == berth and not agent.actions:
            self._rides.tell(journey.name, RideAction.READY, 0.0)
        else:
            seconds = self._drive_s(journey, agent, agent.vertex, berth)
            self._rides.tell(journey.name, RideAction.REQUEST, -1.0 if seconds is None else seconds)

    def _drive_s(self, journey: Journey, agent: Agent, start: int, end: int) -> float | None:
        seconds = self._times.drive_s(journey.level, start, end, agent.graph_mask)
        return seconds if np.isfinite(seconds) else None

    def _committed(self, journey: Journey, agent: Agent) -> bool:
        """Whether the way into a cabin is released already."""
        return bool(self._planner.levels[journey.level].roadmap.cabin_lift[agent.frontier])

    def _drop_ride(self, journey: Journey, ride: Ride | None, agent: Agent, now: float) -> None:
        before_boarding = ride is not None and ride.request.action in (RideAction.REQUEST, RideAction.READY)
        if before_boarding and not self._committed(journey, agent):
            self._rides.cancel(journey.name, now)
            self._planner.levels[journey.level].allow_cabin(journey.name, "")
