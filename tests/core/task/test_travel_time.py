from __future__ import annotations

import math
import random

import pytest

from building_ctrl.building.document import format_document
from building_ctrl.building.loader import parse_map
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.building.tower import generate_tower
from building_ctrl.core.task.homes import homes_of
from building_ctrl.core.task.places import Places, UnknownPlace
from building_ctrl.core.task.travel_time import TravelTimeParameters, TravelTimes
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.model.robot import RobotState

LEVEL = """
    elevation: {z}
    measurements:
    - [0, 1, {{distance: [3, 10]}}]
    vertices:
    - [0, 0, 0, west{z}]
    - [100, 0, 0, east{z}, {{is_parking_spot: [4, true]}}]
    - [200, 0, 0, cabin{z}, {{lift_cabin: [1, car]}}]
    - [0, 500, 0, "", {{is_charger: [4, true]}}]
    - [0, 400, 0, island{z}]
    fiducials:
    - [0, 0, f1]
    - [100, 100, f2]
    lanes:
    - [0, 1, {{bidirectional: [4, true], graph_idx: [2, 0]}}]
    - [1, 2, {{bidirectional: [4, {both_ways}], graph_idx: [2, 0]}}]
    - [3, 4, {{bidirectional: [4, true], graph_idx: [2, 1]}}]
"""
LIFT = """
  car:
    depth: 2.0
    width: 2.0
    x: 200
    y: 0
    yaw: 0.0
    doors: {d: {door_type: 2, motion_axis_orientation: 1.57, width: 1.0, x: -1.0, y: 0.0}}
    level_doors: {L1: [d], L2: [d]}
    initial_floor_name: L1
    reference_floor_name: L1
    lowest_floor: L1
    highest_floor: L2
"""


def roadmap(both_ways: bool = True) -> Roadmap:
    flag = str(both_ways).lower()
    levels = "".join(f"  L{i}:{LEVEL.format(z=i, both_ways=flag)}" for i in (1, 2))
    text = f"name: two\ncoordinate_system: reference_image\nlevels:\n{levels}lifts:{LIFT}"
    return build_roadmap(parse_map(text).building)


def robot(x_m: float, level: str = "L1", mask: int = 1) -> RobotState:
    return RobotState("r", "f", level, x_m, 0.0, 0.0, graph_mask=mask)


def test_time_on_a_level_is_length_over_speed() -> None:
    times = TravelTimes(roadmap(), TravelTimeParameters(speed_mps=0.5))
    assert times.cost_s(robot(0.0), "L1", "east1") == pytest.approx(20.0)


def test_another_level_costs_a_ride() -> None:
    times = TravelTimes(roadmap(), TravelTimeParameters(1.0, lift_s=40.0, lift_per_level_s=5.0, door_s=0.0))
    assert times.cost_s(robot(0.0), "L2", "west2") == pytest.approx(20.0 + 45.0 + 20.0)


def test_one_way_lanes_and_graphs_are_kept() -> None:
    one_way = TravelTimes(roadmap(both_ways=False))
    assert math.isfinite(one_way.cost_s(robot(0.0), "L1", "cabin1"))
    assert one_way.cost_s(robot(20.0), "L1", "west1") == math.inf
    both = TravelTimes(roadmap())
    assert both.cost_s(robot(0.0), "L1", "island1") == math.inf
    assert both.cost_s(robot(0.0, mask=2), "L1", "east1") == math.inf


def test_what_is_not_known_is_out_of_reach() -> None:
    times = TravelTimes(roadmap())
    assert times.cost_s(robot(0.0, level=""), "L1", "west1") == math.inf
    assert times.cost_s(robot(0.0), "L9", "west1") == math.inf
    assert times.cost_s(robot(0.0), "L1", "nowhere") == math.inf


def test_the_robot_moves_on_and_its_time_with_it() -> None:
    times = TravelTimes(roadmap(), TravelTimeParameters(1.0))
    assert times.cost_s(robot(0.0), "L1", "east1") > times.cost_s(robot(10.0), "L1", "east1") == 0.0


def test_places_and_homes_of_a_roadmap() -> None:
    places = Places.of(roadmap())
    assert places.resolve("west1") == ("L1", "west1")
    with pytest.raises(UnknownPlace, match="cabin1"):
        places.resolve("cabin1")
    homes = {(h.level, h.place, h.is_charger) for h in homes_of(roadmap())}
    assert ("L1", "east1", False) in homes
    assert {(level, True) for level, place, charger in homes if place.startswith("#")} == {
        ("L1", True),
        ("L2", True),
    }


def plain_times(building: Roadmap, goal: tuple[int, int], mask: int, p: TravelTimeParameters) -> dict:
    """Seconds to the goal from everywhere: relaxation over the whole building until nothing changes."""
    edges = []
    cabins: dict[str, list[tuple[int, int]]] = {}
    for li, level in enumerate(building.levels):
        for e in range(level.n_edges):
            if int(level.edge_graphs[e]) & mask:
                speed = min(p.speed_mps, float(level.edge_speed_mps[e])) or p.speed_mps
                seconds = float(level.edge_length_m[e]) / speed + (p.door_s if level.edge_door[e] else 0.0)
                edges.append(((li, int(level.edge_from[e])), (li, int(level.edge_to[e])), seconds))
        for v, lift in enumerate(level.cabin_lift):
            if lift:
                cabins.setdefault(lift, []).append((li, v))
    for nodes in cabins.values():
        for a in nodes:
            edges += [(a, b, p.lift_s + p.lift_per_level_s * abs(a[0] - b[0])) for b in nodes if a[0] != b[0]]
    times = {goal: 0.0}
    changed = True
    while changed:
        changed = False
        for start, end, seconds in edges:
            if end in times and times[end] + seconds < times.get(start, math.inf) - 1e-12:
                times[start] = times[end] + seconds
                changed = True
    return times


def test_times_equal_those_of_a_plain_search_of_the_whole_building() -> None:
    building = build_roadmap(parse_map(format_document(generate_tower(4, 12, 1, 2, True))).building)
    parameters = TravelTimeParameters()
    times = TravelTimes(building, parameters)
    chance = random.Random(7)
    for _ in range(4):
        li = chance.randrange(len(building.levels))
        goal = chance.randrange(building.levels[li].n_vertices)
        mask = chance.choice([1, 2, 3, 0xFFFF])
        expected = plain_times(building, (li, goal), mask, parameters)
        for lj, level in enumerate(building.levels):
            for v in chance.sample(range(level.n_vertices), 25):
                here = RobotState(
                    "r", "f", level.level, float(level.x_m[v]), float(level.y_m[v]), 0.0, graph_mask=mask
                )
                found = times.cost_s(here, building.levels[li].level, building.levels[li].label(goal))
                assert found == pytest.approx(expected.get((lj, v), math.inf), abs=1e-9)
