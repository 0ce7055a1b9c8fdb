"""Plans of small cases against the best there are."""

from __future__ import annotations

import numpy as np
import pytest
from optimal_solver import optimal_cost

from building_ctrl.core.path.solver import Planner, PlanningGraph, Request, SearchStatus, grid_graph, verify_plan
from building_ctrl.core.path.solver.plan import sum_of_costs

PASSING_BAY = ["......", "##.###"]
ROOMS = [".#.", "...", ".#."]
BLOCK = ["....", ".#..", "...."]


def _grid(rows: list[str]) -> PlanningGraph:
    return grid_graph([[cell != "#" for cell in row] for row in rows])[0]


def _ours(graph: PlanningGraph, start: tuple[int, ...], goal: tuple[int, ...], seed: int) -> int | None:
    """Sum of costs of the refined plan, None where the search proves that there is no plan."""
    request = Request(position=list(start), goal=list(goal), seed=seed)
    planner = Planner(graph)
    search = planner.search(request)
    status = search.advance(300_000)
    if status is SearchStatus.EXHAUSTED:
        return None
    assert status is SearchStatus.SOLVED
    refiner = planner.refine(request, search.plan())
    refiner.advance(2000)
    plan = refiner.plan()
    verify_plan(graph, request, plan)
    return sum_of_costs(plan.positions(graph.edge_to), np.array(goal))


def _puzzle(graph: PlanningGraph, robots: int, seed: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    rng = np.random.default_rng(seed)
    start, goal = (tuple(rng.permutation(graph.n_vertices)[:robots].tolist()) for _ in range(2))
    return start, goal


def test_the_optimal_solver_knows_a_case_done_by_hand() -> None:
    graph = _grid(["...", "#.#"])
    assert optimal_cost(graph, (0, 2), (2, 0)) == 4 + 3
    assert optimal_cost(_grid(["..."]), (0, 2), (2, 0)) is None
    assert optimal_cost(_grid(["..", ".."]), (0, 1, 3, 2), (1, 3, 2, 0)) is None, "a full circle cannot turn"


@pytest.mark.parametrize("rows", [PASSING_BAY, ROOMS, BLOCK], ids=["passing bay", "rooms", "block"])
def test_plans_are_near_the_optimum_and_exist_when_one_does(rows: list[str]) -> None:
    graph = _grid(rows)
    excess = []
    for seed in range(20):
        start, goal = _puzzle(graph, 3, seed)
        best, ours = optimal_cost(graph, start, goal), _ours(graph, start, goal, seed)
        assert (ours is None) == (best is None), f"seed {seed}: {start} -> {goal}"
        if best is not None and ours is not None:
            assert ours >= best, f"seed {seed}: better than the optimum, so one of the models is wrong"
            excess.append(ours / max(best, 1))
    assert np.mean(excess) <= 1.10, excess
    assert np.median(excess) <= 1.02, excess
