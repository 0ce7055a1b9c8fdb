"""Lists of moves: rows [step, agent, edge] in an order in which they can be executed one by one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver._timeline import first_bad_move, retime
from building_ctrl.core.path.solver.plan import Plan
from building_ctrl.core.path.solver.problem import Problem

IntArray = npt.NDArray[np.int32]


def as_moves(plan: Plan | npt.ArrayLike) -> IntArray:
    """Moves (k, 3) of a plan, or of rows [anything, agent, edge] in the order they are to be executed."""
    return np.array(plan.moves if isinstance(plan, Plan) else plan, dtype=np.int32, order="C").reshape(-1, 3)


def give_earliest_steps(problem: Problem, moves: IntArray) -> int:
    """Rewrite the steps of ``moves`` (k, 3) to the earliest plain ones; the number of steps."""
    n, v = problem.request.n_agents, problem.net.ptr.shape[1] - 1
    left_at, swept_at = np.empty((2, v), dtype=np.int32)
    return int(retime(problem.net, moves, n, left_at, swept_at, np.empty(n, dtype=np.int32)))


def bad_move(problem: Problem, moves: IntArray) -> str | None:
    """What keeps ``moves`` (k, 3) from being executed from the request's positions, None if nothing does."""
    request, net = problem.request, problem.net
    at = np.full(net.ptr.shape[1] - 1, -1, dtype=np.int32)
    bad = first_bad_move(net, problem.team, request.position, moves, at, np.empty_like(request.position))
    if bad < 0:
        return None
    step, agent, edge = moves[bad].tolist()
    return f"move {bad} (step {step}, agent {agent}, edge {edge}) is not possible"
