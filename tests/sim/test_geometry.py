"""The checker's quick search finds what looking at every pair finds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from building_ctrl.sim.geometry import near_pairs, segment_distance, touching_segments


@pytest.mark.parametrize("limit_m", [0.01, 0.8, math.inf])
@pytest.mark.parametrize("seed", range(5))
def test_pairs_are_those_of_looking_at_all(seed: int, limit_m: float) -> None:
    random = np.random.default_rng(seed)
    n = 60
    x_m, y_m = random.uniform(0.0, 6.0, (2, n))
    old_x_m, old_y_m = x_m + random.normal(0.0, 0.6, n), y_m + random.normal(0.0, 0.6, n)
    radius_m = random.uniform(0.1, 0.5, n)
    group = random.integers(0, 4, n)
    pairs, gaps = np.zeros((n * n, 2), dtype=np.int64), np.zeros(n * n)
    found = near_pairs(x_m, y_m, old_x_m, old_y_m, radius_m, group, limit_m, pairs, gaps)
    wanted = {}
    for i in range(n):
        for j in range(i + 1, n):
            start = old_x_m[j] - old_x_m[i], old_y_m[j] - old_y_m[i]
            gap = segment_distance(0.0, 0.0, *start, x_m[j] - x_m[i], y_m[j] - y_m[i]) - radius_m[i] - radius_m[j]
            if group[i] == group[j] and gap <= limit_m:
                wanted[i, j] = gap
    assert dict(zip(map(tuple, pairs[:found].tolist()), gaps[:found].tolist(), strict=True)) == wanted
    assert wanted


def test_segments_are_those_of_looking_at_all() -> None:
    random = np.random.default_rng(1)
    n, k = 50, 40
    x_m, y_m = random.uniform(0.0, 6.0, (2, n))
    radius_m = random.uniform(0.1, 0.5, n)
    level, segment_level = random.integers(-1, 5, n), np.sort(random.integers(0, 5, k))
    segment = random.uniform(0.0, 6.0, (k, 4))
    out = np.zeros((n * k, 2), dtype=np.int64)
    found = touching_segments(x_m, y_m, radius_m, level, segment, segment_level, out)
    wanted = {
        (i, s)
        for i in range(n)
        for s in range(k)
        if level[i] == segment_level[s] and segment_distance(x_m[i], y_m[i], *segment[s]) < radius_m[i]
    }
    assert set(map(tuple, out[:found].tolist())) == wanted
    assert wanted
