"""The fast simulator: the platform's cores and the embedded building in one process, in virtual time.

The same map, numbers and seed give the same result bit for bit, except for the times of the real clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from building_ctrl.core.door.planner import DoorPlanner
from building_ctrl.core.door.spec import door_specs
from building_ctrl.core.lift.planner import LiftPlanner
from building_ctrl.core.lift.spec import lift_specs
from building_ctrl.core.path.planner import PathPlanner
from building_ctrl.core.path.shard import shards_of
from building_ctrl.core.task import Dispatcher
from building_ctrl.model.building import Building
from building_ctrl.model.lift import RideState
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.model.task import Task, TaskRequest
from building_ctrl.sim.bus import TOPIC_DELAY, Bus, Delays, VirtualClock, link_delays
from building_ctrl.sim.checker import Incident
from building_ctrl.sim.embedded import EmbeddedBuilding
from building_ctrl.sim.figures import RunTimes, latency_of_tally, result_of
from building_ctrl.sim.progress import WorkBook
from building_ctrl.sim.result import SimulationResult, TaskCounts
from building_ctrl.sim.scenario import Scenario, make_scenario, missed_tasks, profiles_of
from building_ctrl.sim.statistics import Statistics
from building_ctrl.sim.virtual_gateway import VirtualGateway, VirtualLink, VirtualRobots
from building_ctrl.sim.virtual_planners import DispatchPart, DoorPart, LiftPart, PathPart

PHYSICS_S = 0.025
MOTION_S = 0.05
START_S = 1.0
REHEARSAL_S = 4.0
SETTLE_S = 2.0  # before the first task: robots connect and are placed


@dataclass(frozen=True, slots=True)
class VirtualOutcome:
    """Result of a run with what is worth telling people beside it; `missed` names unfinished tasks that
    robots which do not disturb each other would have finished."""

    result: SimulationResult
    incidents: tuple[Incident, ...]
    unfinished: tuple[Task, ...]
    missed: frozenset[str]
    refused: tuple[tuple[TaskRequest, str], ...]


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is: seconds of the building passed and asked for, seconds for each second of the clock, tasks."""

    passed_s: float
    seconds: float
    factor: float
    tasks: TaskCounts


class VirtualBuilding:
    """All parts, joined by one clock and one bus.

    `delays(seed)` gives the delays of one way of the robot link; `by_frames` has every robot's link go frame by
    frame, steady driving too (see virtual_gateway.py). `world` is another building than the embedded one.
    """

    physics_s = PHYSICS_S

    def __init__(
        self,
        building: Building,
        roadmap: Roadmap,
        scenario: Scenario,
        seed: int,
        path_planners: str = "1",
        *,
        world: EmbeddedBuilding | None = None,
        delays: Callable[[int], Delays] = link_delays,
        by_frames: bool = False,
    ) -> None:
        self.clock = VirtualClock(START_S)
        self.scenario = scenario
        self.statistics = Statistics()
        clock = self.clock
        bus = self._bus = Bus(clock, Delays(TOPIC_DELAY, seed + 1))
        self.world = world or EmbeddedBuilding(building, roadmap, scenario.robots, seed, START_S)
        link = VirtualLink(clock, self.world.site.levels, len(scenario.robots), seed + 10, delays, by_frames)
        self.robots = VirtualRobots(self.world, link, seed + 3)
        self.gateway = VirtualGateway(bus, link, profiles_of(scenario.robots))
        self._work = WorkBook.of(self.world.names)
        self._lift_states_told: object = None
        self._door_states_told: object = None
        self._ticks = 0
        self.wall_s = self.cpu_s = 0.0
        self._listen(bus)
        for shard in shards_of([level.level for level in roadmap.levels], path_planners):
            PathPart(clock, bus, PathPlanner(building, roadmap, shard.first_epoch(1), shard=shard), 0.03)
        self.lift = LiftPart(clock, bus, LiftPlanner(lift_specs(building)), 0.07)
        self.door = DoorPart(clock, bus, DoorPlanner(door_specs(building)), 0.11)
        self.dispatch = DispatchPart(clock, bus, Dispatcher.for_roadmap(roadmap), 0.15)
        clock.every(self.physics_s, 0.0, self._move)
        clock.every(MOTION_S, 0.016, self.gateway.turn)
        clock.every(0.1, 0.017, self.gateway.publish)
        clock.every(1.0, 0.5, self._watch)
        for task in scenario.tasks:
            clock.at(START_S + SETTLE_S + task.at_s, bus.publish, "task_requests", task.request)

    def run(
        self, seconds: float, until_done: bool = False, tell: Callable[[RunProgress], None] | None = None
    ) -> None:
        """Let `seconds` pass after the settling time; with `until_done` end early when all tasks have ended.

        `tell` is called once a second of the building. `wall_s` and `cpu_s` take the time from the end of settling.
        """
        end_s = START_S + SETTLE_S + seconds
        last_task_s = max((task.at_s for task in self.scenario.tasks), default=0.0) + START_S + SETTLE_S
        n_tasks = len(self.scenario.tasks)

        def done() -> bool:
            counts = self.statistics.tasks
            ended = counts.completed + counts.failed + len(self.dispatch.refused)
            return self.clock.now > last_task_s and ended >= n_tasks

        self.clock.run(START_S + SETTLE_S)
        wall, cpu = time.perf_counter(), time.process_time()
        while self.clock.now < end_s and not (until_done and done()):
            self.clock.run(min(end_s, self.clock.now + 1.0))
            if tell is not None:
                tell(self._progress(seconds, time.perf_counter() - wall))
        self.wall_s, self.cpu_s = time.perf_counter() - wall, time.process_time() - cpu

    def _progress(self, seconds: float, wall_s: float) -> RunProgress:
        tasks = self.statistics.counts(len(self.scenario.tasks), len(self.dispatch.refused))
        return RunProgress(self.passed_s, seconds, self.passed_s / max(wall_s, 1e-9), tasks)

    @property
    def passed_s(self) -> float:
        """Seconds since the settling time."""
        return round(self.clock.now - START_S - SETTLE_S, 6)

    def _listen(self, bus: Bus) -> None:
        world, statistics = self.world, self.statistics
        bus.subscribe("lift_requests", lambda request, now: world.lift_request(request, now))
        bus.subscribe("door_requests", lambda request, now: world.door_request(request, now))
        bus.subscribe("ride_requests", lambda request, now: statistics.ride_request(request, now))
        bus.subscribe("crossing_requests", lambda request, now: statistics.crossing_request(request, now))
        bus.subscribe("ride_states", self._on_rides)
        bus.subscribe("crossing_states", self._on_crossings)
        bus.subscribe("planner_state", lambda travel, now: self._work.travel(travel, now))
        bus.subscribe("task_states", self._on_tasks)

    def _on_rides(self, rides: Sequence[RideState], now: float) -> None:
        self.world.ride_states(rides)
        for ride in rides:
            self.statistics.ride(ride, now)

    def _on_crossings(self, crossings: Sequence[object], now: float) -> None:
        for crossing in crossings:
            self.statistics.crossing(crossing, now)  # type: ignore[arg-type]

    def _on_tasks(self, tasks: Sequence[Task], now: float) -> None:
        self._work.tasks(tasks)
        for task in tasks:
            self.statistics.task(task)

    def _move(self, now: float) -> None:
        self.robots.drive(now)
        self._ticks += 1
        if self._ticks % 2:
            self.world.move(now, PHYSICS_S)
            return
        self.world.step(now, PHYSICS_S)
        self.robots.report(now + PHYSICS_S, self.gateway.gateway)
        self._tell_devices()

    def _tell_devices(self) -> None:
        """Lifts and doors report on change and once a second."""
        repeat = self._ticks % round(1.0 / self.physics_s) == 0
        lifts = self.world.lift_states()
        if lifts and (repeat or lifts != self._lift_states_told):
            self._lift_states_told = lifts
            self._bus.publish("lift_states", lifts)
        doors = self.world.door_states() if repeat else self.world.changed_door_states()
        if doors:
            self._bus.publish("door_states", doors)

    def _watch(self, now: float) -> None:
        self.world.watch_progress(now, self._work.has_work(now), self._work.waiting_for())


def simulate(
    building: Building,
    roadmap: Roadmap,
    map_file: str,
    robots: int,
    tasks: int,
    seconds: float,
    seed: int,
    until_done: bool = False,
    path_planners: str = "1",
    tell: Callable[[RunProgress], None] | None = None,
) -> VirtualOutcome:
    """Run a scenario as fast as it goes, with that many path planners or `per-level`. Raises ValueError where the map
    has no room or nothing to do, or fewer levels than planners."""
    scenario = make_scenario(building, roadmap, robots, tasks, seconds, seed)
    rehearse(building, roadmap, scenario)
    virtual = VirtualBuilding(building, roadmap, scenario, seed, path_planners)
    virtual.run(seconds, until_done, tell)
    return outcome_of(virtual, map_file, seed)


def outcome_of(virtual: VirtualBuilding, map_file: str, seed: int) -> VirtualOutcome:
    """What a run has come to."""
    scenario = virtual.scenario
    return VirtualOutcome(
        result_of(
            virtual.world,
            virtual.statistics,
            virtual.statistics.counts(submitted=len(scenario.tasks), refused=len(virtual.dispatch.refused)),
            latency_of_tally(virtual.robots.latency_s),
            virtual.gateway.telemetry_count / (len(scenario.robots) * (virtual.passed_s + SETTLE_S)),
            map_file,
            seed,
            RunTimes(virtual.passed_s, virtual.cpu_s, virtual.wall_s),
        ),
        tuple(virtual.world.incidents),
        virtual.statistics.unfinished,
        missed_tasks(scenario, {task.request.task_id for task in virtual.statistics.unfinished}),
        tuple(virtual.dispatch.refused),
    )


def rehearse(building: Building, roadmap: Roadmap, scenario: Scenario) -> None:
    """A few seconds with all tasks at once, thrown away: compiled code is loaded before time is taken."""
    at_once = tuple(replace(task, at_s=0.0) for task in scenario.tasks)
    VirtualBuilding(building, roadmap, replace(scenario, tasks=at_once), 0).run(REHEARSAL_S)
