from __future__ import annotations

from building_world import BuildingWorld, two_level_building
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.core.path.planner import PathPlanner
from building_ctrl.model.path import TravelStatus, WaitingKind

PLACES = [f"{level}_{place}" for level in ("L1", "L2") for place in ("park_a", "park_b", "desk", "cafe")]


def test_a_robot_goes_to_another_level_and_back() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a"], seed=1)
    world.tick()
    assert world.send("r0", "L2_desk") == ""
    world.run_until_arrived(300.0)
    assert world.bodies["r0"].level == "L2"
    assert world.send("r0", "L1_cafe") == ""
    world.run_until_arrived(300.0)
    assert world.bodies["r0"].level == "L1"


def test_a_closed_door_holds_a_robot_and_says_so() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a"], seed=1)
    world.door_opens_s = float("inf")
    world.tick()
    world.send("r0", "L1_park_b")
    for _ in range(400):
        world.tick()
    travel = world.travel["r0"]
    assert (travel.waiting_kind, travel.waiting_for) == (WaitingKind.DOOR, "gate")
    assert world.bodies["r0"].x_m < 9.0


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_many_robots_change_places_under_any_delays(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 7))
    starts = data.draw(st.permutations(PLACES))[:n]
    goals = data.draw(st.permutations(PLACES))[:n]
    world = BuildingWorld(two_level_building(), starts, seed=data.draw(st.integers(0, 99)), finish=0.3)
    world.tick()
    for i, goal in enumerate(goals):
        assert world.send(f"r{i}", goal) == ""
    world.run_until_arrived(2500.0)


def test_two_robots_wanting_one_place_take_turns() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a", "L1_park_b"], seed=1)
    world.tick()
    world.send("r0", "L1_desk", "first")
    world.send("r1", "L1_desk", "second")
    for _ in range(600):
        world.tick()
        if any(t.status is TravelStatus.ARRIVED for t in world.travel.values()):
            break
    for _ in range(50):
        world.tick()
    status = {name: t.status for name, t in world.travel.items()}
    assert sorted(status.values()) == [TravelStatus.MOVING, TravelStatus.ARRIVED]
    waiting = next(name for name, s in status.items() if s is TravelStatus.MOVING)
    other = "r0" if waiting == "r1" else "r1"
    assert (world.travel[waiting].waiting_kind, world.travel[waiting].waiting_for) == (WaitingKind.PLACE, other)
    world.send(other, "L1_cafe", "third")
    world.run_until_arrived(300.0)


def test_a_robot_that_was_done_long_ago_makes_way() -> None:
    world = BuildingWorld(two_level_building(), ["L1_desk", "L1_park_b"], seed=1)
    world.tick()
    world.send("r0", "L1_desk", "first")
    world.tick()
    world.send("r1", "L1_desk", "second")
    world.run_until_arrived(300.0)
    assert world.travel["r1"].status is TravelStatus.ARRIVED
    assert world.travel["r0"].status is TravelStatus.IDLE


def test_an_idle_robot_makes_way() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a", "L1_desk"], seed=1)
    world.tick()
    world.send("r0", "L1_desk")
    world.run_until_arrived(300.0)
    assert world.travel["r1"].status is TravelStatus.IDLE


def test_what_cannot_be_reached_or_found_is_refused_with_the_reason() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a"], seed=1)
    world.tick()
    assert "nobody" in world.send("nobody", "L1_desk")
    assert "no place 'L1_moon'" in world.send("r0", "L1_moon")
    world.tick()
    assert world.travel["r0"].status is TravelStatus.REFUSED
    assert "no level 'L9'" in world.send("r0", "L9_desk")
    assert world.send("r0", "L1_desk") == ""
    world.run_until_arrived(300.0)


def test_a_robot_off_the_lanes_is_quarantined_until_it_is_moved() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a"], seed=1)
    body = world.bodies["r0"]
    body.y_m += 0.4
    world.tick()
    world.send("r0", "L1_desk")
    for _ in range(50):
        world.tick()
    assert world.travel["r0"].status is TravelStatus.QUARANTINED
    assert "0.40 m from the nearest vertex" in world.travel["r0"].waiting_for
    body.y_m -= 0.4
    world.run_until_arrived(300.0)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 200), st.integers(0, 99))
def test_a_restarted_planner_takes_over_wherever_robots_are(ticks: int, seed: int) -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a", "L2_desk"], seed)
    world.tick()
    world.send("r0", "L2_cafe")
    world.send("r1", "L1_desk")
    for _ in range(ticks):
        world.tick()
    world.planner = PathPlanner(world.building, world.roadmap, epoch=2)
    for _ in range(5 * 30):
        world.tick()
    assert world.send("r0", "L2_cafe") == ""
    assert world.send("r1", "L1_desk") == ""
    world.run_until_arrived(900.0)


def test_a_robot_that_dies_keeps_its_place_and_the_others_go_on() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a", "L1_park_b", "L1_cafe"], seed=3)
    world.tick()
    world.send("r0", "L1_park_a", "stay")
    world.send("r1", "L1_desk")
    for _ in range(10):
        world.tick()
    world.bodies["r1"].stuck = True
    world.send("r2", "L2_desk")
    for _ in range(2000):
        world.tick()
    assert world.travel["r2"].status is TravelStatus.ARRIVED
    assert world.travel["r1"].status is TravelStatus.MOVING


def test_a_robot_that_does_not_say_its_level_is_quarantined_with_the_reason() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a"], seed=1)
    world.bodies["r0"].level = ""
    for _ in range(5):
        world.tick()
    assert world.travel["r0"].status is TravelStatus.QUARANTINED
    assert "which level" in world.travel["r0"].waiting_for
