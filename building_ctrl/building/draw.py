"""Draws a building, one panel a level: walls, floors, lanes, doors, lifts, places and roadmap vertices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Wedge
from matplotlib.patheffects import withStroke

from building_ctrl.building.draw_findings import draw_findings, finding_legend
from building_ctrl.building.findings import Finding
from building_ctrl.building.geometry import Point
from building_ctrl.building.zones import cabin_corners, door_leaves, lift_door_leaf
from building_ctrl.model.building import Building, Door, DoorKind, Level, Lift, LiftKind
from building_ctrl.model.roadmap import LevelRoadmap, Roadmap

FLOOR, WALL, PAPER = "#f3f1ec", "#3b4048", "#ffffff"
LANE, LANE_EDGE = "#7d9cc4", "#c3d2e6"
_DOOR_COLOUR = {DoorKind.SPEED_GATE: "#c0392b", DoorKind.UNKNOWN: "#8e44ad"}
_LIFT_COLOUR = {LiftKind.ROBOT_ONLY: "#2e7d6b", LiftKind.SHARED: "#b7791f", LiftKind.FREIGHT: "#6b5b95"}
_SWINGING = (DoorKind.HINGED, DoorKind.DOUBLE_HINGED, DoorKind.SPEED_GATE)

# role -> (marker, colour, size, legend)
_ROLES: dict[str, tuple[str, str, float, str]] = {
    "charger": ("s", "#2f9e44", 26, "charger"),
    "parking": ("s", "#868e96", 22, "parking bay"),
    "pickup": ("^", "#e8590c", 34, "pickup place"),
    "dropoff": ("v", "#1971c2", 34, "drop-off place"),
    "place": ("o", "#5f3dc4", 26, "place"),
    "holding": ("D", "#f08c00", 18, "holding point"),
    "cabin": ("P", "#0b7285", 40, "lift cabin"),
}


def draw_building(
    building: Building,
    roadmap: Roadmap | None,
    path: str | Path,
    levels: Sequence[str] | None = None,
    width_inches: float = 20.0,
    findings: Sequence[Finding] = (),
) -> None:
    """Writes a picture (the suffix picks the format) of the levels named, or of all, and marks findings. Raises
    OSError."""
    chosen = (
        [building.level(name) for name in levels] if levels else [lv for lv in building.levels if lv.vertices]
    )
    boxes = [_box(level) for level in chosen]
    wide = max((box[2] - box[0] for box in boxes), default=1.0)
    tall = max((box[3] - box[1] for box in boxes), default=1.0)
    columns = (
        1 if len(chosen) == 1 else max(1, min(len(chosen), round(math.sqrt(len(chosen) * tall / wide * 1.4))))
    )
    rows = max(1, math.ceil(len(chosen) / columns))
    panel = width_inches / columns
    figure = Figure(figsize=(width_inches, rows * (panel * tall / wide + 0.45) + 0.9), facecolor=PAPER)
    axes = figure.subplots(rows, columns, squeeze=False)
    scale = max(0.35, min(1.6, panel * 72.0 / wide / 14.0))
    for axis in axes.flat:
        axis.set_axis_off()
    for level, box, axis in zip(chosen, boxes, axes.flat, strict=False):
        _draw_level(axis, building, level, _level_of(roadmap, level.name), box, scale)
        draw_findings(axis, [f for f in findings if f.level == level.name], scale)
    marks = finding_legend() if findings else []
    figure.legend(handles=[*_legend(), *marks], loc="lower center", ncols=7, frameon=False, fontsize=8.5)
    figure.suptitle(building.name, fontsize=14, fontweight="bold", x=0.012, y=0.995, ha="left", va="top")
    inches = figure.get_figheight()
    figure.subplots_adjust(
        left=0.008, right=0.992, top=1.0 - 0.5 / inches, bottom=0.62 / inches, wspace=0.02, hspace=0.12
    )
    figure.savefig(path, dpi=160)


def _level_of(roadmap: Roadmap | None, name: str) -> LevelRoadmap | None:
    return (
        next((level for level in roadmap.levels if level.level == name), None)
        if roadmap is not None
        else None
    )


def _box(level: Level) -> tuple[float, float, float, float]:
    used = {i for lane in level.lanes for i in (lane.start, lane.end)} | {
        i for w in level.walls for i in (w.start, w.end)
    }
    points = [level.vertices[i] for i in used] or list(level.vertices)
    xs, ys = [v.x_m for v in points], [v.y_m for v in points]
    return min(xs) - 0.8, min(ys) - 0.8, max(xs) + 0.8, max(ys) + 0.8


def _draw_level(
    axis: Any,
    building: Building,
    level: Level,
    roadmap: LevelRoadmap | None,
    box: tuple[float, float, float, float],
    scale: float,
) -> None:
    axis.set_xlim(box[0], box[2])
    axis.set_ylim(box[1], box[3])
    axis.set_aspect("equal")
    axis.set_title(f"{level.name}   {level.elevation_m:g} m", fontsize=10, loc="left", color=WALL)
    at = [(v.x_m, v.y_m) for v in level.vertices]
    floors = [[at[i] for i in floor.vertices] for floor in level.floors]
    axis.add_collection(PolyCollection(floors, facecolor=FLOOR, edgecolor="none", zorder=0))
    walls = [(at[wall.start], at[wall.end]) for wall in level.walls]
    axis.add_collection(
        LineCollection(walls, colors=WALL, linewidths=2.0 * scale, capstyle="round", zorder=3)
    )
    for lift in building.lifts:
        if level.name in lift.levels:
            _draw_lift(axis, lift, level.name, scale)
    _draw_lanes(axis, level, at, scale)
    for door in level.doors:
        _draw_door(axis, door, scale)
    if roadmap is not None:
        axis.scatter(roadmap.x_m, roadmap.y_m, s=2.5 * scale, c="#44618c", zorder=4.5, linewidths=0)
        queue = roadmap.is_queue
        axis.scatter(
            roadmap.x_m[queue], roadmap.y_m[queue], s=11 * scale, facecolors="none", edgecolors="#44618c",
            linewidths=0.5 * scale, zorder=4.6,
        )  # fmt: skip
        if roadmap.in_doorway.any():
            held = roadmap.in_doorway
            axis.scatter(
                roadmap.x_m[held], roadmap.y_m[held], s=30 * scale, marker="x", c="#c0392b", zorder=7
            )
    _draw_vertices(axis, level, scale)


def _draw_lanes(axis: Any, level: Level, at: list[Point], scale: float) -> None:
    lines = [(at[lane.start], at[lane.end]) for lane in level.lanes]
    axis.add_collection(
        LineCollection(lines, colors=LANE_EDGE, linewidths=3.2 * scale, capstyle="round", zorder=4)
    )
    axis.add_collection(LineCollection(lines, colors=LANE, linewidths=0.8 * scale, zorder=4.2))
    for lane in level.lanes:
        if lane.bidirectional:
            continue
        (ax, ay), (bx, by) = at[lane.start], at[lane.end]
        middle = ((ax + bx) / 2, (ay + by) / 2)
        tail = (middle[0] - 0.05 * (bx - ax), middle[1] - 0.05 * (by - ay))
        style = {"arrowstyle": "-|>", "color": "#2b4a7a", "lw": 0.6 * scale, "mutation_scale": 9 * scale}
        axis.annotate("", xy=middle, xytext=tail, arrowprops=style, zorder=5)


def _draw_door(axis: Any, door: Door, scale: float) -> None:
    colour = _DOOR_COLOUR.get(door.kind, "#d6336c" if door.kind in _SWINGING else "#1098ad")
    (ax, ay), (bx, by) = door.start, door.end
    axis.plot([ax, bx], [ay, by], color=colour, lw=3.0 * scale, solid_capstyle="butt", zorder=6)
    leaves = door_leaves(door)
    if door.kind in _SWINGING:
        for hinge, free, sense in leaves:
            closed = math.degrees(math.atan2(free[1] - hinge[1], free[0] - hinge[0]))
            opened = closed + sense * door.motion_degrees
            axis.add_patch(
                Wedge(
                    hinge,
                    math.dist(hinge, free),
                    min(closed, opened),
                    max(closed, opened),
                    fc=colour,
                    alpha=0.13,
                    zorder=2,
                )
            )
    elif len(leaves) == 2:
        x, y = leaves[0][1]
        axis.plot(
            [x],
            [y],
            marker="|" if abs(ay - by) < abs(ax - bx) else "_",
            color=PAPER,
            ms=5 * scale,
            zorder=6.1,
        )


def _draw_lift(axis: Any, lift: Lift, level: str, scale: float) -> None:
    colour = _LIFT_COLOUR[lift.kind]
    axis.add_patch(
        Polygon(
            cabin_corners(lift), closed=True, fc=colour, alpha=0.22, ec=colour, lw=1.4 * scale, zorder=2.5
        )
    )
    opening = dict(lift.level_doors).get(level, ())
    for door in lift.doors:
        if door.name in opening:
            (ax, ay), (bx, by) = lift_door_leaf(lift, door)
            axis.plot([ax, bx], [ay, by], color=colour, lw=4.0 * scale, solid_capstyle="butt", zorder=6)
    x, y = lift.x_m, lift.y_m + 0.22 * lift.depth_m
    axis.text(
        x,
        y,
        lift.name,
        fontsize=4.6 * scale,
        color=colour,
        ha="center",
        va="center",
        fontweight="bold",
        zorder=8,
    )


def _draw_vertices(axis: Any, level: Level, scale: float) -> None:
    on_lanes = {i for lane in level.lanes for i in (lane.start, lane.end)}
    neighbours: dict[int, list[int]] = {}
    for lane in level.lanes:
        neighbours.setdefault(lane.start, []).append(lane.end)
        neighbours.setdefault(lane.end, []).append(lane.start)
    for vertex in level.vertices:
        if vertex.index not in on_lanes:
            continue
        role = _role(level, vertex.index)
        if role:
            marker, colour, size, _ = _ROLES[role]
            axis.scatter(
                [vertex.x_m],
                [vertex.y_m],
                marker=marker,
                s=size * scale,
                c=colour,
                edgecolors=PAPER,
                linewidths=0.5,
                zorder=7,
            )
        if vertex.name and role != "cabin":
            others = [level.vertices[i] for i in neighbours[vertex.index]]
            dx = vertex.x_m - sum(v.x_m for v in others) / len(others)
            dy = vertex.y_m - sum(v.y_m for v in others) / len(others)
            _label(axis, _short(vertex.name, level.name), vertex.x_m, vertex.y_m, dx, dy, scale)


def _label(axis: Any, text: str, x: float, y: float, dx: float, dy: float, scale: float) -> None:
    """A name on the side of its vertex that its lanes leave free."""
    gap = 4.5 * scale
    vertical = abs(dy) >= abs(dx)
    if vertical:
        offset, ha, va = (0.0, math.copysign(gap, dy)), "center", "bottom" if dy > 0 else "top"
    else:
        offset, ha, va = (math.copysign(gap, dx), 0.0), "left" if dx > 0 else "right", "center"
    turn = 90.0 if vertical and len(text) > 3 else 0.0
    axis.annotate(
        text, (x, y), xytext=offset, textcoords="offset points", fontsize=4.8 * scale, color="#212529",
        ha=ha, va=va, rotation=turn, zorder=9,
        path_effects=[withStroke(linewidth=1.2 * scale, foreground=PAPER)],
    )  # fmt: skip


def _short(name: str, level: str) -> str:
    """The name without the level's, as the panel says it already."""
    return name.removeprefix(f"{level}_")


def _role(level: Level, index: int) -> str:
    vertex = level.vertices[index]
    if vertex.lift_cabin:
        return "cabin"
    if vertex.is_charger:
        return "charger"
    if vertex.pickup_dispenser:
        return "pickup"
    if vertex.dropoff_ingestor:
        return "dropoff"
    if vertex.is_parking_spot:
        return "parking"
    if vertex.is_holding_point and not vertex.name:
        return "holding"
    return "place" if vertex.name else ""


def _legend() -> list[Line2D]:
    roles = [
        Line2D([], [], marker=marker, color=colour, ls="", ms=6, label=label)
        for marker, colour, _, label in _ROLES.values()
    ]
    lines = (
        ("#1098ad", 3, "sliding door"),
        ("#d6336c", 3, "hinged door"),
        ("#c0392b", 3, "speed gate"),
        (_LIFT_COLOUR[LiftKind.ROBOT_ONLY], 4, "lift, robots only"),
        (_LIFT_COLOUR[LiftKind.SHARED], 4, "lift, shared"),
        (WALL, 2, "wall"),
        (LANE, 1.5, "lane (arrow: one way)"),
    )
    roles.append(
        Line2D([], [], marker="o", color="#44618c", mfc="none", ls="", ms=4, label="queue place")
    )
    return roles + [Line2D([], [], color=colour, lw=width, label=label) for colour, width, label in lines]
