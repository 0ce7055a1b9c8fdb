from __future__ import annotations

import random

from building_world import BuildingWorld, two_level_building
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.core.path.planner import PathPlanner
from building_ctrl.model.held import ClearAction, ClearRequest, HeldKind, HeldStretch
from building_ctrl.model.path import TravelStatus
from building_ctrl.model.robot import WorkState

PLACES = [f"{level}_{place}" for level in ("L1", "L2") for place in ("park_a", "park_b", "desk", "cafe")]


def restart(world: BuildingWorld, epoch: int) -> None:
    """The planner dies and starts anew with what was kept."""
    world.planner = PathPlanner(world.building, world.roadmap, epoch)
    world.planner.restore(world.kept.values())


def test_what_is_released_is_kept_with_the_same_decisions() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a"], seed=1)
    world.tick()
    world.send("r0", "L2_desk")
    for _ in range(400):
        world.tick()
        for path in world.decisions.released:
            kept = world.kept[path.robot]
            for waypoint in path.waypoints:
                assert (round(waypoint.x_m, 2), round(waypoint.y_m, 2)) in kept.points


def test_the_stretch_of_a_silent_robot_stays_blocked_and_is_free_when_a_person_says_so() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a", "L1_cafe"], seed=1)
    world.tick()
    world.send("r0", "L1_park_b")
    for _ in range(8):
        world.tick()
    silent = world.bodies["r0"]
    assert silent.waypoints
    silent.stuck = silent.mute = True
    restart(world, 10)
    world.tick()
    world.send("r1", "L1_park_a")  # the only way is over r0's stretch
    for _ in range(300):
        world.tick()
    assert world.travel["r1"].status is TravelStatus.MOVING
    assert world.travel["r1"].waiting_for == "r0"
    assert world.travel["r0"].status is TravelStatus.QUARANTINED
    assert "has not been heard" in world.travel["r0"].waiting_for
    assert [alarm.kind for alarm in world.decisions.alarms] == ["robot_not_heard"]
    del world.bodies["r0"]
    assert world.planner.clear(ClearRequest("r0", ClearAction.REMOVED, "kim"), world.now) == ""
    for _ in range(600):
        world.tick()
        if world.travel["r1"].status is TravelStatus.ARRIVED:
            return
    raise AssertionError(world.travel["r1"])


def test_a_silent_robot_that_is_heard_again_goes_on() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a"], seed=1)
    world.tick()
    world.send("r0", "L1_park_b")
    for _ in range(8):
        world.tick()
    world.bodies["r0"].mute = True
    restart(world, 10)
    for _ in range(60):
        world.tick()
    world.bodies["r0"].mute = False
    world.tick()
    world.send("r0", "L1_desk", "again")
    world.run_until_arrived(300.0)


def test_quarantine_and_removal_outlast_a_restart() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a", "L1_cafe"], seed=1)
    world.tick()
    world.bodies["r0"].x_m = 12.0
    world.bodies.pop("r1")
    world.planner.clear(ClearRequest("r1", ClearAction.REMOVED, "kim"), world.now)
    world.tick()
    assert world.kept["r0"].kind is HeldKind.QUARANTINED
    assert world.kept["r1"].kind is HeldKind.REMOVED
    restart(world, 10)
    for _ in range(5):
        world.tick()
    assert world.travel["r0"].status is TravelStatus.QUARANTINED
    assert "taken from the floor by kim" in world.travel["r1"].waiting_for
    assert world.planner.clear(ClearRequest("r0", ClearAction.RESUME, "kim"), world.now) == ""
    for _ in range(5):
        world.tick()
    assert world.travel["r0"].status is TravelStatus.IDLE


def test_a_stretch_of_a_level_that_is_gone_from_the_map_harms_nobody() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a"], seed=1)
    world.kept["old"] = HeldStretch("old", "fleet", "L99", 1, ((0.0, 0.0),))
    restart(world, 10)
    world.tick()
    world.send("r0", "L1_desk")
    for _ in range(300):
        world.tick()
    assert world.travel["r0"].status is TravelStatus.ARRIVED


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_restarts_with_silent_robots_that_drive_on_never_lead_to_a_collision(seed: int) -> None:
    """Silent robots drive their old paths to the end whatever a new planner decides; all arrive when heard again."""
    chance = random.Random(seed)
    places = list(PLACES)
    chance.shuffle(places)
    n = chance.randint(2, 6)
    world = BuildingWorld(two_level_building(), places[:n], seed=seed, finish=0.25)
    world.tick()
    goals = {f"r{i}": goal for i, goal in enumerate(places[-n:])}
    for epoch in range(10, 13):
        for name, goal in goals.items():
            world.send(name, goal, f"t{epoch}")
        for _ in range(chance.randint(1, 80)):
            world.tick()
        for body in world.bodies.values():
            body.mute = chance.random() < 0.4
        restart(world, epoch)
        world.tick()
        for name in goals:
            world.send(name, chance.choice(PLACES), f"u{epoch}")
        for _ in range(chance.randint(1, 80)):
            world.tick()
        for body in world.bodies.values():
            body.mute = False
    world.tick()
    assert all(body.work is WorkState.STANDBY for body in world.bodies.values())
    for _ in range(200):
        world.tick()
    for name, goal in goals.items():
        assert world.send(name, goal, "last") == ""
    world.run_until_arrived(3000.0)
