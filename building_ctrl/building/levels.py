"""Reads the levels of a map document, still in drawing units with y up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from building_ctrl.building.document import type_name
from building_ctrl.building.fields import EdgeRecord, Place, Properties, edges
from building_ctrl.building.findings import Findings, vertex_label
from building_ctrl.building.transforms import LevelTransform, Measurement, Point
from building_ctrl.model.building import Door, DoorKind, Floor, Lane, Level, Vertex, Wall

MAX_GRAPH = 31
_DOOR_KINDS = {kind.value: kind for kind in DoorKind} | {
    "single_sliding": DoorKind.SLIDING,
    "single_hinged": DoorKind.HINGED,
    "single_telescope": DoorKind.TELESCOPE,
}


@dataclass(slots=True)
class LevelDrawing:
    """One level as drawn; vertices hold drawing units in x_m and y_m until `in_metres`."""

    name: str
    elevation_m: float = 0.0
    vertices: list[Vertex] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    walls: list[Wall] = field(default_factory=list)
    floors: list[Floor] = field(default_factory=list)
    doors: list[EdgeRecord] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)
    fiducials: dict[str, Point] = field(default_factory=dict)


def read_level(findings: Findings, name: str, node: object, y_sign: float) -> LevelDrawing:
    """The level of that name; y_sign is -1 where the drawing's y points down."""
    drawing = LevelDrawing(name)
    level = Place(findings, name, "")
    values = level.mapping("level", node)
    if "elevation" in values:
        drawing.elevation_m = level.number("elevation", values["elevation"])
    drawing.vertices = list(_vertices(findings, level, values.get("vertices"), y_sign))
    count = len(drawing.vertices)
    drawing.lanes = [
        _lane(findings, name, edge) for edge in edges(findings, name, "lane", values.get("lanes"), count)
    ]
    drawing.walls = [Wall(e.start, e.end) for e in edges(findings, name, "wall", values.get("walls"), count)]
    drawing.doors = list(edges(findings, name, "door", values.get("doors"), count))
    drawing.measurements = [
        _measurement(drawing.vertices, edge)
        for edge in edges(findings, name, "measurement", values.get("measurements"), count)
    ]
    drawing.floors = list(_floors(findings, level, values.get("floors"), count))
    drawing.fiducials = _fiducials(findings, level, values.get("fiducials"), y_sign)
    return drawing


def in_metres(findings: Findings, drawing: LevelDrawing, transform: LevelTransform) -> Level:
    """The level in the building's frame. Reports lanes and doors without length."""
    vertices = tuple(_moved(vertex, transform) for vertex in drawing.vertices)
    for lane in drawing.lanes:
        if _distance(vertices[lane.start], vertices[lane.end]) < 1e-3:
            findings.error("lane_zero", drawing.name, f"lane {lane.index}", start=lane.start, end=lane.end)
    return Level(
        name=drawing.name,
        elevation_m=drawing.elevation_m,
        vertices=vertices,
        lanes=tuple(drawing.lanes),
        walls=tuple(drawing.walls),
        doors=tuple(_door(findings, drawing.name, edge, vertices) for edge in drawing.doors),
        floors=tuple(drawing.floors),
    )


def _vertices(findings: Findings, level: Place, value: object, y_sign: float) -> Iterator[Vertex]:
    for index, entry in enumerate(level.sequence("vertices", value)):
        name = _name_of(entry, 3)
        place = Place(findings, level.level, vertex_label(index, name))
        if not isinstance(entry, list) or len(entry) < 2:
            findings.error(
                "wrong_type",
                level.level,
                place.item,
                key="vertex",
                found=type_name(entry),
                expected="[x, y, z, name, {}]",
            )
            yield Vertex(index, 0.0, 0.0)
            continue
        properties = Properties(place, place.mapping("properties", entry[4] if len(entry) > 4 else None))
        yield Vertex(
            index=index,
            x_m=place.number("x", entry[0]),
            y_m=y_sign * place.number("y", entry[1]),
            name=place.text("name", entry[3]) if len(entry) > 3 else "",
            is_holding_point=properties.flag("is_holding_point"),
            is_parking_spot=properties.flag("is_parking_spot"),
            is_charger=properties.flag("is_charger"),
            is_cleaning_zone=properties.flag("is_cleaning_zone"),
            lift_cabin=properties.text("lift_cabin"),
            pickup_dispenser=properties.text("pickup_dispenser"),
            dropoff_ingestor=properties.text("dropoff_ingestor"),
            spawn_robot_name=properties.text("spawn_robot_name"),
            spawn_robot_type=properties.text("spawn_robot_type"),
        )


def _name_of(entry: object, position: int) -> str:
    name = entry[position] if isinstance(entry, list) and len(entry) > position else ""
    return name[:60] if isinstance(name, str) else ""


def _moved(vertex: Vertex, transform: LevelTransform) -> Vertex:
    x_m, y_m = transform.apply((vertex.x_m, vertex.y_m))
    return replace(vertex, x_m=x_m, y_m=y_m)


def _distance(a: Vertex, b: Vertex) -> float:
    return math.hypot(a.x_m - b.x_m, a.y_m - b.y_m)


def _lane(findings: Findings, level: str, edge: EdgeRecord) -> Lane:
    properties = edge.properties
    orientation = properties.text("orientation")
    if orientation not in ("", "forward", "backward"):
        findings.warning("orientation", level, properties.place.item, found=orientation)
        orientation = ""
    speed = properties.number("speed_limit", 0.0)
    if speed < 0.0:
        findings.error(
            "out_of_range",
            level,
            properties.place.item,
            key="speed_limit",
            found=f"{speed:g}",
            low=0,
            high="any",
        )
        speed = 0.0
    return Lane(
        index=edge.number,
        start=edge.start,
        end=edge.end,
        bidirectional=properties.flag("bidirectional"),
        graph_idx=properties.whole("graph_idx", 0, 0, MAX_GRAPH),
        speed_limit_mps=speed,
        orientation=orientation,
    )


def _measurement(vertices: list[Vertex], edge: EdgeRecord) -> Measurement:
    return Measurement(
        edge.number,
        _distance(vertices[edge.start], vertices[edge.end]),
        edge.properties.number("distance", 0.0),
    )


def _floors(findings: Findings, level: Place, value: object, count: int) -> Iterator[Floor]:
    for number, entry in enumerate(level.sequence("floors", value)):
        place = Place(findings, level.level, f"floor {number}")
        corners = place.sequence("vertices", place.mapping("floor", entry).get("vertices"))
        indices = [place.index("vertices", corner, count) for corner in corners]
        known = tuple(index for index in indices if index is not None)
        if len(known) < 3 and len(known) == len(indices):
            findings.warning("floor_degenerate", level.level, place.item)
        if len(known) >= 3:
            yield Floor(known)


def _fiducials(findings: Findings, level: Place, value: object, y_sign: float) -> dict[str, Point]:
    found: dict[str, Point] = {}
    for number, entry in enumerate(level.sequence("fiducials", value)):
        place = Place(findings, level.level, f"fiducial {number}")
        if not isinstance(entry, list) or len(entry) < 3:
            findings.error(
                "wrong_type",
                level.level,
                place.item,
                key="fiducial",
                found=type_name(entry),
                expected="[x, y, name]",
            )
            continue
        name = place.text("name", entry[2])
        point = (place.number("x", entry[0]), y_sign * place.number("y", entry[1]))
        if name in found:
            findings.warning("fiducial_twice", level.level, place.item, name=name)
        elif name:
            found[name] = point
    return found


def _door(findings: Findings, level: str, edge: EdgeRecord, vertices: tuple[Vertex, ...]) -> Door:
    properties = edge.properties
    name = properties.text("name")
    # "null" is what the editor calls a door nobody has named.
    if name in ("", "null"):
        name = f"{level}_door_{edge.number}"
        findings.warning("door_no_name", level, f"door {edge.number}", name=name)
    start, end = vertices[edge.start], vertices[edge.end]
    if _distance(start, end) < 1e-3:
        findings.error("door_zero", level, f"door {name!r}")
    written = properties.text("kind") or properties.text("type", DoorKind.HINGED.value)
    kind = _DOOR_KINDS.get(written)
    if kind is None:
        known = ", ".join(k.value for k in DoorKind if k is not DoorKind.UNKNOWN)
        findings.warning("door_kind", level, f"door {name!r}", found=written[:40], known=known)
    ratio = properties.number("right_left_ratio", 1.0)
    if ratio <= 0.0:
        findings.error(
            "out_of_range", level, f"door {name!r}", key="right_left_ratio", found=ratio, low=0, high="any"
        )
        ratio = 1.0
    return Door(
        name=name,
        level=level,
        kind=kind or DoorKind.UNKNOWN,
        start=(start.x_m, start.y_m),
        end=(end.x_m, end.y_m),
        motion_degrees=properties.number("motion_degrees", 90.0),
        motion_direction=-1 if properties.number("motion_direction", 1.0) < 0 else 1,
        hinge_at_end=properties.text("motion_axis", "start") == "end",
        right_left_ratio=ratio,
    )
