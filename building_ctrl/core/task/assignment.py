"""Which task goes to which robot: least total cost among the assignments that serve the most urgent tasks."""

from __future__ import annotations

import numpy as np

from building_ctrl.model.roadmap import Bool, Float


def assign(cost: Float) -> tuple[int, ...]:
    """Column (robot) for every row (task), -1 for none.

    `cost` is (n, m) float64, inf where a robot cannot serve a task; rows in order of urgency, the most urgent
    first. An urgent row is never left out for the sake of less urgent ones, however cheap those are (the rows
    that can be served together form a transversal matroid, so falling weights make the best set the
    urgent-first one); among such assignments the total cost is least. Ties go to the lower column.

    Optimal rather than greedy: with few free robots greedy choices send robots past each other, and optimal
    costs no more than O(n^2 m). Method: shortest augmenting paths with potentials (Jonker and Volgenant,
    "A shortest augmenting path algorithm for dense and sparse linear assignment problems", 1987).
    """
    n, m = int(cost.shape[0]), int(cost.shape[1])
    if n == 0 or m == 0:
        return (-1,) * n
    finite: Bool = np.isfinite(cost)
    big = 1.0 + n * float(cost[finite].max(initial=0.0))
    unserved = np.full((n, n), np.inf)
    np.fill_diagonal(unserved, big * np.arange(n, 0, -1))
    columns = _shortest_augmenting_paths(np.hstack([np.where(finite, cost, np.inf), unserved]))
    return tuple(int(c) if c < m else -1 for c in columns)


def _shortest_augmenting_paths(cost: Float) -> list[int]:
    """Column of every row in a least-cost assignment of all rows; a finite one must exist."""
    n, m = cost.shape
    row_potential = np.zeros(n)
    column_potential = np.zeros(m)
    row_of = np.full(m, -1)
    for start in range(n):
        distance = np.full(m, np.inf)
        came_from = np.full(m, -1)
        done = np.zeros(m, dtype=bool)
        row, column, reached = start, -1, 0.0
        while row >= 0:
            through = reached + cost[row] - row_potential[row] - column_potential
            better = ~done & (through < distance)
            distance[better] = through[better]
            came_from[better] = column
            column = int(np.argmin(np.where(done, np.inf, distance)))
            reached = float(distance[column])
            done[column] = True
            row = int(row_of[column])
        settled = done & (distance <= reached)
        for j in np.flatnonzero(settled):
            if row_of[j] >= 0:
                row_potential[row_of[j]] += reached - distance[j]
        row_potential[start] += reached
        column_potential[settled] -= reached - distance[settled]
        while column >= 0:
            previous = int(came_from[column])
            row_of[column] = start if previous < 0 else row_of[previous]
            column = previous
    columns = [-1] * n
    for j in np.flatnonzero(row_of >= 0):
        columns[int(row_of[j])] = int(j)
    return columns
