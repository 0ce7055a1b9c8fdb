"""Pieces of a floor plan on a grid: ring corridors of two lanes, bays, wings, lift lobbies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from building_ctrl.building.geometry import Point
from building_ctrl.building.sketch import LevelSketch

GRID_M = 1.2

Spur = tuple[tuple[float, float], tuple[float, float]]


def at(i: float, j: float) -> Point:
    """The point of a grid position."""
    return round(i * GRID_M, 3), round(j * GRID_M, 3)


@dataclass(frozen=True, slots=True)
class Ring:
    """Two parallel lanes around a core: the outer from (0, 0) to (nx, ny), the inner a grid step inside.

    Rungs join them at every other step, so that no vertex cuts the ring and robots can pass each other
    anywhere.
    """

    nx: int
    ny: int

    def draw(self, sketch: LevelSketch, one_way: bool = False) -> None:
        """Draws both lanes and the rungs; one-way: outer counter-clockwise, inner clockwise."""
        outer = list(_rectangle(0, 0, self.nx, self.ny))
        inner = list(_rectangle(1, 1, self.nx - 1, self.ny - 1))
        sketch.path([at(*p) for p in outer], closed=True, one_way=one_way)
        sketch.path([at(*p) for p in reversed(inner)], closed=True, one_way=one_way)
        for i in _rungs(self.nx):
            sketch.lane(at(i, 0), at(i, 1))
            sketch.lane(at(i, self.ny), at(i, self.ny - 1))
        for j in _rungs(self.ny):
            sketch.lane(at(0, j), at(1, j))
            sketch.lane(at(self.nx, j), at(self.nx - 1, j))


def _rectangle(i0: int, j0: int, i1: int, j1: int) -> Iterator[tuple[int, int]]:
    """Grid positions along a rectangle, counter-clockwise, each once."""
    yield from ((i, j0) for i in range(i0, i1))
    yield from ((i1, j) for j in range(j0, j1))
    yield from ((i, j1) for i in range(i1, i0, -1))
    yield from ((i0, j) for j in range(j1, j0, -1))


def _rungs(n: int) -> list[int]:
    """1, 3, 5 ... and n - 1."""
    return sorted({*range(1, n, 2), n - 1})


@dataclass(frozen=True, slots=True)
class Wing:
    """A room beside the ring with a loop of its own, entered through two doors, so that neither cuts it off.

    `side` is -1 for the west (left of the ring's i = 0) and +1 for the east (right of i = nx); `wall` and
    `near` are the grid steps from the ring to the wall with the doors and to the loop.
    """

    side: int
    base: int
    length: int
    low: int
    high: int
    wall: int = 2
    near: int = 4

    @property
    def far(self) -> int:
        """Steps from the ring to the loop's far side."""
        return self.near + self.length

    def i(self, step: float) -> float:
        """Grid column `step` steps away from the ring's outer lane."""
        return self.base + self.side * step

    def draw(self, sketch: LevelSketch, rows: tuple[int, int]) -> None:
        """The loop and the two lanes through the doors, with room to wait for them on both sides."""
        near, far = self.near, self.far
        loop = [(near, j) for j in range(self.low, self.high)]
        loop += [(s, self.high) for s in range(near, far)]
        loop += [(far, j) for j in range(self.high, self.low, -1)]
        loop += [(s, self.low) for s in range(far, near, -1)]
        sketch.path([at(self.i(s), j) for s, j in loop], closed=True)
        for row in rows:
            sketch.lane(at(self.i(0), row), at(self.i(near), row))

    def spurs(self) -> list[Spur]:
        """(grid position on the loop, that of a place off it), along the loop's three outer sides."""
        far = self.far
        steps = list(range(self.near + 1, far, 2))
        found: list[tuple[tuple[float, float], tuple[float, float]]] = [
            ((self.i(step), self.high), (self.i(step), self.high + 1)) for step in steps
        ]
        found += [((self.i(far), j), (self.i(far + 1), j)) for j in range(self.high - 2, self.low + 1, -2)]
        found += [((self.i(step), self.low), (self.i(step), self.low - 1)) for step in reversed(steps)]
        return found

    def stalls(self, low_wall: float, high_wall: float) -> Iterator[tuple[Point, Point]]:
        """Walls between the places of the long sides, from the outer wall inwards."""
        for step in range(self.near + 2, self.far, 2):
            yield at(self.i(step), high_wall), at(self.i(step), self.high + 0.9)
            yield at(self.i(step), low_wall), at(self.i(step), self.low - 0.9)


def bays(ring: Ring, count: int) -> list[tuple[Point, Point]]:
    """(point on the outer lane, point of the bay) of `count` bays, spread south and north in turn.

    Raises ValueError where the ring is too short for them.
    """
    room = ring.nx - 1
    if count > 2 * room:
        raise ValueError(f"{count} bays don't fit a ring of {ring.nx} steps; it holds {2 * room}")
    south = [((i, 0), (i, -1)) for i in spread(1, room, (count + 1) // 2)]
    north = [((i, ring.ny), (i, ring.ny + 1)) for i in spread(1, room, count // 2)]
    mixed = [slot for pair in zip(south, north, strict=False) for slot in pair] + south[len(north) :]
    return [(at(*lane), at(*bay)) for lane, bay in mixed]


def spread(first: int, room: int, count: int) -> list[int]:
    """`count` of the `room` whole numbers from `first` on, spread evenly."""
    return [first + (2 * k + 1) * room // (2 * count) for k in range(count)]


def lobby(sketch: LevelSketch, cabin: Point, row: int, inward: int, column: int, lift: str) -> None:
    """Joins a lift to the ring's inner lane at grid row `row`; `inward` is +1 where the lift lies above it.

    The berth lies off the ring and has two ways out, so that a robot waiting on the ring never blocks one
    that leaves the cabin; the queue places lie beside, in alcoves of their own.
    """
    x, y = at(column, row)
    berth = (x, round(y + inward * BERTH_M, 3))
    sketch.vertex(berth)
    sketch.lane((x, y), berth)
    sketch.lane(at(column + 1, row), berth)
    sketch.vertex(cabin, lift_cabin=lift)
    sketch.lane(berth, cabin)
    for queue in (column - 2, column + 3):
        spot = at(queue, row + inward)
        sketch.vertex(spot, is_holding_point=True)
        sketch.lane(at(queue, row), spot)


BERTH_M = 1.2
