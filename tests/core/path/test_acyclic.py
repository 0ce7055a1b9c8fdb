from __future__ import annotations

from building_world import BuildingWorld, two_level_building
from delay_world import DelayWorld, level_of
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.core.path.acyclic import dependencies, unsound
from building_ctrl.core.path.level import LevelCoordinator
from building_ctrl.model.path import WaitingKind

RING = level_of(
    [(0, 0), (3, 0), (6, 0), (6, 3), (3, 3), (0, 3), (3, 6)],
    [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (1, 4), (4, 6)],
    pitch_m=3.0,
)


def world_at(*starts: int) -> DelayWorld:
    return DelayWorld(RING, starts, seed=1)


def plan(level: LevelCoordinator, *moves: tuple[str, int, int]) -> None:
    """Make the level plan moves (robot, start, end) as they stand, sound or not."""
    level._plan = [(name, RING.edge_between(start, end)) for name, start, end in moves]


def test_a_swap_waits_for_itself() -> None:
    level = world_at(0, 1).level
    plan(level, ("r0", 0, 1), ("r1", 1, 0))
    assert unsound(level) == "moves of r0, r1 on level L1 wait for each other"


def test_a_rotation_of_a_full_circle_waits_for_itself() -> None:
    circle = [0, 1, 4, 5]
    level = world_at(*circle).level
    plan(level, *((f"r{i}", start, circle[(i + 1) % 4]) for i, start in enumerate(circle)))
    assert "r0, r1, r2, r3" in unsound(level)


def test_a_move_onto_who_never_leaves_waits_for_itself() -> None:
    level = world_at(0, 1).level
    plan(level, ("r0", 0, 1))
    assert "r0" in unsound(level)


def test_a_train_with_an_empty_head_is_in_order_and_not_in_the_other_order() -> None:
    level = world_at(0, 1).level
    plan(level, ("r1", 1, 2), ("r0", 0, 1))
    assert unsound(level) == ""
    plan(level, ("r0", 0, 1), ("r1", 1, 2))
    assert unsound(level) != ""


def test_released_stretches_that_touch_are_found() -> None:
    level = world_at(0, 2).level
    level.set_goal("r0", 1, 0.0)
    level.step(0.2, world_at(6).gate)
    assert level.agents["r0"].actions
    assert unsound(level) == ""
    twin = world_at(2, 0).level
    twin.set_goal("r0", 1, 0.0)
    twin.step(0.2, world_at(6).gate)
    level.agents["r1"].actions.append(twin.agents["r0"].actions[0])
    assert unsound(level) == "stretches released to r0 and r1 on level L1 touch"


def test_moves_wait_for_those_before_them_only() -> None:
    world = world_at(0, 2, 6)
    for name, goal in (("r0", 2), ("r1", 5), ("r2", 0)):
        world.level.set_goal(name, goal, 0.0)
    world.tick()
    level = world.level
    released = [(a.name, action.edge) for a in level.agents.values() for action in a.actions]
    waits = dependencies(RING, level.agents, released, level.plan)
    assert len(waits) == len(released) + len(level.plan)
    assert all(other < node for node, before in enumerate(waits) for other in before)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(7)), st.permutations(range(7)), st.integers(2, 5), st.integers(0, 99))
def test_every_plan_of_every_step_is_in_order(
    starts: list[int], goals: list[int], count: int, seed: int
) -> None:
    world = DelayWorld(RING, starts[:count], seed)
    for i in range(count):
        world.level.set_goal(f"r{i}", goals[i], 0.0)
    for _ in range(120):
        world.tick()
        assert unsound(world.level) == ""


def test_a_level_whose_plan_is_unsound_releases_nothing_says_so_and_recovers() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_a", "L1_park_b"], seed=1)
    world.tick()
    world.send("r0", "L1_desk")
    world.tick()
    level = world.level("L1")
    mine, theirs = level.agents["r0"], level.agents["r1"]
    rows = level.roadmap
    into = next(e for e in range(rows.n_edges) if int(rows.edge_to[e]) == theirs.frontier)
    spoilt = list(level.plan)
    while not world.decisions.alarms:
        level._plan = [("r0", into)]
        level._stale, level._planned_s = False, world.now
        mine.planned = [into]
        world.planner._check_plans()
        world.decisions = world.planner.step(world.now)
        world.now += 0.2
    alarm = world.decisions.alarms[0]
    assert (alarm.kind, alarm.source, alarm.active) == ("plan_unsound", "L1", True)
    assert not world.decisions.released
    assert spoilt is not level.plan
    world.run_until_arrived(300.0)
    assert world.travel["r0"].waiting_kind is WaitingKind.NONE
