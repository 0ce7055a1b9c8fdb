"""Where robots wait that cannot go on yet: holding points and parking bays, not corridors and lift lobbies.

A lift's lobby are the vertices within LOBBY_M of driving of its berth, the vertex before the cabin. It is entered by
token: the claim on the berth is the token, the robot the car comes for gets it (heading.py), and everybody else waits
outside, so that who leaves the car finds the lobby free. Holding points a map draws within a lobby are meant for
waiting and may be used. A corridor is what some places are only reached through.
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.roadmap import LevelRoadmap

PLAIN_SPOT_PENALTY_S = 15.0
PLACE_PENALTY_S = 60.0
LOBBY_PENALTY_S = 45.0
CORRIDOR_PENALTY_S = 20.0
LOBBY_M = 3.0


def spot_costs(rows: LevelRoadmap) -> NDArray[np.float64]:
    """(n,) what standing at a vertex costs others, in seconds of detour; inf where waiting is not allowed."""
    cost = np.full(rows.n_vertices, PLAIN_SPOT_PENALTY_S)
    cost[corridors(rows)] += CORRIDOR_PENALTY_S
    for berth in berths(rows):
        cost[lobby(rows, berth)] += LOBBY_PENALTY_S
    cost[rows.is_place] = np.maximum(cost[rows.is_place], PLACE_PENALTY_S)
    cost[rows.is_parking | rows.is_holding] = 0.0
    cost[rows.is_charger] = PLAIN_SPOT_PENALTY_S
    cost[rows.in_doorway] = np.inf
    cost[[bool(lift) for lift in rows.cabin_lift]] = np.inf
    for berth in berths(rows):
        cost[berth] = np.inf
        cost[rows.stand_idx[rows.stand_ptr[berth] : rows.stand_ptr[berth + 1]]] = np.inf
    return cost


def berths(rows: LevelRoadmap) -> list[int]:
    """Vertices before lift cabins."""
    in_cabin = np.array([bool(lift) for lift in rows.cabin_lift], dtype=bool)
    into = in_cabin[rows.edge_to] & ~in_cabin[rows.edge_from]
    return [int(vertex) for vertex in np.unique(rows.edge_from[into])]


def lobby(rows: LevelRoadmap, berth: int) -> list[int]:
    """Vertices from which robots drive to the berth within LOBBY_M, without it and without cabins."""
    far = {berth: 0.0}
    todo = [(0.0, berth)]
    into: list[list[int]] = [[] for _ in range(rows.n_vertices)]
    for edge, end in enumerate(rows.edge_to.tolist()):
        into[end].append(edge)
    while todo:
        metres, vertex = heapq.heappop(todo)
        for edge in into[vertex] if metres <= far[vertex] else ():
            start, there = int(rows.edge_from[edge]), metres + float(rows.edge_length_m[edge])
            if there <= LOBBY_M and there < far.get(start, np.inf) and not rows.cabin_lift[start]:
                far[start] = there
                heapq.heappush(todo, (there, start))
    return [vertex for vertex in far if vertex != berth]


def corridors(rows: LevelRoadmap) -> NDArray[np.bool_]:
    """(n,) vertices that part places, bays or cabins from each other: cut vertices of the lanes, whichever way driven,
    with something to go to on at least two sides (Hopcroft and Tarjan, CACM 1973)."""
    near: list[list[int]] = [[] for _ in range(rows.n_vertices)]
    for start, end in zip(rows.edge_from.tolist(), rows.edge_to.tolist(), strict=True):
        near[start].append(end)
        near[end].append(start)
    worth = rows.is_place | rows.is_parking | rows.is_charger | np.array([bool(lift) for lift in rows.cabin_lift], bool)
    cut = np.zeros(rows.n_vertices, dtype=bool)
    seen = np.full(rows.n_vertices, -1)
    for root in range(rows.n_vertices):
        if seen[root] < 0:
            _cut_from(root, near, worth, seen, cut)
    return cut


def _cut_from(
    root: int, near: list[list[int]], worth: NDArray[np.bool_], seen: NDArray[np.int64], cut: NDArray[np.bool_]
) -> None:
    """Depth first from a root, without recursion; marks cut vertices of its part."""
    order, parent = [root], {root: -1}
    seen[root] = 0
    low, below = {root: 0}, {root: int(worth[root])}
    sides: dict[int, list[int]] = {root: []}  # what is worth going to in each part a vertex cuts off below it
    stack = [(root, iter(near[root]))]
    while stack:
        vertex, rest = stack[-1]
        onward = next((other for other in rest if other != parent[vertex]), None)
        if onward is None:
            stack.pop()
            above = parent[vertex]
            if above >= 0:
                low[above] = min(low[above], low[vertex])
                below[above] += below[vertex]
                if low[vertex] >= seen[above]:
                    sides[above].append(below[vertex])
        elif seen[onward] >= 0:
            low[vertex] = min(low[vertex], int(seen[onward]))
        else:
            seen[onward] = len(order)
            order.append(onward)
            parent[onward], low[onward], below[onward], sides[onward] = vertex, seen[onward], int(worth[onward]), []
            stack.append((onward, iter(near[onward])))
    total = below[root]
    for vertex in order:
        parts = [*sides[vertex], total - int(worth[vertex]) - sum(sides[vertex])]
        cut[vertex] = sum(part > 0 for part in parts) >= 2
