# mypy: disable-error-code="no-untyped-def"
"""Large neighbourhood search on a timeline (MAPF-LNS: Li et al., IJCAI 2021).

Again and again a few agents are taken off the board and planned anew, one after another in random order;
the result is kept when it costs no more. Neighbourhoods: agents in the way of a delayed one, agents that
pass a busy place, random ones; what helped lately is chosen more often.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._jit import inner, kernel, kernel_arrays
from building_ctrl.core.path.solver._replan import find_path
from building_ctrl.core.path.solver._state import next_random
from building_ctrl.core.path.solver._timeline import NOBODY, ONE, STAY, enter, remove

IntArray = npt.NDArray[np.int32]
IndexArray = npt.NDArray[np.int64]

MAX_GROUP = 16
N_WAYS = 3
SLACK = np.float32(1e-3)


@kernel_arrays
class Lns(NamedTuple):
    """Scratch of the search.

    group (MAX_GROUP,): agents to plan anew; picked (n,): they are in it. free (k,): agents to choose from;
    choosable (n,): the same as a mask. old_path (MAX_GROUP, steps + 1), old_edge (MAX_GROUP, steps),
    old_cost (MAX_GROUP,): of the group, to go back to. weights (N_WAYS,): what each kind of neighbourhood
    gained lately. direct (n,): cost without the others. queue, mark (v,): breadth-first walks.
    counters: [0] rounds, [1] rounds kept, [2] mark.
    """

    group: IndexArray
    picked: npt.NDArray[np.uint8]
    free: IndexArray
    choosable: npt.NDArray[np.uint8]
    old_path: IntArray
    old_edge: IntArray
    old_cost: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float64]
    direct: npt.NDArray[np.float32]
    queue: IndexArray
    mark: IntArray
    counters: npt.NDArray[np.int64]


def make_lns(free: IndexArray, n_agents: int, n_vertices: int, steps: int) -> Lns:
    choosable = np.zeros(n_agents, dtype=np.uint8)
    choosable[free] = 1
    return Lns(
        group=np.zeros(MAX_GROUP, dtype=np.int64),
        picked=np.zeros(n_agents, dtype=np.uint8),
        free=free,
        choosable=choosable,
        old_path=np.zeros((MAX_GROUP, steps + 1), dtype=np.int32),
        old_edge=np.zeros((MAX_GROUP, steps), dtype=np.int32),
        old_cost=np.zeros(MAX_GROUP, dtype=np.float32),
        weights=np.ones(N_WAYS, dtype=np.float64),
        direct=np.zeros(n_agents, dtype=np.float32),
        queue=np.zeros(n_vertices, dtype=np.int64),
        mark=np.zeros(n_vertices, dtype=np.int32),
        counters=np.zeros(3, dtype=np.int64),
    )


@inner
def _below(random, bound):
    return np.int64((next_random(random) >> np.uint64(33)) % np.uint64(bound))


@inner
def path_cost(net, team, timeline, edge_price, i):
    """As in ``find_path``. edge_price (m,): cost with weight."""
    steps, row, goal = timeline.edge.shape[1], team.row[i], team.goal[i]
    last = steps
    if row >= 0:
        while last > 0 and timeline.path[i, last] == goal and timeline.edge[i, last - 1] == STAY:
            last -= 1
    total = np.float32(0.0)
    for t in range(last):
        e = timeline.edge[i, t]
        if e != STAY:
            total += edge_price[e]
        elif row >= 0:
            total += net.wait_cost[0]
    if row >= 0:
        total += team.dist[row, timeline.path[i, steps]]
    return total


@inner
def _pick(lns, size, i):
    if lns.picked[i] == 0:
        lns.picked[i] = 1
        lns.group[size] = i
        return size + 1
    return size


@inner
def _delayed_agent(timeline, lns, random):
    """The most delayed of a few random agents."""
    best, most = -ONE, np.float32(-1.0)
    for _ in range(4):
        i = lns.free[_below(random, lns.free.size)]
        delay = timeline.cost[i] - lns.direct[i]
        if delay > most:
            best, most = i, delay
    return best


@inner
def _around_agent(net, team, timeline, lns, random, target):
    """A delayed agent and those it meets on random walks that would bring it home earlier."""
    agent = _delayed_agent(timeline, lns, random)
    size = _pick(lns, ONE - 1, agent)
    steps, row, p = timeline.edge.shape[1], team.row[agent], team.profile[agent]
    for _ in range(10):
        t = _below(random, steps)
        gone = np.float32(0.0)
        u = timeline.path[agent, t]
        while t < steps and size < target:
            first, last = net.ptr[p, u], net.ptr[p, u + 1]
            count = last - first + 1
            turn, found = _below(random, count), False
            for k in range(count):
                a = first + (k + turn) % count
                v = net.to[a] if a < last else u
                gone = net.wait_cost[0] * (t + 1)
                if row >= 0 and gone + team.dist[row, v] >= timeline.cost[agent]:
                    continue
                found = True
                for later in range(2):
                    other = np.int64(timeline.occupant[v, t + later])
                    if other != NOBODY and other != agent and lns.choosable[other] and size < target:
                        size = _pick(lns, size, other)
                u = v
                break
            if not found:
                break
            t += 1
        if size >= target:
            break
    return size


@inner
def _around_place(net, team, timeline, lns, random, target):
    """Agents that pass a place and its surroundings about the same time."""
    steps = timeline.edge.shape[1]
    someone = lns.free[_below(random, lns.free.size)]
    centre_time = _below(random, steps + 1)
    p = team.profile[someone]
    lns.counters[2] += 1
    mark = np.int32(lns.counters[2])
    lns.queue[0] = timeline.path[someone, centre_time]
    lns.mark[lns.queue[0]] = mark
    head, tail, size = 0, 1, ONE - 1
    while head < tail and size < target and head < 64:
        v = lns.queue[head]
        head += 1
        for t in range(max(0, centre_time - 8), min(steps, centre_time + 8) + 1):
            other = np.int64(timeline.occupant[v, t])
            if other != NOBODY and lns.choosable[other] and size < target:
                size = _pick(lns, size, other)
        for a in range(net.ptr[p, v], net.ptr[p, v + 1]):
            if lns.mark[net.to[a]] != mark:
                lns.mark[net.to[a]] = mark
                lns.queue[tail] = net.to[a]
                tail += 1
    return size


@inner
def _at_random(lns, random, target):
    size = ONE - 1
    for _ in range(2 * target):
        if size < target:
            size = _pick(lns, size, lns.free[_below(random, lns.free.size)])
    return size


@inner
def _choose_way(lns, random):
    total = lns.weights[0] + lns.weights[1] + lns.weights[2]
    lot = total * (np.float64(next_random(random) >> np.uint64(11)) / 9007199254740992.0)
    if lot < lns.weights[0]:
        return 0
    return 1 if lot < lns.weights[0] + lns.weights[1] else 2


@inner
def _choose_group(net, team, timeline, lns, random, way, target):
    if way == 0:
        size = _around_agent(net, team, timeline, lns, random, target)
    elif way == 1:
        size = _around_place(net, team, timeline, lns, random, target)
    else:
        size = _at_random(lns, random, target)
    for k in range(size):
        lns.picked[lns.group[k]] = 0
    for k in range(size - 1, 0, -1):
        other = _below(random, k + 1)
        lns.group[k], lns.group[other] = lns.group[other], lns.group[k]
    return size


@inner
def copy_path(path, edge, to_path, to_edge):
    for t in range(edge.size):
        to_path[t] = path[t]
        to_edge[t] = edge[t]
    to_path[edge.size] = path[edge.size]


@inner
def plan_group(net, team, timeline, space, lns, random, size, step_cost):
    """Plan the agents of ``lns.group`` anew, in that order; what is gained, -1 when nothing was kept."""
    before = np.float32(0.0)
    for k in range(size):
        i = lns.group[k]
        before += timeline.cost[i]
        remove(net, timeline, i)
        copy_path(timeline.path[i], timeline.edge[i], lns.old_path[k], lns.old_edge[k])
    after, direct_left, done = np.float32(0.0), np.float32(0.0), 0
    for k in range(size):
        direct_left += lns.direct[lns.group[k]]
    for k in range(size):
        i = lns.group[k]
        direct_left -= lns.direct[i]
        limit = before - after - direct_left + SLACK
        cost = find_path(net, team, timeline, space, random, i, limit, step_cost)
        if cost == np.inf:
            break
        after += cost
        lns.old_cost[k] = timeline.cost[i]
        timeline.cost[i] = cost
        enter(net, timeline, i)
        done += 1
    if done == size:
        return before - after
    for k in range(done):
        remove(net, timeline, lns.group[k])
        timeline.cost[lns.group[k]] = lns.old_cost[k]
    for k in range(size):
        i = lns.group[k]
        copy_path(lns.old_path[k], lns.old_edge[k], timeline.path[i], timeline.edge[i])
        enter(net, timeline, i)
    return np.float32(-1.0)


@kernel
def start_lns(net, team, timeline, lns, edge_price):
    """Cost of each path, and what it would be if the agent were alone."""
    for i in range(team.row.size):
        timeline.cost[i] = path_cost(net, team, timeline, edge_price, i)
        lns.direct[i] = team.dist[team.row[i], timeline.path[i, 0]] if team.row[i] >= 0 else np.float32(0.0)


@kernel
def improve(net, team, timeline, space, lns, random, rounds, max_states, step_cost, max_group):
    """Up to ``rounds`` neighbourhoods, no new one after ``max_states`` expanded states; the cost gained."""
    gained = 0.0
    end = space.counters[1] + max_states
    for _ in range(rounds):
        if space.counters[1] >= end:
            break
        way = _choose_way(lns, random)
        target = min(2 + _below(random, max_group - 1), lns.free.size)
        size = _choose_group(net, team, timeline, lns, random, way, target)
        gain = plan_group(net, team, timeline, space, lns, random, size, step_cost)
        lns.counters[0] += 1
        if gain >= 0.0:
            lns.counters[1] += 1
            gained += gain
        lns.weights[way] = max(0.99 * lns.weights[way] + 0.01 * max(0.0, np.float64(gain)) / size, 0.01)
    return gained
