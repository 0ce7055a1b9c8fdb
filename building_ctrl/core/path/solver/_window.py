"""Several steps of PIBT in a row."""

from __future__ import annotations

from building_ctrl.core.path.solver._jit import kernel
from building_ctrl.core.path.solver._pibt import UNDECIDED, begin_step, lift_all, place, push, seed_random


@kernel
def at_goal(team, work, i):  # type: ignore[no-untyped-def]
    return team.goal[i] < 0 or work.position[i] == team.goal[i]


@kernel
def sort_order(team, work, order, result):  # type: ignore[no-untyped-def]
    """Into ``result``, stable: agents on their way first, then those at their goal, then those without one."""
    count = 0
    for group in range(3):
        for k in range(order.size):
            i = order[k]
            kind = 2 if team.goal[i] < 0 else (1 if work.position[i] == team.goal[i] else 0)
            if kind == group:
                result[count] = i
                count += 1


@kernel
def run_step(net, team, work, order):  # type: ignore[no-untyped-def]
    """One step; its moves are in ``work.log``."""
    begin_step(team, work)
    for k in range(order.size):
        if work.status[order[k]] == UNDECIDED:
            push(net, team, work, order[k])


@kernel
def run_window(net, team, work, start, order, spare, horizon, seed, moves):  # type: ignore[no-untyped-def]
    """Up to ``horizon`` steps from ``start`` (n,); stops early when all are at their goals.

    order (n,): highest priority first, reordered in place; moves (horizon * n, 3): [step, agent, edge].
    Returns the number of moves and of steps. ``work.position`` holds the final positions.
    """
    seed_random(work.random, seed)
    place(work, start)
    n_moves, steps = 0, 0
    while steps < horizon:
        sort_order(team, work, order, spare)
        order, spare = spare, order
        if order.size == 0 or at_goal(team, work, order[0]):
            break
        run_step(net, team, work, order)
        for k in range(work.counters[0]):
            moves[n_moves, 0] = steps
            moves[n_moves, 1] = work.log[k, 0]
            moves[n_moves, 2] = work.log[k, 1]
            n_moves += 1
        steps += 1
    lift_all(work, start.size)
    return n_moves, steps
