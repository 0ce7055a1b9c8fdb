"""The path planner: takes destinations, brings robots there over levels, and releases their paths stretch by stretch.

One object owns one or several levels. It is the only writer of who may be where on them; lifts and doors belong to
their own planners and are asked by rides and crossings. A robot rides in the fixed order: boarding only with a granted
ride, leaving the level when it stands in the cabin, joining the next level at its cabin vertex when the car is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from building_ctrl.core.path.agent import NO_WAIT, Agent, Wait
from building_ctrl.core.path.crossings import CrossingBook
from building_ctrl.core.path.goals import GoalBook
from building_ctrl.core.path.journey import Journey, Place
from building_ctrl.core.path.level import LevelCoordinator, LevelParameters
from building_ctrl.core.path.report import released_path, travel_state
from building_ctrl.core.path.rides import Ride, RideBook
from building_ctrl.core.path.routes import TravelTimes
from building_ctrl.model.alarm import Alarm, AlarmPriority
from building_ctrl.model.building import Building
from building_ctrl.model.door import CrossingRequest, CrossingState
from building_ctrl.model.lift import RideAction, RidePhase, RideRequest, RideState
from building_ctrl.model.path import DestinationRequest, ReleasedPath, TravelState, WaitingKind
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.model.robot import Connection, RobotState, WorkState

OBEYING = (WorkState.STANDBY, WorkState.PERFORMING, WorkState.CHARGING)


@dataclass(frozen=True, slots=True)
class PathParameters:
    """pin_s: how long a robot that has arrived may not be pushed away; silent_s: age of a robot's newest state from
    which it counts as lost; placing_m: how far from a vertex a robot may stand to be placed on it."""

    level: LevelParameters = field(default_factory=LevelParameters)
    pin_s: float = 30.0
    silent_s: float = 3.0
    placing_m: float = 0.15


@dataclass(frozen=True, slots=True)
class PathDecisions:
    """What to send after one step: paths that have grown, ride and crossing requests, everybody's state, alarms."""

    released: tuple[ReleasedPath, ...]
    rides: tuple[RideRequest, ...]
    crossings: tuple[CrossingRequest, ...]
    travel: tuple[TravelState, ...]
    alarms: tuple[Alarm, ...]


class PathPlanner:
    """Coordinates all robots on a roadmap.

    `epoch` must be greater than that of any planner that has planned for these robots before.
    """

    def __init__(
        self, building: Building, roadmap: Roadmap, epoch: int, parameters: PathParameters | None = None
    ) -> None:
        self.roadmap = roadmap
        self.epoch = epoch
        self.parameters = parameters or PathParameters()
        self.times = TravelTimes(roadmap, self.parameters.level.nominal_speed_mps)
        self._levels = {row.level: LevelCoordinator(row, self.parameters.level) for row in roadmap.levels}
        self._goals = {row.level: GoalBook(row) for row in roadmap.levels}
        self._journeys: dict[str, Journey] = {}
        self._rides = RideBook(epoch)
        self._crossings = CrossingBook(building, epoch)
        self._alarms: dict[str, Alarm] = {}

    # -- events -------------------------------------------------------------------------------------------------

    def robot_states(self, states: Iterable[RobotState], now: float) -> None:
        """Hear a gateway: where its robots are and which waypoints they have reached."""
        for state in states:
            journey = self._journeys.get(state.name)
            if journey is None:
                journey = self._journeys[state.name] = Journey(state.name, state, now)
            journey.state, journey.seen_s = state, now
            if journey.place is Place.OUTSIDE:
                self._place(journey, now)
            elif journey.place is Place.LEVEL and state.path_epoch == self.epoch:
                self._levels[journey.level].reached(state.name, state.reached_seq)

    def destination(self, request: DestinationRequest, now: float) -> str:
        """Send a robot somewhere. Returns why it is refused, or an empty string; repeating it changes nothing."""
        journey = self._journeys.get(request.robot)
        if journey is None:
            return f"robot {request.robot!r} is not known to any gateway"
        if journey.request == request and not journey.refusal:
            return ""
        try:
            vertex = self.roadmap.level(request.level).vertex_of(request.place)
        except KeyError:
            return self._refuse(journey, request, f"there is no level {request.level!r}")
        if vertex < 0:
            return self._refuse(journey, request, f"level {request.level!r} has no place {request.place!r}")
        if journey.place is Place.LEVEL and not self._reachable(journey, request.level, vertex):
            return self._refuse(
                journey, request, f"no way from level {journey.level!r} to {request.level}/{request.place}"
            )
        journey.request, journey.vertex, journey.refusal = request, vertex, ""
        journey.since_s = now
        journey.arrived_s, journey.waiting_for_place = float("inf"), ""
        return ""

    def ride_states(self, states: Sequence[RideState], now: float) -> None:
        """Hear the lift planner."""
        self._rides.states(states, now)

    def crossing_states(self, states: Sequence[CrossingState], now: float) -> None:
        """Hear the door planner."""
        self._crossings.states(states, now)

    # -- decisions ----------------------------------------------------------------------------------------------

    def step(self, now: float) -> PathDecisions:
        """Decide once; call a few times a second."""
        for journey in sorted(self._journeys.values(), key=lambda journey: journey.since_s):
            self._advance(journey, now)
        grown: list[str] = []
        gate = _Gate(self._rides, self._crossings)
        self._close_doors(now)
        for level in self._levels.values():
            grown.extend(level.step(now, gate))
        self._ask_for_doors(now)
        return PathDecisions(
            released=tuple(self._path_of(self._journeys[name]) for name in grown),
            rides=self._rides.requests(now),
            crossings=self._crossings.requests(now),
            travel=tuple(self._travel_of(journey) for journey in self._journeys.values()),
            alarms=tuple(self._alarms.values()),
        )

    def all_released(self) -> tuple[ReleasedPath, ...]:
        """Every placed robot's released path, to be repeated."""
        placed = (j for j in self._journeys.values() if j.place is not Place.OUTSIDE)
        return tuple(self._path_of(journey) for journey in placed)

    def assert_sound(self) -> None:
        """Check what must always hold on every level. Raises AssertionError naming the robots."""
        for level in self._levels.values():
            level.assert_sound()

    # -- placing ------------------------------------------------------------------------------------------------

    def _place(self, journey: Journey, now: float) -> None:
        """Put a robot that stands still onto the roadmap, or say why it cannot be."""
        state = journey.state
        if state.connection is Connection.LOST or not state.level or state.reached_seq != state.released_seq:
            return
        if abs(state.speed_mps) > 0.05:
            return
        reason = self._try_to_place(journey, now)
        if reason != journey.quarantine:
            journey.quarantine = reason
            self._alarm("robot_off_roadmap", journey.name, reason, now)

    def _try_to_place(self, journey: Journey, now: float) -> str:
        state = journey.state
        if state.level not in self._levels:
            return f"{state.name} is on level {state.level!r}, which is not on the map"
        level = self._levels[state.level]
        vertex, distance = level.roadmap.nearest_vertex(state.x_m, state.y_m)
        if distance > self.parameters.placing_m:
            return (
                f"{state.name} stands {distance:.2f} m from the nearest vertex of level {state.level} at "
                f"({state.x_m:.2f}, {state.y_m:.2f}): move it onto a lane"
            )
        holder = level.holder_near(vertex, state.name)
        if holder:
            return f"{state.name} stands where {holder} is or may go: move one of them away"
        journey.next_seq = state.released_seq if state.path_epoch == self.epoch else 0
        lift = level.roadmap.cabin_lift[vertex]
        if lift:
            self._rides.adopt(state.fleet, state.name, state.level, lift)
            journey.place, journey.level = Place.CABIN, state.level
        else:
            self._join(journey, state.level, vertex, now)
        return ""

    def _join(self, journey: Journey, level: str, vertex: int, now: float) -> None:
        agent = Agent(
            name=journey.name,
            graph_mask=journey.state.graph_mask,
            vertex=vertex,
            frontier=vertex,
            next_seq=journey.next_seq,
            goal=-1,
            goal_since_s=now,
            progress_s=now,
        )
        self._levels[level].add(agent)
        journey.place, journey.level = Place.LEVEL, level

    # -- journeys -----------------------------------------------------------------------------------------------

    def _advance(self, journey: Journey, now: float) -> None:
        if journey.place is Place.CABIN:
            self._ride_on(journey, now)
        if journey.place is not Place.LEVEL:
            return
        agent = self._levels[journey.level].agents[journey.name]
        self._finish_alighting(journey, agent)
        self._board(journey, agent, now)
        if journey.place is Place.LEVEL:
            self._choose_goal(journey, agent, now)
            self._note_arrival(journey, agent, now)
            self._set_flags(journey, agent, now)

    def _ride_on(self, journey: Journey, now: float) -> None:
        """In the cabin: keep the ride alive and join the level once the car is there."""
        ride = self._rides.of(journey.name)
        if ride is None:
            ride = self._rides.adopt(journey.fleet, journey.name, journey.level, self._cabin_at(journey))
        if not ride.may_alight or ride.to_level not in self._levels:
            return
        vertex = self.times.cabin(ride.to_level, ride.lift)
        holder = self._levels[ride.to_level].holder_near(vertex, journey.name)
        if holder:
            self._alarm("cabin_occupied", ride.lift, f"{holder} is in the way of {journey.name} in the cabin", now)
            return
        self._alarms.pop(f"cabin_occupied/{ride.lift}", None)
        self._join(journey, ride.to_level, vertex, now)

    def _cabin_at(self, journey: Journey) -> str:
        level = self._levels[journey.level].roadmap
        return level.cabin_lift[level.nearest_vertex(*journey.position)[0]]

    def _finish_alighting(self, journey: Journey, agent: Agent) -> None:
        ride = self._rides.of(journey.name)
        in_cabin = self._levels[journey.level].roadmap.cabin_lift[agent.vertex]
        if ride is not None and ride.request.action is RideAction.BOARDED and not in_cabin:
            self._rides.tell(journey.name, RideAction.ALIGHTED)

    def _board(self, journey: Journey, agent: Agent, now: float) -> None:
        """Leave the level once the robot stands in the cabin it was to board."""
        ride = self._rides.of(journey.name)
        level = self._levels[journey.level]
        lift = level.roadmap.cabin_lift[agent.vertex]
        if not lift or agent.actions or (ride is not None and ride.request.action is RideAction.BOARDED):
            return
        if ride is None:
            ride = self._rides.adopt(journey.fleet, journey.name, journey.level, lift)
        self._rides.tell(journey.name, RideAction.BOARDED)
        journey.next_seq = level.remove(journey.name).next_seq
        self._goals[journey.level].release(journey.name)
        self._crossings.drop(journey.name, now)
        journey.place = Place.CABIN

    def _choose_goal(self, journey: Journey, agent: Agent, now: float) -> None:
        ride = self._rides.of(journey.name)
        if journey.request is None or journey.refusal:
            self._drop_ride(journey, ride, agent, now)
            self._stay(journey, agent, now)
        elif journey.request.level == journey.level:
            self._drop_ride(journey, ride, agent, now)
            self._head_for(journey, agent, journey.vertex, now)
        elif ride is not None and ride.request.action in (RideAction.BOARDED, RideAction.ALIGHTED):
            self._wait_near(journey, agent, self.times.cabin(journey.level, ride.lift), now)
        else:
            self._head_for_lift(journey, agent, ride, now)

    def _stay(self, journey: Journey, agent: Agent, now: float) -> None:
        """Nothing to do: keep to the present goal, or to where the robot stands, unless somebody needs it."""
        goals = self._goals[journey.level]
        if goals.goal_of(journey.name) >= 0:
            return
        in_cabin = self._levels[journey.level].roadmap.cabin_lift[agent.frontier]
        if not in_cabin and not goals.holder(agent.frontier, journey.name):
            goals.claim(journey.name, agent.frontier)
            self._levels[journey.level].set_goal(journey.name, agent.frontier, now)
            agent.waits_for = -1
        else:
            self._wait_near(journey, agent, agent.frontier, now)

    def _head_for(self, journey: Journey, agent: Agent, vertex: int, now: float) -> None:
        goals = self._goals[journey.level]
        holder = goals.holder(vertex, journey.name)
        if holder and self._makes_way(self._journeys[holder], journey, now):
            goals.release(holder)
            holder = goals.holder(vertex, journey.name)
        journey.waiting_for_place = holder
        if holder:
            self._wait_near(journey, agent, vertex, now)
        elif goals.goal_of(journey.name) != vertex or agent.goal != vertex:
            goals.claim(journey.name, vertex)
            self._levels[journey.level].set_goal(journey.name, vertex, now)
            agent.waits_for = -1

    def _makes_way(self, holder: Journey, claimant: Journey, now: float) -> bool:
        """Whether a robot gives its goal up to one that needs it: it only waits there, was done there a while ago, or
        stands at a berth while the lift comes for the other one."""
        if self._levels[holder.level].agents[holder.name].waits_for >= 0 or holder.request is None:
            return True
        if self._lift_comes_for(claimant) and not self._lift_comes_for(holder):
            return holder.request.level != holder.level
        if now - holder.arrived_s <= self.parameters.pin_s or _goes_home(holder):
            return False
        holder.request, holder.arrived_s = None, float("inf")
        return True

    def _lift_comes_for(self, journey: Journey) -> bool:
        ride = self._rides.of(journey.name)
        return ride is not None and RidePhase.CALLED <= ride.phase <= RidePhase.ALIGHTING

    def _wait_near(self, journey: Journey, agent: Agent, target: int, now: float) -> None:
        """Head for a free waiting spot near the target; keep a claimed one as long as the target is the same."""
        goals, level = self._goals[journey.level], self._levels[journey.level]
        if goals.goal_of(journey.name) >= 0 and agent.waits_for == target:
            return
        mask = agent.graph_mask
        seconds = self.times.seconds_to(journey.level, target, mask)
        if not np.isfinite(seconds).any():
            return
        spot = goals.waiting_spot(
            journey.name,
            seconds,
            lambda vertex: bool(np.isfinite(self.times.drive_s(journey.level, agent.frontier, vertex, mask))),
        )
        if spot >= 0:
            goals.claim(journey.name, spot)
            level.set_goal(journey.name, spot, now)
            agent.waits_for = target

    def _head_for_lift(self, journey: Journey, agent: Agent, ride: Ride | None, now: float) -> None:
        assert journey.request is not None
        level = self._levels[journey.level]
        if ride is None or not self._committed(agent, level):
            ride = self._right_ride(journey, agent, ride, now)
        if ride is None:
            self._stay(journey, agent, now)
            return
        if not ride.lift or ride.phase is RidePhase.REQUESTED:
            berth = self.times.berth(journey.level, ride.request.lifts[0])
            self._wait_near(journey, agent, berth, now)
            self._tell_eta(journey, agent, berth)
            return
        berth = self.times.berth(journey.level, ride.lift)
        cabin = self.times.cabin(journey.level, ride.lift)
        level.allow_cabin(journey.name, ride.lift if ride.may_board else "")
        self._head_for(journey, agent, cabin if ride.may_board else berth, now)
        self._tell_eta(journey, agent, berth)

    def _right_ride(self, journey: Journey, agent: Agent, ride: Ride | None, now: float) -> Ride | None:
        """The ride that leads towards the destination: the present one, a new one, or None for the moment."""
        assert journey.request is not None
        request = journey.request
        legs = self.times.lift_legs(journey.level, agent.frontier, request.level, journey.vertex, agent.graph_mask)
        if ride is not None and any(leg.to_level == ride.request.to_level for leg in legs):
            return ride
        self._drop_ride(journey, ride, agent, now)
        if not legs or not self._rides.may_ask(journey.name, now):
            return None
        to_level = legs[0].to_level
        lifts = tuple(leg.lift for leg in legs if leg.to_level == to_level)
        return self._rides.ask(journey.fleet, journey.name, journey.level, to_level, lifts)

    def _tell_eta(self, journey: Journey, agent: Agent, berth: int) -> None:
        if agent.vertex == berth and not agent.actions:
            self._rides.tell(journey.name, RideAction.READY, 0.0)
        elif agent.frontier == agent.goal or self._rides.of(journey.name) is not None:
            eta = self.times.drive_s(journey.level, agent.vertex, berth, agent.graph_mask)
            ride = self._rides.of(journey.name)
            if ride is not None and ride.request.action is RideAction.REQUEST:
                self._rides.tell(journey.name, RideAction.REQUEST, eta if np.isfinite(eta) else -1.0)

    @staticmethod
    def _committed(agent: Agent, level: LevelCoordinator) -> bool:
        """Whether the way into a cabin is released already."""
        return bool(level.roadmap.cabin_lift[agent.frontier])

    def _drop_ride(self, journey: Journey, ride: Ride | None, agent: Agent, now: float) -> None:
        level = self._levels[journey.level]
        before_boarding = ride is not None and ride.request.action in (RideAction.REQUEST, RideAction.READY)
        if before_boarding and not self._committed(agent, level):
            self._rides.cancel(journey.name, now)
            level.allow_cabin(journey.name, "")

    def _note_arrival(self, journey: Journey, agent: Agent, now: float) -> None:
        there = (
            journey.request is not None
            and not journey.refusal
            and journey.request.level == journey.level
            and agent.vertex == journey.vertex
            and not agent.actions
        )
        if not there:
            journey.arrived_s = float("inf")
        elif journey.arrived_s == float("inf"):
            journey.arrived_s = now

    def _set_flags(self, journey: Journey, agent: Agent, now: float) -> None:
        state = journey.state
        ride = self._rides.of(journey.name)
        silent = now - journey.seen_s > self.parameters.silent_s
        pinned = 0.0 <= now - journey.arrived_s <= self.parameters.pin_s and not _goes_home(journey)
        self._levels[journey.level].set_flags(
            journey.name,
            healthy=not silent and state.connection is Connection.NORMAL and state.work in OBEYING,
            pinned=pinned,
            urgent=ride is not None and ride.phase in (RidePhase.BOARDING, RidePhase.ALIGHTING),
        )

    # -- doors --------------------------------------------------------------------------------------------------

    def _close_doors(self, now: float) -> None:
        blocked = self._crossings.blocked(now)
        for level in self._levels.values():
            closed = np.zeros(level.roadmap.n_edges, dtype=bool)
            if blocked:
                closed[[door in blocked for door in level.roadmap.edge_door]] = True
            level.close_edges(closed)

    def _ask_for_doors(self, now: float) -> None:
        for journey in self._journeys.values():
            if journey.place is not Place.LEVEL:
                continue
            level = self._levels[journey.level]
            rows, agent = level.roadmap, level.agents[journey.name]
            released = {rows.edge_door[a.edge] for a in agent.actions if rows.edge_door[a.edge]}
            if rows.in_doorway[agent.vertex]:
                touching = rows.edge_from == agent.vertex
                released |= {rows.edge_door[e] for e in np.flatnonzero(touching) if rows.edge_door[e]}
            ahead = level.planned_doors(journey.name)
            self._crossings.want(
                journey.name, journey.fleet, journey.level, ahead, frozenset(released), journey.position, now
            )

    # -- reports ------------------------------------------------------------------------------------------------

    def _path_of(self, journey: Journey) -> ReleasedPath:
        level = self._levels.get(journey.level)
        agent = level.agents.get(journey.name) if level else None
        if level is None or agent is None:
            return ReleasedPath(journey.name, journey.level, self.epoch, journey.next_seq, ())
        ride = self._rides.of(journey.name)
        return released_path(level.roadmap, agent, self.epoch, ride.request.ride_id if ride else "")

    def _travel_of(self, journey: Journey) -> TravelState:
        level = self._levels.get(journey.level)
        agent = level.agents.get(journey.name) if level else None
        return travel_state(journey, agent, self._rides.of(journey.name), self.times)

    def _reachable(self, journey: Journey, level: str, vertex: int) -> bool:
        agent = self._levels[journey.level].agents[journey.name]
        seconds = self.times.travel_s(journey.level, agent.frontier, level, vertex, agent.graph_mask)
        return bool(np.isfinite(seconds))

    def _refuse(self, journey: Journey, request: DestinationRequest, reason: str) -> str:
        journey.request, journey.refusal, journey.vertex = request, reason, -1
        journey.arrived_s = float("inf")
        return reason

    def _alarm(self, kind: str, source: str, detail: str, now: float) -> None:
        key = f"{kind}/{source}"
        if not detail:
            self._alarms.pop(key, None)
            return
        self._alarms[key] = Alarm(key, kind, source, AlarmPriority.MEDIUM, True, now, detail=detail)


def _goes_home(journey: Journey) -> bool:
    return journey.request is not None and journey.request.task_id.startswith("home/")


class _Gate:
    """Doors and cabins as the door and lift planner report them."""

    def __init__(self, rides: RideBook, crossings: CrossingBook) -> None:
        self._rides = rides
        self._crossings = crossings

    def door(self, robot: str, door: str) -> Wait:
        return NO_WAIT if self._crossings.granted(robot, door) else Wait(WaitingKind.DOOR, door)

    def enter_cabin(self, robot: str, lift: str) -> Wait:
        ride = self._rides.of(robot)
        open_for_it = ride is not None and ride.may_board and ride.lift == lift
        return NO_WAIT if open_for_it else Wait(WaitingKind.LIFT, lift)

    def leave_cabin(self, robot: str, lift: str) -> Wait:
        ride = self._rides.of(robot)
        open_for_it = ride is not None and ride.may_alight and ride.lift == lift
        return NO_WAIT if open_for_it else Wait(WaitingKind.LIFT, lift)

    def ride_id(self, robot: str) -> str:
        ride = self._rides.of(robot)
        return ride.request.ride_id if ride else ""
