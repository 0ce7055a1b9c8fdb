"""Robots of two sizes under one planner: each keeps to the graph of its class, and they keep apart."""

from __future__ import annotations

import math

import numpy as np
from building_world import BuildingWorld

from building_ctrl.building.document import format_document
from building_ctrl.building.loader import parse_map
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.building.tower import generate_tower
from building_ctrl.core.path.planner import PathPlanner
from building_ctrl.core.path.routes import TravelTimes
from building_ctrl.core.task.homes import homes_of
from building_ctrl.model.building import Building, Lane, Level, Vertex
from building_ctrl.model.footprint import circle, rectangle
from building_ctrl.model.path import DestinationRequest, TravelStatus
from building_ctrl.model.robot import RobotState
from building_ctrl.model.robot_class import RobotClass, RobotClasses

CLASSES = RobotClasses([RobotClass("small", circle(0.25)), RobotClass("cart", rectangle(0.9, 0.6))])
SMALL, CART = (robots.mask for robots in CLASSES.all)


def corridor(bidirectional: bool = True) -> Building:
    vertices = (Vertex(0, 0.0, 0.0, "a"), Vertex(1, 12.0, 0.0, "b"), Vertex(2, 6.0, 0.0), Vertex(3, 6.0, 3.0, "bay"))
    drawn = (Lane(0, 0, 2, bidirectional), Lane(1, 2, 1, bidirectional), Lane(2, 2, 3))
    return Building("b", (Level("L1", 0.0, vertices, drawn),))


def state(name: str, x: float, y: float, mask: int, yaw: float = 0.0) -> RobotState:
    return RobotState(name, "fleet", "L1", x, y, yaw, graph_mask=mask)


def planner_with(*states: RobotState, building: Building | None = None) -> PathPlanner:
    chosen = building or corridor()
    planner = PathPlanner(chosen, build_roadmap(chosen, classes=CLASSES), epoch=1)
    planner.robot_states(states, 10.0)
    return planner


def test_robots_are_placed_and_sent_in_the_graph_of_their_class() -> None:
    planner = planner_with(state("s", 0.0, 0.0, SMALL), state("c", 12.0, 0.0, CART, math.pi))
    for robot, place in (("s", "bay"), ("c", "a")):
        assert planner.destination(DestinationRequest("fleet", robot, "L1", place, "t"), 10.0) == ""
    level = planner.roadmap.levels[0]
    released = {path.robot: path for path in planner.step(10.2).released}
    masks = {"s": SMALL, "c": CART}
    for robot, path in released.items():
        for point in path.waypoints:
            assert level.nearest_vertex(point.x_m, point.y_m, masks[robot])[1] < 1e-9
    assert released


def test_a_robot_of_no_class_is_quarantined() -> None:
    planner = planner_with(state("x", 0.0, 0.0, 1 << 9))
    travel = planner.travel()[0]
    assert travel.status is TravelStatus.QUARANTINED and "graph_mask 512" in travel.waiting_for


def test_two_classes_cannot_stand_where_they_touch() -> None:
    planner = planner_with(state("c", 0.0, 0.0, CART), state("s", 0.0, 0.0, SMALL))
    status = {travel.robot: travel for travel in planner.travel()}
    assert status["s"].status is TravelStatus.QUARANTINED and "c is or may go" in status["s"].waiting_for


def test_where_there_is_no_room_to_turn_a_cart_must_head_along_its_lane() -> None:
    building = corridor(bidirectional=False)
    level = build_roadmap(building, classes=CLASSES).levels[0]
    inner = int(np.flatnonzero(~level.may_turn & (level.vertex_graphs == CART))[0])
    x, y = float(level.x_m[inner]), float(level.y_m[inner])
    across = planner_with(state("c", x, y, CART, math.pi / 2), building=building)
    assert "no room to turn" in across.travel()[0].waiting_for
    along = planner_with(state("c", x, y, CART, 0.05), building=building)
    assert along.travel()[0].status is TravelStatus.IDLE


def test_times_by_lifts_lead_through_the_cabins_of_the_class() -> None:
    roadmap = build_roadmap(parse_map(format_document(generate_tower(2, 8, 1, 1, False))).building, classes=CLASSES)
    times = TravelTimes(roadmap)
    first, second = roadmap.levels
    for mask in (SMALL, CART):
        start = int(np.flatnonzero(first.is_charger & (first.vertex_graphs == mask))[0])
        end = int(np.flatnonzero(second.is_charger & (second.vertex_graphs == mask))[0])
        legs = times.lift_legs(first.level, start, second.level, end, mask)
        assert legs and math.isfinite(times.travel_s(first.level, start, second.level, end, mask))
        for leg in legs:
            assert int(first.vertex_graphs[times.cabin(first.level, leg.lift, mask)]) == mask
            assert int(first.vertex_graphs[times.berth(first.level, leg.lift, mask)]) == mask
    other = int(np.flatnonzero(second.is_charger & (second.vertex_graphs == SMALL))[0])
    start = int(np.flatnonzero(first.is_charger & (first.vertex_graphs == CART))[0])
    assert not math.isfinite(times.travel_s(first.level, start, second.level, other, CART))


def test_a_spot_both_classes_may_park_at_is_one_home() -> None:
    building = parse_map(format_document(generate_tower(2, 8, 1, 1, False))).building
    assert [(h.level, h.x_m, h.y_m) for h in homes_of(build_roadmap(building, classes=CLASSES))] == [
        (h.level, h.x_m, h.y_m) for h in homes_of(build_roadmap(building))
    ]


def test_a_world_of_one_class_is_as_before() -> None:
    assert BuildingWorld(corridor(), ["a", "b"], 1).roadmap.classes == ()
