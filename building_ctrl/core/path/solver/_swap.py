# mypy: disable-error-code="no-untyped-def"
"""Swap: two agents that face each other in a corridor change places at a fork (Okumura, AAMAS 2024)."""

from __future__ import annotations

import numpy as np

from building_ctrl.core.path.solver._jit import inner
from building_ctrl.core.path.solver._state import NOBODY, UNDECIDED


@inner
def _distance(team, agent, vertex):
    row = team.row[agent]
    return team.dist[row, vertex] if row >= 0 else np.float32(0.0)


@inner
def swap_partner(net, team, work, i, target):
    """Agent that ``i`` has to change places with, or NOBODY: there is a way around each other."""
    u, p = work.position[i], team.profile[i]
    ways, _ = _ways_on(net, team, work, p, target, u)
    if ways >= 2:
        return NOBODY
    j = work.at[target]
    if (
        j != NOBODY
        and work.status[j] == UNDECIDED
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


@inner
def _ways_on(net, team, work, p, here, back):
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


@inner
def _swap_needed(net, team, work, pusher, puller, pusher_at, puller_at):
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


@inner
def _swap_possible(net, team, work, p, pusher_at, puller_at):
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
