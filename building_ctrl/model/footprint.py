"""The floor a robot covers, in its own frame: x forward, y to the left, the origin at the point it turns about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]

LEAST_M = 0.05
MOST_M = 5.0


@dataclass(frozen=True, slots=True)
class Footprint:
    """All points within `rounding_m` of a convex polygon; a polygon of one corner makes a circle.

    `corners` are metres, counter-clockwise, with the origin inside. Use `circle`, `rectangle` or `polygon`.
    """

    corners: tuple[Point, ...] = ((0.0, 0.0),)
    rounding_m: float = 0.30

    @property
    def is_circle(self) -> bool:
        """Whether turning on the spot changes nothing."""
        return self.corners == ((0.0, 0.0),)

    @property
    def radius_m(self) -> float:
        """Radius of the circle around the origin that the footprint sweeps when it turns."""
        return max(math.hypot(x, y) for x, y in self.corners) + self.rounding_m

    @property
    def length_m(self) -> float:
        """Extent along the driving direction."""
        along = [x for x, _ in self.corners]
        return max(along) - min(along) + 2.0 * self.rounding_m

    @property
    def width_m(self) -> float:
        """Extent across the driving direction."""
        across = [y for _, y in self.corners]
        return max(across) - min(across) + 2.0 * self.rounding_m


def circle(radius_m: float) -> Footprint:
    """Raises ValueError for a radius that no robot has."""
    if not LEAST_M <= radius_m <= MOST_M:
        raise ValueError(f"a radius of {radius_m:g} m: give one from {LEAST_M:g} to {MOST_M:g}")
    return Footprint(((0.0, 0.0),), radius_m)


def rectangle(length_m: float, width_m: float) -> Footprint:
    """A rectangle centred at the origin, `length_m` along the driving direction. Raises ValueError."""
    for name, value in (("length", length_m), ("width", width_m)):
        if not 2.0 * LEAST_M <= value <= 2.0 * MOST_M:
            raise ValueError(f"a {name} of {value:g} m: give one from {2 * LEAST_M:g} to {2 * MOST_M:g}")
    x, y = length_m / 2.0, width_m / 2.0
    return Footprint(((-x, -y), (x, -y), (x, y), (-x, y)), 0.0)


def polygon(corners: tuple[Point, ...]) -> Footprint:
    """The convex polygon with these corners, in either sense. Raises ValueError saying what is wrong with them."""
    if len(corners) < 3:
        raise ValueError(f"a polygon of {len(corners)} corners: it needs at least 3")
    if any(not math.isfinite(value) or abs(value) > MOST_M for corner in corners for value in corner):
        raise ValueError(f"a corner beyond {MOST_M:g} m: corners are metres from the point the robot turns about")
    area = sum(a[0] * b[1] - a[1] * b[0] for a, b in pairwise((*corners, corners[0])))
    ordered = corners if area > 0.0 else tuple(reversed(corners))
    around = (*ordered, ordered[0], ordered[1])
    for a, b, c in zip(around, around[1:], around[2:], strict=False):
        if (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]) <= 1e-9:
            raise ValueError(f"the polygon is not convex at ({b[0]:g}, {b[1]:g}): give its convex outline")
        if a[0] * b[1] - a[1] * b[0] <= 0.0:
            raise ValueError("the point the robot turns about, (0, 0), must lie inside of the polygon")
    if _winds(ordered) != 1:
        raise ValueError("the polygon crosses itself: give its convex outline in order")
    return Footprint(ordered, 0.0)


def _winds(corners: tuple[Point, ...]) -> int:
    """How often the outline goes round the origin."""
    total = 0.0
    for a, b in pairwise((*corners, corners[0])):
        total += math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1])
    return round(total / (2.0 * math.pi))
