# mypy: disable-error-code="no-untyped-def"
"""Best path of one agent through a timeline of the others: A* over (vertex, time)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._jit import inner, kernel_arrays
from building_ctrl.core.path.solver._state import next_random
from building_ctrl.core.path.solver._timeline import NOBODY, ONE, STAY, may_move, may_stay

IntArray = npt.NDArray[np.int32]


MAX_STATES = 30_000


@kernel_arrays
class SpaceTime(NamedTuple):
    """Scratch of the search. A state is ``time * v + vertex``.

    seen (states,): epoch in which a state was reached; gone (states,): cost so far; via (states,): arc or
    STAY; heap_key, heap_state: binary heap; counters: [0] epoch, [1] states expanded.
    """

    seen: IntArray
    gone: npt.NDArray[np.float32]
    via: IntArray
    heap_key: npt.NDArray[np.uint64]
    heap_state: IntArray
    counters: npt.NDArray[np.int64]


def make_space_time(n_vertices: int, steps: int, max_degree: int) -> SpaceTime:
    states = n_vertices * (steps + 1)
    room = min(states, MAX_STATES) * (max_degree + 1) + 1
    return SpaceTime(
        seen=np.zeros(states, dtype=np.int32),
        gone=np.zeros(states, dtype=np.float32),
        via=np.zeros(states, dtype=np.int32),
        heap_key=np.zeros(room, dtype=np.uint64),
        heap_state=np.zeros(room, dtype=np.int32),
        counters=np.zeros(2, dtype=np.int64),
    )


@inner
def _push(space, size, estimate, time_left, lot, state):
    """Smaller estimate first, then later in time, then by lot."""
    bits = np.uint64(np.float32(estimate).view(np.uint32))
    key = (bits << np.uint64(32)) | (np.uint64(time_left) << np.uint64(16)) | (lot & np.uint64(0xFFFF))
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if space.heap_key[above] <= key:
            break
        space.heap_key[at] = space.heap_key[above]
        space.heap_state[at] = space.heap_state[above]
        at = above
    space.heap_key[at] = key
    space.heap_state[at] = state
    return size + 1


@inner
def _pop(space, size):
    state = space.heap_state[0]
    size -= 1
    key, last = space.heap_key[size], space.heap_state[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and space.heap_key[below + 1] < space.heap_key[below]:
            below += 1
        if key <= space.heap_key[below]:
            break
        space.heap_key[at] = space.heap_key[below]
        space.heap_state[at] = space.heap_state[below]
        at = below
    space.heap_key[at] = key
    space.heap_state[at] = last
    return state, size


@inner
def _free_from(timeline, vertex):
    """First time from which nobody else needs the vertex until the end."""
    t = timeline.edge.shape[1]
    if timeline.occupant[vertex, t] != NOBODY:
        return t + 1
    while t > 0 and timeline.occupant[vertex, t - 1] == NOBODY and timeline.sweeps[vertex, t - 1] == 0:
        t -= 1
    return t


@inner
def find_path(net, team, timeline, space, random, agent, limit, step_cost):
    """Replace the path of ``agent``, which is off the board, if one costs less than ``limit``.

    Cost: edges with their weights, ``wait_cost`` for each step spent standing elsewhere than for good on
    the goal, and the distance left at the end. step_cost: the least a step costs. Returns the cost, inf
    when no path below the limit was found within MAX_STATES expansions; the path is then unchanged.
    """
    steps, v_count = timeline.edge.shape[1], timeline.occupant.shape[0]
    row, p, goal = team.row[agent], team.profile[agent], team.goal[agent]
    start = np.int64(timeline.path[agent, 0])
    wait = net.wait_cost[0] if row >= 0 else np.float32(0.0)
    hold = _free_from(timeline, goal) if row >= 0 else steps + 1
    if hold > steps:
        hold = steps
    space.counters[0] += 1
    epoch = np.int32(space.counters[0])
    space.seen[start] = epoch
    space.gone[start] = 0.0
    size = _push(space, ONE - 1, np.float32(0.0), ONE * steps, np.uint64(0), start)
    expanded = 0
    while size > 0:
        state, size = _pop(space, size)
        t, u = np.int64(state // v_count), np.int64(state % v_count)
        gone = space.gone[state]
        if gone < 0.0:
            continue
        if t == steps and u != goal and timeline.arrives[agent]:
            continue
        if t == steps or (row >= 0 and u == goal and t >= hold):
            _write_path(net, timeline, space, agent, t, u)
            space.counters[1] += expanded
            return gone + (team.dist[row, u] if row >= 0 else np.float32(0.0))
        expanded += 1
        if expanded >= MAX_STATES:
            break
        space.gone[state] = -1.0
        lots = next_random(random)
        first = net.ptr[p, u]
        for a in range(first - 1, net.ptr[p, u + 1]):
            if a < first:
                if not may_stay(timeline, t, u):
                    continue
                v, cost = u, gone + wait
            else:
                v = net.to[a]
                cost = gone + net.cost[a]
            onward = (t + 1) * v_count + v
            if space.seen[onward] == epoch and (space.gone[onward] < 0.0 or space.gone[onward] <= cost):
                continue
            to_go = np.float32(0.0)
            if row >= 0:
                to_go = max(team.dist[row, v], step_cost * np.float32(hold - t - 1))
            if cost + to_go >= limit:
                continue
            if a >= first and not may_move(net, timeline, t, u, net.edge[a]):
                continue
            space.seen[onward] = epoch
            space.gone[onward] = cost
            space.via[onward] = a if a >= first else STAY
            lots = (lots >> np.uint64(7)) | (lots << np.uint64(57))
            size = _push(space, size, np.float32(cost + to_go), steps - t - 1, lots, onward)
    space.counters[1] += expanded
    return np.float32(np.inf)


@inner
def _write_path(net, timeline, space, agent, t, u):
    v_count = timeline.occupant.shape[0]
    for later in range(t, timeline.edge.shape[1]):
        timeline.path[agent, later + 1] = u
        timeline.edge[agent, later] = STAY
    while t > 0:
        timeline.path[agent, t] = u
        arc = space.via[t * v_count + u]
        t -= 1
        if arc == STAY:
            timeline.edge[agent, t] = STAY
        else:
            timeline.edge[agent, t] = net.edge[arc]
            u = net.edge_from[net.edge[arc]]
    timeline.path[agent, 0] = u
