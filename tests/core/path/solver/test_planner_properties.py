"""Whatever the graph, its conflict lists and the agents: every plan can be executed as it stands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.core.path.solver import (
    Planner,
    PlanningGraph,
    PlanViolation,
    Request,
    SearchStatus,
    build_graph,
    verify_plan,
)

PROPERTIES = settings(max_examples=150, deadline=None)


@st.composite
def graphs(draw: st.DrawFn) -> PlanningGraph:
    """A small directed graph with one-way edges, costs, masks and random conflict lists."""
    n = draw(st.integers(2, 9))
    pair = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1])
    tree = [(k, draw(st.integers(0, k - 1))) for k in range(1, n)]
    edges = [*tree, *((b, a) for a, b in tree), *draw(st.lists(pair, max_size=8))]
    vertices = st.integers(0, n - 1)
    swept = st.one_of(st.just([]), st.lists(vertices, max_size=2))
    clear = [[v for v in draw(swept) if v != a] for a, _ in edges]
    unit = draw(st.booleans())
    cost = [1.0 if unit else draw(st.sampled_from([0.5, 1.0, 2.5, 4.0])) for _ in edges]
    masks = [draw(st.sampled_from([1, 2, 3, 3, 3])) for _ in edges]
    return build_graph(n, edges, cost, masks, clear)[0]


@st.composite
def requests(draw: st.DrawFn, graph: PlanningGraph) -> Request:
    v, m = graph.n_vertices, graph.n_edges
    n = draw(st.integers(0, v))
    per_agent = {"min_size": n, "max_size": n}
    goals = draw(st.lists(st.integers(-1, v - 1), **per_agent))
    return Request(
        position=np.array(draw(st.permutations(range(v)))[:n], dtype=np.int32),
        goal=goals,
        priority=draw(st.lists(st.sampled_from([0.0, 1.0, 2.0]), **per_agent)),
        graphs=draw(st.lists(st.sampled_from([1, 2, 3]), **per_agent)),
        movable=draw(st.lists(st.sampled_from([True, True, True, False]), **per_agent)),
        agent_class=draw(st.lists(st.integers(0, 1), **per_agent)),
        allowed=[[True] * v, draw(st.lists(st.sampled_from([True, True, False]), min_size=v, max_size=v))],
        edge_closed=draw(st.lists(st.sampled_from([False, False, False, True]), min_size=m, max_size=m)),
        edge_weight=draw(st.one_of(st.none(), st.just(np.linspace(0, 3, m)))),
        seed=draw(st.integers(-5, 5)),
    )


cases = graphs().flatmap(lambda graph: st.tuples(st.just(graph), requests(graph)))


@PROPERTIES
@given(cases, st.integers(1, 12))
def test_windows_are_executable_and_repeatable(case: tuple[PlanningGraph, Request], horizon: int) -> None:
    graph, request = case
    planner = Planner(graph)
    plan = planner.plan_window(request, horizon)
    verify_plan(graph, request, plan)
    again = Planner(graph).plan_window(request, horizon)
    assert np.array_equal(plan.moves, again.moves)
    assert np.array_equal(plan.moves, planner.plan_window(request, horizon).moves)


@PROPERTIES
@given(cases)
def test_searches_are_executable_and_do_not_depend_on_slices(case: tuple[PlanningGraph, Request]) -> None:
    graph, request = case
    planner = Planner(graph)
    whole, sliced = planner.search(request, rollouts=2), planner.search(request, rollouts=2)
    whole.advance(3000)
    while sliced.status is SearchStatus.RUNNING and sliced.expansions < 3000:
        sliced.advance(min(7, 3000 - sliced.expansions))
    assert whole.status is sliced.status
    if whole.status is SearchStatus.SOLVED:
        plan = whole.plan()
        verify_plan(graph, request, plan)
        assert plan.complete or plan.stats.unreachable
        assert np.array_equal(plan.moves, sliced.plan().moves)


@PROPERTIES
@given(cases)
def test_exhausted_means_that_no_sequence_of_moves_leads_there(case: tuple[PlanningGraph, Request]) -> None:
    graph, request = case
    search = Planner(graph).search(request)
    search.advance(20_000)
    if search.status is SearchStatus.RUNNING:
        return
    problem = Planner(graph).prepare(request)
    goal = problem.team.goal
    found = any(((goal < 0) | (np.array(c) == goal)).all() for c in _reachable(graph, problem, limit=20_000))
    if search.status is SearchStatus.SOLVED:
        verify_plan(graph, request, search.plan())
    else:
        assert not found


def _reachable(graph: PlanningGraph, problem, limit: int):  # type: ignore[no-untyped-def]
    """Configurations reachable by single moves, breadth first; stops after ``limit``."""
    request = problem.request
    start = tuple(request.position.tolist())
    queue, seen = [start], {start}
    for config in queue:
        yield config
        if len(seen) > limit:
            return
        for agent in np.flatnonzero(request.movable).tolist():
            u = config[agent]
            for edge in range(graph.edge_ptr[u], graph.edge_ptr[u + 1]):
                end = int(graph.edge_to[edge])
                if request.edge_closed[edge] or not graph.edge_graphs[edge] & request.graphs[agent]:
                    continue
                if not request.allowed[request.agent_class[agent], end]:
                    continue
                swept = graph.clear_idx[graph.clear_ptr[edge] : graph.clear_ptr[edge + 1]].tolist()
                if any(vertex in config and vertex != u for vertex in swept):
                    continue
                following = (*config[:agent], end, *config[agent + 1 :])
                if following not in seen:
                    seen.add(following)
                    queue.append(following)


def test_the_verifier_objects() -> None:
    graph, edge = build_graph(3, [(0, 1), (1, 2), (1, 0)])
    request = Request(position=[0, 1], goal=[1, 2])
    plan = Planner(graph).plan_window(request, 5)
    verify_plan(graph, request, plan)
    backwards = type(plan)(**{**plan.__dict__, "moves": plan.moves[::-1].copy()})
    with pytest.raises(PlanViolation, match="must be clear"):
        verify_plan(graph, request, backwards)
    closed = Request(position=[0, 1], goal=[1, 2], edge_closed=np.arange(3) == edge[1])
    with pytest.raises(PlanViolation, match="closed"):
        verify_plan(graph, closed, plan)


@PROPERTIES
@given(cases, st.integers(1, 12))
def test_improved_windows_are_executable_and_repeatable(case: tuple[PlanningGraph, Request], horizon: int) -> None:
    graph, request = case
    planner = Planner(graph)
    window = planner.plan_window(request, horizon)
    kept = planner.improve_window(request, window, horizon, iterations=0)
    better = planner.improve_window(request, window, horizon, iterations=60)
    verify_plan(graph, request, kept)
    verify_plan(graph, request, better)
    again = planner.improve_window(request, window, horizon, iterations=60)
    assert np.array_equal(better.moves, again.moves)


@PROPERTIES
@given(cases)
def test_refined_plans_are_executable_and_never_worse(case: tuple[PlanningGraph, Request]) -> None:
    graph, request = case
    planner = Planner(graph)
    search = planner.search(request)
    if search.advance(3000) is not SearchStatus.SOLVED:
        return
    refiner = planner.refine(request, search.plan())
    cost = refiner.cost
    for _ in range(4):
        gained = refiner.advance(15)
        plan = refiner.plan()
        verify_plan(graph, request, plan)
        assert plan.complete or plan.stats.unreachable
        assert gained >= -1e-2
        assert refiner.cost <= cost + 1e-2
        cost = refiner.cost


@PROPERTIES
@given(cases, st.integers(1, 8), st.integers(0, 3))
def test_rolling_windows_go_on_from_where_they_were(
    case: tuple[PlanningGraph, Request], horizon: int, done: int
) -> None:
    graph, request = case
    planner = Planner(graph)
    first = planner.plan_rolling(request, None, horizon, iterations=20)
    verify_plan(graph, request, first)
    rest = first.rest(done, graph.edge_to)
    onward = replace(request, position=rest.start_position)
    second = planner.plan_rolling(onward, rest, horizon, iterations=20)
    verify_plan(graph, onward, second)
    frozen = replace(onward, movable=np.zeros(len(rest.start_position), dtype=bool))
    assert planner.plan_rolling(frozen, rest, horizon, iterations=20).stats.n_moves == 0
