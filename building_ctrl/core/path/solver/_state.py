# mypy: disable-error-code="no-untyped-def"
"""What the kernels work on: the agents of a call, scratch arrays, random numbers, and who wants what."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._jit import inner, kernel, kernel_arrays

IndexArray = npt.NDArray[np.int64]

UNDECIDED, DECIDED = 0, 1
STAY = -1
NOBODY = -1
FREE_CHOICE = -2
ONE = np.int64(1)
LOG_LENGTH, CYCLE_LENGTH, WITH_SWAP = 0, 1, 2


@kernel_arrays
class Team(NamedTuple):
    """Agents (n) of the call. goal: -1 for none; row: row of ``dist`` (rows, v), -1 for none."""

    goal: IndexArray
    profile: IndexArray
    row: IndexArray
    movable: npt.NDArray[np.bool_]
    dist: npt.NDArray[np.float32]


@kernel_arrays
class Work(NamedTuple):
    """Scratch arrays of one planner, sized once for ``n`` agents and ``v`` vertices of out-degree <= ``d``.

    at (v,): agent that stands there or NOBODY; reserved (v,): chain members that must find it clear.
    position, status (n,). near (n, d), here (n,): distance to the agent's goal from the end of each of its
    arcs and from where it stood at the start of the step, near_at (n,), -1: not looked up. wanted (v,): how
    many agents next to the vertex are nearer to their goal there.
    candidates (n, d + 1): arcs in order of preference; keys (d + 1,).
    n_candidates, tried, scan, undo, swap (n,): the frame of an agent while it is in the chain.
    forced (n,): arc or STAY an agent must take this step, FREE_CHOICE otherwise.
    stack (n,): the chain; cycle (n,): a chain whose last agent wants the place of its first.
    log (n, 2): [agent, edge] moves of this step. random (1,) uint64: state of the generator.
    counters (3,): LOG_LENGTH, CYCLE_LENGTH, WITH_SWAP: 0 switches swaps off.
    """

    at: IndexArray
    reserved: IndexArray
    position: IndexArray
    status: npt.NDArray[np.uint8]
    near: npt.NDArray[np.float32]
    here: npt.NDArray[np.float32]
    near_at: IndexArray
    wanted: IndexArray
    candidates: IndexArray
    keys: npt.NDArray[np.float32]
    n_candidates: IndexArray
    tried: IndexArray
    scan: IndexArray
    undo: IndexArray
    swap: IndexArray
    forced: IndexArray
    stack: IndexArray
    cycle: IndexArray
    log: IndexArray
    counters: npt.NDArray[np.int64]
    random: npt.NDArray[np.uint64]


def make_work(n_agents: int, n_vertices: int, max_degree: int) -> Work:
    """Scratch for any call with that many agents on the graph."""

    def per_agent() -> IndexArray:
        return np.zeros(n_agents, dtype=np.int64)

    return Work(
        at=np.full(n_vertices, NOBODY, dtype=np.int64),
        reserved=np.zeros(n_vertices, dtype=np.int64),
        position=per_agent(),
        status=np.zeros(n_agents, dtype=np.uint8),
        near=np.zeros((n_agents, max_degree), dtype=np.float32),
        here=np.zeros(n_agents, dtype=np.float32),
        near_at=per_agent(),
        wanted=np.zeros(n_vertices, dtype=np.int64),
        candidates=np.zeros((n_agents, max_degree + 1), dtype=np.int64),
        keys=np.zeros(max_degree + 1, dtype=np.float32),
        n_candidates=per_agent(),
        tried=per_agent(),
        scan=per_agent(),
        undo=per_agent(),
        swap=per_agent(),
        forced=np.full(n_agents, FREE_CHOICE, dtype=np.int64),
        stack=per_agent(),
        cycle=per_agent(),
        log=np.zeros((n_agents, 2), dtype=np.int64),
        counters=np.array([0, 0, 1], dtype=np.int64),
        random=np.ones(1, dtype=np.uint64),
    )


@inner
def next_random(state):
    """Xorshift64; state (1,) uint64, never 0."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return x


@kernel
def seed_random(state, seed):
    """Start the generator from any integer (SplitMix64)."""
    x = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    state[0] = (x ^ (x >> np.uint64(31))) | np.uint64(1)


@inner
def place(work, position):
    """Put the agents where ``position`` (n,) says; clear the board with ``lift_all`` first."""
    for i in range(position.size):
        work.position[i] = position[i]
        work.at[position[i]] = i


@inner
def lift_all(work, n_agents):
    """Take every agent off the board."""
    for i in range(n_agents):
        work.at[work.position[i]] = NOBODY


@inner
def forget_views(work, n_agents):
    """To be called before the first step of a call, whose goals may be new."""
    for i in range(n_agents):
        work.near_at[i] = -1
    for v in range(work.wanted.size):
        work.wanted[v] = 0


@inner
def _look_around(net, team, work, i):
    """Bring ``near``, ``here`` and ``wanted`` up to date for agent ``i``, which has moved."""
    u, p, row = work.position[i], team.profile[i], team.row[i]
    if work.near_at[i] >= 0:
        _want(net, work, i, p, -ONE)
    work.near_at[i] = u
    first = net.ptr[p, u]
    for a in range(first, net.ptr[p, u + 1]):
        work.near[i, a - first] = team.dist[row, net.to[a]] if row >= 0 else np.float32(0.0)
    work.here[i] = team.dist[row, u] if row >= 0 else np.float32(0.0)
    _want(net, work, i, p, ONE)


@inner
def _want(net, work, i, p, change):
    first = net.ptr[p, work.near_at[i]]
    for a in range(first, net.ptr[p, work.near_at[i] + 1]):
        if work.near[i, a - first] < work.here[i]:
            work.wanted[net.to[a]] += change


@inner
def begin_step(net, team, work):
    """Everybody is undecided and knows what is around."""
    work.counters[LOG_LENGTH] = 0
    for i in range(team.movable.size):
        work.status[i] = UNDECIDED if team.movable[i] else DECIDED
        if work.near_at[i] != work.position[i]:
            _look_around(net, team, work, i)
