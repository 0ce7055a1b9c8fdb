"""An optimal solver for small cases, to compare plans with: A* over joint states.

Its model is the one of building_ctrl.core.path.solver, said in other words: in one step every robot stays or goes
along one edge, and the moves of a step can be put in an order in which each robot moves alone past standing ones.
The cost is the number of steps until each robot stands on its goal for good, summed over the robots.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import count, product

from building_ctrl.core.path.solver import PlanningGraph

State = tuple[int, ...]


def optimal_cost(graph: PlanningGraph, start: State, goal: State, most_states: int = 400_000) -> int | None:
    """Least sum of costs; None where there is no solution. Raises RuntimeError after `most_states` states.

    A robot that has come to its goal may leave it again and then pays for the steps it stood there: the state holds
    how many steps each robot on its goal has not paid for, as "at rest for good or not" would need to know the future.
    """
    to_go = [_steps_to(graph, vertex) for vertex in goal]
    if any(start[i] not in to_go[i] for i in range(len(start))):
        return None
    first = (start, tuple(0 for _ in start))
    best = {first: 0}
    number = count()
    queue = [(sum(to_go[i][v] for i, v in enumerate(start)), next(number), 0, first)]
    while queue:
        _, _, cost, (at, unpaid) = heapq.heappop(queue)
        if best[at, unpaid] < cost:
            continue
        if at == goal:
            return cost
        if len(best) > most_states:
            raise RuntimeError(f"more than {most_states} states")
        for after in _steps(graph, at):
            step_cost, owed = _charge(at, after, goal, unpaid)
            state, total = (after, owed), cost + step_cost
            if total < best.get(state, total + 1):
                best[state] = total
                estimate = total + sum(to_go[i].get(v, 10**6) for i, v in enumerate(after))
                heapq.heappush(queue, (estimate, next(number), total, state))
    return None


def _charge(at: State, after: State, goal: State, unpaid: State) -> tuple[int, State]:
    """(cost of a step, steps each robot has stood on its goal without paying)."""
    cost, owed = 0, []
    for i in range(len(at)):
        stays_home = at[i] == after[i] == goal[i]
        cost += 0 if stays_home else 1 + unpaid[i]
        owed.append(unpaid[i] + 1 if stays_home else 0)
    return cost, tuple(owed)


def _steps(graph: PlanningGraph, at: State) -> Iterator[State]:
    """All states one step may lead to."""
    seen = set()
    for moves in product(*[_options(graph, vertex) for vertex in at]):
        after = tuple(vertex for _, vertex in moves)
        if len(set(after)) == len(after) and after not in seen and _has_an_order(graph, at, moves):
            seen.add(after)
            yield after


def _options(graph: PlanningGraph, vertex: int) -> list[tuple[int, int]]:
    """(edge, vertex) a robot may take, (-1, vertex) for staying."""
    edges = range(int(graph.edge_ptr[vertex]), int(graph.edge_ptr[vertex + 1]))
    return [(-1, vertex), *((edge, int(graph.edge_to[edge])) for edge in edges)]


def _has_an_order(graph: PlanningGraph, at: State, moves: tuple[tuple[int, int], ...]) -> bool:
    """Whether the moves can be made one after another, each while no other robot stands where it sweeps."""
    movers = [i for i, (edge, _) in enumerate(moves) if edge >= 0]
    standing = set(at) - {at[i] for i in movers}
    order: TopologicalSorter[int] = TopologicalSorter()
    for i in movers:
        swept = _clear(graph, moves[i][0])
        if swept & standing:
            return False
        for other in movers:
            if other != i and at[other] in swept:
                order.add(i, other)
            if other != i and moves[other][1] in swept:
                order.add(other, i)
    try:
        order.prepare()
    except CycleError:
        return False
    return True


def _clear(graph: PlanningGraph, edge: int) -> set[int]:
    return set(graph.clear_idx[graph.clear_ptr[edge] : graph.clear_ptr[edge + 1]].tolist())


def _steps_to(graph: PlanningGraph, goal: int) -> dict[int, int]:
    """Steps from each vertex to the goal."""
    before: dict[int, list[int]] = {}
    for vertex in range(graph.n_vertices):
        for _, after in _options(graph, vertex):
            before.setdefault(after, []).append(vertex)
    steps, todo = {goal: 0}, deque([goal])
    while todo:
        vertex = todo.popleft()
        for previous in before.get(vertex, ()):
            if previous not in steps:
                steps[previous] = steps[vertex] + 1
                todo.append(previous)
    return steps
