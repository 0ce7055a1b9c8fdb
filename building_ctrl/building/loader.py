"""Loads a `.building.yaml` map as the Open-RMF traffic editor writes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from building_ctrl.building.document import Document, parse_document, read_document, save_building, type_name
from building_ctrl.building.fields import Place
from building_ctrl.building.findings import Finding, Findings, MapError, Severity, vertex_label
from building_ctrl.building.levels import LevelDrawing, in_metres, read_level
from building_ctrl.building.lifts import read_lifts
from building_ctrl.building.transforms import LevelTransform, align, scale_from_measurements
from building_ctrl.building.zones import cabin_distance_m
from building_ctrl.model.building import Building, Door, Level, Lift, Vertex

__all__ = [
    "Finding",
    "LoadedMap",
    "MapError",
    "Severity",
    "load_building",
    "load_map",
    "parse_map",
    "save_building",
]

_UP = {"reference_image": -1.0, "cartesian_meters": 1.0}
CABIN_TOLERANCE_M = 0.10


@dataclass(frozen=True, slots=True)
class LoadedMap:
    """A usable map: the building, the document it was read from, and what is worth knowing of it."""

    building: Building
    document: Document
    findings: tuple[Finding, ...] = ()


def load_building(path: str | Path) -> Building:
    """The building drawn in a map file. Raises MapError with every problem found."""
    return load_map(path).building


def load_map(path: str | Path) -> LoadedMap:
    """The building with its document and findings. Raises MapError with every problem found."""
    return _from_document(read_document(path), path)


def parse_map(text: str, path: str | Path = "<text>") -> LoadedMap:
    """As load_map, from text."""
    return _from_document(parse_document(text, path), path)


def _from_document(document: Document, path: str | Path) -> LoadedMap:
    findings = Findings()
    building = read_building(findings, document, str(path))
    if building is None or findings.has_errors:
        raise MapError(path, findings.all)
    return LoadedMap(building, document, findings.all)


def read_building(findings: Findings, document: Document, source: str = "") -> Building | None:
    """The building in a document; None, or findings with errors, where it can't be used."""
    top = Place(findings, "", "")
    system = top.text("coordinate_system", document.get("coordinate_system", "reference_image"))
    if system not in _UP:
        findings.error("coordinate_system", found=system[:40])
        return None
    nodes = document.get("levels")
    if not isinstance(nodes, dict) or not nodes:
        if nodes is not None and not isinstance(nodes, dict):
            findings.error("wrong_type", key="levels", found=type_name(nodes), expected="a mapping")
        findings.error("no_levels")
        return None
    y_sign = _UP[system]
    drawings = [read_level(findings, str(name), node, y_sign) for name, node in nodes.items()]
    reference = _reference_level(findings, document, drawings)
    transforms = (
        _transforms(findings, drawings, reference)
        if y_sign < 0
        else {d.name: LevelTransform() for d in drawings}
    )
    levels = [in_metres(findings, drawing, transforms[drawing.name]) for drawing in drawings]
    levels.sort(key=lambda level: level.elevation_m)
    elevations = {level.name: level.elevation_m for level in levels}
    lifts = read_lifts(findings, document.get("lifts"), elevations, transforms, reference, y_sign)
    levels = [_with_cabins(findings, level, lifts) for level in levels]
    _check_levels(findings, levels)
    _check_names(findings, levels)
    _check_cabins(findings, levels, lifts)
    name = top.text("name", document.get("name", document.get("building_name")))
    return Building(name or Path(source).name.split(".")[0], tuple(levels), lifts, source)


def _reference_level(findings: Findings, document: Document, drawings: list[LevelDrawing]) -> str:
    names = [drawing.name for drawing in drawings]
    written = Place(findings, "", "").text("reference_level_name", document.get("reference_level_name"))
    if written and written not in names:
        findings.error("reference_level", found=written[:60], levels=", ".join(names))
    return written if written in names else names[0]


def _transforms(
    findings: Findings, drawings: list[LevelDrawing], reference: str
) -> dict[str, LevelTransform]:
    """Levels in pixels: the reference level is scaled, all others are laid over it by their fiducials."""
    scales = {d.name: scale_from_measurements(findings, d.name, d.measurements) for d in drawings}
    base = next(drawing for drawing in drawings if drawing.name == reference)
    base_scale = scales[reference]
    if base_scale is None:
        findings.error("no_scale", reference, reference=reference)
        base_scale = 1.0
    transforms = {reference: LevelTransform(base_scale)}
    for drawing in drawings:
        if drawing.name != reference:
            pairs = [
                (n, p, drawing.fiducials[n]) for n, p in base.fiducials.items() if n in drawing.fiducials
            ]
            transforms[drawing.name] = align(
                findings,
                drawing.name,
                reference,
                pairs,
                base_scale,
                scales[drawing.name],
                bool(drawing.vertices),
            )
    return transforms


def _with_cabins(findings: Findings, level: Level, lifts: tuple[Lift, ...]) -> Level:
    """Vertices on lanes that lie in a cabin belong to its lift, marked or not, as in Open-RMF."""
    on_lanes = {index for lane in level.lanes for index in (lane.start, lane.end)}
    serving = [lift for lift in lifts if level.name in lift.levels]
    known = {lift.name: lift for lift in lifts}

    def cabin_of(vertex: Vertex) -> str:
        if not vertex.lift_cabin:
            inside = [lift for lift in serving if cabin_distance_m(lift, (vertex.x_m, vertex.y_m)) <= 0.0]
            return inside[0].name if inside and vertex.index in on_lanes else ""
        label = vertex_label(vertex.index, vertex.name)
        lift = known.get(vertex.lift_cabin)
        if lift is None:
            findings.error(
                "unknown_lift",
                level.name,
                label,
                lift=vertex.lift_cabin[:60],
                lifts=", ".join(known) or "none",
            )
            return ""
        outside_m = cabin_distance_m(lift, (vertex.x_m, vertex.y_m))
        if outside_m > CABIN_TOLERANCE_M:
            findings.warning("cabin_outside", level.name, label, lift=lift.name, distance_m=outside_m)
        if level.name not in lift.levels and vertex.index in on_lanes:
            findings.warning("cabin_not_served", level.name, label, lift=lift.name)
        return lift.name

    vertices = []
    for vertex in level.vertices:
        cabin = cabin_of(vertex)
        vertices.append(vertex if cabin == vertex.lift_cabin else replace(vertex, lift_cabin=cabin))
    return replace(level, vertices=tuple(vertices))


def _check_levels(findings: Findings, levels: list[Level]) -> None:
    for lower, upper in pairwise(levels):
        if lower.elevation_m == upper.elevation_m:
            findings.warning(
                "same_elevation",
                upper.name,
                other=lower.name,
                level_name=upper.name,
                elevation_m=upper.elevation_m,
            )
    for level in levels:
        if not level.vertices:
            findings.warning("level_empty", level.name)
        elif not level.lanes:
            findings.warning("level_no_lanes", level.name)
    if not any(level.lanes for level in levels):
        findings.error("no_lanes")


def _check_names(findings: Findings, levels: list[Level]) -> None:
    doors: dict[str, Door] = {}
    robots: dict[str, str] = {}
    for level in levels:
        on_lanes = {index for lane in level.lanes for index in (lane.start, lane.end)}
        places: dict[str, int] = {}
        for vertex in level.vertices:
            label = vertex_label(vertex.index, vertex.name)
            if vertex.name and vertex.index in on_lanes:
                first = places.setdefault(vertex.name, vertex.index)
                if first != vertex.index:
                    findings.error(
                        "name_twice", level.name, label, name=vertex.name, first=first, second=vertex.index
                    )
            robot = vertex.spawn_robot_name
            if robot:
                if robot in robots:
                    findings.error("robot_twice", level.name, label, name=robot, other=robots[robot])
                robots.setdefault(robot, f"{level.name}, {label}")
        for door in level.doors:
            other = doors.setdefault(door.name, door)
            if other is not door:
                findings.error(
                    "door_twice", level.name, f"door {door.name!r}", name=door.name, other=other.level
                )


def _check_cabins(findings: Findings, levels: list[Level], lifts: tuple[Lift, ...]) -> None:
    for lift in lifts:
        for level in levels:
            if level.name not in lift.levels:
                continue
            on_lanes = {index for lane in level.lanes for index in (lane.start, lane.end)}
            if not any(v.lift_cabin == lift.name and v.index in on_lanes for v in level.vertices):
                findings.warning("lift_no_cabin", level.name, f"lift {lift.name!r}", level_name=level.name)
