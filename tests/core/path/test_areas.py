from __future__ import annotations

import itertools

import numpy as np
from delay_world import level_of
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.core.path.areas import closed_edges

GRID = level_of(
    [(3.0 * x, 3.0 * y) for y in range(4) for x in range(4)],
    [(4 * y + x, 4 * y + x + 1) for y in range(4) for x in range(3)]
    + [(4 * y + x, 4 * y + x + 4) for y in range(3) for x in range(4)],
)
MARGIN_M = 0.4
coordinate = st.floats(-1.0, 10.0).map(lambda v: round(v, 2))


def sampled_touch(points: list[tuple[float, float]], ax: float, ay: float, bx: float, by: float) -> float:
    """Least distance of points of an edge to the area, by sampling both finely: shares nothing with the code tested."""
    t = np.linspace(0.0, 1.0, 201)
    x, y = ax + t * (bx - ax), ay + t * (by - ay)
    outline = [*points, points[0]] if len(points) > 2 else points
    best = np.inf
    winding = np.zeros(x.shape)
    for (cx, cy), (dx, dy) in itertools.pairwise(outline):
        u = np.linspace(0.0, 1.0, 401)
        px, py = cx + u * (dx - cx), cy + u * (dy - cy)
        best = min(best, float(np.hypot(x[:, None] - px, y[:, None] - py).min()))
        first, second = np.arctan2(cy - y, cx - x), np.arctan2(dy - y, dx - x)
        winding += (second - first + np.pi) % (2 * np.pi) - np.pi
    return 0.0 if len(points) > 2 and (np.round(winding / (2 * np.pi)).astype(int) % 2 != 0).any() else best


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=5, unique=True))
def test_no_robot_from_outside_comes_into_an_area_and_all_inside_may_leave(points: list[tuple[float, float]]) -> None:
    rows = GRID
    closed, inside = closed_edges(rows, points, MARGIN_M)
    for edge in range(rows.n_edges):
        start, end = int(rows.edge_from[edge]), int(rows.edge_to[edge])
        ax, ay, bx, by = (float(v) for v in (rows.x_m[start], rows.y_m[start], rows.x_m[end], rows.y_m[end]))
        assert not (closed[edge] and inside[start])
        gap = sampled_touch(points, ax, ay, bx, by)
        if not inside[start] and abs(gap - MARGIN_M) > 0.05:
            assert closed[edge] == (gap <= MARGIN_M)


def test_a_line_across_a_lane_closes_both_its_directions_there() -> None:
    closed, inside = closed_edges(GRID, [(1.0, -1.0), (1.0, 1.0)], MARGIN_M)
    start, end = GRID.edge_from[closed], GRID.edge_to[closed]
    ways = set(zip(GRID.x_m[start].round(2).tolist(), GRID.x_m[end].round(2).tolist(), strict=True))
    assert ways == {(0.0, 1.0), (2.0, 1.0)} and (GRID.y_m[start] < 0.1).all()
    assert inside.sum() == 1  # the vertex that lies on the line: who stands there may leave to either side
