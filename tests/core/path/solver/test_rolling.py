"""Lifelong planning in windows: nobody starves in corridors with dead-end rooms."""

from __future__ import annotations

import numpy as np
import pytest

from building_ctrl.core.path.solver import Planner, PlanningGraph, Request, grid_graph, verify_plan


def _comb(length: int, depth: int, every: int) -> PlanningGraph:
    """A corridor with a dead-end room on both sides of each ``every``-th cell."""
    free = np.zeros((2 * depth + 1, length), dtype=bool)
    free[depth] = True
    free[:, ::every] = True
    return grid_graph(free)[0]


def _longest_wait(graph: PlanningGraph, n: int, steps: int, seed: int) -> tuple[int, int]:
    """Tasks done, and the most steps any robot went without finishing one."""
    rng = np.random.default_rng(seed)
    position = rng.permutation(graph.n_vertices)[:n].astype(np.int32)
    goal = rng.permutation(np.setdiff1d(np.arange(graph.n_vertices), position))[:n].astype(np.int32)
    planner, plan = Planner(graph), None
    waited, done, longest = rng.random(n), 0, 0
    for step in range(steps):
        request = Request(position=position, goal=goal, priority=waited, seed=step)
        rest = None if plan is None else plan.rest(1, graph.edge_to)
        plan = planner.plan_rolling(request, rest, horizon=10, iterations=40)
        verify_plan(graph, request, plan)
        position = plan.rest(1, graph.edge_to).start_position
        waited += 1
        for agent in np.flatnonzero(position == goal).tolist():
            longest, done, waited[agent] = max(longest, int(waited[agent])), done + 1, rng.random()
            goal[agent] = rng.choice(np.setdiff1d(np.arange(graph.n_vertices), [*goal, position[agent]]))
    return done, max(longest, int(waited.max()))


@pytest.mark.parametrize(("shape", "n"), [((20, 2, 2), 10), ((31, 1, 2), 6), ((17, 4, 4), 10)])
def test_no_robot_starves_between_dead_end_rooms(shape: tuple[int, int, int], n: int) -> None:
    done, longest = _longest_wait(_comb(*shape), n, steps=250, seed=1)
    assert done >= 250 * n // 30
    assert longest < 80


def test_the_leader_never_does_worse_than_under_pibt() -> None:
    graph = _comb(20, 2, 2)
    planner = Planner(graph)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        start, goal = rng.permutation(60)[:12], rng.permutation(60)[:12]
        priority = np.zeros(12)
        leader = int(np.flatnonzero(start != goal)[0])
        priority[leader] = 1.0
        request = Request(position=start, goal=goal, priority=priority, seed=seed)
        alone, together = planner.plan_window(request, 10), planner.plan_rolling(request, None, 10, 200)
        verify_plan(graph, request, together)
        to_goal = planner.prepare(request).team
        distance = to_goal.dist[to_goal.row[leader]]
        assert distance[together.final_position[leader]] <= distance[alone.final_position[leader]]
        assert together.stats.cost_to_go <= alone.stats.cost_to_go + 12
