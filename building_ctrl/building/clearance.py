"""Do lanes keep clear of walls?"""

from __future__ import annotations

import numpy as np

from building_ctrl.building.conflicts import near_segment_pairs
from building_ctrl.building.findings import Findings
from building_ctrl.building.geometry import Float, segments_segments_m
from building_ctrl.model.building import Level
from building_ctrl.model.roadmap import RoadmapParameters


def check_clearance(findings: Findings, level: Level, parameters: RoadmapParameters) -> None:
    """Reports each lane that a robot of the given footprint can't follow without touching a wall."""
    if not level.walls or not level.lanes:
        return
    need_m = parameters.radius_m + parameters.tracking_error_m
    lanes = _segments(level, [(lane.start, lane.end) for lane in level.lanes])
    walls = _segments(level, [(wall.start, wall.end) for wall in level.walls])
    i, j = near_segment_pairs(lanes, walls, need_m)
    gaps = segments_segments_m(lanes[i], walls[j])
    for row in np.unique(i):
        gap_m = float(gaps[i == row].min())
        lane = level.lanes[int(row)]
        code = "through_wall" if gap_m == 0.0 else "narrow"
        findings.warning(
            code,
            level.name,
            f"lane {lane.index} (vertex {lane.start} to {lane.end})",
            gap_m=gap_m,
            need_m=need_m,
        )


def _segments(level: Level, pairs: list[tuple[int, int]]) -> Float:
    at = np.array([(v.x_m, v.y_m) for v in level.vertices], np.float64)
    ends = np.array(pairs, np.int64)
    return np.concatenate([at[ends[:, 0]], at[ends[:, 1]]], axis=1)
