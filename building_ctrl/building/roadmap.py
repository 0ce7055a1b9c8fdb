"""Makes the roadmap robots are planned on from a building and the robots' footprints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from building_ctrl.building.conflicts import Csr, Int, conflict_sets
from building_ctrl.building.draft import Draft, draft_level
from building_ctrl.building.geometry import Float
from building_ctrl.building.queues import queue_places
from building_ctrl.building.sweeps import joint_conflict_sets, sweeps_of
from building_ctrl.model.building import Building, Level, Lift
from building_ctrl.model.footprint import Footprint
from building_ctrl.model.roadmap import Bool, LevelRoadmap, Roadmap, RoadmapParameters
from building_ctrl.model.robot_class import RobotClass, RobotClasses

Sets = tuple[Csr, Csr, Csr, Bool]


def build_roadmap(
    building: Building,
    parameters: RoadmapParameters | None = None,
    classes: RobotClasses | None = None,
) -> Roadmap:
    """The roadmap of all levels, in the building's order.

    Without `classes` for robots of one circle, that of the parameters; with them the union of one graph a class, each
    with footprint and tracking error of its own.

    Long lanes are split into equal parts of at least the pitch (and at least the separation); no vertex is
    put where a standing robot would hold a door; lanes of several graphs over the same two vertices become
    one edge.
    """
    chosen = parameters or RoadmapParameters()
    known = _known(chosen, classes)
    largest = max((parameters_of(robots, chosen) for robots in known), key=lambda p: p.separation_m)
    drawer = _Drawer(known, chosen)
    levels = tuple(drawer.level(level, building.lifts) for level in building.levels)
    return Roadmap(building.name, levels, largest, known if classes is not None else ())


def build_level(
    level: Level,
    lifts: Sequence[Lift],
    parameters: RoadmapParameters,
    classes: RobotClasses | None = None,
) -> LevelRoadmap:
    """The roadmap of one level; arguments as for `build_roadmap`."""
    return _Drawer(_known(parameters, classes), parameters).level(level, lifts)


def parameters_of(robots: RobotClass, parameters: RoadmapParameters) -> RoadmapParameters:
    """The parameters with the footprint of a class, as wide as it is when it turns."""
    return replace(
        parameters, radius_m=robots.footprint.radius_m, tracking_error_m=robots.tracking_error_m
    )


def _known(parameters: RoadmapParameters, classes: RobotClasses | None) -> tuple[RobotClass, ...]:
    if classes is not None:
        return classes.all
    graphs = tuple(range(32))
    shape = Footprint(rounding_m=parameters.radius_m)
    return (RobotClass("", shape, parameters.tracking_error_m, graphs=graphs),)


@dataclass(frozen=True, slots=True)
class _Drawer:
    """Makes levels. Those of equal geometry, as most of a tower's are, share their conflict sets."""

    classes: tuple[RobotClass, ...]
    parameters: RoadmapParameters
    _sets: dict[object, Sets] = field(default_factory=dict)
    _queues: dict[object, Bool] = field(default_factory=dict)

    def level(self, level: Level, lifts: Sequence[Lift]) -> LevelRoadmap:
        drafts = [
            draft_level(
                level, lifts, parameters_of(robots, self.parameters), robots.graphs_mask, robots.mask
            )
            for robots in self.classes
        ]
        joined, masks = _join(drafts, self.classes)
        points = np.array(joined.points, np.float64).reshape(-1, 2)
        start = np.array([e.start for e in joined.edges], np.int64)
        end = np.array([e.end for e in joined.edges], np.int64)
        geometry = (*(len(d.points) for d in drafts), *(array.tobytes() for array in (points, start, end)))
        if geometry not in self._sets:
            self._sets[geometry] = self._find_sets(drafts, points, start, end)
        arrays = _arrays(level.name, joined, masks, points, self._sets[geometry])
        return replace(arrays, is_queue=self._queue_places(geometry, arrays))

    def _find_sets(self, drafts: list[Draft], points: Float, start: Int, end: Int) -> Sets:
        """(clear, stand, conflict, may_turn)."""
        if len(drafts) == 1 and self.classes[0].footprint.is_circle:
            separation_m = parameters_of(self.classes[0], self.parameters).separation_m
            sets = conflict_sets(points[:, 0], points[:, 1], start, end, separation_m)
            return *sets, np.ones(len(points), np.bool_)
        sweeps = [sweeps_of(draft, robots) for draft, robots in zip(drafts, self.classes, strict=True)]
        return *joint_conflict_sets(sweeps, start, end), np.concatenate([s.may_turn for s in sweeps])

    def _queue_places(self, geometry: object, arrays: LevelRoadmap) -> Bool:
        flags = (arrays.is_place, arrays.is_charger, arrays.is_holding, arrays.in_doorway)
        gates = tuple(bool(lift) for lift in arrays.cabin_lift), tuple(bool(door) for door in arrays.edge_door)
        key = (geometry, gates, *(flag.tobytes() for flag in flags))
        if key not in self._queues:
            self._queues[key] = queue_places(arrays)
        return self._queues[key]


def _join(drafts: list[Draft], classes: Sequence[RobotClass]) -> tuple[Draft, list[int]]:
    """All classes' graphs in one, vertices and edges numbered class after class, and every vertex's mask."""
    if len(drafts) == 1:
        return drafts[0], [classes[0].mask] * len(drafts[0].points)
    joined = Draft([], [], [], [])
    masks: list[int] = []
    for draft, robots in zip(drafts, classes, strict=True):
        base = len(joined.points)
        joined.points.extend(draft.points)
        joined.drawn.extend(draft.drawn)
        joined.in_doorway.extend(draft.in_doorway)
        joined.edges.extend(replace(e, start=e.start + base, end=e.end + base) for e in draft.edges)
        masks.extend([robots.mask] * len(draft.points))
    return joined, masks


def _arrays(name: str, joined: Draft, masks: list[int], xy: Float, sets: Sets) -> LevelRoadmap:
    edges, drawn = joined.edges, joined.drawn
    position = {(e.start, e.end): index for index, e in enumerate(edges)}
    start = np.array([e.start for e in edges], np.int64)
    end = np.array([e.end for e in edges], np.int64)
    edge_ptr = np.zeros(len(drawn) + 1, np.int32)
    np.cumsum(np.bincount(start, minlength=len(drawn)), out=edge_ptr[1:])
    clear, stand, conflict, may_turn = sets
    return LevelRoadmap(
        level=name,
        x_m=xy[:, 0].copy(),
        y_m=xy[:, 1].copy(),
        names=tuple(v.name for v in drawn),
        map_vertex=np.array([v.index for v in drawn], np.int32),
        is_parking=np.array([v.is_parking_spot for v in drawn], np.bool_),
        is_charger=np.array([v.is_charger for v in drawn], np.bool_),
        is_holding=np.array([v.is_holding_point for v in drawn], np.bool_),
        is_place=np.array([bool(v.name) and not v.lift_cabin for v in drawn], np.bool_),
        cabin_lift=tuple(v.lift_cabin for v in drawn),
        in_doorway=np.array(joined.in_doorway, np.bool_),
        is_queue=np.zeros(len(drawn), np.bool_),
        may_turn=may_turn,
        vertex_graphs=np.array(masks, np.uint32),
        edge_ptr=edge_ptr,
        edge_from=start.astype(np.int32),
        edge_to=end.astype(np.int32),
        edge_length_m=np.hypot(*(xy[end] - xy[start]).T) if edges else np.zeros(0),
        edge_speed_mps=np.array([e.speed_mps for e in edges], np.float64),
        edge_graphs=np.array([e.graphs for e in edges], np.uint32),
        edge_door=tuple(e.door for e in edges),
        edge_lane=np.array([e.lane for e in edges], np.int32),
        edge_reverse=np.array([position.get((e.end, e.start), -1) for e in edges], np.int32),
        clear_ptr=clear[0],
        clear_idx=clear[1],
        stand_ptr=stand[0],
        stand_idx=stand[1],
        conflict_ptr=conflict[0],
        conflict_idx=conflict[1],
    )
