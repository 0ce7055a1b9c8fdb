"""Closed lanes and areas, speed limits: what robots do, and what is said."""

from __future__ import annotations

import numpy as np
import pytest
from building_world import BuildingWorld, two_level_building
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.core.path.traffic import TrafficRules
from building_ctrl.model.path import TravelStatus, WaitingKind
from building_ctrl.model.traffic import Closure, LaneRequest, SpeedLimitRequest

SOUTH = Closure("spill", "L1", ((2.0, -1.0), (4.0, -1.0), (4.0, 1.0), (2.0, 1.0)), "ann", "wet floor")
DESK_SPUR = Closure("desk", "L1", ((14.0, 5.0), (16.0, 5.0), (16.0, 7.0), (14.0, 7.0)), "ann", "painting")


def world_of(*starts: str, seed: int = 1) -> BuildingWorld:
    world = BuildingWorld(two_level_building(), list(starts), seed=seed)
    world.tick()
    return world


def rules_of(world: BuildingWorld) -> TrafficRules:
    return world.planner.traffic


def lanes_between(world: BuildingWorld, level: str, a: int, b: int) -> tuple[int, ...]:
    """Numbers of the lanes between two map vertices, in both directions."""
    lanes = rules_of(world)._lanes.lanes(0)
    return tuple(n for n, lane in enumerate(lanes) if lane.level == level and {lane.start, lane.end} == {a, b})


def passes(world: BuildingWorld, robot: str, limit_s: float) -> set[tuple[float, float]]:
    """Where a robot has been until it arrived."""
    world.tick()
    seen = set()
    end = world.now + limit_s
    while world.now < end and world.travel[robot].status is not TravelStatus.ARRIVED:
        world.tick()
        seen.add((round(world.bodies[robot].x_m, 2), round(world.bodies[robot].y_m, 2)))
    assert world.travel[robot].status is TravelStatus.ARRIVED, world.travel[robot]
    return seen


def test_robots_go_round_a_closed_area_and_through_it_once_it_is_open() -> None:
    world = world_of("L1_park_a")
    assert rules_of(world).close(SOUTH, world.now) == ""
    world.send("r0", "L1_desk")
    assert not any(1.6 < x < 4.4 and abs(y) < 1.4 for x, y in passes(world, "r0", 200.0))
    assert rules_of(world).open("spill") == ""
    world.send("r0", "L1_park_a", "back")
    passes(world, "r0", 200.0)


def test_a_goal_in_a_closed_area_is_refused_with_who_closed_it_and_why() -> None:
    world = world_of("L1_park_a")
    rules_of(world).close(DESK_SPUR, world.now)
    reason = world.send("r0", "L1_desk")
    assert "L1/L1_desk is closed by 'desk' (ann): painting" in reason
    world.tick()
    assert world.travel["r0"].status is TravelStatus.REFUSED
    assert world.send("r0", "L1_cafe") == ""
    passes(world, "r0", 200.0)


def test_a_robot_whose_way_is_cut_waits_says_why_and_goes_on_when_it_is_opened() -> None:
    world = world_of("L1_park_a")
    world.send("r0", "L1_desk")
    for _ in range(5):
        world.tick()
    rules_of(world).close(DESK_SPUR, world.now)
    for _ in range(300):
        world.tick()
    travel = world.travel["r0"]
    assert (travel.status, travel.waiting_kind) == (TravelStatus.MOVING, WaitingKind.PLACE)
    assert "painting" in travel.waiting_for
    rules_of(world).open("desk")
    passes(world, "r0", 200.0)


def test_a_robot_cut_off_by_lifts_waits_and_another_gets_past_it() -> None:
    """Both cabins of L1 closed: the one bound for L2 waits where it keeps nobody from passing."""
    world = world_of("L1_park_a", "L1_park_b")
    for i, y in enumerate((-2.0, 8.0)):
        rules_of(world).close(Closure(f"lift{i}", "L1", ((5.0, y), (7.0, y))), world.now)
    assert "no way" in world.send("r0", "L2_desk")
    for i in range(2):
        rules_of(world).open(f"lift{i}")
    assert world.send("r0", "L2_desk") == ""
    for _ in range(5):
        world.tick()
    for i, y in enumerate((-2.0, 8.0)):
        rules_of(world).close(Closure(f"lift{i}", "L1", ((5.0, y), (7.0, y))), world.now)
    world.send("r1", "L1_cafe")
    passes(world, "r1", 300.0)
    assert "is closed" in world.travel["r0"].waiting_for
    for i in range(2):
        rules_of(world).open(f"lift{i}")
    passes(world, "r0", 400.0)


def test_a_robot_inside_drives_out() -> None:
    world = world_of("L1_desk")
    rules_of(world).close(DESK_SPUR, world.now)
    assert world.send("r0", "L1_cafe") == ""
    passes(world, "r0", 200.0)


def test_a_closed_lane_is_not_entered_and_one_way_closing_leaves_the_other() -> None:
    world = world_of("L1_park_a")
    lanes = rules_of(world)._lanes.lanes(0)
    out = [n for n in lanes_between(world, "L1", 0, 1) if lanes[n].start == 0]
    rules_of(world).lane_request(LaneRequest("fleet", close=tuple(out)))
    world.send("r0", "L1_park_b")
    assert not any(0.5 < x < 5.5 and y == 0.0 for x, y in passes(world, "r0", 300.0))
    world.send("r0", "L1_park_a", "back")
    assert any(0.5 < x < 5.5 and y == 0.0 for x, y in passes(world, "r0", 300.0))


def test_robots_on_a_lane_closed_both_ways_leave_it_and_nobody_enters() -> None:
    world = world_of("L1_park_a")
    world.send("r0", "L1_park_b")
    while not 1.0 < world.bodies["r0"].x_m < 4.0:
        world.tick()
    rules_of(world).lane_request(LaneRequest("fleet", close=lanes_between(world, "L1", 0, 1)))
    passes(world, "r0", 200.0)
    world.send("r0", "L1_park_a", "back")
    assert not any(0.5 < x < 5.5 and y == 0.0 for x, y in passes(world, "r0", 300.0))


def test_lanes_closed_to_one_fleet_stay_open_to_others() -> None:
    world = world_of("L1_park_a")
    rules_of(world).lane_request(LaneRequest("others", close=lanes_between(world, "L1", 0, 1)))
    world.send("r0", "L1_park_b")
    assert any(0.5 < x < 5.5 and y == 0.0 for x, y in passes(world, "r0", 200.0))
    rows = rules_of(world).roadmap
    assert rows.mask("others", 1) not in (0, 1) and rows.mask("fleet", 1) == 1


def test_a_speed_limit_is_in_released_paths_and_in_plan_costs() -> None:
    world = world_of("L1_park_a")
    lanes = lanes_between(world, "L1", 0, 1)
    before = world.planner._state.times.travel_s("L1", 0, "L1", 1, 1)
    request = SpeedLimitRequest("fleet", limits=tuple((lane, 0.25) for lane in lanes))
    assert rules_of(world).speed_limit_request(request) == ""
    world.tick()
    assert world.planner._state.times.travel_s("L1", 0, "L1", 1, 1) > before + 2.0
    rules = rules_of(world).roadmap
    edges = np.concatenate([rules._lanes.edges(0, lane)[1] for lane in lanes])
    assert (rules.speed_mps("L1", "fleet")[edges] == 0.25).all()
    assert np.isinf(rules.speed_mps("L1", "others")).all()
    world.send("r0", "L1_park_a", "first")
    world.send("r0", "L1_desk")
    assert not any(0.5 < x < 5.5 and y == 0.0 for x, y in passes(world, "r0", 300.0)), "the quicker way is the other"
    assert rules_of(world).speed_limit_request(SpeedLimitRequest("fleet", remove=lanes)) == ""
    world.tick()
    assert world.planner._state.times.travel_s("L1", 0, "L1", 1, 1) == pytest.approx(before)


def test_waypoints_on_a_slow_lane_carry_its_limit() -> None:
    world = world_of("L1_park_a")
    lanes = rules_of(world)._lanes.lanes(0)
    everywhere = tuple((n, 0.4) for n, lane in enumerate(lanes) if lane.level == "L1")
    rules_of(world).speed_limit_request(SpeedLimitRequest("fleet", limits=everywhere))
    world.send("r0", "L1_desk")
    limits = set()
    for _ in range(40):
        world.tick()
        limits |= {w.speed_limit_mps for path in world.planner.all_released() for w in path.waypoints}
    assert limits == {0.4}


def test_requests_that_make_no_sense_are_refused_with_the_reason_and_change_nothing() -> None:
    world = world_of("L1_park_a")
    rules = rules_of(world)
    before = rules.snapshot()
    assert "there is no lane 999" in rules.lane_request(LaneRequest("fleet", close=(0, 999)))
    assert "below 0.05 m/s" in rules.speed_limit_request(SpeedLimitRequest("fleet", limits=((0, 0.0),)))
    assert "below 0.05 m/s" in rules.speed_limit_request(SpeedLimitRequest("fleet", limits=((0, float("nan")),)))
    assert "no level 'L9'" in rules.close(Closure("x", "L9", SOUTH.points), world.now)
    assert "1 points" in rules.close(Closure("x", "L1", ((0.0, 0.0),)), world.now)
    assert "not a number" in rules.close(Closure("x", "L1", ((0.0, float("inf")), (0.0, 1.0))), world.now)
    assert "past" in rules.close(Closure("x", "L1", SOUTH.points, until_s=1.0), world.now)
    assert "no name" in rules.close(Closure("", "L1", SOUTH.points), world.now)
    assert "nothing is closed" in rules.open("x")
    assert rules.snapshot() == before
    assert dict(rules.refused())["x"] == "its end lies in the past"


def test_a_closure_ends_at_its_time() -> None:
    world = world_of("L1_park_a")
    rules_of(world).close(Closure("shift", "L1", SOUTH.points, until_s=world.now + 5.0), world.now)
    world.tick()
    assert rules_of(world).closures()
    for _ in range(30):
        world.tick()
    assert not rules_of(world).closures()


def test_rules_come_back_after_a_restart() -> None:
    world = world_of("L1_park_a")
    rules = rules_of(world)
    rules.close(SOUTH, 3.0)
    rules.lane_request(LaneRequest("fleet", close=(1, 2)))
    rules.speed_limit_request(SpeedLimitRequest("fleet", limits=((3, 0.5),)))
    again = TrafficRules(world.building, world.roadmap)
    assert again.restore(rules.snapshot()) == []
    assert again.snapshot() == rules.snapshot()
    again.mask("fleet", 1)
    rules.mask("fleet", 1)
    for rows in world.roadmap.levels:
        assert (again.roadmap.level(rows.level).edge_graphs == rules.roadmap.level(rows.level).edge_graphs).all()


def test_one_way_lanes_are_never_driven_against() -> None:
    """The ring of L1 is one-way: the way back to where a robot came from is the long one."""
    drawn = two_level_building()
    from dataclasses import replace

    level = drawn.levels[0]
    lanes = tuple(replace(lane, bidirectional=lane.index >= 6) for lane in level.lanes)
    world = BuildingWorld(replace(drawn, levels=(replace(level, lanes=lanes), drawn.levels[1])), ["L1_park_a"], seed=1)
    world.tick()
    world.send("r0", "L1_cafe")
    seen = passes(world, "r0", 300.0)
    assert {(6.0, 0.0), (12.0, 3.0), (6.0, 6.0)} <= seen and not any(x == 0.0 and 0.5 < y < 5.5 for x, y in seen)


@settings(max_examples=6, deadline=None)
@given(st.data())
def test_closing_and_opening_at_any_time_harms_nobody(data: st.DataObject) -> None:
    """Robots change places while areas come and go; everybody arrives once all is open (tick asserts soundness)."""
    places = [f"L1_{place}" for place in ("park_a", "park_b", "desk", "cafe")]
    n = data.draw(st.integers(2, 4))
    world = world_of(*data.draw(st.permutations(places))[:n], seed=data.draw(st.integers(0, 99)))
    for i, goal in enumerate(data.draw(st.permutations(places))[:n]):
        world.send(f"r{i}", goal)
    for k in range(data.draw(st.integers(1, 4))):
        x, y = data.draw(st.floats(-3.0, 15.0)), data.draw(st.floats(-1.0, 7.0))
        w, h = data.draw(st.floats(0.2, 4.0)), data.draw(st.floats(0.2, 4.0))
        rules_of(world).close(Closure(f"c{k % 2}", "L1", ((x, y), (x + w, y), (x + w, y + h), (x, y + h))), world.now)
        for _ in range(data.draw(st.integers(1, 60))):
            world.tick()
        if data.draw(st.booleans()):
            rules_of(world).open(f"c{k % 2}")
    for closure in rules_of(world).closures():
        rules_of(world).open(closure.name)
    world.run_until_arrived(900.0)
