from __future__ import annotations

import pytest
from delay_world import DelayWorld, level_of
from hypothesis import given, settings
from hypothesis import strategies as st

GRID = [(2.0 * (i % 4), 2.0 * (i // 4)) for i in range(16)]
GRID_LANES = [(i, i + 1) for i in range(16) if i % 4 != 3] + [(i, i + 4) for i in range(12)]


def run_until_home(world: DelayWorld, ticks: int, finish: float = 0.5) -> None:
    for _ in range(ticks):
        world.tick(finish)
        if world.all_home():
            return
    away = [f"{a.name}: at {a.vertex}, to {a.goal}, waits {a.wait}" for a in world.level.agents.values()]
    raise AssertionError(f"not home after {ticks} ticks: {away}")


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_delays_on_a_random_level(data: st.DataObject) -> None:
    extra = data.draw(st.sets(st.sampled_from(range(len(GRID_LANES))), min_size=12))
    tree = [(i, i + 1) for i in range(16) if i % 4 != 3] + [(0, 4), (4, 8), (8, 12)]
    roadmap = level_of(GRID, sorted({*tree, *(GRID_LANES[i] for i in extra)}))
    n = data.draw(st.integers(2, 8))
    starts = data.draw(st.permutations(range(16)))[:n]
    goals = data.draw(st.permutations(range(16)))[:n]
    world = DelayWorld(roadmap, starts, seed=data.draw(st.integers(0, 1000)))
    for i, goal in enumerate(goals):
        world.level.set_goal(f"r{i}", goal, 0.0)
    run_until_home(world, 4000, finish=data.draw(st.sampled_from([0.05, 0.5, 1.0])))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_goals_that_change_all_the_time(seed: int) -> None:
    roadmap = level_of(GRID, GRID_LANES)
    world = DelayWorld(roadmap, [0, 5, 10, 15, 3, 12], seed)
    for _ in range(150):
        name = f"r{world.random.randrange(6)}"
        free = [v for v in range(16) if all(a.goal != v for a in world.level.agents.values())]
        world.level.set_goal(name, world.random.choice(free), world.now)
        for _ in range(4):
            world.tick(0.3)
    run_until_home(world, 4000)


def test_two_robots_pass_each_other_at_a_siding() -> None:
    points = [(0.0, 0.0), (3.0, 0.0), (6.0, 0.0), (3.0, 2.0)]
    world = DelayWorld(level_of(points, [(0, 1), (1, 2), (1, 3)]), [0, 2], seed=1)
    world.level.set_goal("r0", 2, 0.0)
    world.level.set_goal("r1", 0, 0.0)
    run_until_home(world, 2000)


def test_a_robot_that_stands_still_holds_up_only_who_needs_its_place() -> None:
    points = [(0.0, 0.0), (4.0, 0.0), (8.0, 0.0), (0.0, 4.0), (4.0, 4.0), (8.0, 4.0)]
    lanes = [(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (2, 5)]
    world = DelayWorld(level_of(points, lanes), [0, 5], seed=1)
    world.level.set_goal("r0", 2, 0.0)
    world.level.set_goal("r1", 3, 0.0)
    world.tick(0.0)
    assert world.level.agents["r0"].actions
    for _ in range(200):
        world.tick(1.0, stuck=["r0"])
    assert world.level.agents["r1"].vertex == 3
    assert not world.level.agents["r0"].at_goal


def test_a_robot_out_of_order_is_passed_by_another_way() -> None:
    points = [(0.0, 0.0), (4.0, 0.0), (8.0, 0.0), (0.0, 4.0), (4.0, 4.0), (8.0, 4.0)]
    lanes = [(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (2, 5)]
    world = DelayWorld(level_of(points, lanes), [1, 0], seed=1)
    world.level.set_flags("r0", healthy=False, pinned=False, urgent=False)
    world.level.set_goal("r1", 2, 0.0)
    for _ in range(300):
        world.tick(1.0)
    assert world.level.agents["r1"].vertex == 2
    assert world.level.agents["r0"].vertex == 1


def test_a_robot_may_not_join_where_another_is() -> None:
    world = DelayWorld(level_of(GRID, GRID_LANES), [0], seed=1)
    agent = world.level.agents["r0"]
    with pytest.raises(ValueError, match="r0 is there"):
        world.level.add(type(agent)("r9", 1, 0, 0, 0, 0, 0.0))


def test_a_stalled_level_is_searched_until_it_is_solved() -> None:
    points = [(2.0 * i, 0.0) for i in range(5)] + [(4.0, 2.0)]
    world = DelayWorld(level_of(points, [(0, 1), (1, 2), (2, 3), (3, 4), (2, 5)]), [0, 1, 3, 4], seed=1)
    for name, goal in zip(["r0", "r1", "r2", "r3"], [4, 3, 1, 0], strict=True):
        world.level.set_goal(name, goal, 0.0)
    run_until_home(world, 6000)
