# mypy: disable-error-code="no-untyped-def"
"""Which agents have no way to their goal because of agents that stand and may not move."""

from __future__ import annotations

from building_ctrl.core.path.solver._jit import inner, kernel


@inner
def _is_barred(net, barred, e, start):
    for c in range(net.clear_ptr[e], net.clear_ptr[e + 1]):
        if barred[net.clear_idx[c]] and net.clear_idx[c] != start:
            return True
    return False


@kernel
def find_cut_off(net, team, position, barred, mark, queue, found):
    """Set ``found`` (n,) for movable agents with a reachable goal that no free path leads to.

    barred (v,) bool and mark (v,) int32, empty; queue (v,) int32.
    """
    for i in range(position.size):
        if not team.movable[i]:
            barred[position[i]] = True
    for i in range(position.size):
        goal = team.goal[i]
        if not team.movable[i] or goal < 0 or position[i] == goal:
            continue
        found[i] = True
        p = team.profile[i]
        queue[0] = position[i]
        mark[position[i]] = i + 1
        head, tail = 0, 1
        while head < tail and found[i]:
            u = queue[head]
            head += 1
            for a in range(net.ptr[p, u], net.ptr[p, u + 1]):
                v = net.to[a]
                if mark[v] == i + 1 or _is_barred(net, barred, net.edge[a], position[i]):
                    continue
                if v == goal:
                    found[i] = False
                    break
                mark[v] = i + 1
                queue[tail] = v
                tail += 1
