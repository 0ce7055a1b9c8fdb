"""A building as the fields of rmf_building_map_msgs/BuildingMap, for the node that publishes `map`.

Every dataclass has the message's fields that we fill, by the message's names; images and places stay empty.
Graphs hold the map's own vertices and lanes, one per graph_idx, as Open-RMF's map server publishes them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from building_ctrl.building.zones import lift_door_leaf
from building_ctrl.model.building import Building, Door, DoorKind, Lane, Level, Lift, Vertex

BIDIRECTIONAL, UNIDIRECTIONAL = 0, 1
_TYPE_STRING, _TYPE_DOUBLE, _TYPE_BOOL = 1, 3, 4
_DOOR_TYPES = {
    DoorKind.SLIDING: 1,
    DoorKind.DOUBLE_SLIDING: 2,
    DoorKind.TELESCOPE: 3,
    DoorKind.DOUBLE_TELESCOPE: 4,
    DoorKind.HINGED: 5,
    DoorKind.DOUBLE_HINGED: 6,
    DoorKind.SPEED_GATE: 6,
}


@dataclass(frozen=True, slots=True)
class ParamFields:
    """rmf_building_map_msgs/Param."""

    name: str
    type: int
    value_int: int = 0
    value_float: float = 0.0
    value_string: str = ""
    value_bool: bool = False


@dataclass(frozen=True, slots=True)
class NodeFields:
    """rmf_building_map_msgs/GraphNode."""

    x: float
    y: float
    name: str = ""
    params: tuple[ParamFields, ...] = ()


@dataclass(frozen=True, slots=True)
class EdgeFields:
    """rmf_building_map_msgs/GraphEdge."""

    v1_idx: int
    v2_idx: int
    params: tuple[ParamFields, ...] = ()
    edge_type: int = BIDIRECTIONAL


@dataclass(frozen=True, slots=True)
class GraphFields:
    """rmf_building_map_msgs/Graph."""

    name: str = ""
    vertices: tuple[NodeFields, ...] = ()
    edges: tuple[EdgeFields, ...] = ()


@dataclass(frozen=True, slots=True)
class DoorFields:
    """rmf_building_map_msgs/Door."""

    name: str
    v1_x: float
    v1_y: float
    v2_x: float
    v2_y: float
    door_type: int
    motion_range: float
    motion_direction: int


@dataclass(frozen=True, slots=True)
class LevelFields:
    """rmf_building_map_msgs/Level."""

    name: str
    elevation: float
    doors: tuple[DoorFields, ...]
    nav_graphs: tuple[GraphFields, ...]
    wall_graph: GraphFields


@dataclass(frozen=True, slots=True)
class LiftFields:
    """rmf_building_map_msgs/Lift."""

    name: str
    levels: tuple[str, ...]
    doors: tuple[DoorFields, ...]
    ref_x: float
    ref_y: float
    ref_yaw: float
    width: float
    depth: float
    wall_graph: GraphFields = field(default_factory=GraphFields)


@dataclass(frozen=True, slots=True)
class BuildingMapFields:
    """rmf_building_map_msgs/BuildingMap."""

    name: str
    levels: tuple[LevelFields, ...]
    lifts: tuple[LiftFields, ...]


def building_map(building: Building) -> BuildingMapFields:
    """The whole building as message fields."""
    return BuildingMapFields(
        building.name,
        tuple(_level(level) for level in building.levels),
        tuple(_lift(lift) for lift in building.lifts),
    )


def _level(level: Level) -> LevelFields:
    graphs = sorted({lane.graph_idx for lane in level.lanes})
    walls = _graph(
        level, "WallGraph", [(w.start, w.end, (), BIDIRECTIONAL) for w in level.walls], with_flags=False
    )
    return LevelFields(
        name=level.name,
        elevation=level.elevation_m,
        doors=tuple(_door(door) for door in level.doors),
        nav_graphs=tuple(_nav_graph(level, graph) for graph in graphs),
        wall_graph=walls,
    )


def _nav_graph(level: Level, graph_idx: int) -> GraphFields:
    edges = [
        (lane.start, lane.end, _lane_params(lane), BIDIRECTIONAL if lane.bidirectional else UNIDIRECTIONAL)
        for lane in level.lanes
        if lane.graph_idx == graph_idx
    ]
    return _graph(level, str(graph_idx), edges, with_flags=True)


def _graph(
    level: Level, name: str, edges: list[tuple[int, int, tuple[ParamFields, ...], int]], with_flags: bool
) -> GraphFields:
    """A graph of the vertices its edges use, numbered in order of first use."""
    numbers: dict[int, int] = {}
    for start, end, _, _ in edges:
        numbers.setdefault(start, len(numbers))
        numbers.setdefault(end, len(numbers))
    vertices = [level.vertices[index] for index in numbers]
    return GraphFields(
        name,
        tuple(NodeFields(v.x_m, v.y_m, v.name, _vertex_params(v) if with_flags else ()) for v in vertices),
        tuple(EdgeFields(numbers[start], numbers[end], params, kind) for start, end, params, kind in edges),
    )


def _lane_params(lane: Lane) -> tuple[ParamFields, ...]:
    if lane.speed_limit_mps <= 0.0:
        return ()
    return (ParamFields("speed_limit", _TYPE_DOUBLE, value_float=lane.speed_limit_mps),)


def _vertex_params(vertex: Vertex) -> tuple[ParamFields, ...]:
    texts = (("pickup_dispenser", vertex.pickup_dispenser), ("dropoff_ingestor", vertex.dropoff_ingestor))
    flags = (
        ("is_charger", vertex.is_charger),
        ("is_holding_point", vertex.is_holding_point),
        ("is_parking_spot", vertex.is_parking_spot),
    )
    return (
        *(ParamFields(key, _TYPE_STRING, value_string=value) for key, value in texts if value),
        *(ParamFields(key, _TYPE_BOOL, value_bool=True) for key, value in flags if value),
    )


def _door(door: Door) -> DoorFields:
    return DoorFields(
        door.name,
        *door.start,
        *door.end,
        door_type=_DOOR_TYPES.get(door.kind, 0),
        motion_range=math.radians(door.motion_degrees),
        motion_direction=door.motion_direction,
    )


def _lift(lift: Lift) -> LiftFields:
    doors = []
    for door in lift.doors:
        (ax, ay), (bx, by) = lift_door_leaf(lift, door)
        doors.append(DoorFields(door.name, ax, ay, bx, by, _DOOR_TYPES.get(door.kind, 0), math.pi / 2.0, -1))
    return LiftFields(
        lift.name, lift.levels, tuple(doors), lift.x_m, lift.y_m, lift.yaw_rad, lift.width_m, lift.depth_m
    )
