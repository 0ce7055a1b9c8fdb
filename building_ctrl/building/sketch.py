"""Draws levels in metres (y up) and writes them as the traffic editor's document (pixels, y down)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from building_ctrl.building.document import Document
from building_ctrl.building.geometry import Point
from building_ctrl.model.building import DoorKind, LiftKind

M_PER_PIXEL = 0.05
_STRING, _INT, _DOUBLE, _BOOL = 1, 2, 3, 4
_WALL: Document = {
    "alpha": [_DOUBLE, 1.0],
    "texture_name": [_STRING, "default"],
}
_FLOOR: Document = {
    "ceiling_scale": [_DOUBLE, 1.0],
    "ceiling_texture": [_STRING, "blue_linoleum"],
    "indoor": [_INT, 0],
    "texture_name": [_STRING, "gray_flooring"],
    "texture_rotation": [_DOUBLE, 0.0],
    "texture_scale": [_DOUBLE, 1.0],
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The area a level is drawn on; every level of a building uses the same one."""

    left_m: float
    bottom_m: float
    right_m: float
    top_m: float

    def pixel(self, point: Point) -> tuple[float, float]:
        x, y = (point[0] - self.left_m) / M_PER_PIXEL, (self.top_m - point[1]) / M_PER_PIXEL
        return round(x, 3), round(y, 3)


@dataclass(slots=True)
class LevelSketch:
    """One level being drawn. Vertices at the same point are one vertex."""

    name: str
    elevation_m: float
    sheet: Sheet
    _vertices: list[list[object]] = field(default_factory=list)
    _at: dict[tuple[float, float], int] = field(default_factory=dict)
    _lanes: list[list[object]] = field(default_factory=list)
    _drawn: set[tuple[int, int]] = field(default_factory=set)
    _walls: list[list[object]] = field(default_factory=list)
    _doors: list[list[object]] = field(default_factory=list)
    _floors: list[Document] = field(default_factory=list)
    _measurements: list[list[object]] = field(default_factory=list)
    _fiducials: list[list[object]] = field(default_factory=list)

    def vertex(self, point: Point, name: str = "", **flags: bool | str) -> int:
        """The vertex at a point; a name and flags are added to what it has."""
        pixel = self.sheet.pixel(point)
        index = self._at.get(pixel)
        if index is None:
            index = self._at[pixel] = len(self._vertices)
            self._vertices.append([*pixel, 0.0, ""])
        entry = self._vertices[index]
        if name:
            entry[3] = name
        if flags:
            if len(entry) < 5:
                entry.append({})
            properties = entry[4]
            assert isinstance(properties, dict)
            for key, value in flags.items():
                properties[key] = [_BOOL if isinstance(value, bool) else _STRING, value]
        return index

    def lane(
        self, a: Point, b: Point, one_way: bool = False, speed_limit_mps: float = 0.0, graph_idx: int = 0
    ) -> None:
        """A lane from a to b, once only; `one_way` from a to b."""
        start, end = self.vertex(a), self.vertex(b)
        if start == end or (min(start, end), max(start, end)) in self._drawn:
            return
        self._drawn.add((min(start, end), max(start, end)))
        properties: Document = {"bidirectional": [_BOOL, not one_way], "graph_idx": [_INT, graph_idx]}
        if speed_limit_mps > 0.0:
            properties["speed_limit"] = [_DOUBLE, speed_limit_mps]
        self._lanes.append([start, end, properties])

    def path(self, points: Sequence[Point], closed: bool = False, one_way: bool = False) -> None:
        """Lanes from point to point."""
        ends = [*points[1:], points[0]] if closed else points[1:]
        for a, b in zip(points, ends, strict=False):
            self.lane(a, b, one_way=one_way)

    def wall(self, points: Sequence[Point], closed: bool = False) -> None:
        """Walls from point to point."""
        ends = [*points[1:], points[0]] if closed else points[1:]
        for a, b in zip(points, ends, strict=False):
            self._walls.append([self.vertex(a), self.vertex(b), dict(_WALL)])

    def wall_with_openings(self, a: Point, b: Point, openings: Iterable[tuple[Point, Point]]) -> None:
        """A straight wall from a to b, left open between the two points of each opening, given in order."""
        begin = a
        for left, right in openings:
            self.wall([begin, left])
            begin = right
        self.wall([begin, b])

    def door(self, a: Point, b: Point, name: str, kind: DoorKind, motion_direction: int = 1) -> None:
        """A door from a (the hinge) to b."""
        written = DoorKind.DOUBLE_HINGED if kind is DoorKind.SPEED_GATE else kind
        properties: Document = {
            "motion_axis": [_STRING, "start"],
            "motion_degrees": [_DOUBLE, 90.0],
            "motion_direction": [_INT, motion_direction],
            "name": [_STRING, name],
            "plugin": [_STRING, "normal"],
            "right_left_ratio": [_DOUBLE, 1.0],
            "type": [_STRING, written.value],
        }
        if kind is DoorKind.SPEED_GATE:
            properties["kind"] = [_STRING, kind.value]
        self._doors.append([self.vertex(a), self.vertex(b), properties])

    def floor(self, points: Sequence[Point]) -> None:
        """A floor polygon."""
        self._floors.append({"parameters": dict(_FLOOR), "vertices": [self.vertex(p) for p in points]})

    def measure(self, a: Point, b: Point) -> None:
        """A measurement along x or y."""
        length_m = round(abs(a[0] - b[0]) + abs(a[1] - b[1]), 6)
        self._measurements.append([self.vertex(a), self.vertex(b), {"distance": [_DOUBLE, length_m]}])

    def fiducial(self, point: Point, name: str) -> None:
        """A point that is the same on every level."""
        self._fiducials.append([*self.sheet.pixel(point), name])

    def document(self) -> Document:
        """The level as the traffic editor writes it."""
        return {
            "x_meters": round(self.sheet.right_m - self.sheet.left_m, 3),
            "y_meters": round(self.sheet.top_m - self.sheet.bottom_m, 3),
            "elevation": self.elevation_m,
            "vertices": self._vertices,
            "fiducials": self._fiducials,
            "lanes": self._lanes,
            "walls": self._walls,
            "measurements": self._measurements,
            "doors": self._doors,
            "models": [],
            "floors": self._floors,
            "layers": {},
        }


@dataclass(frozen=True, slots=True)
class LiftSketch:
    """A lift whose doors face south (`front`, -y) or north (`back`, +y)."""

    name: str
    centre: Point
    width_m: float
    depth_m: float
    door_width_m: float
    kind: LiftKind
    level_doors: tuple[tuple[str, str], ...]

    def document(self, sheet: Sheet) -> Document:
        """The lift as the traffic editor writes it, with our `kind`."""
        x, y = sheet.pixel(self.centre)
        levels = [level for level, _ in self.level_doors]
        opening = {door for _, door in self.level_doors}
        doors: Document = {}
        for door, side in (("front", -1.0), ("back", 1.0)):
            if door in opening:
                doors[f"{self.name}_{door}"] = {
                    "door_type": 2,
                    "motion_axis_orientation": 0.0,
                    "width": self.door_width_m,
                    "x": 0.0,
                    "y": round(side * self.depth_m / 2.0, 3),
                }
        return {
            "depth": self.depth_m,
            "doors": doors,
            "highest_floor": levels[-1],
            "initial_floor_name": levels[0],
            "kind": self.kind.value,
            "level_doors": {level: [f"{self.name}_{door}"] for level, door in self.level_doors},
            "lowest_floor": levels[0],
            "plugins": True,
            "reference_floor_name": levels[0],
            "width": self.width_m,
            "x": x,
            "y": y,
            "yaw": 0.0,
        }


def building_document(name: str, levels: Sequence[LevelSketch], lifts: Sequence[LiftSketch]) -> Document:
    """The whole map."""
    return {
        "coordinate_system": "reference_image",
        "graphs": {},
        "levels": {level.name: level.document() for level in levels},
        "lifts": {lift.name: lift.document(levels[0].sheet) for lift in lifts},
        "name": name,
        "reference_level_name": levels[0].name,
    }
