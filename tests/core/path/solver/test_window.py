"""What PIBT with swap does in the situations it is there for."""

from __future__ import annotations

import numpy as np

from building_ctrl.core.path.solver import Plan, Planner, Request, build_graph, grid_graph, verify_plan


def _plan(free: list[str], starts: str, goals: str, horizon: int = 60, **more: object) -> tuple[Plan, Request]:
    """Plan on a drawn map: '#' is blocked; starts and goals name the cells of agents a, b, c ..."""
    cells = np.array([list(row) for row in free])
    graph, vertex_of = grid_graph(cells != "#")
    where = {cell: int(vertex_of[r, c]) for (r, c), cell in np.ndenumerate(cells)}
    request = Request(position=[where[cell] for cell in starts], goal=[where[cell] for cell in goals], **more)
    plan = Planner(graph).plan_window(request, horizon)
    verify_plan(graph, request, plan)
    return plan, request


def test_the_window_ends_when_all_goals_are_reached() -> None:
    plan, _ = _plan(["a..b"], "a", "b")
    assert plan.complete
    assert plan.steps == 3
    assert plan.stats.n_moves == 3
    assert plan.stats.cost_gained == 3


def test_two_robots_change_places_in_a_dead_end_corridor() -> None:
    for seed in range(10):
        plan, _ = _plan(["####x###", "ab......", "########"], "ab", "ba", seed=seed)
        assert plan.complete, f"seed {seed}"


def test_without_swap_they_do_not() -> None:
    graph, vertex_of = grid_graph([[cell != "#" for cell in row] for row in ("####x###", "ab......")])
    request = Request(position=vertex_of[1, :2], goal=vertex_of[1, 1::-1])
    assert Planner(graph).plan_window(request, 60).complete
    assert not Planner(graph).plan_window(request, 60, swap=False).complete


def test_a_robot_at_home_in_a_passage_lets_others_through_and_returns() -> None:
    for seed in range(10):
        plan, _ = _plan(["...#...", "a..b..c", "...#..."], "ab", "cb", seed=seed)
        assert plan.complete, f"seed {seed}"


def test_robots_follow_each_other_in_one_step_head_first() -> None:
    plan, _ = _plan(["abcd"], "abc", "bcd")
    assert plan.steps == 1
    assert plan.moves[:, 1].tolist() == [2, 1, 0]


def test_full_cycles_do_not_turn() -> None:
    plan, _ = _plan(["ab", "cd"], "abcd", "bdac")
    assert plan.stats.n_moves == 0
    assert not plan.complete


def test_a_cycle_with_room_beside_it_is_dissolved() -> None:
    plan, _ = _plan(["ab.", "cd.", "..."], "abcd", "bdac")
    assert plan.complete


def test_idle_robots_are_pushed_aside_and_frozen_ones_are_not() -> None:
    cells = ["...", "aib", "..."]
    plan, request = _plan(cells, "ai", "bi")
    assert plan.complete
    idle = Request(position=request.position, goal=[request.goal[0], -1])
    graph, _ = grid_graph(np.ones((3, 3), dtype=bool))
    pushed = Planner(graph).plan_window(idle, 20)
    verify_plan(graph, idle, pushed)
    assert pushed.complete
    corridor, _ = grid_graph([[True] * 3])
    frozen = Request(position=[0, 1], goal=[2, -1], movable=[True, False])
    stuck = Planner(corridor).plan_window(frozen, 20)
    assert stuck.stats.n_moves == 0
    assert stuck.stats.cost_gained == 0


def test_an_unreachable_goal_is_named_and_the_others_go_on() -> None:
    graph, vertex_of = grid_graph([[True, True, True, False, True]])
    request = Request(position=[0, 1], goal=[vertex_of[0, 4], 2])
    plan = Planner(graph).plan_window(request)
    verify_plan(graph, request, plan)
    assert plan.stats.unreachable == (0,)
    assert plan.final_position[1] == 2
    assert not plan.complete


def test_a_push_clears_every_vertex_that_is_swept() -> None:
    edges = [(0, 1), (1, 0), (2, 3), (3, 2), (1, 4), (4, 1)]
    graph, _ = build_graph(5, edges, clear=[[2], [2], [], [], [], []])
    request = Request(position=[0, 2, 1], goal=[1, -1, -1], priority=[1.0, 0.0, 0.0])
    plan = Planner(graph).plan_window(request, 5)
    verify_plan(graph, request, plan)
    assert plan.final_position.tolist() == [1, 3, 4]


def test_higher_priority_goes_first() -> None:
    cells = ["#b#", "a.c", "#d#"]
    for first, winner in ((10.0, 0), (-10.0, 1)):
        plan, request = _plan(cells, "ab", "cd", horizon=1, priority=[first, 0.0])
        assert plan.final_position[winner] != np.asarray(request.position)[winner]
        assert plan.final_position[1 - winner] == np.asarray(request.position)[1 - winner]


def test_weights_lead_round_a_busy_lane() -> None:
    graph, _ = grid_graph(np.ones((2, 3), dtype=bool))
    weight = np.zeros(graph.n_edges, dtype=np.float32)
    weight[graph.find_edge(0, 1)] = 5.0
    plan = Planner(graph).plan_window(Request(position=[0], goal=[2], edge_weight=weight))
    assert plan.steps == 4
