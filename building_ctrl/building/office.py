"""A small office on one level, for a first look: a ring corridor, a supplies room, a lab with two doors."""

from __future__ import annotations

from building_ctrl.building.corridors import Ring, at, spread
from building_ctrl.building.document import Document
from building_ctrl.building.sketch import LevelSketch, Sheet, building_document
from building_ctrl.model.building import DoorKind

_NX, _NY = 14, 7
_LOW, _HIGH = -1.75, _NY + 1.75
_WEST, _EAST = -7, _NX + 7
_DESKS = 5
MAX_ROBOTS = _NX - 1


def generate_office(robots: int = 6) -> Document:
    """The map document of the office. Raises ValueError for a number of robots it can't house."""
    if not 1 <= robots <= MAX_ROBOTS:
        raise ValueError(f"robots is {robots}: give 1 to {MAX_ROBOTS}")
    sheet = Sheet(*at(_WEST - 1, _LOW - 1), *at(_EAST + 1, _HIGH + 1))
    sketch = LevelSketch("L1", 0.0, sheet)
    Ring(_NX, _NY).draw(sketch)
    for number, i in enumerate(spread(1, _NX - 1, robots), start=1):
        sketch.vertex(
            at(i, -1),
            f"charger_{number}",
            is_charger=True,
            is_parking_spot=True,
            spawn_robot_name=f"robot_{number:03d}",
            spawn_robot_type="courier",
        )
        sketch.lane(at(i, 0), at(i, -1))
    for number, i in enumerate(spread(1, _NX - 1, _DESKS), start=1):
        _place(sketch, f"desk_{number}", (i, _NY), (i, _NY + 1))
    _place(sketch, "pantry", (4, 1), (4, 2), gives=True)
    _place(sketch, "printer", (10, 1), (10, 2), gives=True)
    _place(sketch, "meeting", (7, _NY - 1), (7, _NY - 2))
    _draw_supplies(sketch)
    _draw_lab(sketch)
    _draw_walls(sketch)
    return building_document("office", [sketch], [])


def _place(
    sketch: LevelSketch, name: str, lane: tuple[float, float], spot: tuple[float, float], gives: bool = False
) -> None:
    if gives:
        sketch.vertex(at(*spot), name, pickup_dispenser=f"{name}_dispenser")
    else:
        sketch.vertex(at(*spot), name, dropoff_ingestor=f"{name}_ingestor")
    sketch.lane(at(*lane), at(*spot))


def _draw_supplies(sketch: LevelSketch) -> None:
    """A room with one hinged door that opens into it."""
    sketch.lane(at(0, 3), at(-5, 3))
    _place(sketch, "supplies", (-5, 3), (-5, 5), gives=True)
    _place(sketch, "archive", (-5, 3), (-5, 1))
    low, high = at(-2, 2.5), at(-2, 3.5)
    sketch.door(low, high, "supplies_door", DoorKind.HINGED, motion_direction=-1)
    sketch.wall_with_openings(at(-2, _LOW), at(-2, _HIGH), [(low, high)])


def _draw_lab(sketch: LevelSketch) -> None:
    """A room with a way in and another one out, so that nobody is locked in behind a waiting robot."""
    corners = [(_NX, 1), (_NX + 5, 1), (_NX + 5, 6), (_NX, 6)]
    sketch.path([at(*corner) for corner in corners])
    _place(sketch, "lab_bench_1", (_NX + 5, 1), (_NX + 5, -0.5))
    _place(sketch, "lab_bench_2", (_NX + 5, 6), (_NX + 5, 7.5))
    openings = []
    for number, row in enumerate((1, 6), start=1):
        low, high = at(_NX + 2, row - 0.6), at(_NX + 2, row + 0.6)
        openings.append((low, high))
        sketch.door(low, high, f"lab_door_{number}", DoorKind.DOUBLE_SLIDING)
    sketch.wall_with_openings(at(_NX + 2, _LOW), at(_NX + 2, _HIGH), openings)


def _draw_walls(sketch: LevelSketch) -> None:
    outline = [at(_WEST, _LOW), at(_EAST, _LOW), at(_EAST, _HIGH), at(_WEST, _HIGH)]
    sketch.wall(outline, closed=True)
    sketch.floor(outline)
    core = [at(2.5, 2.9), at(_NX - 2.5, 2.9), at(_NX - 2.5, 4.1), at(2.5, 4.1)]
    sketch.wall(core, closed=True)
    for i in (2.5, 5.5, 8.5, 11.5):
        sketch.wall([at(i, _HIGH), at(i, _HIGH - 0.7)])
    sketch.measure(outline[0], outline[1])
    sketch.measure(outline[0], outline[3])
