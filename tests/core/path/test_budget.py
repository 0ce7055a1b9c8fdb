"""The work of one cycle is bounded, and what it does not suffice for goes on in the next."""

from __future__ import annotations

import numpy as np
import pytest
from delay_world import DelayWorld, level_of
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.core.path.goal_search import GoalSearch
from building_ctrl.core.path.graph import planning_graph
from building_ctrl.core.path.level import LevelParameters
from building_ctrl.core.path.solver import Planner, Request

SIDE = 6
GRID = [(2.0 * (i % SIDE), 2.0 * (i // SIDE)) for i in range(SIDE * SIDE)]
LANES = [(i, i + 1) for i in range(SIDE * SIDE) if i % SIDE != SIDE - 1] + [
    (i, i + SIDE) for i in range(SIDE * (SIDE - 1))
]
ROADMAP = level_of(GRID, LANES)
SEARCH_SLACK = 8 * 3 * SIDE * SIDE
NEIGHBOURHOOD_SLACK = 6 * 30_000


def crowded(n: int, seed: int, parameters: LevelParameters) -> DelayWorld:
    rng = np.random.default_rng(seed)
    starts, goals = rng.permutation(len(GRID))[:n].tolist(), rng.permutation(len(GRID))[:n].tolist()
    world = DelayWorld(ROADMAP, starts, seed, parameters=parameters)
    for i, goal in enumerate(goals):
        world.level.set_goal(f"r{i}", goal, 0.0)
    return world


@pytest.mark.parametrize("cycle_work", [200, 2_000, 20_000])
@pytest.mark.parametrize("n", [12, 28])
def test_a_cycle_does_not_do_more_than_its_budget_and_everybody_comes_home(cycle_work: int, n: int) -> None:
    world = crowded(n, 3, LevelParameters(cycle_work=cycle_work, stall_s=5.0))
    work = []
    for _ in range(4000):
        world.tick(0.5)
        work.append(world.level.work)
        if world.all_home():
            break
    assert world.all_home()
    over = sorted(w for w in work if w > cycle_work + SEARCH_SLACK)
    assert len(over) <= len(work) // 50, f"{len(over)} of {len(work)} cycles did more than {cycle_work}"
    assert max(work) <= cycle_work + SEARCH_SLACK + NEIGHBOURHOOD_SLACK


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 500), st.integers(2, 24), st.integers(1, 400))
def test_a_search_finds_the_same_however_it_is_sliced(seed: int, n: int, work: int) -> None:
    rng = np.random.default_rng(seed)
    planner = Planner(planning_graph(ROADMAP, 1.0))
    request = Request(position=rng.permutation(36)[:n], goal=rng.permutation(36)[:n])
    names = [f"r{i}" for i in range(n)]
    whole = GoalSearch(planner, request, names, 2_000)
    whole.advance(1 << 40)
    sliced = GoalSearch(planner, request, names, 2_000)
    done = 0
    while not sliced.ended:
        done += sliced.advance(work)
    assert sliced.solved == whole.solved
    assert sliced.expansions_left == whole.expansions_left
    if whole.solved:
        assert sliced.moves() == whole.moves()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 500), st.integers(50, 3_000))
def test_a_refinement_finds_the_same_however_it_is_sliced(seed: int, states: int) -> None:
    rng = np.random.default_rng(seed)
    planner = Planner(planning_graph(ROADMAP, 1.0))
    request = Request(position=rng.permutation(36)[:14], goal=rng.permutation(36)[:14])
    search = planner.search(request)
    search.advance(2_000)
    plan = search.plan()
    whole, sliced = planner.refine(request, plan), planner.refine(request, plan)
    whole.advance(30)
    while sliced.iterations < 30:
        before = sliced.states
        sliced.advance(30 - sliced.iterations, max_states=states)
        assert sliced.states > before or sliced.iterations == 30
    assert sliced.plan().moves.tolist() == whole.plan().moves.tolist()
    assert sliced.states == whole.states


def test_a_search_that_goes_on_for_cycles_starts_where_the_plan_ends() -> None:
    """With a budget too small for the search, robots drive their windows in the meantime, and it still is used."""
    world = crowded(20, 5, LevelParameters(cycle_work=60, search_expansions=100_000))
    searched = 0
    for _ in range(4000):
        world.tick(0.5)
        searched += world.level.searching
        if world.all_home():
            break
    assert world.all_home()
    assert searched > 4


def test_a_robot_whose_way_is_barred_does_not_keep_the_others_from_being_searched_for() -> None:
    points = [(2.0 * i, 0.0) for i in range(5)] + [(0.0, 4.0), (4.0, 4.0)]
    roadmap = level_of(points, [(0, 1), (1, 2), (2, 3), (3, 4), (0, 5), (5, 6)])
    planner = Planner(planning_graph(roadmap, 1.0))
    request = Request(position=[1, 2, 5], goal=[4, 2, 6], movable=[True, False, True])
    assert planner.cut_off(request).tolist() == [True, False, False]
    search = GoalSearch(planner, request, ["a", "b", "c"], 5_000)
    search.advance(1 << 40)
    assert search.solved
    assert {name for name, _ in search.moves()} == {"c"}
