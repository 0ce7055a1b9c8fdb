"""The path planner: takes destinations, brings robots there over levels, and releases their paths stretch by stretch.

One object owns one or several levels. It is the only writer of who may be where on them; lifts and doors belong to
their own planners and are asked by rides and crossings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from building_ctrl.core.alarms import AlarmBook, Condition
from building_ctrl.core.path.acyclic import unsound
from building_ctrl.core.path.agent import Agent
from building_ctrl.core.path.cutoff import cut_off_by
from building_ctrl.core.path.forecast import Forecast
from building_ctrl.core.path.gate import BookGate
from building_ctrl.core.path.handover import Announcer
from building_ctrl.core.path.heading import Heading
from building_ctrl.core.path.held import HeldBook
from building_ctrl.core.path.journey import NOT_HEARD, OFF_ROADMAP, Journey, Place
from building_ctrl.core.path.level import LevelCoordinator
from building_ctrl.core.path.placing import place
from building_ctrl.core.path.precedence import due_s, rank_s
from building_ctrl.core.path.quarantine import QUARANTINE_ALARMS, Quarantine
from building_ctrl.core.path.report import released_path, travel_state
from building_ctrl.core.path.riding import board, finish_alighting, ride_on
from building_ctrl.core.path.shard import Shard
from building_ctrl.core.path.state import PathParameters, PlannerState
from building_ctrl.core.path.taking import answers, is_fenced, is_mine, let_go, see_alighted
from building_ctrl.core.path.traffic import TrafficRules
from building_ctrl.model.alarm import Alarm, AlarmPriority
from building_ctrl.model.building import Building
from building_ctrl.model.door import CrossingRequest, CrossingState
from building_ctrl.model.held import ClearRequest, HeldStretch
from building_ctrl.model.lift import RidePhase, RideRequest, RideState
from building_ctrl.model.path import DestinationRequest, ReleasedPath, TravelState
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.model.robot import Connection, RobotState, WorkState
from building_ctrl.model.shard import ShardState

CUT_OFF_CYCLES = 5
OBEYING = (WorkState.STANDBY, WorkState.PERFORMING, WorkState.CHARGING)
PATH_ALARMS = {
    **QUARANTINE_ALARMS,
    "cabin_occupied": AlarmPriority.HIGH,
    "plan_unsound": AlarmPriority.HIGH,
    "level_owned_twice": AlarmPriority.HIGH,
}


@dataclass(frozen=True, slots=True)
class PathDecisions:
    """What to send after one step: paths that have grown, ride and crossing requests, alarms, and what the other path
    planners are told where that is due.

    `held` is to be kept on the disk before any of the paths is sent.
    """

    released: tuple[ReleasedPath, ...]
    rides: tuple[RideRequest, ...]
    crossings: tuple[CrossingRequest, ...]
    alarms: tuple[Alarm, ...]
    shard: ShardState | None = None
    held: tuple[HeldStretch, ...] = ()


class PathPlanner:
    """Coordinates all robots on the levels of a shard, by default on all of a roadmap.

    `epoch` must be greater than that of any planner of these levels before, and other than that of any planner.
    """

    def __init__(
        self,
        building: Building,
        roadmap: Roadmap,
        epoch: int,
        parameters: PathParameters | None = None,
        shard: Shard | None = None,
    ) -> None:
        self._state = PlannerState(building, roadmap, epoch, parameters or PathParameters(), shard)
        self._announcer = Announcer(self._state.shard, epoch)
        self._heading = Heading(self._state)
        self._gate = BookGate(self._state.rides, self._state.crossings)
        self._alarms = AlarmBook(PATH_ALARMS)
        self._quarantine = Quarantine(self._state)
        self._held = HeldBook(self._state)
        self._told_to_stand: set[str] = set()
        self._cycle = 0
        self._priorities: dict[str, int] = {}
        self._forecast = Forecast(self._state)
        self._stepped_s = 0.0

    @property
    def roadmap(self) -> Roadmap:
        return self._state.roadmap

    @property
    def name(self) -> str:
        """What the planner is called in messages."""
        return self._state.shard.name

    @property
    def epoch(self) -> int:
        return self._state.epoch

    @property
    def traffic(self) -> TrafficRules:
        """What is closed and slowed down: ask it for changes, they count from the next step on."""
        return self._state.traffic

    @property
    def levels(self) -> Mapping[str, LevelCoordinator]:
        """The levels planned for, by name."""
        return self._state.levels
    def restore(self, stretches: Iterable[HeldStretch]) -> None:
        """Take over what earlier planners kept as `PathDecisions.held`; before the first event.

        The stretch of a robot stays blocked until the robot is heard and stands, or a person clears it.
        """
        self._held.restore(stretches)

    # -- events -------------------------------------------------------------------------------------------------

    def hears(self, robot: str, level: str) -> bool:
        """Whether the state of a robot that reports that level may concern this planner; others may be left out."""
        state = self._state
        own = state.shard.owns(level) or level not in state.level_names
        return own or robot in state.journeys or state.rides.underway(robot) is not None

    def robot_states(self, states: Iterable[RobotState], now: float, gateway: str = "") -> None:
        """Hear a gateway: where its robots are and which waypoints they have reached."""
        journeys = self._state.journeys
        for state in states:
            journey = journeys.get(state.name)
            if journey is None or journey.place is Place.OUTSIDE:
                journey = self._candidate(journey, state, now)
            if journey is None:
                continue
            if self._quarantine.hears(journey, state, now, gateway):
                self._forecast.observe(state.name, state.speed_mps)
                self._hear(journey, state, now)

    def _hear(self, journey: Journey, state: RobotState, now: float) -> None:
        journey.state, journey.seen_s = state, now
        if journey.removed or journey.needs_person:
            return
        if journey.alarm == NOT_HEARD and state.connection is Connection.NORMAL:
            journey.alarm, journey.quarantine = OFF_ROADMAP, ""
        before = journey.place
        if journey.voiding:
            self._quarantine.settle(journey, now)
        elif journey.place is Place.OUTSIDE:
            place(self._state, journey, now)
        elif journey.place is Place.LEVEL and state.path_epoch == journey.epoch:
            self._state.levels[journey.level].reached(state.name, state.reached_seq)
        if before is Place.OUTSIDE and journey.place is not Place.OUTSIDE:
            self._quarantine.touched.add(journey.name)
            if journey.request is not None:
                journey.vertex, journey.refusal = self._find(journey, journey.request)

    def clear(self, request: ClearRequest, now: float) -> str:
        """A person has seen to a robot in quarantine. Returns why that is refused, or an empty string."""
        if request.robot not in self._state.journeys and not self._state.whole:
            return ""
        return self._quarantine.clear(request, now)

    def destination(self, request: DestinationRequest, now: float) -> str:
        """Send a robot somewhere. Returns why it is refused, or an empty string; repeating it changes nothing."""
        self._state.apply_traffic(now)
        journey = self._state.journeys.get(request.robot)
        if journey is None and self._state.whole:
            return f"robot {request.robot!r} is not known to any gateway"
        if journey is None:
            self._state.requests.heard(request, now)
            return ""
        if journey.removed:
            return f"robot {request.robot!r} is off the floor: {journey.quarantine}"
        request = replace(request, priority=self._priorities.get(request.task_id, request.priority))
        if request.repeats(journey.request) and not journey.refusal:
            if request != journey.request:
                journey.request, journey.due_s = request, due_s(request, journey.since_s)
            return ""
        return self._send(journey, request, now)

    def shard_state(self, state: ShardState, now: float) -> None:
        """Hear another path planner of the building."""
        self._state.peers.hear(state, now)

    def task_priorities(self, priorities: Mapping[str, int]) -> None:
        """Hear which task has which priority, for requests that cannot say it."""
        self._priorities = dict(priorities)
        for journey in self._state.journeys.values():
            request = journey.request
            if request is not None and priorities.get(request.task_id, request.priority) != request.priority:
                journey.request = replace(request, priority=priorities[request.task_id])
                journey.due_s = due_s(journey.request, journey.since_s)

    def ride_states(self, states: Sequence[RideState], now: float) -> None:
        """Hear the lift planner."""
        self._state.rides.states(states, now)

    def crossing_states(self, states: Sequence[CrossingState], now: float) -> None:
        """Hear the door planner."""
        self._state.crossings.states(states, now)

    # -- decisions ----------------------------------------------------------------------------------------------

    def step(self, now: float) -> PathDecisions:
        """Decide once; call a few times a second."""
        self._stepped_s = now
        self._state.apply_traffic(now)
        self._state.peers.begin(now)
        for journey in [j for j in self._state.journeys.values() if is_fenced(self._state, j, now)]:
            let_go(self._state, journey, now)
        self._quarantine.watch(now)
        for journey in list(self._state.journeys.values()):
            if journey.place is Place.CABIN and not journey.in_doubt:
                ride_on(self._state, journey, now)
        for journey in self._state.on_level():
            self._advance(journey, now)
        self._close_doors(now)
        self._check_plans()
        shard = self._hand_over(now)
        moving = [level for name, level in self._state.levels.items() if not self._state.frozen(name)]
        grown = dict.fromkeys(name for level in moving for name in level.step(now, self._gate))
        grown |= dict.fromkeys(sorted(self._to_stand_or_go() | self._quarantine.touched))
        self._quarantine.touched.clear()
        self._ask_for_doors(now)
        return PathDecisions(
            released=tuple(self._path_of(self._state.journeys[name]) for name in grown if self._has_path(name)),
            rides=self._state.rides.requests(now),
            crossings=self._state.crossings.requests(now),
            alarms=self._alarms.update(self._conditions(now), now),
            shard=shard,
            held=self._held.changes(grown),
        )

    def travel(self) -> tuple[TravelState, ...]:
        """Where every robot is on its way, and for what and for whom it waits."""
        etas = self._forecast.etas(self._stepped_s)
        return tuple(
            travel_state(journey, self._agent(journey), self._state.rides.of(name), etas[name])
            for name, journey in self._state.journeys.items()
        )

    def all_released(self) -> tuple[ReleasedPath, ...]:
        """Every placed robot's released path, to be repeated."""
        return tuple(self._path_of(journey) for name, journey in self._state.journeys.items() if self._has_path(name))

    def assert_sound(self) -> None:
        """Check what must always hold on every level. Raises AssertionError naming the robots."""
        for level in self._state.levels.values():
            level.assert_sound()
            problem = unsound(level)
            assert not problem, problem

    # -- parts of a step ----------------------------------------------------------------------------------------

    def _advance(self, journey: Journey, now: float) -> None:
        agent = self._state.levels[journey.level].agents[journey.name]
        if journey.in_doubt:
            self._set_flags(journey, now)
            return
        finish_alighting(self._state, journey, agent)
        board(self._state, journey, agent, now)
        if journey.place is Place.LEVEL:
            self._heading.choose(journey, agent, now)
            agent.rank_s = rank_s(journey, agent)
            self._note_arrival(journey, agent, now)
            self._note_cut_off(journey, agent)
            self._set_flags(journey, now)

    def _candidate(self, journey: Journey | None, state: RobotState, now: float) -> Journey | None:
        """The journey of a robot that is not placed yet, None where it is another planner's."""
        if not is_mine(self._state, state, now):
            kept = journey is not None and (journey.old_stretch is not None or journey.removed or journey.in_doubt)
            see_alighted(self._state, state, now)
            if not kept or self._state.peers.holder(state.name, now):
                self._state.journeys.pop(state.name, None)
            return None
        if journey is None:
            journey = self._state.journeys[state.name] = Journey(state.name, state, float("-inf"), epoch=self.epoch)
            known = self._state.requests.take(state.name)
            if known is not None:
                self._send(journey, *known)
        return journey

    def _send(self, journey: Journey, request: DestinationRequest, since_s: float) -> str:
        request = replace(request, priority=self._priorities.get(request.task_id, request.priority))
        journey.request, journey.since_s, journey.due_s = request, since_s, due_s(request, since_s)
        journey.arrived_s, journey.waiting_for_place = float("inf"), ""
        journey.vertex, journey.refusal = self._find(journey, request)
        return journey.refusal

    def _hand_over(self, now: float) -> ShardState | None:
        """Answer other planners, forget what nobody wanted in this step, and say what is due."""
        state = self._state
        replies = answers(state, now)
        state.handovers.finish(now)
        state.exits.finish(state.rides.bound_for, now)
        kept = state.peers.kept()
        robots = [j.name for j in state.journeys.values() if j.place is not Place.OUTSIDE and j.level in kept]
        return self._announcer.due(kept, robots, (*state.handovers.rows(), *replies), now)

    def _note_arrival(self, journey: Journey, agent: Agent, now: float) -> None:
        request = journey.request
        sent_here = request is not None and not journey.refusal and request.level == journey.level
        if not sent_here or agent.vertex != journey.vertex or agent.actions:
            journey.arrived_s = float("inf")
        elif journey.arrived_s == float("inf"):
            journey.arrived_s = now

    def _set_flags(self, journey: Journey, now: float) -> None:
        state, ride = journey.state, self._state.rides.of(journey.name)
        parameters = self._state.parameters
        silent = now - journey.seen_s > parameters.silent_s
        pinned = now - journey.arrived_s >= 0.0 and now - journey.arrived_s <= parameters.pin_s
        self._state.levels[journey.level].set_flags(
            journey.name,
            healthy=not (silent or journey.in_doubt or journey.hold_for)
            and state.connection is Connection.NORMAL
            and state.work in OBEYING,
            pinned=pinned and not journey.goes_home,
            urgent=ride is not None and ride.phase in (RidePhase.BOARDING, RidePhase.ALIGHTING),
        )

    def _close_doors(self, now: float) -> None:
        blocked = self._state.crossings.blocked(now)
        for level in self._state.levels.values():
            closed = np.zeros(level.roadmap.n_edges, dtype=bool)
            if blocked:
                closed[[door in blocked for door in level.roadmap.edge_door]] = True
            level.close_edges(closed)

    def _ask_for_doors(self, now: float) -> None:
        for level in self._state.levels.values():
            for need in level.door_needs():
                journey = self._state.journeys[need.robot]
                self._state.crossings.want(
                    need.robot,
                    journey.fleet,
                    journey.level,
                    self._forecast.doors(need.robot, need.ahead, now),
                    need.held,
                    journey.position,
                    now,
                )

    def _note_cut_off(self, journey: Journey, agent: Agent) -> None:
        """Now and then: does a robot that cannot go on wait for one that has to be seen to by a person?"""
        if agent.actions or agent.frontier == agent.goal or not agent.healthy:
            journey.cut_off_by = ""
        elif self._cycle % CUT_OFF_CYCLES == 0:
            journey.cut_off_by = cut_off_by(self._state.levels[journey.level], agent, self._state.times)

    def _check_plans(self) -> None:
        """Every so many cycles, one level after the other: no move may wait for itself, else nothing is released."""
        self._cycle += 1
        every = self._state.parameters.check_cycles
        for number, level in enumerate(self._state.levels.values()):
            if every <= 0 or (self._cycle + number) % every:
                continue
            level.halted = unsound(level)
            if level.halted:
                level.forget_plan()

    def _to_stand_or_go(self) -> set[str]:
        """Robots whose released path has to tell them to stand, or no longer to stand."""
        stand = {name for name, journey in self._state.journeys.items() if journey.stands_still_for_us}
        changed = stand ^ self._told_to_stand
        self._told_to_stand = stand
        return changed

    def _conditions(self, now: float) -> Iterator[Condition]:
        for level, other in self._state.peers.conflicts().items():
            detail = f"{self._state.shard.name} and {other} both own level {level}: stop one of them"
            yield Condition("level_owned_twice", level, detail)
        yield from self._quarantine.conditions(now)
        for name, coordinator in self._state.levels.items():
            if coordinator.halted:
                yield Condition("plan_unsound", name, f"{coordinator.halted}: nothing is released there")
        for journey in self._state.journeys.values():
            ride = self._state.rides.of(journey.name)
            if journey.place is Place.CABIN and journey.shut_in_by and ride is not None:
                detail = f"{journey.shut_in_by} keeps {journey.name} from leaving the cabin"
                yield Condition("cabin_occupied", ride.lift, detail)

    # -- look-ups -----------------------------------------------------------------------------------------------

    def _find(self, journey: Journey, request: DestinationRequest) -> tuple[int, str]:
        """(vertex, why it is refused)."""
        if request.level not in self._state.level_names:
            return -1, f"there is no level {request.level!r}"
        vertex = self._state.roadmap.level(request.level).vertex_of(request.place, journey.state.graph_mask)
        if vertex < 0:
            return -1, f"level {request.level!r} has no place {request.place!r}"
        agent = self._agent(journey)
        mask = self._state.traffic.mask(journey.fleet, journey.state.graph_mask)
        closed = self._state.traffic.roadmap.why_closed(request.level, vertex, journey.fleet, journey.state.graph_mask)
        if closed and not (agent is not None and agent.at_goal and agent.vertex == vertex):
            return -1, closed
        if agent is not None:
            seconds = self._state.times.travel_s(journey.level, agent.frontier, request.level, vertex, mask)
            if not np.isfinite(seconds):
                return -1, f"no way from level {journey.level!r} to {request.level}/{request.place}"
        return vertex, ""

    def _agent(self, journey: Journey) -> Agent | None:
        level = self._state.levels.get(journey.level)
        return level.agents.get(journey.name) if level else None

    def _path_of(self, journey: Journey) -> ReleasedPath:
        agent = self._agent(journey)
        hold = journey.stands_still_for_us
        if agent is None or journey.voiding:
            level_name = journey.level or journey.state.level
            first_seq = 0 if journey.voiding else journey.next_seq
            return ReleasedPath(journey.name, level_name, journey.epoch, first_seq, (), hold=hold)
        level = self._state.levels[journey.level]
        speed_mps = self._state.traffic.roadmap.speed_mps(journey.level, journey.fleet)
        path = released_path(level.roadmap, agent, journey.epoch, self._gate.ride_id(journey.name), speed_mps)
        return replace(path, hold=hold) if hold else path

    def _has_path(self, name: str) -> bool:
        """Whether a robot's gateway has to hear from us: it is placed, or has to forget or to stand."""
        journey = self._state.journeys.get(name)
        if journey is None:
            return False
        return journey.place is not Place.OUTSIDE or journey.voiding or journey.stands_still_for_us
