"""Slotcars driven by the path planner: corridors, lifts, lost requests, restarts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from building_world import two_level_building
from foreign_world import FLEET, ForeignWorld
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.core.foreign.gateway import ForeignGateway
from building_ctrl.core.path.planner import PathPlanner
from building_ctrl.model.building import Building, Lane, Level, Vertex
from building_ctrl.model.fleet import FleetMode, FleetRobot
from building_ctrl.model.path import ReleasedPath, TravelStatus, Waypoint
from building_ctrl.model.robot import Connection, WorkState

PLACES = [(level, f"{level}_{place}") for level in ("L1", "L2") for place in ("park_a", "park_b", "desk", "cafe")]


def corridor() -> Building:
    """A corridor of 16 m with a bay in the middle: two robots from its ends have to meet there."""
    points = [(0.0, 0.0), (8.0, 0.0), (16.0, 0.0), (8.0, 3.0)]
    names = ("west", "", "east", "bay")
    vertices = tuple(Vertex(i, x, y, name) for i, ((x, y), name) in enumerate(zip(points, names, strict=True)))
    lanes = (Lane(0, 0, 1), Lane(1, 1, 2), Lane(2, 1, 3))
    return Building("corridor", (Level("L1", 0.0, vertices, lanes),))


@pytest.mark.parametrize("seed", range(3))
def test_two_robots_that_meet_in_a_corridor_pass_each_other(seed: int) -> None:
    world = ForeignWorld(corridor(), ["west", "east"], seed)
    for _ in range(60):
        world.tick()
    assert world.send("c0", "L1", "east") == "" and world.send("c1", "L1", "west") == ""
    world.run_until_arrived(240.0)
    assert all(car.errors == 0 for car in world.cars.values())
    assert world.orders < 60, "a request for each stretch, not for each moment"


def test_a_robot_rides_a_lift() -> None:
    world = ForeignWorld(two_level_building(), ["L1_park_a"])
    for _ in range(60):
        world.tick()
    assert world.send("c0", "L2", "L2_desk") == ""
    world.run_until_arrived(400.0)
    assert world.cars["c0"].level == "L2" and world.cars["c0"].errors == 0


@settings(max_examples=5, deadline=None)
@given(st.data())
def test_many_robots_change_places_with_lost_requests(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 4))
    starts = data.draw(st.permutations(PLACES))[:n]
    goals = data.draw(st.permutations(PLACES))[:n]
    world = ForeignWorld(two_level_building(), [name for _, name in starts], data.draw(st.integers(0, 99)), loss=0.3)
    for _ in range(60):
        world.tick()
    for i, (level, place) in enumerate(goals):
        assert world.send(f"c{i}", level, place) == ""
    world.run_until_arrived(1500.0)


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 400), st.booleans(), st.booleans())
def test_planner_and_gateway_may_start_anew_while_robots_drive(ticks: int, planner: bool, gateway: bool) -> None:
    world = ForeignWorld(corridor(), ["west", "east"])
    for _ in range(60):
        world.tick()
    world.send("c0", "L1", "east")
    world.send("c1", "L1", "west")
    for _ in range(ticks):
        world.tick()
    if gateway:
        world.gateway = ForeignGateway({FLEET: 1}, "run2")
    if planner:
        world.planner = PathPlanner(world.building, world.roadmap, epoch=2)
    for _ in range(300):
        world.tick()
    world.send("c0", "L1", "east")
    world.send("c1", "L1", "west")
    world.run_until_arrived(300.0)


def test_a_held_robot_stands_and_goes_on() -> None:
    world = ForeignWorld(corridor(), ["west"])
    for _ in range(60):
        world.tick()
    world.send("c0", "L1", "east")
    for _ in range(80):
        world.tick()
    path = world.planner.all_released()[0]
    release = world.release
    world.release = lambda paths: release([replace(row, hold=True) for row in (*paths, path)])  # type: ignore[method-assign]
    for _ in range(30):
        world.tick()
    stood = world.cars["c0"].x_m
    for _ in range(50):
        world.tick()
    assert world.cars["c0"].x_m == stood and 0.5 < stood < 15.0
    world.release = release  # type: ignore[method-assign]
    world.run_until_arrived(120.0)


def test_an_error_is_answered_by_a_new_request_and_told_when_it_lasts() -> None:
    gateway = ForeignGateway({FLEET: 4}, "run")
    robot = FleetRobot("c", FLEET, "L1", 0.0, 0.0, 0.0)
    gateway.reports([robot], 0.0)
    gateway.reports([FleetRobot("c", FLEET, "L1", 0.0, 0.0, 0.0, stamp_s=1.0)], 1.0)
    assert gateway.release([ReleasedPath("c", "L1", 7, 0, (Waypoint(1.0, 0.0), Waypoint(2.0, 0.0, 0.3)))]) == []
    (first,) = gateway.orders(1.1)
    assert [(p.x_m, p.speed_limit_mps) for p in first.points] == [(0.0, 0.0), (1.0, 0.0), (2.0, 0.3)]
    assert gateway.orders(1.2) == ()
    now = 1.2
    again = [first]
    while now < 14.0:
        now += 0.5
        error, heard = FleetMode.ADAPTER_ERROR, again[-1].order_id
        gateway.reports([FleetRobot("c", FLEET, "L1", 0.0, 0.0, 0.0, error, heard, stamp_s=now)], now)
        again += gateway.orders(now)
    assert len({order.order_id for order in again}) == len(again) >= 3
    (state,) = gateway.robot_states(now)
    assert (state.work, state.graph_mask, state.path_epoch, state.released_seq) == (WorkState.ERROR, 4, 7, 2)
    assert [alarm.kind for alarm in gateway.alarms(now)] == ["robot_fault"]
    assert gateway.robot_states(now + 6.0)[0].connection is Connection.LOST


def test_other_fleets_and_names_used_twice_are_left_alone() -> None:
    gateway = ForeignGateway({FLEET: 1, "more": 1}, "run")
    assert gateway.reports([FleetRobot("x", "ours", "L1", 0.0, 0.0, 0.0)], 0.0) == []
    assert gateway.robot_states(0.0) == ()
    gateway.reports([FleetRobot("x", FLEET, "L1", 0.0, 0.0, 0.0)], 0.0)
    (problem,) = gateway.reports([FleetRobot("x", "more", "L1", 5.0, 0.0, 0.0)], 0.1)
    assert "names of robots are unique" in problem
    assert gateway.robot_states(0.1)[0].x_m == 0.0


def test_a_robot_that_is_idle_is_told_so() -> None:
    world = ForeignWorld(corridor(), ["west"])
    for _ in range(100):
        world.tick()
    assert world.travel["c0"].status is TravelStatus.IDLE
