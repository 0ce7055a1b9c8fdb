# mypy: disable-error-code="no-untyped-def"
"""Several steps of PIBT in a row."""

from __future__ import annotations

import numpy as np

from building_ctrl.core.path.solver._jit import inner, kernel
from building_ctrl.core.path.solver._pibt import at_goal, decide_all
from building_ctrl.core.path.solver._state import (
    LOG_LENGTH,
    WITH_SWAP,
    begin_step,
    forget_views,
    lift_all,
    place,
    seed_random,
)


@inner
def sort_order(team, work, order, result):
    """Into ``result``, stable: agents on their way first, then the others."""
    front, back = 0, order.size
    for k in range(order.size):
        i = np.int64(order[k])
        if at_goal(team, work, i):
            back -= 1
            result[back] = i
        else:
            result[front] = i
            front += 1
    last = order.size - 1
    while back < last:
        result[back], result[last] = result[last], result[back]
        back += 1
        last -= 1


@kernel
def run_window(net, team, work, start, order, spare, horizon, swap, seed, moves):
    """Up to ``horizon`` steps from ``start`` (n,); stops early when all are at their goals.

    order (n,): highest priority first, reordered in place; moves (horizon * n, 3): [step, agent, edge].
    Returns the number of moves and of steps. ``work.position`` holds the final positions.
    """
    seed_random(work.random, seed)
    work.counters[WITH_SWAP] = swap
    forget_views(work, start.size)
    place(work, start)
    n_moves, steps = 0, 0
    while steps < horizon:
        sort_order(team, work, order, spare)
        order, spare = spare, order
        if order.size == 0 or at_goal(team, work, order[0]):
            break
        begin_step(net, team, work)
        decide_all(net, team, work, order)
        for k in range(work.counters[LOG_LENGTH]):
            moves[n_moves, 0] = steps
            moves[n_moves, 1] = work.log[k, 0]
            moves[n_moves, 2] = work.log[k, 1]
            n_moves += 1
        steps += 1
    lift_all(work, start.size)
    return n_moves, steps
