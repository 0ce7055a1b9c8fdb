from __future__ import annotations

from dataclasses import replace

import numpy as np
from building_world import BuildingWorld, two_level_building
from delay_world import level_of
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.core.path.waiting_zones import berths, corridors, lobby, spot_costs
from building_ctrl.model.building import Building, Vertex
from building_ctrl.model.lift import RidePhase
from building_ctrl.model.roadmap import LevelRoadmap


def parts_without(rows: LevelRoadmap, vertex: int, worth: np.ndarray) -> int:
    """Parts with something worth going to that are left of a vertex's own part when it is taken out."""
    near: dict[int, set[int]] = {v: set() for v in range(rows.n_vertices)}
    for start, end in zip(rows.edge_from.tolist(), rows.edge_to.tolist(), strict=True):
        near[start].add(end)
        near[end].add(start)
    left, parts = set(near[vertex]), 0
    seen = {vertex}
    while left:
        todo = [left.pop()]
        if todo[0] in seen:
            continue
        part = set()
        while todo:
            v = todo.pop()
            if v not in seen:
                seen.add(v)
                part.add(v)
                todo.extend(near[v] - seen)
        parts += any(worth[v] for v in part)
    return parts


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda e: e[0] < e[1]), min_size=3, unique=True))
def test_corridors_are_what_parts_places(lanes: list[tuple[int, int]]) -> None:
    rows = level_of([(3.0 * (v % 3), 3.0 * (v // 3)) for v in range(9)], lanes, pitch_m=9.0)
    drawn = np.arange(rows.n_vertices) % 2 == 0
    rows = replace(rows, is_place=drawn)
    expected = [parts_without(rows, vertex, drawn) >= 2 for vertex in range(rows.n_vertices)]
    assert corridors(rows).tolist() == expected


def with_holding_point(building: Building) -> Building:
    """A spur of the ring's south side on each level, for waiting."""
    levels = []
    for level in building.levels:
        lanes = (*level.lanes, replace(level.lanes[0], index=len(level.lanes), start=0, end=len(level.vertices)))
        spot = Vertex(len(level.vertices), 0.0, -3.0, "", is_holding_point=True)
        levels.append(replace(level, vertices=(*level.vertices, spot), lanes=lanes))
    return replace(building, levels=tuple(levels))


def test_nobody_waits_at_a_berth_or_in_a_cabin_and_holding_points_come_first() -> None:
    rows = build_roadmap(with_holding_point(two_level_building())).levels[0]
    cost = spot_costs(rows)
    assert len(berths(rows)) == 2
    assert np.isinf(cost[[bool(lift) for lift in rows.cabin_lift]]).all()
    for berth in berths(rows):
        assert np.isinf(cost[berth])
        near = [v for v in lobby(rows, berth) if np.isfinite(cost[v])]
        assert near and all(cost[v] >= 45.0 for v in near)
    assert cost[rows.is_holding].tolist() == [0.0]


def test_robots_wait_for_a_lift_at_holding_points_and_not_in_its_lobby() -> None:
    """Four robots for the lifts of L1: whoever stands in a lobby has a ride whose car comes or stands there."""
    starts = ["L1_park_a", "L1_park_b", "L1_desk", "L1_cafe"]
    world = BuildingWorld(with_holding_point(two_level_building()), starts, seed=3)
    world.tick()
    for i, place in enumerate(("park_a", "park_b", "desk", "cafe")):
        assert world.send(f"r{i}", f"L2_{place}") == ""
    rows = world.roadmap.level("L1")
    zones = {v for berth in berths(rows) for v in (berth, *lobby(rows, berth))}
    waited, waiting_in_lobby = 0, 0
    for _ in range(900):
        world.tick()
        coming = {ride.robot for ride in world.rides if RidePhase.ASSIGNED <= ride.phase <= RidePhase.ALIGHTING}
        for name, agent in world.planner._state.levels["L1"].agents.items():
            stands = not agent.actions and not agent.planned and agent.frontier == agent.goal
            if stands and name not in coming and not rows.is_place[agent.vertex]:
                waited += 1
                waiting_in_lobby += agent.vertex in zones
    world.run_until_arrived(1200.0)
    assert waiting_in_lobby == 0 and waited > 0
