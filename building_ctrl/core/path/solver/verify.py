"""Independent check of a plan: replays it one move at a time. Shares no code with the planners."""

from __future__ import annotations

import numpy as np

from building_ctrl.core.path.solver.graph import PlanningGraph
from building_ctrl.core.path.solver.plan import Plan
from building_ctrl.core.path.solver.request import Request, check_request


class PlanViolation(Exception):
    """A plan that may not be executed; the message names the move and the rule it breaks."""


def verify_plan(graph: PlanningGraph, request: Request, plan: Plan) -> None:
    """Replay ``plan`` against the request it answers.

    Checked for each move: steps never fall and an agent moves at most once a step; the edge starts where
    the agent stands, is open, allowed for the agent's graphs and class, and the agent may move; every
    vertex of the edge's clear list is empty of others. At the end: ``final_position``, ``steps``,
    ``complete``. Raises PlanViolation.
    """
    checked = check_request(graph, request)
    at = checked.position.tolist()
    agent_at = {vertex: agent for agent, vertex in enumerate(at)}
    last_step = [-1] * len(at)
    step_now = 0
    for index, (step, agent, edge) in enumerate(plan.moves.tolist()):
        where = f"move {index} (step {step}, agent {agent}, edge {edge})"
        if step < step_now or step >= plan.steps:
            raise PlanViolation(f"{where}: its step is out of order or beyond the plan's {plan.steps} steps")
        step_now = step
        if last_step[agent] == step:
            raise PlanViolation(f"{where}: the agent moves twice in the step")
        last_step[agent] = step
        start, end = int(graph.edge_from[edge]), int(graph.edge_to[edge])
        if at[agent] != start:
            raise PlanViolation(f"{where}: the agent stands on {at[agent]}, the edge starts from {start}")
        if not checked.movable[agent]:
            raise PlanViolation(f"{where}: the agent may not move")
        if checked.edge_closed[edge]:
            raise PlanViolation(f"{where}: the edge is closed")
        if not int(graph.edge_graphs[edge]) & int(checked.graphs[agent]):
            raise PlanViolation(f"{where}: the edge is not on the agent's navigation graphs")
        if not checked.allowed[checked.agent_class[agent], end]:
            raise PlanViolation(f"{where}: vertex {end} is not allowed for the agent's class")
        for vertex in graph.clear_idx[graph.clear_ptr[edge] : graph.clear_ptr[edge + 1]].tolist():
            other = agent_at.get(vertex, agent)
            if other != agent:
                raise PlanViolation(f"{where}: agent {other} stands on vertex {vertex}, which must be clear")
        del agent_at[start]
        agent_at[end] = agent
        at[agent] = end
    if at != plan.final_position.tolist():
        raise PlanViolation("final_position differs from where the moves lead")
    goal = checked.goal
    if plan.complete != bool(((goal < 0) | (np.array(at) == goal)).all()):
        raise PlanViolation("complete does not say whether every agent is at its goal")
