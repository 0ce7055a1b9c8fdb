"""The building over a world made here: contacts, levels, and what the motors are told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.gazebo.building import GazeboBuilding, drives_of
from building_ctrl.gazebo.make import classic_of
from building_ctrl.gazebo.world_port import Contact, WorldCommand, WorldFrame
from building_ctrl.model.door import DoorMode, DoorRequest
from building_ctrl.sim.graph import JoinedGraph
from building_ctrl.sim.robots import BETWEEN_LEVELS
from building_ctrl.sim.scenario import choose_robots

SMALL = Path(__file__).parents[2] / "e2e" / "small.building.yaml"
DT = 0.02


class FakeWorld:
    """A WorldPort whose robots stand where the test puts them and whose joints obey at once."""

    def __init__(self) -> None:
        self.pose = np.zeros((2, 6))
        self.contacts: tuple[Contact, ...] = ()
        self.command: WorldCommand | None = None
        self.time_s = 0.0

    def turn(self, command: WorldCommand) -> WorldFrame:
        self.command = WorldCommand(command.bodies.copy(), command.joints.copy())
        self.time_s += DT
        joints = np.zeros((len(command.joints), 2))
        joints[:, 0] = command.joints[:, 0]
        return WorldFrame(self.time_s, self.pose.copy(), np.zeros((2, 3)), joints, self.contacts)

    def close(self) -> None:
        return


@pytest.fixture
def port() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def world(port: FakeWorld) -> GazeboBuilding:
    building = load_building(SMALL)
    roadmap = build_roadmap(building)
    robots = choose_robots(building, JoinedGraph(roadmap), 2)
    index, _ = classic_of(building, robots)
    assert len(drives_of(index).bodies) == 2
    made = GazeboBuilding(building, roadmap, robots, index, port)
    for i, entry in enumerate(index.robots):
        port.pose[i] = (entry.x_m, entry.y_m, entry.z_m, 0.0, 0.0, entry.yaw_rad)
    return made


def steps(world: GazeboBuilding, n: int) -> None:
    for _ in range(n):
        world.step(world.time_s, DT)


def test_contacts_between_robots_count_once_an_episode(world: GazeboBuilding, port: FakeWorld) -> None:
    steps(world, 3)
    port.contacts = (Contact(0, 1),)
    steps(world, 30)
    assert world.findings.collisions == 1
    port.contacts = ()
    steps(world, 60)
    port.contacts = (Contact(0, 1),)
    steps(world, 1)
    assert world.findings.collisions == 2
    assert [incident.kind for incident in world.incidents].count("collision") == 2


def test_a_touched_wall_is_told_and_is_no_collision(world: GazeboBuilding, port: FakeWorld) -> None:
    port.contacts = (Contact(1, -1, "level_L1::walls::wall_1"),)
    steps(world, 5)
    assert world.findings.collisions == 0
    assert list(world.bumps) == [(world.names[1], "level_L1::walls::wall_1")]


def test_a_level_is_where_a_body_stands_in_height(world: GazeboBuilding, port: FakeWorld) -> None:
    for index, elevation_m in enumerate(world.site.elevation_m.tolist()):
        port.pose[0, 2] = elevation_m + 0.01
        steps(world, 1)
        assert world.level_name(0) == world.site.levels[index] and world.bodies.cabin[0] == -1


def test_a_body_in_a_moving_cabin_is_between_levels(world: GazeboBuilding, port: FakeWorld) -> None:
    lift = next(iter(world.physical_lifts.values()))
    port.pose[0, :3] = (*world.site.cabin[0, :2], lift.cabin_height_m)
    steps(world, 2)
    assert world.bodies.cabin[0] == 0 and world.level_name(0) == lift.state().current_level
    port.pose[0, 2] += 2.0  # the cabin has not moved: whoever hangs above it is not in it
    steps(world, 1)
    assert world.bodies.cabin[0] == -1
    port.pose[0, 2] -= 2.0
    target = next(level for level in lift.spec.level_names if level != lift.state().current_level)
    lift._target = target  # as a request would
    while not lift.moving:
        steps(world, 1)
    assert world.bodies.level[0] == BETWEEN_LEVELS


def test_a_requested_door_s_motors_run_and_the_others_stand(world: GazeboBuilding, port: FakeWorld) -> None:
    name = world.site.doors[0]
    steps(world, 2)
    world.door_request(DoorRequest(name, "me", DoorMode.OPEN), world.time_s)
    steps(world, 3)
    assert port.command is not None
    leaves = len(world.physical_doors[name].entry.leaves)
    assert np.count_nonzero(port.command.joints[:, 0]) == leaves
    assert world.doors[name].state().mode is DoorMode.OPEN


def test_a_robot_that_falls_over_is_told_once(world: GazeboBuilding, port: FakeWorld) -> None:
    port.pose[1, 3] = 1.2
    steps(world, 10)
    assert [i.kind for i in world.incidents].count("tilted robot") == 1


def test_set_points_reach_the_motors_unless_they_are_no_numbers_or_the_battery_is_empty(
    world: GazeboBuilding, port: FakeWorld
) -> None:
    world.bodies.command(0, 0.4, 0.1, 0.0, np.inf)
    world.bodies.command(0, float("nan"), 0.1, 0.0, np.inf)
    world.bodies.battery_percent[1] = 0.0
    world.bodies.command(1, 0.4, 0.1, 0.0, np.inf)
    steps(world, 1)
    assert port.command is not None and port.command.bodies.tolist() == [[0.4, 0.1], [0.0, 0.0]]


def test_the_same_frames_give_the_same_hash_and_others_another(world: GazeboBuilding, port: FakeWorld) -> None:
    empty = world.trajectory_hash
    steps(world, 1)
    first = world.trajectory_hash
    port.pose[0, 0] += 1e-12
    steps(world, 1)
    assert len({empty, first, world.trajectory_hash}) == 3
