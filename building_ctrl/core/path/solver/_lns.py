"""Large neighbourhood search on a timeline (MAPF-LNS: Li et al., IJCAI 2021).

Again and again a few agents are taken off the board and planned anew, one after another in random order;
the result is kept when it costs no more. Neighbourhoods: agents in the way of a delayed one, agents that
pass a busy place, random ones; what helped lately is chosen more often.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._jit import kernel
from building_ctrl.core.path.solver._pibt import next_random
from building_ctrl.core.path.solver._replan import find_path
from building_ctrl.core.path.solver._timeline import NOBODY, STAY, enter, remove

IntArray = npt.NDArray[np.int32]

MAX_GROUP = 16
N_WAYS = 3
SLACK = np.float32(1e-3)


class Lns(NamedTuple):
    """Scratch. group (MAX_GROUP,): agents to plan anew; picked (n,) uint8; movable (k,): agents to choose
    from; old_path (MAX_GROUP, steps + 1), old_edge (MAX_GROUP, steps), old_cost (MAX_GROUP,): what they were; weights (N_WAYS,): how much each
    kind of neighbourhood gained lately; direct (n,): cost without the others; queue, mark (v,): walks;
    counters: [0] rounds, [1] rounds kept, [2] mark.
    """

    group: IntArray
    picked: npt.NDArray[np.uint8]
    movable: IntArray
    old_path: IntArray
    old_edge: IntArray
    old_cost: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float64]
    direct: npt.NDArray[np.float32]
    queue: IntArray
    mark: IntArray
    counters: npt.NDArray[np.int64]


def make_lns(movable: IntArray, n_agents: int, n_vertices: int, steps: int) -> Lns:
    return Lns(
        group=np.zeros(MAX_GROUP, dtype=np.int32),
        picked=np.zeros(n_agents, dtype=np.uint8),
        movable=movable,
        old_path=np.zeros((MAX_GROUP, steps + 1), dtype=np.int32),
        old_edge=np.zeros((MAX_GROUP, steps), dtype=np.int32),
        old_cost=np.zeros(MAX_GROUP, dtype=np.float32),
        weights=np.ones(N_WAYS, dtype=np.float64),
        direct=np.zeros(n_agents, dtype=np.float32),
        queue=np.zeros(n_vertices, dtype=np.int32),
        mark=np.zeros(n_vertices, dtype=np.int32),
        counters=np.zeros(3, dtype=np.int64),
    )


@kernel
def _below(random, bound):  # type: ignore[no-untyped-def]
    return np.int64((next_random(random) >> np.uint64(33)) % np.uint64(bound))


@kernel
def path_cost(net, team, timeline, edge_price, i):  # type: ignore[no-untyped-def]
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


@kernel
def _pick(lns, size, i):  # type: ignore[no-untyped-def]
    if lns.picked[i] == 0:
        lns.picked[i] = 1
        lns.group[size] = i
        return size + 1
    return size


@kernel
def _delayed_agent(timeline, lns, random):  # type: ignore[no-untyped-def]
    """The most delayed of a few random agents."""
    best, most = -1, np.float32(-1.0)
    for _ in range(4):
        i = lns.movable[_below(random, lns.movable.size)]
        delay = timeline.cost[i] - lns.direct[i]
        if delay > most:
            best, most = i, delay
    return best


@kernel
def _around_agent(net, team, timeline, lns, random, target):  # type: ignore[no-untyped-def]
    """A delayed agent and those it meets on random walks that would bring it home earlier."""
    agent = _delayed_agent(timeline, lns, random)
    size = _pick(lns, 0, agent)
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
                for other in (timeline.occupant[v, t + 1], timeline.occupant[v, t]):
                    if other != NOBODY and other != agent and team.movable[other] and size < target:
                        size = _pick(lns, size, other)
                u = v
                break
            if not found:
                break
            t += 1
        if size >= target:
            break
    return size


@kernel
def _around_place(net, team, timeline, lns, random, target):  # type: ignore[no-untyped-def]
    """Agents that pass a place and its surroundings about the same time."""
    steps = timeline.edge.shape[1]
    someone = lns.movable[_below(random, lns.movable.size)]
    centre_time = _below(random, steps + 1)
    p = team.profile[someone]
    lns.counters[2] += 1
    mark = np.int32(lns.counters[2])
    lns.queue[0] = timeline.path[someone, centre_time]
    lns.mark[lns.queue[0]] = mark
    head, tail, size = 0, 1, 0
    while head < tail and size < target and head < 64:
        v = lns.queue[head]
        head += 1
        for t in range(max(0, centre_time - 8), min(steps, centre_time + 8) + 1):
            other = timeline.occupant[v, t]
            if other != NOBODY and team.movable[other] and size < target:
                size = _pick(lns, size, other)
        for a in range(net.ptr[p, v], net.ptr[p, v + 1]):
            if lns.mark[net.to[a]] != mark:
                lns.mark[net.to[a]] = mark
                lns.queue[tail] = net.to[a]
                tail += 1
    return size


@kernel
def _at_random(lns, random, target):  # type: ignore[no-untyped-def]
    size = 0
    for _ in range(2 * target):
        if size < target:
            size = _pick(lns, size, lns.movable[_below(random, lns.movable.size)])
    return size


@kernel
def _choose_way(lns, random):  # type: ignore[no-untyped-def]
    total = lns.weights[0] + lns.weights[1] + lns.weights[2]
    lot = total * (np.float64(next_random(random) >> np.uint64(11)) / 9007199254740992.0)
    if lot < lns.weights[0]:
        return 0
    return 1 if lot < lns.weights[0] + lns.weights[1] else 2


@kernel
def _choose_group(net, team, timeline, lns, random, way, target):  # type: ignore[no-untyped-def]
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


@kernel
def copy_path(path, edge, to_path, to_edge):  # type: ignore[no-untyped-def]
    for t in range(edge.size):
        to_path[t] = path[t]
        to_edge[t] = edge[t]
    to_path[edge.size] = path[edge.size]


@kernel
def plan_group(net, team, timeline, space, lns, random, size, step_cost):  # type: ignore[no-untyped-def]
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
def start_lns(net, team, timeline, lns, edge_price):  # type: ignore[no-untyped-def]
    """Cost of each path, and what it would be if the agent were alone."""
    for i in range(team.row.size):
        timeline.cost[i] = path_cost(net, team, timeline, edge_price, i)
        lns.direct[i] = team.dist[team.row[i], timeline.path[i, 0]] if team.row[i] >= 0 else np.float32(0.0)


@kernel
def improve(net, team, timeline, space, lns, random, rounds, step_cost, max_group):  # type: ignore[no-untyped-def]
    """``rounds`` neighbourhoods; the cost gained."""
    gained = 0.0
    for _ in range(rounds):
        way = _choose_way(lns, random)
        target = min(2 + _below(random, max_group - 1), lns.movable.size)
        size = _choose_group(net, team, timeline, lns, random, way, target)
        gain = plan_group(net, team, timeline, space, lns, random, size, step_cost)
        lns.counters[0] += 1
        if gain >= 0.0:
            lns.counters[1] += 1
            gained += gain
        lns.weights[way] = max(0.99 * lns.weights[way] + 0.01 * max(0.0, np.float64(gain)) / size, 0.01)
    return gained
