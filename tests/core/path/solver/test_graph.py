"""Planning graphs: what is built, and what is refused with which words."""

from __future__ import annotations

import numpy as np
import pytest

from building_ctrl.core.path.solver import Planner, Request, build_graph, grid_graph


def test_edges_are_sorted_and_the_index_leads_back() -> None:
    edges = [(2, 0), (0, 1), (1, 2), (0, 2)]
    graph, edge_index = build_graph(3, edges, edge_cost=[1, 2, 3, 4], edge_graphs=[1, 2, 4, 8], clear=[[1], [], [], []])
    for k, (start, end) in enumerate(edges):
        edge = edge_index[k]
        assert (graph.edge_from[edge], graph.edge_to[edge]) == (start, end)
        assert graph.edge_cost[edge] == k + 1
        assert graph.edge_graphs[edge] == 1 << k
    swept = graph.clear_idx[graph.clear_ptr[edge_index[0]] : graph.clear_ptr[edge_index[0] + 1]]
    assert swept.tolist() == [0, 1]
    assert graph.find_edge(0, 2) == edge_index[3]
    assert graph.find_edge(2, 1) == -1


def test_grids_join_free_neighbours_both_ways() -> None:
    graph, vertex_of = grid_graph([[True, True, False], [False, True, True]])
    assert vertex_of.tolist() == [[0, 1, -1], [-1, 2, 3]]
    pairs = set(zip(graph.edge_from.tolist(), graph.edge_to.tolist(), strict=True))
    assert pairs == {(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)}
    assert graph.only_ends


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"edges": [(0, 3)]}, r"edges\[1\] is 3: there are 3 vertices"),
        ({"edges": [(0, 1)], "edge_cost": [0.0]}, r"edge_cost\[0\] is 0.0"),
        ({"edges": [(0, 1)], "edge_cost": [1.0, 2.0]}, "one entry for each of the 1 edges"),
        ({"edges": [(0, 1)], "clear": [[0]]}, "clear list of edge 0 holds the vertex the edge starts from"),
        ({"edges": [(0, 1)], "clear": [[5]]}, r"clear_idx\[1\] is 5"),
    ],
)
def test_bad_graphs_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_graph(3, **arguments)


LINE, _ = grid_graph([[True] * 4])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"position": [0, 4]}, r"position\[1\] is 4: must be a vertex, 0 to 3"),
        ({"position": [2, 2]}, "agents 0 and 1 both stand on vertex 2"),
        ({"position": [[0, 1]]}, "position has shape"),
        ({"goal": [0]}, r"goal has shape \(1,\): expected \(2,\)"),
        ({"goal": [0, -2]}, r"goal\[1\] is -2"),
        ({"priority": [0.0, float("nan")]}, r"priority\[1\] is nan"),
        ({"agent_class": [0, 1]}, r"agent_class\[1\] is 1: there are 1 classes"),
        ({"allowed": [[True] * 3]}, r"allowed has shape \(1, 3\)"),
        ({"edge_closed": [True]}, r"edge_closed has shape \(1,\)"),
        ({"edge_weight": [-1.0] * 6}, r"edge_weight\[0\] is -1.0"),
    ],
)
def test_bad_requests_are_refused(changes: dict[str, object], message: str) -> None:
    request = Request(**{"position": [0, 1], "goal": [2, 3], **changes})
    with pytest.raises(ValueError, match=message):
        Planner(LINE).plan_window(request)


def test_plans_that_do_not_fit_are_refused() -> None:
    planner = Planner(LINE)
    plan = planner.plan_window(Request(position=[0], goal=[3]))
    with pytest.raises(ValueError, match=r"move 0 \(step 0, agent 0"):
        planner.improve_window(Request(position=[1], goal=[3]), plan)
    closed = np.zeros(LINE.n_edges, dtype=bool)
    closed[plan.moves[1, 2]] = True
    with pytest.raises(ValueError, match=r"move 1 \(step 1, agent 0"):
        planner.refine(Request(position=[0], goal=[3], edge_closed=closed), plan)
    with pytest.raises(ValueError, match="horizon is 0"):
        planner.plan_window(Request(position=[0], goal=[3]), horizon=0)
