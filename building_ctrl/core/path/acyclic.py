"""A check, independent of how plans are made and released, that no robot waits for itself through others.

Every released and every planned move of a level is a node of the Action Dependency Graph (Hoenig et al., RA-L 2019).
A move waits for the one before it of its own robot, for earlier moves of others that its sweep touches, and for
whoever stands on a vertex it sweeps to have left it. The graph is taken apart in topological order (Kahn, 1962); what
is left over waits for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from building_ctrl.core.path.agent import Agent
from building_ctrl.core.path.level import LevelCoordinator
from building_ctrl.model.roadmap import LevelRoadmap

Move = tuple[str, int]


def unsound(level: LevelCoordinator) -> str:
    """Why the moves of a level could meet or wait for each other for ever; empty where they cannot."""
    rows = level.roadmap
    released = [(agent.name, action.edge) for agent in level.agents.values() for action in agent.actions]
    touching = _touching_pair(rows, released)
    if touching:
        return f"stretches released to {touching[0]} and {touching[1]} on level {rows.level} touch"
    waits = dependencies(rows, level.agents, released, level.plan)
    left = _not_in_order(waits)
    moves = [*released, *level.plan]
    names = sorted({moves[node][0] for node in left})
    return f"moves of {', '.join(names)} on level {rows.level} wait for each other" if names else ""


def dependencies(
    rows: LevelRoadmap, agents: Mapping[str, Agent], released: Sequence[Move], planned: Sequence[Move]
) -> list[set[int]]:
    """For each move, released ones first, the numbers of the moves it waits for.

    Whoever stands where a move sweeps and has no move left makes that move wait for itself: it never gets free.
    """
    moves = [*released, *planned]
    waits: list[set[int]] = [set() for _ in moves]
    last_of: dict[str, int] = {}
    sweeping: dict[int, list[int]] = {}  # edge -> earlier moves whose sweep touches it
    standing = {agent.vertex if agent.actions else agent.frontier: name for name, agent in agents.items()}
    leaves = _leaving_moves(rows, moves)
    for node, (name, edge) in enumerate(moves):
        if name in last_of:
            waits[node].add(last_of[name])
        waits[node].update(other for other in sweeping.get(edge, ()) if moves[other][0] != name)
        if node >= len(released):
            _wait_for_standing(rows, node, moves, standing, leaves, waits[node])
        _move_on(rows, name, edge, standing)
        last_of[name] = node
        for touched in rows.conflicts(edge).tolist():
            sweeping.setdefault(touched, []).append(node)
    return waits


def _wait_for_standing(
    rows: LevelRoadmap, node: int, moves: Sequence[Move], standing: Mapping[int, str],
    leaves: Mapping[Move, list[int]], waits: set[int],
) -> None:  # fmt: skip
    name, edge = moves[node]
    for vertex in rows.clear_idx[rows.clear_ptr[edge] : rows.clear_ptr[edge + 1]].tolist():
        other = standing.get(vertex, name)
        if other != name:
            later = [leaving for leaving in leaves.get((other, vertex), ()) if leaving > node]
            waits.add(later[0] if later else node)


def _leaving_moves(rows: LevelRoadmap, moves: Sequence[Move]) -> dict[Move, list[int]]:
    """(robot, vertex) -> numbers of its moves that start there."""
    found: dict[Move, list[int]] = {}
    for node, (name, edge) in enumerate(moves):
        found.setdefault((name, int(rows.edge_from[edge])), []).append(node)
    return found


def _move_on(rows: LevelRoadmap, name: str, edge: int, standing: dict[int, str]) -> None:
    if standing.get(int(rows.edge_from[edge])) == name:
        del standing[int(rows.edge_from[edge])]
    standing[int(rows.edge_to[edge])] = name


def _touching_pair(rows: LevelRoadmap, released: Iterable[Move]) -> tuple[str, str] | None:
    """Two robots with released, unfinished moves whose sweeps touch."""
    holder: dict[int, str] = {}
    for name, edge in released:
        other = holder.get(edge, name)
        if other != name:
            return other, name
        for touched in rows.conflicts(edge).tolist():
            holder.setdefault(touched, name)
    return None


def _not_in_order(waits: Sequence[set[int]]) -> list[int]:
    """Nodes that never become free when those that wait for nothing are taken away again and again."""
    waited_by: list[list[int]] = [[] for _ in waits]
    open_waits = [len(before) for before in waits]
    for node, before in enumerate(waits):
        for other in before:
            waited_by[other].append(node)
    free = [node for node, count in enumerate(open_waits) if count == 0]
    done = 0
    while free:
        done += 1
        for later in waited_by[free.pop()]:
            open_waits[later] -= 1
            if open_waits[later] == 0:
                free.append(later)
    return [node for node, count in enumerate(open_waits) if count > 0] if done < len(waits) else []
