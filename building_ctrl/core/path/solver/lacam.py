"""LaCAM: a complete search for a plan that brings every agent to its goal, in slices."""

from __future__ import annotations

from enum import Enum

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver import _lacam
from building_ctrl.core.path.solver._lacam import Tree
from building_ctrl.core.path.solver._state import make_work, seed_random
from building_ctrl.core.path.solver.moves import give_earliest_steps
from building_ctrl.core.path.solver.plan import Plan
from building_ctrl.core.path.solver.problem import Problem

_FIRST_NODES = 256


class SearchStatus(Enum):
    """RUNNING: call advance again; SOLVED: plan() is there; EXHAUSTED: there is no solution."""

    RUNNING = _lacam.RUNNING
    SOLVED = _lacam.SOLVED
    EXHAUSTED = _lacam.EXHAUSTED


class LacamSearch:
    """One search; made by ``Planner.search``. Independent of the planner's later calls.

    An EXHAUSTED search proves that no plan exists for the agents that have a reachable goal, with the
    frozen agents where they are.
    """

    def __init__(self, problem: Problem, max_degree: int, rollouts: int) -> None:
        self._problem = problem
        self._max_degree = max_degree
        self._rollouts = rollouts
        request, v = problem.request, problem.net.ptr.shape[1] - 1
        self._work = make_work(request.n_agents, v, max_degree)
        seed_random(self._work.random, request.seed)
        order = _first_order(problem)
        self._tree = _make_tree(_FIRST_NODES, request.n_agents, order.size, max_degree)
        _lacam.start_search(problem.team, self._work, self._tree, request.position, order)
        self.status = SearchStatus.RUNNING

    @property
    def expansions(self) -> int:
        """Successors tried so far."""
        return int(self._tree.counters[_lacam.EXPANSIONS])

    @property
    def n_configurations(self) -> int:
        """Configurations found so far."""
        return int(self._tree.counters[_lacam.NODES])

    def advance(self, max_expansions: int = 1000) -> SearchStatus:
        """Search on for up to ``max_expansions`` expansions; deterministic however they are sliced."""
        end = self.expansions + max_expansions
        while self.status is SearchStatus.RUNNING and self.expansions < end:
            outcome = _lacam.advance(
                self._problem.net,
                self._problem.team,
                self._work,
                self._tree,
                end - self.expansions,
                self._rollouts,
                self._max_degree,
            )
            if outcome == _lacam.OUT_OF_SPACE:
                self._tree = _grown(self._tree)
            else:
                self.status = SearchStatus(outcome)
        return self.status

    def plan(self) -> Plan:
        """The solution. Raises ValueError while there is none."""
        if self.status is not SearchStatus.SOLVED:
            raise ValueError(f"the search is {self.status.name}: there is no plan to return")
        tree, node = self._tree, int(self._tree.counters[_lacam.SOLUTION])
        final = tree.config[node].copy()
        parts = []
        while node >= 0:
            parts.append(tree.moves[tree.move_start[node] : tree.move_end[node]])
            node = int(tree.parent[node])
        parts.reverse()
        steps = len(parts) - 1
        step_of = np.repeat(np.arange(-1, steps, dtype=np.int32), [len(part) for part in parts])
        moves = np.column_stack([step_of, np.concatenate(parts)]).astype(np.int32)
        earlier = moves.copy()
        if give_earliest_steps(self._problem, earlier) <= steps:
            moves = earlier[np.argsort(earlier[:, 0], kind="stable")]
            steps = int(moves[:, 0].max(initial=-1)) + 1
        return self._problem.make_plan(moves, steps, final)


def _first_order(problem: Problem) -> npt.NDArray[np.int32]:
    """Movable agents: higher priority first, then those with the longest way."""
    request, team = problem.request, problem.team
    way = np.zeros(request.n_agents, dtype=np.float32)
    has_way = team.row >= 0
    way[has_way] = team.dist[team.row[has_way], request.position[has_way]]
    order = np.lexsort((-way, -request.priority))
    return np.asarray(order[request.movable[order]], dtype=np.int32)


def _make_tree(nodes: int, n_agents: int, n_movable: int, max_degree: int) -> Tree:
    lows, moves = 16 * nodes + max_degree, nodes * max(1, n_agents)
    return Tree(
        config=np.empty((nodes, n_agents), dtype=np.int32),
        order=np.empty((nodes, n_movable), dtype=np.int32),
        parent=np.empty(nodes, dtype=np.int32),
        hash=np.empty(nodes, dtype=np.uint64),
        newer=np.empty(nodes, dtype=np.int32),
        older=np.empty(nodes, dtype=np.int32),
        low_head=np.empty(nodes, dtype=np.int32),
        low_tail=np.empty(nodes, dtype=np.int32),
        low_parent=np.empty(lows, dtype=np.int32),
        low_agent=np.empty(lows, dtype=np.int32),
        low_arc=np.empty(lows, dtype=np.int32),
        low_depth=np.empty(lows, dtype=np.int32),
        low_next=np.empty(lows, dtype=np.int32),
        single_agent=np.empty(nodes, dtype=np.int32),
        single_arc=np.empty(nodes, dtype=np.int32),
        move_start=np.empty(nodes, dtype=np.int64),
        move_end=np.empty(nodes, dtype=np.int64),
        moves=np.empty((moves, 2), dtype=np.int32),
        slots=np.full(4 * nodes, -1, dtype=np.int32),
        counters=np.zeros(8, dtype=np.int64),
        best=np.empty(n_agents, dtype=np.int32),
        best_log=np.empty((n_agents, 2), dtype=np.int32),
    )


def _grown(tree: Tree) -> Tree:
    """The same search with twice the room."""
    fixed = {"counters", "best", "best_log", "slots"}
    larger = {}
    for name in Tree._fields:
        array = getattr(tree, name)
        if name not in fixed:
            array = np.concatenate([array, np.empty_like(array)])
        larger[name] = array
    larger["slots"] = np.full(2 * tree.slots.size, -1, dtype=np.int32)
    grown = Tree(**larger)
    _lacam.rebuild_slots(grown)
    return grown
