"""Do lanes keep clear of walls, and is there room to turn at their vertices?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from building_ctrl.building.conflicts import near_points, near_segment_pairs
from building_ctrl.building.findings import Findings
from building_ctrl.building.geometry import Float, Point, point_segment_m, segments_segments_m
from building_ctrl.building.roadmap_view import place_label, place_point
from building_ctrl.building.sweeps import passage_width_m
from building_ctrl.model.building import Level
from building_ctrl.model.roadmap import LevelRoadmap
from building_ctrl.model.robot_class import RobotClass


def check_clearance(findings: Findings, level: Level, arrays: LevelRoadmap, robots: RobotClass) -> None:
    """Reports each lane that robots of a class can't follow without touching a wall, and each place where they touch
    one in turning."""
    if not level.walls or not arrays.n_edges:
        return
    need_m = passage_width_m(robots) / 2.0
    used = sorted({int(lane) for lane in arrays.edge_lane})
    lanes = _segments(level, [(level.lanes[i].start, level.lanes[i].end) for i in used])
    walls = _segments(level, [(wall.start, wall.end) for wall in level.walls])
    i, j = near_segment_pairs(lanes, walls, need_m)
    gaps = segments_segments_m(lanes[i], walls[j])
    for row in np.unique(i):
        gap_m = float(gaps[i == row].min())
        number = used[int(row)]
        code = "through_wall" if gap_m == 0.0 else "narrow"
        findings.warning(
            code, level.name, _lane_label(level, number), _middle(lanes[row]), gap_m=gap_m, need_m=need_m
        )
    if not robots.footprint.is_circle:
        narrow = {used[int(row)] for row in np.unique(i)}
        for item, point, gap_m in _tight_turns(level, arrays, walls, robots.reach_m, narrow):
            findings.warning("turn_narrow", level.name, item, point, gap_m=gap_m, need_m=robots.reach_m)


def _tight_turns(
    level: Level, arrays: LevelRoadmap, walls: Float, reach_m: float, narrow: set[int]
) -> Iterator[tuple[str, Point, float]]:
    """(label, where, distance to the wall) of vertices too near to a wall to turn at, a lane's own points as one."""
    points = np.stack([arrays.x_m, arrays.y_m], axis=1)
    _, near = near_points(points, walls, reach_m)
    reported: set[int] = set()
    for vertex in np.unique(near).tolist():
        lanes = {int(lane) for lane in arrays.edge_lane[arrays.edge_from == vertex]}
        on_lane = int(arrays.map_vertex[vertex]) < 0 and bool(lanes)
        if not arrays.may_turn[vertex] or (on_lane and lanes & (reported | narrow)):
            continue
        reported |= lanes if on_lane else set()
        point = place_point(arrays, vertex)
        gap_m = min(point_segment_m(point, (ax, ay), (bx, by)) for ax, ay, bx, by in walls.tolist())
        yield _lane_label(level, min(lanes)) if on_lane else place_label(arrays, vertex), point, gap_m


def _lane_label(level: Level, number: int) -> str:
    lane = level.lanes[number]
    return f"lane {lane.index} (vertex {lane.start} to {lane.end})"


def _middle(segment: Float) -> Point:
    return float(segment[0] + segment[2]) / 2.0, float(segment[1] + segment[3]) / 2.0


def _segments(level: Level, pairs: list[tuple[int, int]]) -> Float:
    at = np.array([(v.x_m, v.y_m) for v in level.vertices], np.float64)
    ends = np.array(pairs, np.int64)
    return np.concatenate([at[ends[:, 0]], at[ends[:, 1]]], axis=1)
