"""The planner of one graph: workspaces and distance tables, reused from call to call."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._cut_off import find_cut_off
from building_ctrl.core.path.solver._state import Team, Work, make_work
from building_ctrl.core.path.solver._window import run_window
from building_ctrl.core.path.solver.distance import DistanceTables
from building_ctrl.core.path.solver.graph import PlanningGraph, build_graph
from building_ctrl.core.path.solver.lacam import LacamSearch
from building_ctrl.core.path.solver.moves import as_moves, bad_move
from building_ctrl.core.path.solver.network import Net, Profile, join_profiles, split_profiles
from building_ctrl.core.path.solver.plan import Plan
from building_ctrl.core.path.solver.problem import Problem
from building_ctrl.core.path.solver.refine import NO_LIMIT, PlanRefiner
from building_ctrl.core.path.solver.release import warm_up as warm_up_release
from building_ctrl.core.path.solver.request import Request, check_request

IndexArray = npt.NDArray[np.int64]


class Planner:
    """Plans for one graph, one call at a time (not thread-safe: one owner).

    table_bytes bounds the memory of the distance tables.
    """

    def __init__(self, graph: PlanningGraph, table_bytes: int = 128 << 20) -> None:
        self.graph = graph
        self.tables = DistanceTables(graph, table_bytes)
        self._max_degree = int(np.diff(graph.edge_ptr).max(initial=0))
        self._work = make_work(0, graph.n_vertices, self._max_degree)
        self._net: tuple[list[Profile], Net] | None = None
        self._prepared: tuple[Request, int, Problem] | None = None

    def prepare(self, request: Request) -> Problem:
        """Check the request and look up its distances, once for the calls of one request in a row.

        Raises ValueError on bad arrays.
        """
        known = self._prepared
        if known is None or known[0] is not request or known[1] != self.tables.calls:
            problem = self._prepare(request)
            known = self._prepared = (request, self.tables.calls, problem)
        return known[2]

    def _prepare(self, request: Request) -> Problem:
        checked = check_request(self.graph, request)
        self.tables.set_edges(checked.edge_closed, checked.edge_weight)
        profile_of, kinds = split_profiles(checked)
        profiles = [self.tables.profile(graphs, allowed) for graphs, allowed in kinds]
        row = self.tables.rows(profiles, profile_of, checked.goal)
        dist = self.tables.values
        lost = row >= 0
        lost[lost] = ~np.isfinite(dist[row[lost], checked.position[lost]])
        row[lost] = -1
        team = Team(
            goal=np.where(lost, -1, checked.goal).astype(np.int64),
            profile=profile_of.astype(np.int64),
            row=row.astype(np.int64),
            movable=checked.movable,
            dist=dist,
        )
        return Problem(checked, self._net_for(profiles), team, tuple(np.flatnonzero(lost).tolist()))

    def _net_for(self, profiles: list[Profile]) -> Net:
        """The profiles' arcs in one; kept for the next call, which mostly needs the same."""
        if self._net is None or [*map(id, self._net[0])] != [*map(id, profiles)]:
            self._net = (profiles, join_profiles(self.graph, profiles))
        return self._net[1]

    def work_for(self, n_agents: int) -> Work:
        """The planner's own scratch arrays, large enough for ``n_agents``."""
        if n_agents > self._work.position.size:
            self._work = make_work(n_agents, self.graph.n_vertices, self._max_degree)
        return self._work

    def plan_window(self, request: Request, horizon: int = 20, *, swap: bool = True) -> Plan:
        """PIBT with swap for up to ``horizon`` steps; ends early once every goal is reached.

        Higher priority goes first; an agent at its goal goes last and is pushed away where needed, and
        returns. ``swap=False`` is plain PIBT, for comparison. Raises ValueError on bad arrays or a horizon
        below 1.
        """
        problem = self.prepare(request)
        return self._run_window(problem, priority_order(problem), horizon, swap)

    def _run_window(self, problem: Problem, order: IndexArray, horizon: int, swap: bool = True) -> Plan:
        if horizon < 1:
            raise ValueError(f"horizon is {horizon}: must be at least 1")
        start, n = problem.request.position, problem.request.n_agents
        work = self.work_for(n)
        moves = np.empty((horizon * n, 3), dtype=np.int32)
        n_moves, steps = run_window(
            problem.net,
            problem.team,
            work,
            start,
            order.copy(),
            np.empty_like(order),
            horizon,
            int(swap),
            problem.request.seed,
            moves,
        )
        return problem.make_plan(moves[:n_moves].copy(), int(steps), work.position[:n].astype(np.int32))

    def plan_rolling(
        self,
        request: Request,
        previous: Plan | npt.ArrayLike | None = None,
        horizon: int = 10,
        iterations: int = 100,
        max_states: int = NO_LIMIT,
    ) -> Plan:
        """The best window that a new PIBT window and the rest of the previous plan can be improved to.

        previous: what is left of the last plan, as ``last.rest(steps_done, graph.edge_to)`` or as rows
        [anything, agent, edge] in their order; ignored when it can no longer be executed from the request's
        positions. iterations, max_states: as in ``PlanRefiner.advance``.
        The agent of highest priority that is not at its goal never does worse than under PIBT, which
        keeps PIBT's progress. Raises ValueError on bad arrays or a horizon below 1.
        """
        problem = self.prepare(request)
        order = priority_order(problem)
        leader = problem.leader(order)
        fresh = self._run_window(problem, order, horizon)
        best = PlanRefiner(problem, fresh.moves, self._max_degree, horizon, leader)
        rest = as_moves([] if previous is None else previous)
        if len(rest) and bad_move(problem, rest) is None:
            kept = PlanRefiner(problem, rest, self._max_degree, horizon, leader)
            leader_loses = leader >= 0 and kept.agent_cost(leader) > best.agent_cost(leader)
            if kept.cost < best.cost and not leader_loses:
                best = kept
        best.advance(iterations, max_states=max_states)
        plan = best.plan()
        return replace(plan, stats=replace(plan.stats, states=best.states))

    def search(self, request: Request, rollouts: int = 8) -> LacamSearch:
        """Start LaCAM for the request; the best of ``rollouts`` PIBT steps is taken first.

        Raises ValueError on bad arrays or rollouts below 1.
        """
        if rollouts < 1:
            raise ValueError(f"rollouts is {rollouts}: must be at least 1")
        return LacamSearch(self.prepare(request).detached(), self._max_degree, rollouts)

    def cut_off(self, request: Request) -> npt.NDArray[np.bool_]:
        """(n,) agents whose way to their goal is barred for good by agents that may not move.

        Raises ValueError on bad arrays.
        """
        problem = self.prepare(request)
        found = np.zeros(problem.request.n_agents, dtype=np.bool_)
        if not problem.request.movable.all():
            v = self.graph.n_vertices
            barred, mark = np.zeros(v, dtype=np.bool_), np.zeros(v, dtype=np.int32)
            find_cut_off(problem.net, problem.team, problem.request.position, barred, mark, mark.copy(), found)
        return found

    def refine(self, request: Request, plan: Plan | npt.ArrayLike) -> PlanRefiner:
        """Start anytime improvement of ``plan``, which answers ``request``.

        ``plan``: as ``previous`` of ``plan_rolling``. Raises ValueError on bad arrays and when the plan cannot be
        executed from the request's positions.
        """
        return PlanRefiner(self.prepare(request).detached(), as_moves(plan), self._max_degree)

    def improve_window(
        self, request: Request, plan: Plan | npt.ArrayLike, horizon: int = 20, iterations: int = 100
    ) -> Plan:
        """A window of ``horizon`` steps that begins as ``plan`` does and is improved for some iterations.

        ``plan``: as ``previous`` of ``plan_rolling``. Raises ValueError on bad arrays and when the plan cannot
        be executed from the request's positions.
        """
        refiner = PlanRefiner(self.prepare(request), as_moves(plan), self._max_degree, horizon)
        refiner.advance(iterations)
        return refiner.plan()


def warm_up() -> None:
    """Compile every kernel, or load it from the cache, so that no later call has to wait for it."""
    for cost in (1.0, 2.0):
        graph, _ = build_graph(3, [(0, 1), (1, 0), (1, 2), (2, 1)], [1.0, 1.0, 1.0, cost])
        planner, request = Planner(graph), Request(position=[0], goal=[2])
        planner.plan_rolling(request, planner.plan_window(request, 2), iterations=1)
        search = planner.search(request)
        search.advance(10)
        planner.refine(request, search.plan()).advance(1)
        planner.cut_off(Request(position=[0, 1], goal=[2, 1], movable=[True, False]))
    warm_up_release()


def priority_order(problem: Problem) -> IndexArray:
    """Movable agents, highest priority first; equal ones by lot from the seed; those without a goal last."""
    request = problem.request
    agents = np.flatnonzero(request.movable)
    lot = np.random.default_rng(request.seed & 0xFFFFFFFF).random(request.n_agents)
    keys = (lot[agents], -request.priority[agents], problem.team.goal[agents] < 0)
    return np.asarray(agents[np.lexsort(keys)], dtype=np.int64)
