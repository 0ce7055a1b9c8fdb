from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.core.task.assignment import assign

costs = st.one_of(st.integers(0, 50).map(float), st.just(math.inf))
matrices = st.integers(0, 4).flatmap(
    lambda n: st.integers(0, 5).flatmap(
        lambda m: st.lists(st.lists(costs, min_size=m, max_size=m), min_size=n, max_size=n).map(
            lambda rows: np.array(rows, dtype=np.float64).reshape(n, m)
        )
    )
)


def best_by_force(cost: np.ndarray) -> tuple[tuple[bool, ...], float]:
    """The urgent-first set of served rows and its least cost, by trying everything."""
    n, m = cost.shape
    best: tuple[tuple[bool, ...], float] | None = None
    for columns in itertools.product(range(-1, m), repeat=n):
        used = [c for c in columns if c >= 0]
        total = sum(float(cost[i, c]) for i, c in enumerate(columns) if c >= 0)
        if len(used) != len(set(used)) or not math.isfinite(total):
            continue
        served = tuple(c >= 0 for c in columns)
        if best is None or (served, -total) > (best[0], -best[1]):
            best = served, total
    assert best is not None
    return best


@settings(max_examples=150, deadline=None)
@given(matrices)
def test_equals_exhaustive_search(cost: np.ndarray) -> None:
    columns = assign(cost)
    used = [c for c in columns if c >= 0]
    assert len(used) == len(set(used))
    total = sum(float(cost[i, c]) for i, c in enumerate(columns) if c >= 0)
    served, least = best_by_force(cost)
    assert tuple(c >= 0 for c in columns) == served
    assert abs(total - least) < 1e-6


def test_an_urgent_row_wins_the_only_robot_though_it_is_dear() -> None:
    assert assign(np.array([[1000.0], [1.0]])) == (0, -1)
