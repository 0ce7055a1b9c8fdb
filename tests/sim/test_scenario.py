"""Scenarios: the same for the same numbers, robots at sound starts, tasks that some robot can do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.model.building import Building
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.sim.errands import task_places
from building_ctrl.sim.graph import JoinedGraph
from building_ctrl.sim.scenario import arrival_window_s, choose_robots, make_scenario, missed_tasks

MAPS = Path(__file__).parents[2] / "maps"


@pytest.fixture(scope="module", params=["office", "tower"])
def place(request: pytest.FixtureRequest) -> tuple[Building, Roadmap]:
    building = load_building(MAPS / f"{request.param}.building.yaml")
    return building, build_roadmap(building)


def test_same_numbers_same_scenario(place: tuple[Building, Roadmap]) -> None:
    first = make_scenario(*place, 3, 5, 120.0, 4)
    assert first == make_scenario(*place, 3, 5, 120.0, 4)
    assert first.tasks != make_scenario(*place, 3, 5, 120.0, 5).tasks


@pytest.mark.parametrize("n", [1, 4, 9])
def test_starts_touch_nothing_and_nobody(place: tuple[Building, Roadmap], n: int) -> None:
    building, roadmap = place
    robots = choose_robots(building, JoinedGraph(roadmap), n)
    assert len({r.name for r in robots}) == n
    for robot in robots:
        level = roadmap.level(robot.level)
        assert not level.cabin_lift[robot.vertex] and not level.in_doorway[robot.vertex]
        assert (level.x_m[robot.vertex], level.y_m[robot.vertex]) == (robot.x_m, robot.y_m)
        touching = (level.edge_from == robot.vertex) | (level.edge_to == robot.vertex)
        assert robot.graph_mask & int(np.bitwise_or.reduce(level.edge_graphs[touching]))
        near = set(level.stand_idx[level.stand_ptr[robot.vertex] : level.stand_ptr[robot.vertex + 1]].tolist())
        others = {r.vertex for r in robots if r.level == robot.level and r is not robot}
        assert not near & others and robot.vertex not in others


def test_every_task_can_be_done_by_a_robot(place: tuple[Building, Roadmap]) -> None:
    building, roadmap = place
    scenario = make_scenario(building, roadmap, 4, 12, 300.0, 1)
    graph = JoinedGraph(roadmap)
    vertex = {p.label: p.vertex for p in task_places(building, graph)}
    levels = [level.level for level in roadmap.levels]
    parts = [graph.component(graph.offset[levels.index(r.level)] + r.vertex, r.graph_mask) for r in scenario.robots]
    for task in scenario.tasks:
        pickup, dropoff = (vertex[label] for label in task.request.places)
        assert pickup != dropoff
        assert any(part[pickup] and part[dropoff] for part in parts)


def test_tasks_arrive_in_order_in_the_first_part_of_the_time(place: tuple[Building, Roadmap]) -> None:
    scenario = make_scenario(*place, 3, 40, 1000.0, 2)
    times = [task.at_s for task in scenario.tasks]
    assert times == sorted(times) and times[0] >= 0.0 and times[-1] <= arrival_window_s(1000.0)
    assert len({task.request.task_id for task in scenario.tasks}) == 40


def test_the_map_s_own_robots_come_first(place: tuple[Building, Roadmap]) -> None:
    building, roadmap = place
    named = {v.spawn_robot_name for level in building.levels for v in level.vertices if v.spawn_robot_name}
    robots = choose_robots(building, JoinedGraph(roadmap), max(1, len(named) // 2))
    assert {r.name for r in robots} <= named or not named


def test_too_many_robots_are_refused_in_one_line(place: tuple[Building, Roadmap]) -> None:
    with pytest.raises(ValueError, match=r"has room for .* robots to start, not 5000"):
        choose_robots(place[0], JoinedGraph(place[1]), 5000)
    with pytest.raises(ValueError, match="at least one"):
        choose_robots(place[0], JoinedGraph(place[1]), 0)


def test_hardly_any_time_makes_unfinishable_tasks(place: tuple[Building, Roadmap]) -> None:
    scenario = make_scenario(*place, 2, 3, 2.0, 0)
    assert not any(task.finishable for task in scenario.tasks)
    assert missed_tasks(scenario, {task.request.task_id for task in scenario.tasks}) == frozenset()


def test_articulation_points_of_a_line_and_a_ring(place: tuple[Building, Roadmap]) -> None:
    """Against the definition: removing the vertex disconnects what was connected."""
    graph = JoinedGraph(place[1])
    mask = next(iter(graph.masks()))
    found = graph.articulation(mask)
    around = [{other for other, _ in ways} for ways in graph.out(mask)]
    for vertex, ways in enumerate(graph.out(mask)):
        for other, _ in ways:
            around[other].add(vertex)

    def reached(start: int, without: int) -> set[int]:
        seen, todo = {start}, [start]
        while todo:
            for other in around[todo.pop()]:
                if other != without and other not in seen:
                    seen.add(other)
                    todo.append(other)
        return seen

    for vertex in range(0, graph.n, 7):
        neighbours = sorted(around[vertex])
        if neighbours:
            cut = any(n not in reached(neighbours[0], vertex) for n in neighbours[1:])
            assert bool(found[vertex]) == cut, f"vertex {vertex}"
