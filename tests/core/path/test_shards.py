"""Several planners of one building: handing robots over through lifts, whatever happens to planners and messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from building_world import ring_building, two_level_building
from hypothesis import given, settings
from hypothesis import strategies as st
from shard_world import Network, ShardWorld

from building_ctrl.core.path.shard import shard_of
from building_ctrl.model.path import TravelStatus, WaitingKind

PLACES = [f"{level}_{place}" for level in ("L1", "L2") for place in ("park_a", "park_b", "desk", "cafe")]
THREE = [f"{level}_{place}" for level in ("L1", "L2", "L3") for place in ("park_a", "park_b", "desk", "cafe")]
PER_LEVEL = (("L1",), ("L2",))
CALM = Network()
ROUGH = Network(loss=0.2, double=0.2, delay_s=1.5)


def test_a_robot_is_handed_over_and_back() -> None:
    world = ShardWorld(two_level_building(), ["L1_park_a"], 1, PER_LEVEL)
    world.settle()
    world.send("r0", "L2_desk")
    world.run_until_arrived(300.0)
    assert world.bodies["r0"].level == "L2"
    first = world.bodies["r0"].epoch
    world.send("r0", "L1_cafe", "back")
    world.run_until_arrived(300.0)
    assert world.bodies["r0"].level == "L1" and world.bodies["r0"].epoch > first


@pytest.mark.parametrize("network", [CALM, ROUGH], ids=["calm", "rough"])
@settings(max_examples=10, deadline=None)
@given(st.data())
def test_many_robots_change_places_and_levels(network: Network, data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 7))
    starts = data.draw(st.permutations(PLACES))[:n]
    goals = data.draw(st.permutations(PLACES))[:n]
    world = ShardWorld(two_level_building(), starts, data.draw(st.integers(0, 99)), PER_LEVEL, network)
    world.settle()
    for i, goal in enumerate(goals):
        world.send(f"r{i}", goal)
    world.run_until_arrived(2500.0)


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_planners_die_hang_and_come_back_at_any_time(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 6))
    starts = data.draw(st.permutations(THREE))[:n]
    goals = data.draw(st.permutations(THREE))[:n]
    groups = data.draw(st.sampled_from([(("L1",), ("L2",), ("L3",)), (("L1", "L3"), ("L2",))]))
    world = ShardWorld(ring_building(3), starts, data.draw(st.integers(0, 99)), groups, ROUGH)
    world.settle()
    for i, goal in enumerate(goals):
        world.send(f"r{i}", goal)
    for _ in range(data.draw(st.integers(1, 4))):
        world.settle(data.draw(st.floats(0.0, 60.0)))
        victim = data.draw(st.integers(0, len(groups) - 1))
        how = data.draw(st.sampled_from([world.kill, world.hung.add, world.restart_lift_planner]))
        how(victim)
        world.settle(data.draw(st.sampled_from([0.4, 3.0, 20.0, 60.0])))
        world.revive(victim)
    world.run_until_arrived(2500.0, person=True)


def boarding(world: ShardWorld, robot: str) -> bool:
    """Whether the way into a cabin is released to a robot that is not in it yet."""
    body = world.bodies[robot]
    return not body.lift and any(waypoint.lift for waypoint in body.waypoints.values())


def run_until(world: ShardWorld, condition: Callable[[], bool], limit_s: float = 200.0) -> None:
    end = world.now + limit_s
    while not condition():
        assert world.now < end, "never happened"
        world.tick()


def three_levels(starts: Sequence[str], groups: Sequence[Sequence[str]] = (("L1",), ("L2",), ("L3",))) -> ShardWorld:
    world = ShardWorld(ring_building(3), starts, 1, groups)
    world.settle()
    return world


def test_nobody_boards_to_a_level_whose_planner_is_dead_and_the_lifts_serve_the_others() -> None:
    world = three_levels(["L1_park_a", "L1_desk"])
    world.kill(1)
    world.settle(10.0)
    world.send("r0", "L2_desk")
    world.send("r1", "L3_cafe")
    run_until(world, lambda: world.has_arrived("r1"))
    world.settle(60.0)
    assert world.bodies["r0"].level == "L1" and not world.bodies["r0"].lift
    state = world.travel["r0"]
    assert (state.waiting_kind, state.waiting_for) == (WaitingKind.PLACE, "the path planner of level L2")
    world.start(1)
    world.run_until_arrived(300.0)


def test_a_ride_is_given_back_when_the_planner_of_its_level_dies_before_boarding() -> None:
    world = three_levels(["L1_desk"])
    world.send("r0", "L2_desk")
    run_until(world, lambda: any(ride.robot == "r0" and not ride.phase.ended for ride in world.rides))
    world.kill(1)
    run_until(world, lambda: all(ride.phase.ended for ride in world.rides), 30.0)
    assert not world.bodies["r0"].lift


def test_a_robot_in_a_car_to_a_dead_level_is_brought_back() -> None:
    world = three_levels(["L1_park_a", "L3_park_a"])
    world.send("r0", "L2_desk")
    run_until(world, lambda: bool(world.bodies["r0"].lift))
    world.kill(1)
    run_until(world, lambda: world.bodies["r0"].level == "L1" and not world.bodies["r0"].lift, 150.0)
    run_until(world, lambda: all(ride.phase.ended for ride in world.rides), 10.0)
    world.send("r1", "L1_cafe")
    run_until(world, lambda: world.has_arrived("r1"))
    world.start(1)
    world.run_until_arrived(300.0)


def test_a_robot_that_left_the_car_on_a_dead_level_does_not_keep_the_lift() -> None:
    world = three_levels(["L1_park_a"])
    world.send("r0", "L2_desk")
    run_until(world, lambda: world.bodies["r0"].level == "L2" and not world.bodies["r0"].lift)
    world.kill(1)
    assert any(not ride.phase.ended for ride in world.rides)
    run_until(world, lambda: all(ride.phase.ended for ride in world.rides), 45.0)
    world.start(1)
    world.run_until_arrived(300.0)


def test_a_robot_that_boards_while_its_planner_is_dead_is_taken_all_the_same() -> None:
    world = three_levels(["L1_park_a"])
    world.send("r0", "L3_desk")
    run_until(world, lambda: boarding(world, "r0"))
    world.kill(0)
    run_until(world, lambda: world.has_arrived("r0"))


def test_a_planner_that_hung_while_others_stood_in_for_it_does_no_harm() -> None:
    world = three_levels(["L1_park_a", "L1_park_b"])
    world.send("r0", "L3_desk")
    run_until(world, lambda: boarding(world, "r0"))
    world.hung.add(0)
    run_until(world, lambda: world.has_arrived("r0"))
    world.hung.clear()
    world.settle(10.0)
    assert "r0" not in {state.robot for state in world.planners[0].travel()}
    world.send("r1", "L3_cafe")
    world.send("r0", "L1_desk", "back")
    world.run_until_arrived(300.0)


def test_of_two_planners_of_one_level_the_newer_goes_on_alone() -> None:
    world = three_levels(["L1_park_a", "L1_desk"], (("L1", "L2"), ("L3",)))
    world.send("r0", "L1_park_b")
    world.settle(3.0)
    world.shards.append(shard_of(world.names, ["L1"]))
    world.start(2)
    world.settle(10.0)
    older = {alarm.kind for alarm in world.planners[0].step(world.now).alarms}
    assert "level_owned_twice" in older
    for planner in (world.planners[0], world.planners[2]):
        assert ("r1" in {state.robot for state in planner.travel()}) == (planner is world.planners[2])
    world.send("r1", "L2_cafe")
    world.run_until_arrived(300.0)


@pytest.mark.parametrize("seed", range(4))
def test_a_planner_started_twice_in_the_midst_of_traffic_harms_nobody(seed: int) -> None:
    spots = [f"L1_{place}" for place in ("park_a", "park_b", "desk", "cafe")]
    world = ShardWorld(two_level_building(), spots, seed, PER_LEVEL)
    world.settle()
    for turn in range(1, 4):
        for i in range(4):
            world.send(f"r{i}", spots[(i + turn) % 4], f"turn {turn}")
        world.settle(3.0 + 2.0 * seed)
        world.shards.append(shard_of(world.names, ["L1"]))
        world.start(len(world.shards) - 1)
        world.settle(20.0)
    world.run_until_arrived(600.0)


def test_a_robot_does_not_board_to_a_level_without_a_free_place() -> None:
    full = [f"L2_{place}" for place in ("park_a", "park_b", "desk", "cafe")]
    world = ShardWorld(two_level_building(), ["L1_park_a", *full], 1, PER_LEVEL)
    world.settle()
    goals = world.planners[1]._state.goals["L2"]  # nothing outside says how many robots fill a level
    for i, vertex in enumerate(range(world.roadmap.level("L2").n_vertices)):
        if not goals.holder(vertex, ""):
            goals.claim(f"ghost{i}", vertex)
    world.send("r0", "L2_desk")
    world.settle(60.0)
    assert world.bodies["r0"].level == "L1" and not world.rides
    assert world.travel["r0"].waiting_for == "a free place on level L2"
    for i in range(world.roadmap.level("L2").n_vertices):
        goals.release(f"ghost{i}")
    world.run_until_arrived(300.0)


def test_what_cannot_be_reached_on_another_planners_level_is_refused() -> None:
    world = three_levels(["L1_park_a"])
    world.send("r0", "L3_moon")
    world.settle(6.0)
    assert world.travel["r0"].status is TravelStatus.REFUSED
    assert "no place 'L3_moon'" in world.travel["r0"].waiting_for
