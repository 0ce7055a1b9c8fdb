"""Multi-robot configuration planner: who moves along which edge, in which order.

Pure NumPy and Numba. The model is a directed graph; agents stand on vertices. In one step every agent
stays or moves along one edge, and the moves of a step have an order in which each agent moves alone while
the others stand still. ``Plan.moves`` is that order, over all steps: replaying it one move at a time never
sweeps a vertex somebody stands on. An Action Dependency Graph built from it is acyclic by construction.

How to use it::

    graph = build_graph(n_vertices, edges, edge_cost, clear=clear)      # or grid_graph(free)
    planner = Planner(graph)                                            # keep it: workspaces, distance tables
    request = Request(position=..., goal=..., priority=...)             # one call's agents
    plan = planner.plan_window(request, horizon=20)                     # PIBT with swap
    plan = planner.improve_window(request, plan, horizon=20, iterations=200)   # optional: LNS on the window

    plan = planner.plan_rolling(request, plan.rest(2, graph.edge_to), horizon=10, iterations=100)
                                        # both in one, going on from the last plan: the best for daily use

    search = planner.search(request)                                    # LaCAM: complete; resumable
    while search.advance(max_expansions=500) is SearchStatus.RUNNING:
        ...                                                             # the caller watches its clock
    plan = search.plan()
    refiner = planner.refine(request, plan)                             # anytime LNS: shorter plans
    refiner.advance(iterations=100)
    plan = refiner.plan()

Arrays of a ``Request`` (``n`` agents, ``m`` edges, ``v`` vertices)::

    position (n,) int32      vertex each agent stands on (the committed frontier), no two the same
    goal     (n,) int32      goal vertex, -1: none (the agent may be pushed anywhere)
    priority (n,) float64    higher goes first; equal ones are ordered by the seed
    graphs   (n,) uint32     navigation graphs the agent may use: an edge needs a common bit   (default: all)
    movable  (n,) bool       False: stands still and may not be pushed                         (default: all)
    agent_class (n,) int16   row of ``allowed``                                                (default: 0)
    allowed  (classes, v) bool   vertices a class may enter                                    (default: all)
    edge_closed (m,) bool    edges nobody may use                                              (default: none)
    edge_weight (m,) float32 congestion weights added to edge costs and distances              (default: 0)
    seed     int             ties and randomised choices; the same seed gives the same plan

A ``Plan``::

    moves (k, 3) int32       [step, agent, edge], in the order they may be executed one after another
    final_position (n,) int32
    steps int                number of steps of the plan
    complete bool            every agent with a goal stands on it at the end
    stats PlanStats          moves, agents at their goal, agents whose goal is unreachable, cost to go, ...

``warm_up()`` compiles every kernel (some seconds, once for each installation) or loads it from the cache.

Bad input raises ``ValueError`` that names the array and the entry. An unreachable goal is no error: the
agent is listed in ``plan.stats.unreachable`` and behaves as if it had no goal.

Sources: PIBT (Okumura et al., AIJ 2022); LaCAM (Okumura, AAAI 2023) and its swap (Okumura, AAMAS 2024);
MAPF-LNS (Li et al., IJCAI 2021).
"""

from __future__ import annotations

from building_ctrl.core.path.solver.distance import DistanceTables
from building_ctrl.core.path.solver.graph import PlanningGraph, build_graph, grid_graph
from building_ctrl.core.path.solver.lacam import LacamSearch, SearchStatus
from building_ctrl.core.path.solver.plan import Plan, PlanStats
from building_ctrl.core.path.solver.planner import Planner, warm_up
from building_ctrl.core.path.solver.refine import PlanRefiner
from building_ctrl.core.path.solver.request import Request
from building_ctrl.core.path.solver.verify import PlanViolation, verify_plan

__all__ = [
    "DistanceTables",
    "LacamSearch",
    "Plan",
    "PlanRefiner",
    "PlanStats",
    "PlanViolation",
    "Planner",
    "PlanningGraph",
    "Request",
    "SearchStatus",
    "build_graph",
    "grid_graph",
    "verify_plan",
    "warm_up",
]
