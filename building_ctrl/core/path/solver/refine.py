"""Anytime improvement of a plan, in slices."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._lns import MAX_GROUP, improve, make_lns, start_lns
from building_ctrl.core.path.solver._replan import make_space_time
from building_ctrl.core.path.solver._state import seed_random
from building_ctrl.core.path.solver._timeline import lay_out, list_moves, make_timeline
from building_ctrl.core.path.solver.moves import bad_move, give_earliest_steps
from building_ctrl.core.path.solver.plan import Plan
from building_ctrl.core.path.solver.problem import Problem

IntArray = npt.NDArray[np.int32]
MAX_AGENTS = 32_767
NO_LIMIT = 1 << 62
SLACK_STEPS = 8


class PlanRefiner:
    """Shortens one plan; made by ``Planner.refine`` and ``Planner.improve_window``.

    The plan stays executable at every moment and never gets worse. Without ``steps`` every agent the plan
    brings to its goal still gets there; with ``steps`` the time line ends then, and agents that are not at
    their goal by that time count the distance left. The path of the agent ``pinned`` is left as it is.
    """

    def __init__(
        self, problem: Problem, moves: IntArray, max_degree: int, steps: int | None = None, pinned: int = -1
    ) -> None:
        request, net = problem.request, problem.net
        n, v = request.n_agents, net.ptr.shape[1] - 1
        if n > MAX_AGENTS:
            raise ValueError(f"{n} agents: a plan of at most {MAX_AGENTS} can be refined")
        bad = bad_move(problem, moves)
        if bad is not None:
            raise ValueError(f"the plan cannot be carried out from the request's positions: {bad}")
        self._problem = problem
        moves = moves.copy()
        length = give_earliest_steps(problem, moves)
        self.steps = max(1, length + SLACK_STEPS if steps is None else steps)
        self._timeline = make_timeline(n, v, self.steps)
        lay_out(net, self._timeline, request.position, moves)
        if steps is None:
            last = self._timeline.path[:, -1]
            self._timeline.arrives[:] = (problem.team.row >= 0) & (last == problem.team.goal)
        self._space = make_space_time(v, self.steps, max_degree)
        free = np.flatnonzero(request.movable & (np.arange(n) != pinned)).astype(np.int64)
        self._lns = make_lns(free, n, v, self.steps)
        self._random = np.ones(1, dtype=np.uint64)
        seed_random(self._random, request.seed)
        price = np.zeros(net.edge_to.size, dtype=np.float32)
        price[net.edge] = net.cost
        self._step_cost = np.float32(min(net.wait_cost[0], net.cost.min(initial=np.inf)))
        start_lns(net, problem.team, self._timeline, self._lns, price)

    @property
    def cost(self) -> float:
        """Sum over the agents: edges, steps spent waiting, distance left at the end."""
        return float(self._timeline.cost.sum(dtype=np.float64))

    def agent_cost(self, agent: int) -> float:
        """The part of ``cost`` that falls to one agent."""
        return float(self._timeline.cost[agent])

    @property
    def states(self) -> int:
        """States expanded so far: the work done, the same on every machine."""
        return int(self._space.counters[1])

    @property
    def iterations(self) -> int:
        """Neighbourhoods tried so far."""
        return int(self._lns.counters[0])

    def advance(self, iterations: int = 100, max_group: int = 6, max_states: int = NO_LIMIT) -> float:
        """Try ``iterations`` neighbourhoods of up to ``max_group`` agents; the cost gained.

        None is begun once ``max_states`` states have been expanded in this call. However the work is sliced, the
        same neighbourhoods are tried. Raises ValueError for a group below 2 or above 16.
        """
        if not 2 <= max_group <= MAX_GROUP:
            raise ValueError(f"max_group is {max_group}: must be 2 to {MAX_GROUP}")
        if self._lns.free.size == 0:
            return 0.0
        problem = self._problem
        return float(
            improve(
                problem.net,
                problem.team,
                self._timeline,
                self._space,
                self._lns,
                self._random,
                iterations,
                max_states,
                self._step_cost,
                max_group,
            )
        )

    def plan(self) -> Plan:
        """The plan as it is now."""
        timeline = self._timeline
        moves = np.empty((int((timeline.edge >= 0).sum()), 3), dtype=np.int32)
        list_moves(timeline, moves, np.empty(self._problem.request.n_agents, dtype=np.int32))
        steps = int(moves[:, 0].max(initial=-1)) + 1
        return self._problem.make_plan(moves, steps, timeline.path[:, -1].copy())
