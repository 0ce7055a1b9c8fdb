# mypy: disable-error-code="no-untyped-def"
"""A plan laid out in time: who stands where after each step, and what each step sweeps.

Steps here are *plain*: besides its own end, which it may follow another agent into, a move sweeps only
vertices that are empty before and after the step. The only order among the moves of a plain step is then
"whoever leaves a vertex goes before whoever enters it"; it has no cycle as long as no agents rotate.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._jit import inner, kernel, kernel_arrays

IntArray = npt.NDArray[np.int32]

NOBODY = -1
STAY = -1
ONE = np.int64(1)


@kernel_arrays
class Timeline(NamedTuple):
    """``n`` agents, ``v`` vertices, ``steps`` steps; times run from 0 to ``steps``.

    occupant (v, steps + 1) int16; path (n, steps + 1) int32: vertex of each agent at each time.
    edge (n, steps): edge taken in each step, STAY: none. sweeps (v, steps) int16: moves that sweep the
    vertex without ending there. cost (n,): of each agent's path. arrives (n,): the agent has
    to end on its goal.
    """

    occupant: npt.NDArray[np.int16]
    path: IntArray
    edge: IntArray
    sweeps: npt.NDArray[np.int16]
    cost: npt.NDArray[np.float32]
    arrives: npt.NDArray[np.uint8]


def make_timeline(n_agents: int, n_vertices: int, steps: int) -> Timeline:
    return Timeline(
        occupant=np.full((n_vertices, steps + 1), NOBODY, dtype=np.int16),
        path=np.zeros((n_agents, steps + 1), dtype=np.int32),
        edge=np.full((n_agents, steps), STAY, dtype=np.int32),
        sweeps=np.zeros((n_vertices, steps), dtype=np.int16),
        cost=np.zeros(n_agents, dtype=np.float32),
        arrives=np.zeros(n_agents, dtype=np.uint8),
    )


@kernel
def first_bad_move(net, team, start, moves, at, position):
    """Index of the first move that cannot be executed in its turn, -1 if there is none.

    at (v,), position (n,): scratch, at full of NOBODY before and after.
    """
    bad = -1
    for i in range(start.size):
        position[i] = start[i]
        at[start[i]] = i
    for k in range(moves.shape[0]):
        i, e = moves[k, 1], moves[k, 2]
        if not _executable(net, team, at, position, i, e):
            bad = k
            break
        at[position[i]] = NOBODY
        position[i] = net.edge_to[e]
        at[position[i]] = i
    for i in range(start.size):
        at[position[i]] = NOBODY
    return bad


@inner
def _executable(net, team, at, position, i, e):
    if i < 0 or i >= position.size or e < 0 or e >= net.edge_to.size:
        return False
    u, p, usable = net.edge_from[e], team.profile[i], False
    if position[i] != u or not team.movable[i]:
        return False
    for a in range(net.ptr[p, u], net.ptr[p, u + 1]):
        if net.edge[a] == e:
            usable = True
    for c in range(net.clear_ptr[e], net.clear_ptr[e + 1]):
        if at[net.clear_idx[c]] != NOBODY and at[net.clear_idx[c]] != i:
            return False
    return usable


@kernel
def retime(net, moves, n_agents, left_at, swept_at, ready_at):
    """Give every move the earliest plain step its predecessors allow; the number of steps.

    moves (k, 3) in order of execution, column 0 is rewritten. left_at, swept_at (v,), ready_at (n,):
    scratch. No move gets later than it was if the steps were plain.
    """
    for v in range(left_at.size):
        left_at[v] = -1
        swept_at[v] = -1
    for i in range(n_agents):
        ready_at[i] = 0
    steps = 0
    for k in range(moves.shape[0]):
        i, e = moves[k, 1], moves[k, 2]
        end = net.edge_to[e]
        step = max(ready_at[i], left_at[end], swept_at[end] + 1)
        for c in range(net.clear_ptr[e], net.clear_ptr[e + 1]):
            w = net.clear_idx[c]
            if w != end:
                step = max(step, left_at[w] + 1)
        for c in range(net.clear_ptr[e], net.clear_ptr[e + 1]):
            w = net.clear_idx[c]
            if w != end:
                swept_at[w] = max(swept_at[w], step)
        moves[k, 0] = step
        ready_at[i] = step + 1
        left_at[net.edge_from[e]] = step
        steps = max(steps, step + 1)
    return steps


@kernel
def lay_out(net, timeline, start, moves):
    """Fill an empty timeline with retimed moves; those beyond its last step are left out."""
    steps = timeline.edge.shape[1]
    for k in range(moves.shape[0]):
        if moves[k, 0] < steps:
            timeline.edge[moves[k, 1], moves[k, 0]] = moves[k, 2]
    for i in range(start.size):
        v = start[i]
        for t in range(steps):
            timeline.path[i, t] = v
            if timeline.edge[i, t] != STAY:
                v = net.edge_to[timeline.edge[i, t]]
        timeline.path[i, steps] = v
        enter(net, timeline, i)


@inner
def enter(net, timeline, i):
    """Put the path of agent ``i`` on the board."""
    steps = timeline.edge.shape[1]
    for t in range(steps + 1):
        timeline.occupant[timeline.path[i, t], t] = i
    _mark_sweeps(net, timeline, i, ONE)


@inner
def remove(net, timeline, i):
    """Take the path of agent ``i`` off the board."""
    steps = timeline.edge.shape[1]
    for t in range(steps + 1):
        timeline.occupant[timeline.path[i, t], t] = NOBODY
    _mark_sweeps(net, timeline, i, -ONE)


@inner
def _mark_sweeps(net, timeline, i, change):
    if net.clear_idx.size == net.edge_to.size:
        return
    for t in range(timeline.edge.shape[1]):
        e = timeline.edge[i, t]
        if e != STAY:
            for c in range(net.clear_ptr[e], net.clear_ptr[e + 1]):
                if net.clear_idx[c] != net.edge_to[e]:
                    timeline.sweeps[net.clear_idx[c], t] += change


@inner
def may_move(net, timeline, t, u, e):
    """May an agent that is not on the board take edge ``e`` from ``u`` in step ``t``?"""
    v = net.edge_to[e]
    if timeline.occupant[v, t + 1] != NOBODY:
        return False
    if net.clear_idx.size != net.edge_to.size:
        if timeline.sweeps[u, t] > 0 or timeline.sweeps[v, t] > 0:
            return False
        for c in range(net.clear_ptr[e], net.clear_ptr[e + 1]):
            w = net.clear_idx[c]
            if w != v and (timeline.occupant[w, t] != NOBODY or timeline.occupant[w, t + 1] != NOBODY):
                return False
    ahead = timeline.occupant[v, t]
    while ahead != NOBODY:
        w = timeline.path[ahead, t + 1]
        if w == u:
            return False
        ahead = timeline.occupant[w, t]
    return True


@inner
def may_stay(timeline, t, u):
    return timeline.occupant[u, t + 1] == NOBODY and timeline.sweeps[u, t] == 0


@kernel
def list_moves(timeline, moves, stack):
    """Write the moves in an order of execution into ``moves`` (.., 3); their number. stack (n,): scratch.

    Within a step whoever leaves a vertex comes before whoever follows into it.
    """
    count = 0
    n, steps = timeline.edge.shape
    for t in range(steps):
        first = count
        for i in range(n):
            if timeline.edge[i, t] == STAY or timeline.path[i, t] < 0:
                continue
            depth, ahead = 0, i
            while ahead != NOBODY and timeline.path[ahead, t] >= 0:
                stack[depth] = ahead
                depth += 1
                ahead = timeline.occupant[timeline.path[ahead, t + 1], t]
            while depth > 0:
                depth -= 1
                j = stack[depth]
                moves[count, 0], moves[count, 1], moves[count, 2] = t, j, timeline.edge[j, t]
                timeline.path[j, t] = -1 - timeline.path[j, t]
                count += 1
        for k in range(first, count):
            j = moves[k, 1]
            timeline.path[j, t] = -1 - timeline.path[j, t]
    return count
