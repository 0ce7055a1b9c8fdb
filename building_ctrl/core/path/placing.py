"""Putting a robot that stands still onto the roadmap, at the start, after a restart and after quarantine."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from building_ctrl.core.path.agent import Action, Agent
from building_ctrl.core.path.journey import Journey, Place
from building_ctrl.core.path.level import LevelCoordinator
from building_ctrl.core.path.near import distance_to_line, edges_near
from building_ctrl.core.path.state import PlannerState
from building_ctrl.core.path.taking import in_cabin, is_taken, stands, take
from building_ctrl.model.roadmap import LevelRoadmap

HEADING_RAD = 0.15


def place(planner: PlannerState, journey: Journey, now: float) -> None:
    """Place a robot once it is at the end of its released path; say in `quarantine` why it cannot be.

    A robot that does not say its level can only be placed in a building of one level.
    """
    if not journey.state.level and len(planner.level_names) == 1:
        journey.state = replace(journey.state, level=planner.level_names[0])
    if not stands(journey.state) or planner.frozen(journey.state.level):
        return
    journey.quarantine = _try_to_place(planner, journey, now)
    if journey.place is not Place.OUTSIDE:
        journey.old_stretch = None


def _try_to_place(planner: PlannerState, journey: Journey, now: float) -> str:
    state = journey.state
    ride = planner.rides.underway(state.name)
    if ride is not None and in_cabin(planner, state, ride) and is_taken(planner, ride, now):
        _number(planner, journey)
        return take(planner, journey, ride, now)
    level = planner.levels.get(state.level)
    if not state.level:
        return f"{state.name} does not say which level it is on: let its localisation tell"
    if level is None and state.level in planner.level_names:
        return f"{state.name} rides to another level than {state.level}, but is not in the cabin: a person has to look"
    if level is None:
        return f"{state.name} is on level {state.level!r}, which is not on the map"
    vertex, distance = level.roadmap.nearest_vertex(state.x_m, state.y_m, state.graph_mask)
    if vertex < 0:
        return f"level {state.level} has no lane for {state.name} with graph_mask {state.graph_mask}: correct its class"
    if distance > planner.parameters.placing_m:
        return _place_on_lane(planner, journey, level, distance, now)
    if not _heads_along_a_lane(level.roadmap, vertex, state.yaw_rad):
        return f"{state.name} has no room to turn where it stands: turn it along its lane"
    holder = level.holder_near(vertex, state.name) or _held_before(planner, journey)
    if holder:
        return f"{state.name} stands where {holder} is or may go: move one of them away"
    lift = level.roadmap.cabin_lift[vertex]
    if lift and not planner.rides.heard:
        return ""
    _number(planner, journey)
    if lift:
        if planner.rides.of(state.name) is None:
            planner.rides.adopt(state.fleet, state.name, state.level, lift)
        journey.place, journey.level = Place.CABIN, state.level
    else:
        join_level(planner, journey, state.level, vertex, now)
    return ""


def _heads_along_a_lane(roadmap: LevelRoadmap, vertex: int, yaw_rad: float) -> bool:
    """Whether a robot could start without a turn on the spot, or has the room for one."""
    if roadmap.may_turn[vertex]:
        return True
    for end in roadmap.edge_to[roadmap.edge_ptr[vertex] : roadmap.edge_ptr[vertex + 1]].tolist():
        dx, dy = roadmap.x_m[end] - roadmap.x_m[vertex], roadmap.y_m[end] - roadmap.y_m[vertex]
        off_rad = (math.atan2(dy, dx) - yaw_rad + math.pi) % (2.0 * math.pi) - math.pi
        if abs(off_rad) <= HEADING_RAD:
            return True
    return False


def _number(planner: PlannerState, journey: Journey) -> None:
    """Choose the epoch of the robot's path, and go on with its numbers where it is of that epoch already."""
    state = journey.state
    if state.path_epoch != journey.epoch:
        journey.epoch = planner.epoch_for(state.path_epoch)
    journey.next_seq = state.released_seq if state.path_epoch == journey.epoch else 0


def _place_on_lane(
    planner: PlannerState, journey: Journey, level: LevelCoordinator, distance_m: float, now: float
) -> str:
    """Place a robot that stands on a lane between two vertices: its first move brings it to the end of that lane."""
    state, rows = journey.state, level.roadmap
    where = f"of level {state.level} at ({state.x_m:.2f}, {state.y_m:.2f})"
    lanes = _lanes_under(planner, journey, level)
    if not lanes:
        return f"{state.name} stands {distance_m:.2f} m from the nearest vertex {where}: move it onto a lane"
    free = [edge for edge in lanes if level.free_for(state.name, edge)]
    holder = _held_before(planner, journey)
    if not free or holder:
        return f"{state.name} stands on a lane {where} where {holder or 'another robot'} is or may go: move one away"
    _number(planner, journey)
    edge = free[0]
    end = int(rows.edge_to[edge])
    action = Action(edge, end, journey.next_seq)
    journey.next_seq += 1
    join_level(planner, journey, state.level, end, now, start=int(rows.edge_from[edge]), action=action)
    return ""


def _lanes_under(planner: PlannerState, journey: Journey, level: LevelCoordinator) -> list[int]:
    """Edges a robot stands on and may drive on to their end, the nearest end first; none through doors or cabins."""
    state, rows = journey.state, level.roadmap
    found: list[tuple[float, int]] = []
    mask = planner.traffic.mask(journey.fleet, state.graph_mask)
    near = edges_near(rows, [(state.x_m, state.y_m)], planner.parameters.placing_m)
    for edge in np.flatnonzero(near).tolist():
        start, end = int(rows.edge_from[edge]), int(rows.edge_to[edge])
        if rows.edge_door[edge] or rows.cabin_lift[start] or rows.cabin_lift[end]:
            continue
        if not int(rows.edge_graphs[edge]) & mask:
            continue
        dx, dy = rows.x_m[end] - rows.x_m[start], rows.y_m[end] - rows.y_m[start]
        off_rad = (math.atan2(dy, dx) - state.yaw_rad + math.pi) % (2.0 * math.pi) - math.pi
        if abs(off_rad) > HEADING_RAD and not (rows.may_turn[start] and rows.may_turn[end]):
            continue
        left_m = math.hypot(state.x_m - float(rows.x_m[end]), state.y_m - float(rows.y_m[end]))
        found.append((left_m, edge))
    return [edge for _, edge in sorted(found)]


def _held_before(planner: PlannerState, journey: Journey) -> str:
    """A robot not heard since the planner's start that may be where another one stands; empty where there is none."""
    state, reach_m = journey.state, planner.reach_m
    for other in planner.journeys.values():
        old = other.old_stretch
        if old is None or other is journey or old.level != state.level or other.place is not Place.OUTSIDE:
            continue
        if distance_to_line(state.x_m, state.y_m, old.points) < reach_m:
            return other.name
    return ""


def join_level(
    planner: PlannerState,
    journey: Journey,
    level: str,
    vertex: int,
    now: float,
    start: int = -1,
    action: Action | None = None,
) -> None:
    """Hand a robot to a level at a vertex that nobody holds, or on the way to it from `start` by `action`.

    Raises ValueError when somebody holds it.
    """
    agent = Agent(
        name=journey.name,
        graph_mask=planner.traffic.mask(journey.fleet, journey.state.graph_mask),
        vertex=vertex if start < 0 else start,
        frontier=vertex,
        next_seq=journey.next_seq,
        goal=-1,
        goal_since_s=now,
        progress_s=now,
    )
    if action is not None:
        agent.actions.append(action)
    planner.levels[level].add(agent)
    journey.place, journey.level = Place.LEVEL, level
