"""The planner of one graph: workspaces and distance tables, reused from call to call."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._pibt import Team, Work, make_work
from building_ctrl.core.path.solver._window import run_window
from building_ctrl.core.path.solver.distance import DistanceTables
from building_ctrl.core.path.solver.graph import PlanningGraph
from building_ctrl.core.path.solver.lacam import LacamSearch
from building_ctrl.core.path.solver.network import join_profiles, split_profiles
from building_ctrl.core.path.solver.plan import Plan
from building_ctrl.core.path.solver.problem import Problem
from building_ctrl.core.path.solver.refine import PlanRefiner
from building_ctrl.core.path.solver.request import CheckedRequest, Request, check_request

IntArray = npt.NDArray[np.int32]


class Planner:
    """Plans for one graph, one call at a time (not thread-safe: one owner).

    table_bytes bounds the memory of the distance tables.
    """

    def __init__(self, graph: PlanningGraph, table_bytes: int = 128 << 20) -> None:
        self.graph = graph
        self.tables = DistanceTables(graph, table_bytes)
        self._max_degree = int(np.diff(graph.edge_ptr).max(initial=0))
        self._work = make_work(0, graph.n_vertices, self._max_degree)

    def prepare(self, request: Request) -> Problem:
        """Check the request and look up its distances. Raises ValueError on bad arrays."""
        checked = check_request(self.graph, request)
        self.tables.set_edges(checked.edge_closed, checked.edge_weight)
        profile_of, kinds = split_profiles(checked)
        profiles = [self.tables.profile(graphs, allowed) for graphs, allowed in kinds]
        row = self.tables.rows(profiles, profile_of, checked.goal)
        dist = self.tables.values
        lost = (row >= 0) & ~np.isfinite(dist[row, checked.position]) if len(dist) else np.zeros(row.size, bool)
        row[lost] = -1
        team = Team(
            goal=np.where(lost, np.int32(-1), checked.goal),
            profile=profile_of,
            row=row,
            movable=checked.movable,
            dist=dist,
        )
        net = join_profiles(self.graph, profiles)
        return Problem(checked, net, team, tuple(np.flatnonzero(lost).tolist()))

    def work_for(self, n_agents: int) -> Work:
        """The planner's own scratch arrays, large enough for ``n_agents``."""
        if n_agents > self._work.position.size:
            self._work = make_work(n_agents, self.graph.n_vertices, self._max_degree)
        return self._work

    def plan_window(self, request: Request, horizon: int = 20) -> Plan:
        """PIBT with swap for up to ``horizon`` steps; ends early once every goal is reached.

        Higher priority goes first; an agent at its goal goes last and is pushed away where needed, and
        returns. Raises ValueError on bad arrays or a horizon below 1.
        """
        if horizon < 1:
            raise ValueError(f"horizon is {horizon}: must be at least 1")
        problem = self.prepare(request)
        checked, n = problem.request, problem.request.n_agents
        work = self.work_for(n)
        moves = np.empty((horizon * n, 3), dtype=np.int32)
        order = priority_order(checked)
        spare = np.empty_like(order)
        n_moves, steps = run_window(
            problem.net, problem.team, work, checked.position, order, spare, horizon, checked.seed, moves
        )
        return problem.make_plan(moves[:n_moves].copy(), int(steps), work.position[:n].copy())

    def search(self, request: Request, rollouts: int = 1) -> LacamSearch:
        """Start LaCAM for the request; ``rollouts`` completions are tried for each successor.

        Raises ValueError on bad arrays or rollouts below 1.
        """
        if rollouts < 1:
            raise ValueError(f"rollouts is {rollouts}: must be at least 1")
        return LacamSearch(self.prepare(request).detached(), self._max_degree, rollouts)

    def refine(self, request: Request, plan: Plan) -> PlanRefiner:
        """Start anytime improvement of ``plan``, which answers ``request``.

        Raises ValueError on bad arrays.
        """
        return PlanRefiner(self.prepare(request).detached(), plan, self._max_degree)

    def improve_window(self, request: Request, plan: Plan, horizon: int = 20, iterations: int = 100) -> Plan:
        """A window of ``horizon`` steps that begins as ``plan`` does and is improved for some iterations.

        ``plan`` may be a new window, or the rest of an earlier one: moves in order from the request's
        positions. Raises ValueError on bad arrays.
        """
        refiner = PlanRefiner(self.prepare(request), plan, self._max_degree, horizon)
        refiner.advance(iterations)
        return refiner.plan()


def priority_order(request: CheckedRequest) -> IntArray:
    """Movable agents, highest priority first; equal ones in an order drawn from the seed."""
    agents = np.flatnonzero(request.movable)
    lot = np.random.default_rng(request.seed & 0xFFFFFFFF).random(request.n_agents)
    return agents[np.lexsort((lot[agents], -request.priority[agents]))].astype(np.int32)
