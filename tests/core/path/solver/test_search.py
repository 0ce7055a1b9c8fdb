"""LaCAM and the refiner on maps where naive planners deadlock, and on the MovingAI benchmark."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from building_ctrl.core.path.solver import Planner, PlanningGraph, Request, SearchStatus, grid_graph, verify_plan
from building_ctrl.core.path.solver.movingai import parse_map, parse_scenario
from building_ctrl.core.path.solver.plan import sum_of_costs

DATA = Path(os.environ.get("BUILDING_CTRL_MAPF", Path(__file__).resolve().parents[5] / "shared" / "mapf"))
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"no MovingAI data in {DATA} (set BUILDING_CTRL_MAPF)")

TUNNEL = ["x###", "....", "x###", "x###", "x###", "x###"]
RING = ["....", ".#.#", "...#"]


def _grid(rows: list[str]) -> PlanningGraph:
    return grid_graph([[cell != "#" for cell in row] for row in rows])[0]


def _solve(graph: PlanningGraph, request: Request) -> SearchStatus:
    search = Planner(graph).search(request)
    status = search.advance(300_000)
    if status is SearchStatus.SOLVED:
        plan = search.plan()
        verify_plan(graph, request, plan)
        assert plan.complete
    return status


def test_tunnel_reverses_its_robots() -> None:
    graph = _grid(TUNNEL)
    assert _solve(graph, Request(position=[0, 1, 5, 6], goal=[8, 7, 6, 5])) is SearchStatus.SOLVED


def test_no_solution_is_proven() -> None:
    graph, _ = grid_graph([[True] * 5])
    search = Planner(graph).search(Request(position=[0, 1], goal=[1, 0]))
    assert search.advance(100_000) is SearchStatus.EXHAUSTED
    with pytest.raises(ValueError, match="EXHAUSTED"):
        search.plan()


def test_frozen_robots_may_make_it_impossible() -> None:
    graph = _grid(["..x..", "##.##"])
    goal = [4, 0, -1]
    assert _solve(graph, Request(position=[0, 4, 2], goal=goal)) is SearchStatus.SOLVED
    frozen = Request(position=[0, 4, 2], goal=goal, movable=[True, True, False])
    assert _solve(graph, frozen) is SearchStatus.EXHAUSTED


@pytest.mark.parametrize("rows", [TUNNEL, RING], ids=["tunnel", "ring"])
def test_random_puzzles_are_decided(rows: list[str]) -> None:
    graph = _grid(rows)
    for seed in range(15):
        rng = np.random.default_rng(seed)
        n = min(2 + seed % 4, graph.n_vertices - 2)
        start, goal = rng.permutation(graph.n_vertices)[:n], rng.permutation(graph.n_vertices)[:n]
        assert _solve(graph, Request(position=start, goal=goal, seed=seed)) is not SearchStatus.RUNNING


def test_refining_shortens_and_is_repeatable() -> None:
    graph, _ = grid_graph(np.ones((8, 8), dtype=bool))
    rng = np.random.default_rng(4)
    start, goal = rng.permutation(64)[:40], rng.permutation(64)[:40]
    request = Request(position=start, goal=goal, seed=4)
    planner = Planner(graph)
    search = planner.search(request)
    search.advance(5000)
    first = search.plan()
    plans = []
    for slices in ([300], [100, 200]):
        refiner = planner.refine(request, first)
        for rounds in slices:
            refiner.advance(rounds)
        plans.append(refiner.plan())
        verify_plan(graph, request, plans[-1])
        assert plans[-1].complete
    before, after = (sum_of_costs(plan.positions(graph.edge_to), goal) for plan in (first, plans[0]))
    assert after < 0.8 * before
    assert np.array_equal(plans[0].moves, plans[1].moves)


@needs_data
@pytest.mark.parametrize("name", ["corners", "loop-chain", "tunnel"])
def test_special_maps(name: str) -> None:
    graph, _ = grid_graph(parse_map((DATA / "special" / f"{name}.map").read_text(encoding="utf-8")))
    for seed in range(20):
        rng = np.random.default_rng(seed)
        n = 2 + seed % 5
        start, goal = rng.permutation(graph.n_vertices)[:n], rng.permutation(graph.n_vertices)[:n]
        assert _solve(graph, Request(position=start, goal=goal, seed=seed)) is not SearchStatus.RUNNING


@needs_data
@pytest.mark.parametrize(
    ("map_name", "scen_name", "agents"),
    [
        ("random-32-32-20", "random-32-32-20-random-1", 400),
        ("room-64-64-8", "room-64-64-8-even-1", 300),
        ("maze-32-32-2", "maze-32-32-2-even-10", 200),
    ],
)
def test_movingai_cases(map_name: str, scen_name: str, agents: int) -> None:
    graph, vertex_of = grid_graph(parse_map((DATA / "maps" / f"{map_name}.map").read_text(encoding="utf-8")))
    ends = parse_scenario((DATA / "scen" / f"{scen_name}.scen").read_text(encoding="utf-8"))[:agents]
    start, goal = vertex_of[ends[:, 0], ends[:, 1]], vertex_of[ends[:, 2], ends[:, 3]]
    assert _solve(graph, Request(position=start, goal=goal)) is SearchStatus.SOLVED
