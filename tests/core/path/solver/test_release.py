"""One pass of releases against the rules of docs/explanation/coordination.md, written down once more, slowly."""

from __future__ import annotations

import random

import numpy as np
from delay_world import level_of
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.core.path.solver.release import Releaser, Standing, sweeps_of

SIDE = 5
POINTS = [(1.2 * (i % SIDE), 1.2 * (i // SIDE)) for i in range(SIDE * SIDE)]
LANES = [(i, i + 1) for i in range(SIDE * SIDE) if i % SIDE != SIDE - 1] + [
    (i, i + SIDE) for i in range(SIDE * (SIDE - 1))
]
ROWS = level_of(POINTS, LANES)
RELEASER = Releaser(
    sweeps_of(
        ROWS.edge_from,
        ROWS.edge_to,
        ROWS.edge_length_m,
        ROWS.clear_ptr,
        ROWS.clear_idx,
        ROWS.conflict_ptr,
        ROWS.conflict_idx,
    ),
    ROWS.n_vertices,
)
RELEASE_M = 3.0


def by_the_rules(
    moves: list[tuple[int, int]], standing: Standing, gated: set[int], open_gates: set[tuple[int, int]], limit: int
) -> list[int]:
    """Indices of the moves that may be released."""
    frontier, ahead_m, claims = list(standing.frontier), list(standing.ahead_m), list(standing.held)
    stopped, released = list(standing.stopped), []
    for index, (agent, edge) in enumerate(moves[:limit]):
        length_m = float(ROWS.edge_length_m[edge])
        touching = set(ROWS.conflicts(edge).tolist())
        swept = ROWS.clear_idx[ROWS.clear_ptr[edge] : ROWS.clear_ptr[edge + 1]].tolist()
        free = (
            not stopped[agent]
            and (ahead_m[agent] == 0.0 or ahead_m[agent] + length_m <= RELEASE_M)
            and not any(other != agent and theirs in touching for other, theirs in claims)
            and not any(i != agent and vertex in swept for i, vertex in enumerate(frontier))
            and (edge not in gated or (agent, edge) in open_gates)
        )
        claims.append((agent, edge))
        if free:
            released.append(index)
            frontier[agent] = int(ROWS.edge_to[edge])
            ahead_m[agent] += length_m
        else:
            stopped[agent] = True
    return released


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 10), st.integers(0, 40))
def test_a_pass_releases_what_the_rules_allow(seed: int, n: int, limit: int) -> None:
    lot = random.Random(seed)
    at = lot.sample(range(ROWS.n_vertices), n)
    begun = lot.randrange(5)
    frontier, ahead_m = list(at), [0.0] * n
    held: list[tuple[int, int]] = []
    moves: list[tuple[int, int]] = []
    for count in range(40):
        agent = lot.randrange(n)
        edge = lot.randrange(int(ROWS.edge_ptr[at[agent]]), int(ROWS.edge_ptr[at[agent] + 1]))
        if int(ROWS.edge_to[edge]) in at:
            continue
        at[agent] = int(ROWS.edge_to[edge])
        if count < begun:
            held.append((agent, edge))
            frontier[agent] = at[agent]
            ahead_m[agent] += float(ROWS.edge_length_m[edge])
        else:
            moves.append((agent, edge))
    gated = set(lot.sample(range(ROWS.n_edges), ROWS.n_edges // 4))
    open_gates = {move for move in moves if lot.random() < 0.5}
    standing = Standing(frontier, ahead_m, [lot.random() < 0.1 for _ in range(n)], held)
    asks = np.zeros(ROWS.n_edges, dtype=bool)
    asks[list(gated)] = True
    array = np.array(moves, dtype=np.int32).reshape(-1, 2)
    found = RELEASER.go_through(array, standing, asks, lambda a, e: (a, e) in open_gates, RELEASE_M, limit)
    assert found.positions == by_the_rules(moves, standing, gated, open_gates, limit)
    for agent, other in enumerate(found.waits_for):
        assert other != agent
