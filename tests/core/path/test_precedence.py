from __future__ import annotations

from building_world import BuildingWorld, two_level_building
from delay_world import level_of
from hypothesis import given
from hypothesis import strategies as st

from building_ctrl.core.path.agent import Agent
from building_ctrl.core.path.level import LevelCoordinator, LevelParameters
from building_ctrl.core.path.precedence import DEFAULT_S, due_s
from building_ctrl.model.path import DestinationRequest, TravelStatus

times = st.floats(0.0, 1e6)
priorities = st.integers(-3, 300)
deadlines = st.one_of(st.just(0.0), st.floats(0.0, 2e6))


def request(priority: int = 0, deadline_s: float = 0.0) -> DestinationRequest:
    return DestinationRequest("fleet", "r0", "L1", "L1_desk", "t", priority, deadline_s)


@given(times, priorities, deadlines, times, priorities, deadlines)
def test_nobody_stands_behind_those_that_came_much_later(
    first_s: float, p1: int, d1: float, later_s: float, p2: int, d2: float
) -> None:
    first = due_s(request(p1, d1), first_s)
    other = due_s(request(p2, d2), first_s + 2.0 * DEFAULT_S + later_s + 1e-6)
    assert first <= other


@given(times, priorities, deadlines, st.integers(0, 5), st.floats(0.0, 1e5))
def test_more_priority_and_an_earlier_deadline_never_put_a_request_back(
    since_s: float, priority: int, deadline_s: float, more: int, earlier_s: float
) -> None:
    due = due_s(request(priority, deadline_s), since_s)
    assert due_s(request(priority + more, deadline_s), since_s) <= due
    if deadline_s - earlier_s > since_s + 1.0:
        assert due_s(request(priority, deadline_s - earlier_s), since_s) <= due


def contest(first: DestinationRequest, second: DestinationRequest, ticks: int) -> str:
    """Which of two robots gets the desk both want, the second asking `ticks` later."""
    world = BuildingWorld(two_level_building(), ["L1_park_b", "L1_park_a"], seed=2)
    world.tick()
    assert world.planner.destination(first, world.now) == ""
    for _ in range(ticks):
        world.tick()
    assert world.planner.destination(second, world.now) == ""
    for _ in range(800):
        world.tick()
        for name, travel in world.travel.items():
            if travel.status is TravelStatus.ARRIVED:
                return name
    raise AssertionError(f"nobody got there: {world.travel}")


def ask(robot: str, priority: int = 0, deadline_s: float = 0.0) -> DestinationRequest:
    return DestinationRequest("fleet", robot, "L1", "L1_desk", f"task of {robot}", priority, deadline_s)


def test_a_contested_goal_goes_to_whom_it_was_promised_or_who_is_due_earlier() -> None:
    assert contest(ask("r1"), ask("r0"), 3) == "r1"  # r0 is nearer, but asked later
    assert contest(ask("r1"), ask("r0", priority=1), 3) == "r0"
    assert contest(ask("r1"), ask("r0", deadline_s=400.0), 3) == "r0"
    assert contest(ask("r1", priority=2), ask("r0", priority=1), 3) == "r1"


def test_a_priority_told_later_counts() -> None:
    world = BuildingWorld(two_level_building(), ["L1_park_b", "L1_park_a"], seed=2)
    world.tick()
    world.planner.destination(ask("r1"), world.now)
    world.planner.destination(ask("r0"), world.now)
    world.planner.task_priorities({"task of r0": 1, "of nobody": 9})
    for _ in range(800):
        world.tick()
        if any(t.status is TravelStatus.ARRIVED for t in world.travel.values()):
            break
    assert world.travel["r0"].status is TravelStatus.ARRIVED


def test_repeating_a_request_with_another_deadline_keeps_its_place_in_the_queue() -> None:
    world = BuildingWorld(two_level_building(), ["L1_desk"], seed=2)
    world.tick()
    world.planner.destination(ask("r0"), world.now)
    world.run_until_arrived(60.0)
    world.planner.destination(ask("r0", deadline_s=world.now + 50.0), world.now)
    world.tick()
    assert world.travel["r0"].status is TravelStatus.ARRIVED


def test_the_solver_is_given_the_robots_in_the_order_of_their_due_times() -> None:
    """Those boarding or leaving a lift before all, those with nothing to do last."""
    rows = level_of([(3.0 * i, 0.0) for i in range(5)], [(i, i + 1) for i in range(4)])
    level = LevelCoordinator(rows, LevelParameters())
    ranks = {"late": 2000.0, "soon": 100.0, "idle": float("inf"), "lift": 5000.0}
    for vertex, (name, rank) in enumerate(ranks.items()):
        level.add(Agent(name, 1, vertex, vertex, 0, vertex, 50.0, rank_s=rank))
    level.set_flags("lift", healthy=True, pinned=False, urgent=True)
    agents = list(level.agents.values())
    priority = level._request(agents, [agent.goal for agent in agents]).priority
    assert isinstance(priority, list)
    order = sorted(zip(priority, ranks, strict=True), reverse=True)
    assert [name for _, name in order] == ["lift", "soon", "late", "idle"]
