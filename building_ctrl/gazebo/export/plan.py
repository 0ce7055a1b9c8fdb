"""Plane geometry of walls and floors: what is left of them beside doors and shafts."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from building_ctrl.building.geometry import Point, point_segment_m

Segment = tuple[Point, Point]
SHORTEST_M = 0.02
STRIP_M = 0.05
PARALLEL_RAD = math.radians(30.0)


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle in its own frame, whose origin and yaw are in the building's."""

    x_m: float
    y_m: float
    yaw_rad: float
    left_m: float
    low_m: float
    right_m: float
    high_m: float

    def point(self, x_m: float, y_m: float) -> Point:
        """A point of the rectangle's frame in the building's."""
        c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        return self.x_m + c * x_m - s * y_m, self.y_m + s * x_m + c * y_m

    def local(self, point: Point) -> Point:
        """A point of the building's frame in the rectangle's."""
        c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        dx, dy = point[0] - self.x_m, point[1] - self.y_m
        return c * dx + s * dy, -s * dx + c * dy

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """Counter-clockwise, in the building's frame."""
        return (
            self.point(self.left_m, self.low_m),
            self.point(self.right_m, self.low_m),
            self.point(self.right_m, self.high_m),
            self.point(self.left_m, self.high_m),
        )

    @property
    def centre(self) -> Point:
        """In the building's frame."""
        return self.point((self.left_m + self.right_m) / 2.0, (self.low_m + self.high_m) / 2.0)

    @property
    def size(self) -> Point:
        """Along its own x and y."""
        return self.right_m - self.left_m, self.high_m - self.low_m

    def stretch(self, segment: Segment) -> tuple[float, float] | None:
        """The part of a segment inside, as fractions of its length (Liang and Barsky 1984); None: none."""
        (ax, ay), (bx, by) = self.local(segment[0]), self.local(segment[1])
        first, last = 0.0, 1.0
        across = (ax, bx - ax, self.left_m, self.right_m)
        along = (ay, by - ay, self.low_m, self.high_m)
        for start, step, low, high in (across, along):
            if abs(step) < 1e-12:
                if not low < start < high:
                    return None
                continue
            ends = sorted(((low - start) / step, (high - start) / step))
            first, last = max(first, ends[0]), min(last, ends[1])
        return (first, last) if first < last else None


@dataclass(frozen=True, slots=True)
class Opening:
    """A rectangle no wall may stand in; `parallel_only` leaves walls that run across its x alone."""

    area: Rectangle
    parallel_only: bool = True


def opening_of(a: Point, b: Point, half_depth_m: float) -> Opening:
    """The opening of a door from a to b."""
    yaw = math.atan2(b[1] - a[1], b[0] - a[0])
    return Opening(Rectangle(a[0], a[1], yaw, 0.0, -half_depth_m, math.dist(a, b), half_depth_m))


def standing_walls(walls: Sequence[Segment], openings: Sequence[Opening], thickness_m: float) -> list[Segment]:
    """Centre lines of the walls that stand.

    Where a wall ends on another one it is longer by half its thickness, so that corners and T-junctions
    close at every angle; what lies in an opening is cut out.
    """
    found: list[Segment] = []
    distinct = _distinct(walls)
    for number, wall in enumerate(distinct):
        others = [w for k, w in enumerate(distinct) if k != number]
        found.extend(_cut(_lengthened(wall, others, thickness_m / 2.0), openings))
    return found


def _distinct(walls: Sequence[Segment]) -> list[Segment]:
    seen: dict[tuple[Point, ...], Segment] = {}
    for a, b in walls:
        if math.dist(a, b) >= SHORTEST_M:
            seen.setdefault(tuple(sorted(((round(a[0], 4), round(a[1], 4)), (round(b[0], 4), round(b[1], 4))))), (a, b))
    return list(seen.values())


def _lengthened(wall: Segment, others: Iterable[Segment], by_m: float) -> Segment:
    a, b = wall
    length = math.dist(a, b)
    dx, dy = (b[0] - a[0]) / length * by_m, (b[1] - a[1]) / length * by_m
    low = high = False
    for c, d in others:
        low = low or point_segment_m(a, c, d) < by_m
        high = high or point_segment_m(b, c, d) < by_m
    start = (a[0] - dx, a[1] - dy) if low else a
    end = (b[0] + dx, b[1] + dy) if high else b
    return start, end


def _cut(wall: Segment, openings: Sequence[Opening]) -> list[Segment]:
    (ax, ay), (bx, by) = wall
    length = math.dist(*wall)
    yaw = math.atan2(by - ay, bx - ax)
    gone = []
    for opening in openings:
        across = abs(math.remainder(yaw - opening.area.yaw_rad, math.pi)) > PARALLEL_RAD
        stretch = None if opening.parallel_only and across else opening.area.stretch(wall)
        if stretch is not None:
            gone.append(stretch)
    kept, at = [], 0.0
    for first, last in [*sorted(gone), (1.0, 1.0)]:
        if (first - at) * length >= SHORTEST_M:
            kept.append((at, first))
        at = max(at, last)
    return [((ax + s * (bx - ax), ay + s * (by - ay)), (ax + e * (bx - ax), ay + e * (by - ay))) for s, e in kept]


def slabs(outline: Sequence[Point], holes: Sequence[Rectangle]) -> list[Rectangle]:
    """Rectangles that cover the outline's bounding box, beside the holes, without overlap.

    They lie in the frame of the first hole. Holes turned against it are cut in strips of STRIP_M, and lose
    at their edges what a strip only partly covers.
    """
    yaw = holes[0].yaw_rad if holes else 0.0
    frame = Rectangle(0.0, 0.0, yaw, 0.0, 0.0, 0.0, 0.0)
    points = [frame.local(p) for p in outline]
    left, right = min(p[0] for p in points), max(p[0] for p in points)
    low, high = min(p[1] for p in points), max(p[1] for p in points)
    rings = [[frame.local(corner) for corner in hole.corners] for hole in holes]
    cuts = _cuts(rings, low, high)
    done: list[Rectangle] = []
    open_: dict[tuple[float, float], float] = {}
    for bottom, top in zip(cuts, [*cuts[1:], high], strict=True):
        spans = set(_free_spans(rings, bottom, top, left, right))
        for span in [s for s in open_ if s not in spans]:
            done.append(Rectangle(0.0, 0.0, yaw, span[0], open_.pop(span), span[1], bottom))
        for span in sorted(spans):
            open_.setdefault(span, bottom)
    done += [Rectangle(0.0, 0.0, yaw, span[0], bottom, span[1], high) for span, bottom in open_.items()]
    return [slab for slab in done if min(slab.size) > 1e-6]


def _cuts(rings: Sequence[Sequence[Point]], low: float, high: float) -> list[float]:
    """Where strips begin, lowest first; no strip is thinner than a tenth of STRIP_M but between two corners."""
    corners = {low, *(round(y, 6) for ring in rings for _, y in ring)}
    between = []
    for ring in rings:
        ys = {round(y, 6) for _, y in ring}
        if len(ys) > 2:
            bottom, top = min(ys), max(ys)
            between += [bottom + STRIP_M * k for k in range(1, int((top - bottom) / STRIP_M) + 1)]
    cuts = sorted(y for y in corners if low <= y < high)
    for y in sorted(between):
        k = bisect(cuts, y)
        near = min(abs(y - other) for other in cuts[max(0, k - 1) : k + 1])
        if low < y < high and near >= 0.1 * STRIP_M:
            cuts.insert(k, y)
    return cuts


def _free_spans(
    rings: Sequence[Sequence[Point]], bottom: float, top: float, left: float, right: float
) -> list[tuple[float, float]]:
    taken = sorted(span for ring in rings if (span := _covered(ring, bottom, top)) is not None)
    spans, at = [], left
    for first, last in [*taken, (right, right)]:
        if first - at > 1e-3:
            spans.append((round(at, 6), round(min(first, right), 6)))
        at = max(at, last)
    return spans


def _covered(ring: Sequence[Point], bottom: float, top: float) -> tuple[float, float] | None:
    """Range of x a convex ring has between two heights."""
    middle = (bottom + top) / 2.0
    if not min(y for _, y in ring) < middle < max(y for _, y in ring):
        return None
    xs = [x for x, y in ring if bottom <= y <= top]
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        for y in (bottom, top):
            if min(ay, by) <= y <= max(ay, by) and ay != by:
                xs.append(ax + (y - ay) / (by - ay) * (bx - ax))
    return (min(xs), max(xs)) if xs else None
