"""A robot that waits at a closed gate stands in nobody's way but there."""

from __future__ import annotations

import numpy as np
from delay_world import DelayWorld

from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.core.path.agent import NO_WAIT, Wait
from building_ctrl.core.path.gate import OpenGate
from building_ctrl.model.building import Building, Door, DoorKind, Lane, Level, Vertex
from building_ctrl.model.path import WaitingKind
from building_ctrl.model.roadmap import LevelRoadmap, RoadmapParameters


class ShutGate(OpenGate):
    """A door that opens when the test says so, and then for those named."""

    def __init__(self) -> None:
        self.open_for: set[str] = set()

    def door(self, robot: str, door: str) -> Wait:
        return NO_WAIT if robot in self.open_for else Wait(WaitingKind.DOOR, door)


def crossing_behind_a_door() -> LevelRoadmap:
    """0 - 1 |door| 2 - 3 from west to east; 4 - 2 - 5 from north to south crosses right behind the door; 1 - 6 ends."""
    points = [(0.0, 0.0), (3.0, 0.0), (5.0, 0.0), (8.0, 0.0), (5.0, 9.0), (5.0, -4.0), (3.0, 4.0)]
    vertices = tuple(Vertex(i, x, y, name=f"v{i}") for i, (x, y) in enumerate(points))
    lanes = tuple(Lane(i, a, b) for i, (a, b) in enumerate([(0, 1), (1, 2), (2, 3), (4, 2), (2, 5), (1, 6)]))
    doors = (Door("gate", "L1", DoorKind.SLIDING, (4.0, -1.0), (4.0, 1.0)),)
    building = Building("test", (Level("L1", 0.0, vertices, lanes, doors=doors),))
    return build_roadmap(building, RoadmapParameters(pitch_m=1.0)).levels[0]


def world_with(gate: ShutGate) -> DelayWorld:
    roadmap = crossing_behind_a_door()
    world = DelayWorld(roadmap, [roadmap.vertex_of("v0"), roadmap.vertex_of("v4")], seed=1, gate=gate)
    world.level.set_goal("r0", roadmap.vertex_of("v3"), 0.0)
    world.level.set_goal("r1", roadmap.vertex_of("v5"), 0.0)
    return world


def until_planned_round(world: DelayWorld) -> None:
    for _ in range(200):
        world.tick(0.5)
        if world.level.agents["r0"].gate_edge >= 0:
            return
    raise AssertionError("r0 is never planned round")


def test_a_robot_at_a_shut_door_does_not_hold_up_those_who_cross_behind_it() -> None:
    gate = ShutGate()
    world = world_with(gate)
    until_planned_round(world)
    needs = {need.robot: need for need in world.level.door_needs()}
    assert [door for door, _ in needs["r0"].ahead] == ["gate"]
    for _ in range(200):
        world.tick(0.5)
    waiting, crossed = world.level.agents["r0"], world.level.agents["r1"]
    assert crossed.at_goal
    assert (waiting.wait.kind, waiting.wait.holder) == (WaitingKind.DOOR, "gate")
    gate.open_for.add("r0")
    for _ in range(200):
        world.tick(0.5)
    assert world.all_home()


def test_a_robot_at_a_shut_door_makes_way_for_one_that_comes_through_it() -> None:
    """The door opens for r0 only once r1 is through and past it, which needs r0 to step aside."""
    roadmap = crossing_behind_a_door()
    gate = ShutGate()
    world = DelayWorld(roadmap, [roadmap.vertex_of("v0"), roadmap.vertex_of("v5")], seed=1, gate=gate)
    gate.open_for.add("r1")
    world.level.set_goal("r0", roadmap.vertex_of("v3"), 0.0)
    for _ in range(100):
        world.tick(0.5)
    assert world.level.agents["r0"].at_gate
    world.level.set_goal("r1", roadmap.vertex_of("v0"), world.now)
    for _ in range(500):
        world.tick(0.5)
    assert world.level.agents["r1"].at_goal
    gate.open_for.add("r0")
    for _ in range(300):
        world.tick(0.5)
    assert world.all_home()


def test_a_robot_at_a_shut_door_is_planned_anew_when_it_is_sent_elsewhere() -> None:
    world = world_with(ShutGate())
    until_planned_round(world)
    world.level.set_goal("r0", world.roadmap.vertex_of("v0"), world.now)
    for _ in range(100):
        world.tick(0.5)
    assert world.all_home()


def test_a_door_that_is_given_up_is_planned_round() -> None:
    world = world_with(ShutGate())
    until_planned_round(world)
    edge = world.level.agents["r0"].gate_edge
    closed = [world.roadmap.edge_door[e] == "gate" for e in range(world.roadmap.n_edges)]
    assert closed[edge]
    world.level.close_edges(np.array(closed))
    world.tick(0.5)
    assert world.level.agents["r0"].gate_edge == -1
    for _ in range(100):
        world.tick(0.5)
    assert world.level.agents["r1"].at_goal
