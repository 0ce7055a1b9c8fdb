"""One step of PIBT with swap, as a simulation of single moves (Okumura et al., AIJ 2022; AAMAS 2024).

``work.at`` always holds who stands where *now*. An agent that wants an edge first has every undecided
occupant of the edge's clear list pushed away (priority inheritance), and then moves at once; the log of
moves is therefore an order in which they can be executed one by one. Agents of the chain of pushes count
as decided, so a chain never closes into a rotation. What a waiting chain member must find clear is
reserved: nobody may end a move there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._jit import kernel

IntArray = npt.NDArray[np.int32]

UNDECIDED, DECIDED = 0, 1
STAY = -1
NOBODY = -1
FREE_CHOICE = -2


class Team(NamedTuple):
    """Agents (n) of the call. goal: -1 for none; row: row of ``dist`` (rows, v), -1 for none."""

    goal: IntArray
    profile: IntArray
    row: IntArray
    movable: npt.NDArray[np.bool_]
    dist: npt.NDArray[np.float32]


class Work(NamedTuple):
    """Scratch arrays of one planner, sized once for ``n`` agents and ``v`` vertices of out-degree <= ``d``.

    at (v,): agent that stands there or NOBODY; reserved (v,): chain members that must find it clear.
    position, status (n,); candidates (n, d + 1): arcs in order of preference; keys (d + 1,).
    n_candidates, tried, scan, undo, swap (n,): the frame of an agent while it is in the chain.
    forced (n,): arc or STAY an agent must take this step, FREE_CHOICE otherwise.
    stack (n,): the chain. log (n, 2): [agent, edge] moves of this step; counters: [0] length of the log.
    random (1,) uint64: state of the generator.
    """

    at: IntArray
    reserved: IntArray
    position: IntArray
    status: npt.NDArray[np.uint8]
    candidates: IntArray
    keys: npt.NDArray[np.float32]
    n_candidates: IntArray
    tried: IntArray
    scan: IntArray
    undo: IntArray
    swap: IntArray
    forced: IntArray
    stack: IntArray
    log: IntArray
    counters: npt.NDArray[np.int64]
    random: npt.NDArray[np.uint64]


def make_work(n_agents: int, n_vertices: int, max_degree: int) -> Work:
    """Scratch for any call with that many agents on the graph."""

    def per_agent() -> IntArray:
        return np.zeros(n_agents, dtype=np.int32)

    return Work(
        at=np.full(n_vertices, NOBODY, dtype=np.int32),
        reserved=np.zeros(n_vertices, dtype=np.int32),
        position=per_agent(),
        status=np.zeros(n_agents, dtype=np.uint8),
        candidates=np.zeros((n_agents, max_degree + 1), dtype=np.int32),
        keys=np.zeros(max_degree + 1, dtype=np.float32),
        n_candidates=per_agent(),
        tried=per_agent(),
        scan=per_agent(),
        undo=per_agent(),
        swap=per_agent(),
        forced=np.full(n_agents, FREE_CHOICE, dtype=np.int32),
        stack=per_agent(),
        log=np.zeros((n_agents, 2), dtype=np.int32),
        counters=np.zeros(4, dtype=np.int64),
        random=np.ones(1, dtype=np.uint64),
    )


@kernel
def next_random(state):  # type: ignore[no-untyped-def]
    """Xorshift64; state (1,) uint64, never 0."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return x


@kernel
def seed_random(state, seed):  # type: ignore[no-untyped-def]
    """Start the generator from any integer (SplitMix64)."""
    x = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    state[0] = (x ^ (x >> np.uint64(31))) | np.uint64(1)


@kernel
def place(work, position):  # type: ignore[no-untyped-def]
    """Put the agents where ``position`` (n,) says; clear the board with ``lift_all`` first."""
    for i in range(position.size):
        work.position[i] = position[i]
        work.at[position[i]] = i


@kernel
def lift_all(work, n_agents):  # type: ignore[no-untyped-def]
    """Take every agent off the board."""
    for i in range(n_agents):
        work.at[work.position[i]] = NOBODY


@kernel
def begin_step(team, work):  # type: ignore[no-untyped-def]
    work.counters[0] = 0
    for i in range(team.movable.size):
        work.status[i] = UNDECIDED if team.movable[i] else DECIDED


@kernel
def _distance(team, agent, vertex):  # type: ignore[no-untyped-def]
    row = team.row[agent]
    return team.dist[row, vertex] if row >= 0 else np.float32(0.0)


@kernel
def _open_frame(net, team, work, i):  # type: ignore[no-untyped-def]
    """List the candidates of agent ``i`` in order of preference and see whether it has to swap."""
    work.tried[i] = -1
    work.swap[i] = NOBODY
    candidates = work.candidates[i]
    if work.forced[i] != FREE_CHOICE:
        candidates[0] = work.forced[i]
        work.n_candidates[i] = 1
        return
    u, p, row = work.position[i], team.profile[i], team.row[i]
    keys, bits, noise = work.keys, np.uint64(0), net.tie_noise[0] / np.float32(65536.0) * np.float32(0.25)
    hinder = net.tie_noise[0] * np.float32(0.25)
    keys[0] = net.wait_cost[0] + team.dist[row, u] if row >= 0 else np.float32(0.0)
    candidates[0] = STAY
    bits = next_random(work.random)
    keys[0] += noise * np.float32(bits & np.uint64(0xFFFF))
    count = 1
    first = net.ptr[p, u]
    for a in range(first, net.ptr[p, u + 1]):
        if (count & 3) == 0:
            bits = next_random(work.random)
        else:
            bits >>= np.uint64(16)
        key = net.cost[a] + noise * np.float32(bits & np.uint64(0xFFFF))
        if row >= 0:
            key += team.dist[row, net.to[a]]
        key += hinder * _hindrance(net, team, work, p, i, net.to[a])
        k = count
        while k > 0 and key < keys[k - 1]:
            keys[k] = keys[k - 1]
            candidates[k] = candidates[k - 1]
            k -= 1
        keys[k] = key
        candidates[k] = a
        count += 1
    work.n_candidates[i] = count
    if row >= 0 and candidates[0] != STAY:
        partner = _swap_partner(net, team, work, i, net.to[candidates[0]])
        if partner != NOBODY:
            work.swap[i] = partner
            for k in range(count >> 1):
                candidates[k], candidates[count - 1 - k] = candidates[count - 1 - k], candidates[k]


@kernel
def _hindrance(net, team, work, p, i, v):  # type: ignore[no-untyped-def]
    """Agents next to ``v`` that want to go there themselves."""
    count = np.float32(0.0)
    for a in range(net.ptr[p, v], net.ptr[p, v + 1]):
        w = net.to[a]
        j = work.at[w]
        if j != NOBODY and j != i and team.row[j] >= 0:
            if team.dist[team.row[j], v] < team.dist[team.row[j], w]:
                count += np.float32(1.0)
    return min(count, np.float32(3.0))


@kernel
def _swap_partner(net, team, work, i, target):  # type: ignore[no-untyped-def]
    """Agent that ``i`` has to change places with, or NOBODY."""
    u, p = work.position[i], team.profile[i]
    j = work.at[target]
    if j != NOBODY:
        if (
            work.status[j] == UNDECIDED
            and _swap_needed(net, team, work, i, j, u, target)
            and _swap_possible(net, team, work, p, target, u)
        ):
            return j
    for a in range(net.ptr[p, u], net.ptr[p, u + 1]):
        k = work.at[net.to[a]]
        if (
            k != NOBODY
            and k != i
            and net.to[a] != target
            and _swap_needed(net, team, work, k, i, u, target)
            and _swap_possible(net, team, work, p, target, u)
        ):
            return k
    return NOBODY


@kernel
def _ways_on(net, team, work, p, here, back):  # type: ignore[no-untyped-def]
    """Ways on from ``here`` other than ``back`` (0, 1, or 2 for more), and the last of them.

    A neighbour that is a dead end whose agent is at home there, or an agent that may not move, is no way.
    """
    ways, onward = 0, -1
    for a in range(net.ptr[p, here], net.ptr[p, here + 1]):
        v = net.to[a]
        if v == back:
            continue
        k = work.at[v]
        if k != NOBODY:
            if not team.movable[k]:
                continue
            if team.goal[k] == v and net.ptr[p, v + 1] - net.ptr[p, v] == 1:
                continue
        onward = v
        ways += 1
        if ways == 2:
            break
    return ways, onward


@kernel
def _swap_needed(net, team, work, pusher, puller, pusher_at, puller_at):  # type: ignore[no-untyped-def]
    """Would the two block each other along the corridor they are in?"""
    if team.row[pusher] < 0 or team.row[puller] < 0:
        return False
    p = team.profile[pusher]
    v_pusher, v_puller, steps = pusher_at, puller_at, 0
    while _distance(team, pusher, v_puller) < _distance(team, pusher, v_pusher):
        ways, onward = _ways_on(net, team, work, p, v_puller, v_pusher)
        if ways >= 2:
            return False
        if ways == 0:
            break
        v_pusher, v_puller = v_puller, onward
        steps += 1
        if steps > work.at.size:
            return False
    apart = _distance(team, puller, v_pusher) < _distance(team, puller, v_puller)
    return apart and (
        _distance(team, pusher, v_pusher) == 0.0
        or _distance(team, pusher, v_puller) < _distance(team, pusher, v_pusher)
    )


@kernel
def _swap_possible(net, team, work, p, pusher_at, puller_at):  # type: ignore[no-untyped-def]
    """Is there a fork behind the puller where the two can pass each other?"""
    v_pusher, v_puller, steps = pusher_at, puller_at, 0
    while v_puller != pusher_at and steps <= work.at.size:
        ways, onward = _ways_on(net, team, work, p, v_puller, v_pusher)
        if ways >= 2:
            return True
        if ways == 0:
            return False
        v_pusher, v_puller = v_puller, onward
        steps += 1
    return False


@kernel
def _sweep_is_open(net, work, e, agent):  # type: ignore[no-untyped-def]
    """0: clear now, 1: clear once undecided occupants are pushed away, 2: blocked."""
    outcome = 0
    for c in range(net.clear_ptr[e], net.clear_ptr[e + 1]):
        j = work.at[net.clear_idx[c]]
        if j != NOBODY and j != agent:
            if work.status[j] == DECIDED:
                return 2
            outcome = 1
    return outcome


@kernel
def _reserve(net, work, e, change):  # type: ignore[no-untyped-def]
    for c in range(net.clear_ptr[e], net.clear_ptr[e + 1]):
        work.reserved[net.clear_idx[c]] += change


@kernel
def _move(net, work, i, e):  # type: ignore[no-untyped-def]
    v = net.edge_to[e]
    work.at[work.position[i]] = NOBODY
    work.at[v] = i
    work.position[i] = v
    work.status[i] = DECIDED
    length = work.counters[0]
    work.log[length, 0] = i
    work.log[length, 1] = e
    work.counters[0] = length + 1


@kernel
def _undo_moves(net, work, length):  # type: ignore[no-untyped-def]
    """Take back the moves logged after ``length``; their agents are undecided again."""
    for k in range(work.counters[0] - 1, length - 1, -1):
        i, e = work.log[k, 0], work.log[k, 1]
        work.at[net.edge_to[e]] = NOBODY
        work.at[net.edge_from[e]] = i
        work.position[i] = net.edge_from[e]
        work.status[i] = UNDECIDED
        if work.forced[i] >= 0:
            _reserve(net, work, e, 1)
    work.counters[0] = length


@kernel
def _drop_candidate(net, work, i):  # type: ignore[no-untyped-def]
    """Agent ``i`` gives up the candidate it pushed for."""
    _undo_moves(net, work, work.undo[i])
    if work.forced[i] == FREE_CHOICE:
        _reserve(net, work, net.edge[work.candidates[i, work.tried[i]]], -1)


@kernel
def _pull(net, team, work, puller, vertex):  # type: ignore[no-untyped-def]
    """Let ``puller`` follow into the vertex just left, if it is still free to."""
    if work.status[puller] != UNDECIDED or work.reserved[vertex] > 0 or work.forced[puller] != FREE_CHOICE:
        return
    u, p = work.position[puller], team.profile[puller]
    for a in range(net.ptr[p, u], net.ptr[p, u + 1]):
        if net.to[a] == vertex and _sweep_is_open(net, work, net.edge[a], puller) == 0:
            _move(net, work, puller, net.edge[a])
            return


@kernel
def push(net, team, work, root):  # type: ignore[no-untyped-def]
    """Decide agent ``root`` and all it has to push. True if it moves or stays by choice.

    The chain is a stack of frames instead of a recursion; each pass of the loop does one thing to its top.
    """
    depth = 0
    work.stack[0] = root
    work.status[root] = DECIDED
    _open_frame(net, team, work, root)
    next_candidate = True
    while depth >= 0:
        i = work.stack[depth]
        if next_candidate:
            work.tried[i] += 1
            if work.tried[i] >= work.n_candidates[i]:
                depth -= 1
                if depth < 0:
                    return False
                _drop_candidate(net, work, work.stack[depth])
                continue
            arc = work.candidates[i, work.tried[i]]
            if arc == STAY:
                if depth == 0:
                    return True
                continue
            e = net.edge[arc]
            own = 1 if work.forced[i] >= 0 else 0
            if work.reserved[net.to[arc]] > own:
                continue
            sweep = _sweep_is_open(net, work, e, i)
            if sweep == 2:
                continue
            if own == 0:
                _reserve(net, work, e, 1)
            work.undo[i] = work.counters[0]
            work.scan[i] = net.clear_ptr[e]
            next_candidate = False
        e = net.edge[work.candidates[i, work.tried[i]]]
        occupant = NOBODY
        for c in range(work.scan[i], net.clear_ptr[e + 1]):
            j = work.at[net.clear_idx[c]]
            if j != NOBODY and j != i:
                occupant = j
                work.scan[i] = c
                break
        if occupant != NOBODY:
            if work.status[occupant] == DECIDED:
                _drop_candidate(net, work, i)
                next_candidate = True
                continue
            depth += 1
            work.stack[depth] = occupant
            work.status[occupant] = DECIDED
            _open_frame(net, team, work, occupant)
            next_candidate = True
            continue
        _reserve(net, work, e, -1)
        left = work.position[i]
        _move(net, work, i, e)
        if work.tried[i] == 0 and work.swap[i] != NOBODY:
            _pull(net, team, work, work.swap[i], left)
        depth -= 1
    return True
