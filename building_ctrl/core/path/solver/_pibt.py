# mypy: disable-error-code="no-untyped-def"
"""One step of PIBT with swap, as a simulation of single moves (Okumura et al., AIJ 2022; AAMAS 2024).

``work.at`` always holds who stands where *now*. An agent that wants an edge first has every undecided
occupant of the edge's clear list pushed away (priority inheritance), and then moves at once; the log of
moves is therefore an order in which they can be executed one by one. Agents of the chain of pushes count
as decided, so a chain never closes into a rotation: where one would turn, its first agent steps aside and
lets the others pass instead. What a waiting chain member must find clear is reserved: nobody may end a move
there. Among equally good places an agent prefers those that fewer neighbours are after (hindrance: Okumura
and Nagai, 2025).
"""

from __future__ import annotations

import numpy as np

from building_ctrl.core.path.solver._jit import inner
from building_ctrl.core.path.solver._state import (
    CYCLE_LENGTH,
    DECIDED,
    FREE_CHOICE,
    LOG_LENGTH,
    NOBODY,
    ONE,
    STAY,
    UNDECIDED,
    WITH_SWAP,
    next_random,
)
from building_ctrl.core.path.solver._swap import swap_partner

EXHAUSTED, STAYS, BLOCKED, TAKEN = 0, 1, 2, 3


@inner
def at_goal(team, work, i):
    return team.goal[i] < 0 or work.position[i] == team.goal[i]


@inner
def _open_frame(net, team, work, i):
    """List the candidates of agent ``i`` in order of preference and see whether it has to swap."""
    work.tried[i] = -1
    work.swap[i] = NOBODY
    candidates = work.candidates[i]
    if work.forced[i] != FREE_CHOICE:
        candidates[0] = work.forced[i]
        work.n_candidates[i] = 1
        return
    u, p, row = work.position[i], team.profile[i], team.row[i]
    keys, noise = work.keys, net.tie_noise[0] / np.float32(131072.0)
    hinder = net.tie_noise[0] * np.float32(0.25)
    keys[0] = net.stay_cost[0] + work.here[i] if row >= 0 else np.float32(0.0)
    candidates[0] = STAY
    bits = next_random(work.random)
    keys[0] += noise * np.float32(bits & np.uint64(0xFFFF))
    count = ONE
    first = net.ptr[p, u]
    for a in range(first, net.ptr[p, u + 1]):
        if (count & 3) == 0:
            bits = next_random(work.random)
        else:
            bits >>= np.uint64(16)
        to_go = work.near[i, a - first]
        key = net.cost[a] + to_go + noise * np.float32(bits & np.uint64(0xFFFF))
        others = work.wanted[net.to[a]] - (1 if to_go < work.here[i] else 0)
        key += hinder * np.float32(min(others, 2))
        k = count
        while k > 0 and key < keys[k - 1]:
            keys[k] = keys[k - 1]
            candidates[k] = candidates[k - 1]
            k -= ONE
        keys[k] = key
        candidates[k] = a
        count += ONE
    work.n_candidates[i] = count
    if row >= 0 and candidates[0] != STAY and work.counters[WITH_SWAP] != 0:
        partner = swap_partner(net, team, work, i, net.to[candidates[0]])
        if partner != NOBODY:
            work.swap[i] = partner
            for other in range(count >> 1):
                last = count - 1 - other
                candidates[other], candidates[last] = candidates[last], candidates[other]


@inner
def sweep_is_open(net, work, e, agent):
    """0: clear now, 1: clear once undecided occupants are pushed away, 2: blocked."""
    outcome = 0
    for c in range(net.clear_ptr[e], net.clear_ptr[e + 1]):
        j = work.at[net.clear_idx[c]]
        if j != NOBODY and j != agent:
            if work.status[j] == DECIDED:
                return 2
            outcome = 1
    return outcome


@inner
def reserve(net, work, e, change):
    for c in range(net.clear_ptr[e], net.clear_ptr[e + 1]):
        work.reserved[net.clear_idx[c]] += change


@inner
def _move(net, work, i, e):
    v = net.edge_to[e]
    work.at[work.position[i]] = NOBODY
    work.at[v] = i
    work.position[i] = v
    work.status[i] = DECIDED
    length = work.counters[LOG_LENGTH]
    work.log[length, 0] = i
    work.log[length, 1] = e
    work.counters[LOG_LENGTH] = length + 1


@inner
def _undo_moves(net, work, length):
    """Take back the moves logged after ``length``; their agents are undecided again."""
    for k in range(work.counters[LOG_LENGTH] - 1, length - 1, -1):
        i, e = work.log[k, 0], work.log[k, 1]
        work.at[net.edge_to[e]] = NOBODY
        work.at[net.edge_from[e]] = i
        work.position[i] = net.edge_from[e]
        work.status[i] = UNDECIDED
        if work.forced[i] >= 0:
            reserve(net, work, e, ONE)
    work.counters[LOG_LENGTH] = length


@inner
def _drop_candidate(net, work, i):
    """Agent ``i`` gives up the candidate it pushed for."""
    _undo_moves(net, work, work.undo[i])
    if work.forced[i] == FREE_CHOICE:
        reserve(net, work, net.edge[work.candidates[i, work.tried[i]]], -ONE)


@inner
def _pull(net, team, work, puller, vertex):
    """Let ``puller`` follow into the vertex just left, if it is still free to."""
    if work.status[puller] != UNDECIDED or work.reserved[vertex] > 0 or work.forced[puller] != FREE_CHOICE:
        return
    u, p = work.position[puller], team.profile[puller]
    for a in range(net.ptr[p, u], net.ptr[p, u + 1]):
        if net.to[a] == vertex and sweep_is_open(net, work, net.edge[a], puller) == 0:
            _move(net, work, puller, net.edge[a])
            return


@inner
def _note_cycle(net, work, depth, arc):
    """Remember the chain if each of its agents is after the place of the next, and the last of the first."""
    if work.counters[CYCLE_LENGTH] > 0 or work.at[net.to[arc]] != work.stack[0]:
        return
    for k in range(depth + 1):
        if work.tried[work.stack[k]] != 0:
            return
        work.cycle[k] = work.stack[k]
    work.counters[CYCLE_LENGTH] = depth + 1


@inner
def _turn_cycle(net, team, work, vertex):
    """The first of a cycle has stepped aside from ``vertex``: the others take the places they were after."""
    for k in range(work.counters[CYCLE_LENGTH] - 1, 0, -1):
        i = work.cycle[k]
        left = work.position[i]
        work.status[i] = UNDECIDED
        _pull(net, team, work, i, vertex)
        if work.status[i] == UNDECIDED:
            work.status[i] = DECIDED
            return
        vertex = left


@inner
def _try_next(net, team, work, i, depth):
    """Go on to the next candidate of ``i``, the chain's agent at ``depth``; one of the outcomes above."""
    work.tried[i] += 1
    if work.tried[i] >= work.n_candidates[i]:
        return EXHAUSTED
    arc = work.candidates[i, work.tried[i]]
    if arc == STAY:
        return STAYS if depth == 0 and work.counters[CYCLE_LENGTH] == 0 else BLOCKED
    e = net.edge[arc]
    own = 1 if work.forced[i] >= 0 else 0
    if work.reserved[net.to[arc]] > own:
        return BLOCKED
    if sweep_is_open(net, work, e, i) == 2:
        if depth > 0:
            _note_cycle(net, work, depth, arc)
        return BLOCKED
    if own == 0:
        reserve(net, work, e, ONE)
    work.undo[i] = work.counters[LOG_LENGTH]
    work.scan[i] = net.clear_ptr[e]
    return TAKEN


@inner
def _next_occupant(net, work, i):
    """Somebody who still stands in the way of ``i``, or NOBODY."""
    e = net.edge[work.candidates[i, work.tried[i]]]
    for c in range(work.scan[i], net.clear_ptr[e + 1]):
        j = work.at[net.clear_idx[c]]
        if j != NOBODY and j != i:
            work.scan[i] = c
            return j
    return NOBODY


@inner
def _take(net, team, work, i, depth):
    """Move ``i`` along its candidate, which is clear, and let those follow who were to."""
    e, left = net.edge[work.candidates[i, work.tried[i]]], work.position[i]
    reserve(net, work, e, -ONE)
    _move(net, work, i, e)
    if work.tried[i] == 0 and work.swap[i] != NOBODY:
        _pull(net, team, work, work.swap[i], left)
    elif depth == 0 and work.tried[i] > 0 and work.counters[CYCLE_LENGTH] > 0:
        _turn_cycle(net, team, work, left)


@inner
def push(net, team, work, root):
    """Decide agent ``root`` and all it has to push. True if it moves or stays by choice.

    The chain is a stack of frames instead of a recursion; each pass of the loop does one thing to its top.
    """
    depth, opened, outcome = np.int64(0), root, BLOCKED
    work.counters[CYCLE_LENGTH] = 0
    while depth >= 0:
        if opened != NOBODY:
            work.stack[depth] = opened
            work.status[opened] = DECIDED
            _open_frame(net, team, work, opened)
            opened, outcome = NOBODY, BLOCKED
        i = work.stack[depth]
        if outcome != TAKEN:
            outcome = _try_next(net, team, work, i, depth)
            if outcome == STAYS:
                return True
        if outcome == EXHAUSTED:
            depth -= 1
            if depth >= 0:
                _drop_candidate(net, work, work.stack[depth])
        elif outcome == TAKEN:
            occupant = _next_occupant(net, work, i)
            if occupant == NOBODY:
                _take(net, team, work, i, depth)
                depth -= 1
            elif work.status[occupant] == DECIDED:
                _drop_candidate(net, work, i)
                outcome = BLOCKED
            else:
                depth += 1
                opened = occupant
    return outcome == TAKEN


@inner
def decide_all(net, team, work, order):
    """Decide everybody left, in this order: agents on their way first, then those that are where they want.

    Those stay unless they were pushed, so nothing is left to decide at the first of them.
    """
    for k in range(order.size):
        i = np.int64(order[k])
        if work.status[i] == UNDECIDED:
            if at_goal(team, work, i):
                break
            push(net, team, work, i)
