# mypy: disable-error-code="no-untyped-def"
"""One pass over a plan's moves: which of them may be released now."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._jit import inner, kernel, kernel_arrays

IntArray = npt.NDArray[np.int32]

NOBODY = -1
DONE, ASKS = 0, 1
FREE, TOUCHED, HELD_BACK, NO_ROOM = 0, 1, 2, 3
CURSOR, ANSWER = 0, 1
UNASKED, YES, NO = 0, 1, 2


@kernel_arrays
class Sweeps(NamedTuple):
    """A level's edges (m,): ends, lengths, and what their sweeps touch, as in LevelRoadmap."""

    edge_from: IntArray
    edge_to: IntArray
    length_m: npt.NDArray[np.float64]
    clear_ptr: IntArray
    clear_idx: IntArray
    conflict_ptr: IntArray
    conflict_idx: IntArray


@kernel_arrays
class Pass(NamedTuple):
    """State of one pass over the moves of ``n`` agents.

    first, second (m,): the first two agents whose released or earlier planned moves touch an edge; at (v,): whose
    frontier a vertex is. frontier (n,); ahead_m (n,): released path ahead; busy (n,): has some.
    stop (n,): why no more of an agent's moves are released, FREE, TOUCHED, HELD_BACK (somebody said so) or NO_ROOM
    (enough path ahead); holder (n,): who touches. agent, edge (k,): the moves; released (k,).
    asks (m,): edges for which somebody has to be asked. counters: CURSOR, ANSWER.
    """

    first: IntArray
    second: IntArray
    at: IntArray
    frontier: IntArray
    ahead_m: npt.NDArray[np.float64]
    busy: npt.NDArray[np.uint8]
    stop: npt.NDArray[np.uint8]
    holder: IntArray
    agent: IntArray
    edge: IntArray
    released: npt.NDArray[np.uint8]
    asks: npt.NDArray[np.bool_]
    counters: npt.NDArray[np.int64]


@inner
def _touch(sweeps, state, i, e):
    for c in range(sweeps.conflict_ptr[e], sweeps.conflict_ptr[e + 1]):
        other = sweeps.conflict_idx[c]
        if state.first[other] == NOBODY:
            state.first[other] = i
        elif state.first[other] != i and state.second[other] == NOBODY:
            state.second[other] = i


@inner
def _obstacle(sweeps, state, i, e):
    """Another agent whose claim or frontier is in the way of ``i`` on ``e``, or NOBODY."""
    if state.first[e] != NOBODY and state.first[e] != i:
        return state.first[e]
    if state.second[e] != NOBODY:
        return state.second[e]
    for c in range(sweeps.clear_ptr[e], sweeps.clear_ptr[e + 1]):
        other = state.at[sweeps.clear_idx[c]]
        if other != NOBODY and other != i:
            return other
    return np.int32(NOBODY)


@kernel
def begin_pass(sweeps, state, held_agent, held_edge):
    """Enter frontiers and what is released already: held_agent, held_edge (h,)."""
    state.first[:] = NOBODY
    state.second[:] = NOBODY
    state.at[:] = NOBODY
    for i in range(state.frontier.size):
        state.at[state.frontier[i]] = i
    for k in range(held_agent.size):
        _touch(sweeps, state, held_agent[k], held_edge[k])


@kernel
def go_on(sweeps, state, release_m, limit):
    """Look at the moves from the cursor on, at most ``limit``; DONE, or ASKS: put YES or NO in and call again."""
    for k in range(state.counters[CURSOR], min(limit, state.agent.size)):
        i, e = state.agent[k], state.edge[k]
        if state.stop[i] == FREE:
            other = _obstacle(sweeps, state, i, e)
            if state.busy[i] and state.ahead_m[i] + sweeps.length_m[e] > release_m:
                state.stop[i] = NO_ROOM
            elif other != NOBODY:
                state.stop[i] = TOUCHED
                state.holder[i] = other
            elif state.asks[e] and state.counters[ANSWER] == UNASKED:
                state.counters[CURSOR] = k
                return ASKS
            elif state.asks[e] and state.counters[ANSWER] == NO:
                state.stop[i] = HELD_BACK
            else:
                state.released[k] = 1
                state.at[state.frontier[i]] = NOBODY
                state.frontier[i] = sweeps.edge_to[e]
                state.at[state.frontier[i]] = i
                state.ahead_m[i] += sweeps.length_m[e]
                state.busy[i] = 1
        state.counters[ANSWER] = UNASKED
        _touch(sweeps, state, i, e)
    return DONE
