# mypy: disable-error-code="no-untyped-def"
"""Distances from everywhere to one goal after another."""

from __future__ import annotations

import numpy as np

from building_ctrl.core.path.solver._jit import inner, kernel


@kernel
def breadth_first(in_ptr, in_from, step_cost, goals, rows, table, queue):
    """Fill ``table[rows[k]]`` with distances to ``goals[k]`` when every edge costs ``step_cost``."""
    for k in range(goals.size):
        dist = table[rows[k]]
        dist[:] = np.inf
        dist[goals[k]] = 0.0
        queue[0] = goals[k]
        head, tail = 0, 1
        while head < tail:
            v = queue[head]
            head += 1
            onward = dist[v] + step_cost
            for a in range(in_ptr[v], in_ptr[v + 1]):
                u = in_from[a]
                if dist[u] == np.inf:
                    dist[u] = onward
                    queue[tail] = u
                    tail += 1


@kernel
def dijkstra(in_ptr, in_from, in_cost, goals, rows, table, heap, slot):
    """Fill ``table[rows[k]]`` with distances to ``goals[k]``.

    heap (v,) int32: binary heap of vertices by distance; slot (v,) int32: place in the heap, -1 outside.
    """
    for k in range(goals.size):
        dist = table[rows[k]]
        dist[:] = np.inf
        slot[:] = -1
        dist[goals[k]] = 0.0
        heap[0] = goals[k]
        slot[goals[k]] = 0
        size = 1
        while size > 0:
            v = heap[0]
            slot[v] = -1
            size -= 1
            if size > 0:
                _sift_down(heap, slot, dist, heap[size], size)
            for a in range(in_ptr[v], in_ptr[v + 1]):
                u = in_from[a]
                onward = dist[v] + in_cost[a]
                if onward < dist[u]:
                    dist[u] = onward
                    at = slot[u]
                    if at < 0:
                        at = size
                        size += 1
                    _sift_up(heap, slot, dist, u, at)


@inner
def _sift_up(heap, slot, dist, u, at):
    while at > 0:
        above = (at - 1) >> 1
        if dist[heap[above]] <= dist[u]:
            break
        heap[at] = heap[above]
        slot[heap[at]] = at
        at = above
    heap[at] = u
    slot[u] = at


@inner
def _sift_down(heap, slot, dist, u, size):
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and dist[heap[below + 1]] < dist[heap[below]]:
            below += 1
        if dist[u] <= dist[heap[below]]:
            break
        heap[at] = heap[below]
        slot[heap[at]] = at
        at = below
    heap[at] = u
    slot[u] = at
