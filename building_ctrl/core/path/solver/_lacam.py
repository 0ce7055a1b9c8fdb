# mypy: disable-error-code="no-untyped-def"
"""LaCAM's two-level search in arrays (Okumura, AAAI 2023; AAMAS 2024).

High level: configurations, depth first. Low level: for each configuration a breadth-first tree of
constraints "agent takes this arc", ``MAX_DEPTH`` agents deep; PIBT completes each set of constraints to a
successor. After those come the successors in which one agent moves and all others stay. Every step is a
sequence of such single moves, so they alone reach whatever can be reached: the search is complete, and
an empty open list proves that there is no solution.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._jit import inner, kernel, kernel_arrays
from building_ctrl.core.path.solver._pibt import decide_all, push, reserve, sweep_is_open
from building_ctrl.core.path.solver._state import (
    DECIDED,
    FREE_CHOICE,
    LOG_LENGTH,
    ONE,
    STAY,
    UNDECIDED,
    begin_step,
    forget_views,
    lift_all,
    next_random,
    place,
)
from building_ctrl.core.path.solver._window import sort_order

IntArray = npt.NDArray[np.int32]

RUNNING, SOLVED, EXHAUSTED, OUT_OF_SPACE = 0, 1, 2, 3
MAX_DEPTH = 2
NODES, LOWS, MOVES, OPEN_HEAD, SOLUTION, EXPANSIONS = 0, 1, 2, 3, 4, 5


@kernel_arrays
class Tree(NamedTuple):
    """Search memory. Per node: config (n,), order (movable,), parent, hash, constraint queue, moves.

    newer, older (nodes,): the open list, newest first; a node is in it at most once, -2: not in it.
    low_*: nodes of the constraint trees, chained into their configuration's queue by low_next.
    single_agent, single_arc (nodes,): next single move to try, by place in the order and arc number.
    move_start, move_end (nodes,): moves that lead to a node, in ``moves`` (k, 2) [agent, edge].
    slots: open-addressed table of node numbers by hash. counters: see the names above.
    best (n,), best_log (n, 2): the best of several completions of one set of constraints.
    """

    config: IntArray
    order: IntArray
    parent: IntArray
    hash: npt.NDArray[np.uint64]
    newer: IntArray
    older: IntArray
    low_head: IntArray
    low_tail: IntArray
    low_parent: IntArray
    low_agent: IntArray
    low_arc: IntArray
    low_depth: IntArray
    low_next: IntArray
    single_agent: IntArray
    single_arc: IntArray
    move_start: npt.NDArray[np.int64]
    move_end: npt.NDArray[np.int64]
    moves: IntArray
    slots: IntArray
    counters: npt.NDArray[np.int64]
    best: IntArray
    best_log: IntArray


@inner
def _hash_config(position):
    total = np.uint64(0)
    for i in range(position.size):
        x = (np.uint64(i) << np.uint64(32)) + np.uint64(position[i]) + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        total += x ^ (x >> np.uint64(31))
    return total


@inner
def _find(tree, position, code):
    """Node of the configuration or -1, and its slot."""
    mask = np.uint64(tree.slots.size - 1)
    slot = np.int64(code & mask)
    while tree.slots[slot] >= 0:
        node = tree.slots[slot]
        if tree.hash[node] == code:
            same = True
            for i in range(tree.config.shape[1]):
                if tree.config[node, i] != position[i]:
                    same = False
                    break
            if same:
                return node, slot
        slot = (slot + 1) & np.int64(mask)
    return np.int32(-1), slot


@kernel
def rebuild_slots(tree):
    """Fill an empty table with the nodes present."""
    mask = np.int64(tree.slots.size - 1)
    for node in range(tree.counters[NODES]):
        slot = np.int64(tree.hash[node] & np.uint64(mask))
        while tree.slots[slot] >= 0:
            slot = (slot + 1) & mask
        tree.slots[slot] = node


@inner
def _leave_open(tree, node):
    newer, older = tree.newer[node], tree.older[node]
    if newer >= 0:
        tree.older[newer] = older
    else:
        tree.counters[OPEN_HEAD] = older
    if older >= 0:
        tree.newer[older] = newer
    tree.newer[node] = -2


@inner
def _to_front(tree, node):
    if tree.newer[node] != -2:
        _leave_open(tree, node)
    head = tree.counters[OPEN_HEAD]
    tree.newer[node] = -1
    tree.older[node] = head
    if head >= 0:
        tree.newer[head] = node
    tree.counters[OPEN_HEAD] = node


@inner
def _add_low(tree, node, parent, agent, arc, depth):
    low = tree.counters[LOWS]
    tree.counters[LOWS] = low + 1
    tree.low_parent[low] = parent
    tree.low_agent[low] = agent
    tree.low_arc[low] = arc
    tree.low_depth[low] = depth
    tree.low_next[low] = -1
    if tree.low_head[node] < 0:
        tree.low_head[node] = low
    else:
        tree.low_next[tree.low_tail[node]] = low
    tree.low_tail[node] = low


@inner
def _add_node(team, work, tree, parent, n_moves, code, slot):
    """Append the configuration ``tree.best``, reached from ``parent`` by the moves in ``best_log``."""
    node = tree.counters[NODES]
    tree.counters[NODES] = node + 1
    for i in range(tree.config.shape[1]):
        tree.config[node, i] = tree.best[i]
        work.position[i] = tree.best[i]
    if parent >= 0:
        sort_order(team, work, tree.order[parent], tree.order[node])
    tree.parent[node] = parent
    tree.hash[node] = code
    tree.slots[slot] = node
    tree.newer[node] = -2
    tree.low_head[node] = -1
    tree.single_agent[node] = 0
    tree.single_arc[node] = 0
    _add_low(tree, node, -ONE, -ONE, -ONE, ONE - 1)
    start = tree.counters[MOVES]
    tree.move_start[node] = start
    for k in range(n_moves):
        tree.moves[start + k, 0] = tree.best_log[k, 0]
        tree.moves[start + k, 1] = tree.best_log[k, 1]
    tree.move_end[node] = start + n_moves
    tree.counters[MOVES] = start + n_moves
    _to_front(tree, node)
    return node


@kernel
def start_search(team, work, tree, start, order):
    """Make the root; the tree is empty, order (movable,) is the first order of the agents."""
    forget_views(work, start.size)
    tree.counters[OPEN_HEAD] = -1
    tree.counters[SOLUTION] = -1
    for i in range(start.size):
        tree.best[i] = start[i]
        work.position[i] = start[i]
    sort_order(team, work, order, tree.order[0])
    code = _hash_config(tree.best)
    _, slot = _find(tree, tree.best, code)
    _add_node(team, work, tree, -ONE, ONE - 1, code, slot)


@inner
def _force(net, work, tree, low):
    """Enter the constraints of ``low``; the number of agents that have to move."""
    movers = 0
    while tree.low_depth[low] > 0:
        i, arc = tree.low_agent[low], tree.low_arc[low]
        if arc == STAY:
            work.status[i] = DECIDED
        else:
            work.forced[i] = arc
            reserve(net, work, net.edge[arc], ONE)
            movers += 1
        low = tree.low_parent[low]
    return movers


@inner
def _release(net, work, tree, low):
    """Forget the constraints of ``low``, carried out or not."""
    while tree.low_depth[low] > 0:
        i = tree.low_agent[low]
        if work.forced[i] >= 0:
            e = net.edge[work.forced[i]]
            if work.position[i] == net.edge_from[e]:
                reserve(net, work, e, -ONE)
            work.forced[i] = FREE_CHOICE
        low = tree.low_parent[low]


@inner
def _move_forced(net, team, work, tree, low):
    """Carry out the constraints in some order, if there is one.

    Executing a possible move never makes another impossible, so passes over what is left find an order.
    """
    left = _force(net, work, tree, low)
    while left > 0:
        before = left
        walk = low
        while tree.low_depth[walk] > 0:
            i = np.int64(tree.low_agent[walk])
            if work.forced[i] >= 0 and work.status[i] == UNDECIDED:
                push(net, team, work, i)
            walk = tree.low_parent[walk]
        left = 0
        walk = low
        while tree.low_depth[walk] > 0:
            i = tree.low_agent[walk]
            if work.forced[i] >= 0 and work.position[i] == net.edge_from[net.edge[work.forced[i]]]:
                work.status[i] = UNDECIDED
                left += 1
            walk = tree.low_parent[walk]
        if left == before:
            return False
    return True


@inner
def _complete(net, team, work, tree, node, low):
    """One successor of ``node`` under ``low``'s constraints: ``work.position`` and ``work.log``."""
    place(work, tree.config[node])
    begin_step(net, team, work)
    possible = _move_forced(net, team, work, tree, low)
    _release(net, work, tree, low)
    if possible:
        decide_all(net, team, work, tree.order[node])
    lift_all(work, tree.config.shape[1])
    return possible


@inner
def _score(team, work, tree, node):
    """Agents away from their goal before or after, plus what is still to go."""
    total = 0.0
    for i in range(tree.config.shape[1]):
        row = team.row[i]
        if row >= 0:
            to_go = team.dist[row, work.position[i]]
            total += to_go
            if to_go > 0.0 or tree.config[node, i] != team.goal[i]:
                total += 1.0
    return total


@inner
def _successor(net, team, work, tree, node, low, rollouts):
    """The best of several completions, in ``tree.best`` and ``best_log``; its moves, -1 if impossible."""
    best_score, n_moves = np.inf, -ONE
    for _ in range(rollouts):
        if not _complete(net, team, work, tree, node, low):
            break
        score = _score(team, work, tree, node) if rollouts > 1 else 0.0
        if score < best_score:
            best_score = score
            n_moves = work.counters[LOG_LENGTH]
            for i in range(tree.best.size):
                tree.best[i] = work.position[i]
            for k in range(n_moves):
                tree.best_log[k, 0] = work.log[k, 0]
                tree.best_log[k, 1] = work.log[k, 1]
    return n_moves


@inner
def _add_constraints(net, team, work, tree, node, low):
    """Branch on the next agent of the node's order: one constraint for each arc and for staying."""
    depth = np.int64(tree.low_depth[low])
    if depth >= min(MAX_DEPTH, tree.order.shape[1]):
        return
    i = np.int64(tree.order[node, depth])
    p, u = team.profile[i], tree.config[node, i]
    first, last = net.ptr[p, u], net.ptr[p, u + 1]
    count = last - first + 1
    turn = np.int64(next_random(work.random) % np.uint64(count))
    for k in range(count):
        arc = first + (k + turn) % count
        _add_low(tree, node, low, i, arc if arc < last else -ONE, depth + ONE)


@inner
def _single_move(net, team, work, tree, node):
    """The node's next successor with a single mover, as ``_successor``; -1 when there are no more."""
    place(work, tree.config[node])
    found = -ONE
    while found < 0 and tree.single_agent[node] < tree.order.shape[1]:
        i = np.int64(tree.order[node, tree.single_agent[node]])
        p, u = team.profile[i], tree.config[node, i]
        arc = net.ptr[p, u] + tree.single_arc[node]
        if arc >= net.ptr[p, u + 1]:
            tree.single_agent[node] += 1
            tree.single_arc[node] = 0
            continue
        tree.single_arc[node] += 1
        if sweep_is_open(net, work, net.edge[arc], i) == 0:
            for k in range(tree.best.size):
                tree.best[k] = tree.config[node, k]
            tree.best[i] = net.to[arc]
            tree.best_log[0, 0] = i
            tree.best_log[0, 1] = net.edge[arc]
            found = ONE
    lift_all(work, tree.config.shape[1])
    return found


@inner
def _is_goal(team, tree, node):
    away = 0
    for i in range(tree.config.shape[1]):
        away += team.goal[i] >= 0 and tree.config[node, i] != team.goal[i]
    return away == 0


@inner
def _has_space(tree, max_degree):
    nodes = tree.counters[NODES]
    return (
        nodes < tree.config.shape[0]
        and 2 * nodes < tree.slots.size
        and tree.counters[LOWS] + max_degree + 2 < tree.low_next.size
        and tree.counters[MOVES] + tree.config.shape[1] <= tree.moves.shape[0]
    )


@kernel
def advance(net, team, work, tree, max_expansions, rollouts, max_degree):
    """Try up to ``max_expansions`` successors; one of the outcomes named at the top."""
    if tree.counters[SOLUTION] >= 0:
        return SOLVED
    for _ in range(max_expansions):
        node = tree.counters[OPEN_HEAD]
        if node < 0:
            return EXHAUSTED
        if _is_goal(team, tree, node):
            tree.counters[SOLUTION] = node
            return SOLVED
        if not _has_space(tree, max_degree):
            return OUT_OF_SPACE
        tree.counters[EXPANSIONS] += 1
        low = np.int64(tree.low_head[node])
        if low >= 0:
            tree.low_head[node] = tree.low_next[low]
            _add_constraints(net, team, work, tree, node, low)
            tries = rollouts if tree.low_depth[low] == 0 else 1
            n_moves = _successor(net, team, work, tree, node, low, tries)
        else:
            n_moves = _single_move(net, team, work, tree, node)
            if n_moves < 0:
                _leave_open(tree, node)
        if n_moves < 0:
            continue
        code = _hash_config(tree.best)
        known, slot = _find(tree, tree.best, code)
        if known >= 0:
            _to_front(tree, np.int64(known))
        else:
            _add_node(team, work, tree, node, n_moves, code, slot)
    return RUNNING
