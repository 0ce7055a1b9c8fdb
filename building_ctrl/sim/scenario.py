"""A run's cast and script: robots at their starts and tasks over time, from a map, numbers and a seed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from building_ctrl.model.building import Building
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.model.robot import RobotProfile
from building_ctrl.model.task import TaskCategory, TaskRequest
from building_ctrl.sim.errands import ErrandMaker, Place, regions_of, task_places
from building_ctrl.sim.graph import JoinedGraph
from building_ctrl.sim.spawns import MainPart, ScenarioRobot, SpawnChooser

ARRIVAL_SHARE = 0.6  # of the time, in which tasks arrive
LEAST_ARRIVAL_SHARE = 0.1
DELIVERY_S = 150.0  # left at the end for the last deliveries where the run is long enough
DWELL_S = 5.0
SPARE_S = 15.0  # robots disturb each other: what is expected to end later than this before the end may not be finished


@dataclass(frozen=True, slots=True)
class TimedTask:
    """A task and when it is asked for, in seconds from the start; `finishable` where robots that do not
    disturb each other would have finished it in time."""

    at_s: float
    request: TaskRequest
    finishable: bool = True


@dataclass(frozen=True, slots=True)
class Scenario:
    """Robots and tasks of a run."""

    robots: tuple[ScenarioRobot, ...]
    tasks: tuple[TimedTask, ...]


def profiles_of(robots: Sequence[ScenarioRobot]) -> tuple[RobotProfile, ...]:
    """What the cloud knows of the robots from their enrolment."""
    return tuple(RobotProfile(name=r.name, fleet=r.fleet, radius_m=r.radius_m, graph_mask=r.graph_mask) for r in robots)


def make_scenario(building: Building, roadmap: Roadmap, robots: int, tasks: int, seconds: float, seed: int) -> Scenario:
    """The same arguments give the same scenario. Raises ValueError where the map has no room or nothing to
    do."""
    graph = JoinedGraph(roadmap)
    cast = choose_robots(building, graph, robots)
    if tasks == 0:
        return Scenario(cast, ())
    maker = errand_maker(building, graph, cast, seed)
    script = []
    for number, at_s in enumerate(maker.arrivals(tasks, arrival_window_s(seconds)), start=1):
        errand = maker.draw_within(at_s, seconds - SPARE_S)
        request = TaskRequest(
            task_id=f"task-{number:04d}",
            category=TaskCategory.DELIVERY,
            places=(errand.pickup, errand.dropoff),
            requester="scenario",
            dwell_s=DWELL_S,
        )
        script.append(TimedTask(at_s, request, errand.expected_end_s <= seconds - SPARE_S))
    return Scenario(cast, tuple(script))


def arrival_window_s(seconds: float) -> float:
    """How long tasks arrive in a run: in most of a long one, at the start of one that a delivery fills."""
    return max(min(ARRIVAL_SHARE * seconds, seconds - DELIVERY_S), LEAST_ARRIVAL_SHARE * seconds)


def missed_tasks(scenario: Scenario, unfinished: Collection[str]) -> frozenset[str]:
    """Ids of the unfinished tasks that could have been finished."""
    finishable = {task.request.task_id for task in scenario.tasks if task.finishable}
    return frozenset(finishable.intersection(unfinished))


def choose_robots(building: Building, graph: JoinedGraph, robots: int) -> tuple[ScenarioRobot, ...]:
    """Robots at their starts, those first that have the most places to deliver to."""
    if robots < 1:
        raise ValueError(f"{robots} robots: there must be at least one")
    places = task_places(building, graph)
    chooser = SpawnChooser(building, graph, _main_parts(graph, places))
    drawn = [(v, chooser.map_vertex(v)) for v in range(graph.n)]
    named = [v for v, vertex in drawn if vertex is not None and vertex.spawn_robot_name and graph.mask_at(v)]
    worth = {v: _places_reached(graph, v, graph.mask_at(v), places) for v in named}
    classes = [[v for v in named if worth[v] == w] for w in sorted(set(worth.values()), reverse=True)]
    return tuple(chooser.choose(robots, classes))


def errand_maker(building: Building, graph: JoinedGraph, robots: Sequence[ScenarioRobot], seed: int) -> ErrandMaker:
    """Draws deliveries for these robots. Raises ValueError where none of them reaches two places."""
    places = task_places(building, graph)
    return ErrandMaker(graph, regions_of(graph, places, robots), seed, DWELL_S)


def _main_parts(graph: JoinedGraph, places: Sequence[Place]) -> list[MainPart]:
    """For every class of robots, or for all, the part of the graph most of its places are in. Raises ValueError."""
    classes = graph.roadmap.classes
    if not classes:
        mask, vertices = _main_part(graph, places, list(graph.masks()))
        return [MainPart(mask, tuple(vertices))]
    parts = []
    for robots in classes:
        masks = [mask for mask in graph.masks() if mask & robots.mask]
        mask, vertices = _main_part(graph, places, masks)
        parts.append(MainPart(mask, tuple(vertices), robots))
    return parts


def _main_part(graph: JoinedGraph, places: Sequence[Place], masks: Sequence[int]) -> tuple[int, list[int]]:
    """Mask and vertices of the connected part with the most places; vertices where no place is named."""
    best: tuple[int, int, list[int]] = (-1, 1, [])
    for mask in masks:
        todo = {place.vertex for place in places} or set(range(graph.n))
        while todo:
            start = min(todo)
            part = graph.component(start, mask)
            todo -= {start} | {v for v in todo if part[v]}
            vertices = [v for v in range(graph.n) if part[v]]
            count = sum(bool(part[place.vertex]) for place in places) or len(vertices)
            if len(vertices) > 1 and count > best[0]:
                best = (count, mask, vertices)
    if best[0] < 0:
        raise ValueError(f"map {graph.roadmap.building!r} has no lanes robots could drive on")
    return best[1], best[2]


def _places_reached(graph: JoinedGraph, vertex: int, mask: int, places: Sequence[Place]) -> int:
    part = graph.component(vertex, mask)
    return sum(bool(part[place.vertex]) for place in places)
