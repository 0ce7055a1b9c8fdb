"""A tower like 1784 in Seongnam: many levels of one plan around a core of lifts, for any number of robots."""

from __future__ import annotations

import math
from dataclasses import dataclass

from building_ctrl.building.corridors import GRID_M, Ring, Wing, at, bays, lobby, spread
from building_ctrl.building.document import Document
from building_ctrl.building.geometry import Point
from building_ctrl.building.sketch import LevelSketch, LiftSketch, Sheet, building_document
from building_ctrl.model.building import DoorKind, LiftKind

LEVEL_HEIGHT_M = 4.0
MAX_LEVELS = 36
GROUND_BAYS = 16
_RING_ROWS = 7
_DOOR_ROWS = (1, 6)
_LIFT_COLUMNS = 6
_WING_STEPS = 9
_WING_END = _WING_STEPS + 6
_FACADE = (-1.75, _RING_ROWS + 1.75)
_WING_FACADE = (-3.0, _RING_ROWS + 3.0)
_CABIN_M = {LiftKind.ROBOT_ONLY: 2.0, LiftKind.SHARED: 2.2}
_DOOR_M = {LiftKind.ROBOT_ONLY: 1.2, LiftKind.SHARED: 1.4}

# What the east wing of the upper levels is, in turn: (place that hands things out, places that take them).
_THEMES = (
    ("cafe", "table"),
    ("clinic", "bed"),
    ("print_shop", "studio"),
    ("library", "reading"),
    ("kitchen", "dining"),
    ("lab", "bench"),
    ("mail_room", "meeting"),
)


@dataclass(frozen=True, slots=True)
class TowerPlan:
    """What to build. `robots` homes with a charger are spread over the levels, with a few bays more."""

    levels: int = 8
    robots: int = 100
    robot_lifts: int = 1
    shared_lifts: int = 1
    one_way_rings: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.levels <= MAX_LEVELS:
            raise ValueError(f"levels is {self.levels}: give 1 to {MAX_LEVELS}")
        if not 1 <= self.robots <= 100 * self.levels:
            raise ValueError(
                f"robots is {self.robots}: give 1 to {100 * self.levels} on {self.levels} levels"
            )
        if (
            self.robot_lifts < 0
            or self.shared_lifts < 0
            or not 1 <= self.robot_lifts + self.shared_lifts <= 12
        ):
            raise ValueError("give 1 to 12 lifts in all")

    def homes(self, level: int) -> int:
        """Chargers on a level (0 is the ground)."""
        share = self.robots // self.levels + (1 if level < self.robots % self.levels else 0)
        return max(share, GROUND_BAYS) if level == 0 else share

    def spare(self, level: int) -> int:
        """Parking bays beyond the chargers."""
        return 2 + self.homes(level) // 8

    @property
    def ring(self) -> Ring:
        """A ring wide enough for the lifts and the bays."""
        most = max(self.homes(level) + self.spare(level) for level in range(self.levels))
        lifts = self.robot_lifts + self.shared_lifts
        return Ring(max(20, math.ceil(most / 2) + 1, lifts * _LIFT_COLUMNS + 4), _RING_ROWS)


def generate_tower(
    levels: int = 8,
    robots: int = 100,
    robot_lifts: int = 1,
    shared_lifts: int = 1,
    one_way_rings: bool = False,
) -> Document:
    """The map document of a tower. Raises ValueError for numbers that can't be built."""
    plan = TowerPlan(levels, robots, robot_lifts, shared_lifts, one_way_rings)
    ring = plan.ring
    sheet = _sheet(ring)
    sketches = [LevelSketch(f"L{n + 1}", n * LEVEL_HEIGHT_M, sheet) for n in range(levels)]
    lifts = _lifts(plan, ring, [sketch.name for sketch in sketches])
    for number, sketch in enumerate(sketches):
        _draw_level(plan, ring, lifts, number, sketch)
    return building_document("tower", sketches, lifts)


def _sheet(ring: Ring) -> Sheet:
    west, south = at(-(_WING_END + 1), -4)
    east, north = at(ring.nx + _WING_END + 1, ring.ny + 4)
    return Sheet(west, south, east, north)


def _lifts(plan: TowerPlan, ring: Ring, levels: list[str]) -> list[LiftSketch]:
    """Lifts side by side in the core. Shared lifts open to the north on the ground, to the south above."""
    total = plan.robot_lifts + plan.shared_lifts
    first = (ring.nx - total * _LIFT_COLUMNS) // 2 + 2
    lifts = []
    for number in range(total):
        shared = number >= plan.robot_lifts
        kind = LiftKind.SHARED if shared else LiftKind.ROBOT_ONLY
        copy = number - plan.robot_lifts if shared else number
        name = ("lift_shared" if shared else "lift_robot") + (f"_{copy + 1}" if copy else "")
        doors = tuple((level, "back" if shared and level == levels[0] else "front") for level in levels)
        size = _CABIN_M[kind]
        centre = at(first + number * _LIFT_COLUMNS, ring.ny / 2)
        lifts.append(LiftSketch(name, centre, size, size, _DOOR_M[kind], kind, doors))
    return lifts


def _draw_level(
    plan: TowerPlan, ring: Ring, lifts: list[LiftSketch], number: int, sketch: LevelSketch
) -> None:
    ring.draw(sketch, plan.one_way_rings)
    _draw_core(ring, lifts, sketch)
    _draw_bays(plan, ring, number, sketch)
    west = Wing(-1, 0, _WING_STEPS, -1, ring.ny + 1)
    east = Wing(1, ring.nx, _WING_STEPS, -1, ring.ny + 1)
    for wing in (west, east):
        wing.draw(sketch, _DOOR_ROWS)
    gates = DoorKind.SPEED_GATE if number == 0 else DoorKind.DOUBLE_SLIDING
    _draw_wing_walls(west, sketch, "west", DoorKind.DOUBLE_SLIDING)
    _draw_wing_walls(east, sketch, "east", gates)
    _draw_places(west, east, number, sketch)
    _draw_shell(ring, sketch)


def _draw_core(ring: Ring, lifts: list[LiftSketch], sketch: LevelSketch) -> None:
    """Lobbies, the walls of the lift bank, and rooms for stairs and shafts left and right of it."""
    middle = ring.ny / 2 * GRID_M
    reach = max(lift.depth_m for lift in lifts) / 2
    south, north = middle - reach, middle + reach
    west, east = at(2, 0)[0], at(ring.nx - 2, 0)[0]
    openings: dict[str, list[tuple[Point, Point]]] = {"front": [], "back": []}
    for lift in lifts:
        door = dict(lift.level_doors)[sketch.name]
        x = lift.centre[0]
        y = south if door == "front" else north
        openings[door].append(((x - lift.door_width_m / 2, y), (x + lift.door_width_m / 2, y)))
        column = round(x / GRID_M)
        if door == "front":
            lobby(sketch, lift.centre, 1, 1, column, lift.name)
        else:
            lobby(sketch, lift.centre, ring.ny - 1, -1, column, lift.name)
        half = lift.width_m / 2 + 0.1
        for side in (-half, half):
            sketch.wall([(round(x + side, 3), south), (round(x + side, 3), north)])
    sketch.wall_with_openings((west, south), (east, south), openings["front"])
    sketch.wall_with_openings((west, north), (east, north), openings["back"])
    sketch.wall([(west, south), (west, north)])
    sketch.wall([(east, south), (east, north)])


def _draw_bays(plan: TowerPlan, ring: Ring, number: int, sketch: LevelSketch) -> None:
    homes, spare = plan.homes(number), plan.spare(number)
    spots = list(bays(ring, homes + spare))
    for slot, (lane, bay) in enumerate(spots):
        robot = number + slot * plan.levels + 1
        if slot < homes:
            sketch.vertex(bay, f"{sketch.name}_charger_{slot + 1}", is_charger=True, is_parking_spot=True)
            if robot <= plan.robots:
                sketch.vertex(bay, spawn_robot_name=f"robot_{robot:03d}", spawn_robot_type="courier")
        else:
            sketch.vertex(bay, f"{sketch.name}_bay_{slot - homes + 1}", is_parking_spot=True)
        sketch.lane(lane, bay)


def _draw_wing_walls(wing: Wing, sketch: LevelSketch, name: str, kind: DoorKind) -> None:
    """The wall towards the ring with its two doors, the stalls, and the rooms inside the loop."""
    width = 1.0 if kind is DoorKind.SPEED_GATE else 1.4
    label = "gate" if kind is DoorKind.SPEED_GATE else "door"
    x = at(wing.i(wing.wall), 0)[0]
    openings = []
    for number, row in enumerate(_DOOR_ROWS, start=1):
        y = at(0, row)[1]
        low, high = (x, round(y - width / 2, 3)), (x, round(y + width / 2, 3))
        openings.append((low, high))
        sketch.door(low, high, f"{sketch.name}_{label}_{name}_{number}", kind)
    sketch.wall_with_openings(at(wing.i(wing.wall), _FACADE[0]), at(wing.i(wing.wall), _FACADE[1]), openings)
    for outside, inside in wing.stalls(*_WING_FACADE):
        sketch.wall([outside, inside])
    _draw_middle_rooms(wing, sketch, name)


def _draw_middle_rooms(wing: Wing, sketch: LevelSketch, name: str) -> None:
    """Two rooms inside the loop; the one nearer to the ring holds a place behind a sliding door."""
    near, far, middle = wing.i(wing.near + 1.5), wing.i(wing.far - 1.5), wing.i(wing.near + 5.5)
    column = wing.i(wing.near + 4)
    low, high = wing.low + 1.5, wing.high - 1.5
    x, y = at(column, low)
    left, right = (round(x - 0.6, 3), y), (round(x + 0.6, 3), y)
    west, east = sorted((near, far))
    sketch.wall_with_openings(at(west, low), at(east, low), [(left, right)])
    sketch.wall([at(east, low), at(east, high), at(west, high), at(west, low)])
    sketch.wall([at(middle, low), at(middle, high)])
    sketch.door(left, right, f"{sketch.name}_door_{name}_room", DoorKind.SLIDING)
    inside = at(column, low + 1.5)
    sketch.lane(at(column, wing.low), inside)
    place = f"{sketch.name}_{'store' if wing.side < 0 else 'office'}"
    sketch.vertex(inside, place, dropoff_ingestor=f"{place}_ingestor")


def _draw_places(west: Wing, east: Wing, number: int, sketch: LevelSketch) -> None:
    level = sketch.name
    if number == 0:
        giving = {west: ("loading_dock", "mail_room", "pharmacy"), east: ("cafe", "bakery")}
        taking = {west: ("returns", "waste"), east: ("reception", "gallery", "shop", "lounge")}
    else:
        theme, taker = _THEMES[(number - 1) % len(_THEMES)]
        giving = {west: (), east: (theme,)}
        taking = {
            west: tuple(f"desk_{n}" for n in range(1, 9)),
            east: tuple(f"{taker}_{n}" for n in range(1, 6)),
        }
    for wing in (west, east):
        spots = wing.spurs()
        names = [*giving[wing], *taking[wing]]
        for k, position in zip(range(len(names)), spread(0, len(spots), len(names)), strict=True):
            lane, spot = spots[position]
            name = f"{level}_{names[k]}"
            if k < len(giving[wing]):
                sketch.vertex(at(*spot), name, pickup_dispenser=f"{name}_dispenser")
            else:
                sketch.vertex(at(*spot), name, dropoff_ingestor=f"{name}_ingestor")
            sketch.lane(at(*lane), at(*spot))


def _draw_shell(ring: Ring, sketch: LevelSketch) -> None:
    """Facade, floor, measurements and fiducials: two wings and the ring between them."""
    w0, w1 = -_WING_END, -2
    e0, e1 = ring.nx + 2, ring.nx + _WING_END
    (low, high), (deep, tall) = _FACADE, _WING_FACADE
    outline = [
        at(w0, deep), at(w1, deep), at(w1, low), at(e0, low), at(e0, deep), at(e1, deep),
        at(e1, tall), at(e0, tall), at(e0, high), at(w1, high), at(w1, tall), at(w0, tall),
    ]  # fmt: skip
    sketch.wall(outline, closed=True)
    sketch.floor(outline)
    for i in range(2, ring.nx - 1, 4):
        sketch.wall([at(i + 0.5, low), at(i + 0.5, low + 0.5)])
        sketch.wall([at(i + 0.5, high), at(i + 0.5, high - 0.5)])
    sketch.measure(at(w0, deep), at(w1, deep))
    sketch.measure(at(w0, deep), at(w0, tall))
    for name, point in (("sw", at(w0, deep)), ("se", at(e1, deep)), ("ne", at(e1, tall))):
        sketch.fiducial(point, f"corner_{name}")
