"""A building as drawn: levels, vertices, lanes, walls, doors and lifts in metres, one frame for all levels.

The frame is right-handed: x to the right, y up, z up, yaw counter-clockwise from +x, in metres and radians.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

Point = tuple[float, float]


class DoorKind(str, Enum):
    """Kinds of doors, spelled as the traffic editor spells them, and gates for robots and people."""

    HINGED = "hinged"
    DOUBLE_HINGED = "double_hinged"
    SLIDING = "sliding"
    DOUBLE_SLIDING = "double_sliding"
    TELESCOPE = "telescope"
    DOUBLE_TELESCOPE = "double_telescope"
    SPEED_GATE = "speed_gate"
    UNKNOWN = "undefined"


class LiftKind(str, Enum):
    """Who rides: only robots, people and robots, or goods with an attendant."""

    ROBOT_ONLY = "robot_only"
    SHARED = "shared"
    FREIGHT = "freight"


@dataclass(frozen=True, slots=True)
class Vertex:
    """A named or unnamed point of a level's drawing that lanes, walls, doors and floors refer to."""

    index: int
    x_m: float
    y_m: float
    name: str = ""
    is_holding_point: bool = False
    is_parking_spot: bool = False
    is_charger: bool = False
    lift_cabin: str = ""
    pickup_dispenser: str = ""
    dropoff_ingestor: str = ""
    spawn_robot_name: str = ""
    spawn_robot_type: str = ""
    is_cleaning_zone: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """A straight stretch robots may drive on, from vertex `start` to vertex `end` of the same level."""

    index: int
    start: int
    end: int
    bidirectional: bool = True
    graph_idx: int = 0
    speed_limit_mps: float = 0.0
    orientation: str = ""


@dataclass(frozen=True, slots=True)
class Wall:
    """A straight wall from vertex `start` to vertex `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Floor:
    """A floor polygon (vertex indices, in order)."""

    vertices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Door:
    """A door or gate across an opening; `start` is the hinge of a hinged door unless `hinge_at_end`."""

    name: str
    level: str
    kind: DoorKind
    start: Point
    end: Point
    motion_degrees: float = 90.0
    motion_direction: int = 1
    hinge_at_end: bool = False
    right_left_ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class LiftDoor:
    """A cabin door: its centre in the cabin's frame (metres), the yaw of its plane, and its width."""

    name: str
    x_m: float
    y_m: float
    yaw_rad: float
    width_m: float
    kind: DoorKind = DoorKind.DOUBLE_SLIDING


@dataclass(frozen=True, slots=True)
class Lift:
    """A lift: cabin pose in the building's frame, size, and which doors open at which level."""

    name: str
    x_m: float
    y_m: float
    yaw_rad: float
    width_m: float
    depth_m: float
    doors: tuple[LiftDoor, ...]
    level_doors: tuple[tuple[str, tuple[str, ...]], ...]
    initial_level: str
    reference_level: str
    kind: LiftKind = LiftKind.SHARED

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels served, lowest first."""
        return tuple(level for level, doors in self.level_doors if doors)


@dataclass(frozen=True, slots=True)
class Level:
    """One storey: its drawing in the building's frame."""

    name: str
    elevation_m: float
    vertices: tuple[Vertex, ...]
    lanes: tuple[Lane, ...]
    walls: tuple[Wall, ...] = ()
    doors: tuple[Door, ...] = ()
    floors: tuple[Floor, ...] = ()

    def vertex_named(self, name: str) -> Vertex | None:
        """The vertex of that name, or None."""
        return next((v for v in self.vertices if v.name == name), None)


@dataclass(frozen=True, slots=True)
class Building:
    """A whole building; levels in order of elevation."""

    name: str
    levels: tuple[Level, ...]
    lifts: tuple[Lift, ...] = ()
    source: str = field(default="", compare=False)

    def level(self, name: str) -> Level:
        """The level of that name. Raises KeyError."""
        for level in self.levels:
            if level.name == name:
                return level
        raise KeyError(f"building {self.name!r} has no level {name!r}")

    def lift(self, name: str) -> Lift:
        """The lift of that name. Raises KeyError."""
        for lift in self.lifts:
            if lift.name == name:
                return lift
        raise KeyError(f"building {self.name!r} has no lift {name!r}")
