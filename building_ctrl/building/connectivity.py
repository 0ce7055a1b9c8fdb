"""Graph questions about a roadmap: strong components, cutting vertices, what a parked robot cuts off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Adjacency = Sequence[Sequence[int]]


def reachable(adjacency: Adjacency, start: int, blocked: frozenset[int] | set[int] = frozenset()) -> set[int]:
    """Vertices reached from `start` without entering blocked ones."""
    seen = {start}
    stack = [start]
    while stack:
        for following in adjacency[stack.pop()]:
            if following not in seen and following not in blocked:
                seen.add(following)
                stack.append(following)
    return seen


def strong_components(adjacency: Adjacency) -> list[int]:
    """Component number of each vertex, equal for vertices that reach each other (Tarjan 1972, iterative)."""
    n = len(adjacency)
    component = [-1] * n
    order = [-1] * n
    low = [0] * n
    stack: list[int] = []
    on_stack = [False] * n
    counter = found = 0
    for root in range(n):
        if order[root] >= 0:
            continue
        work: list[tuple[int, int]] = [(root, 0)]
        while work:
            vertex, position = work.pop()
            if position == 0:
                order[vertex] = low[vertex] = counter
                counter += 1
                stack.append(vertex)
                on_stack[vertex] = True
            descended = False
            for index in range(position, len(adjacency[vertex])):
                following = adjacency[vertex][index]
                if order[following] < 0:
                    work.append((vertex, index + 1))
                    work.append((following, 0))
                    descended = True
                    break
                if on_stack[following]:
                    low[vertex] = min(low[vertex], order[following])
            if descended:
                continue
            if low[vertex] == order[vertex]:
                while True:
                    member = stack.pop()
                    on_stack[member] = False
                    component[member] = found
                    if member == vertex:
                        break
                found += 1
            if work:
                parent = work[-1][0]
                low[parent] = min(low[parent], low[vertex])
    return component


def cut_sizes(adjacency: Adjacency, weight: Sequence[int]) -> dict[int, int]:
    """Vertices whose removal splits their (undirected) part -> the weight they cut off from the heavier rest.

    Articulation points by depth-first search (Hopcroft and Tarjan 1973) with the weights of the subtrees.
    """
    n = len(adjacency)
    order = [-1] * n
    low = [0] * n
    total = list(weight)
    parent = [-1] * n
    hung: dict[int, list[int]] = {}
    roots: dict[int, int] = {}
    counter = 0
    for root in range(n):
        if order[root] >= 0:
            continue
        members: list[int] = []
        work: list[tuple[int, int]] = [(root, 0)]
        while work:
            vertex, position = work.pop()
            if position == 0:
                order[vertex] = low[vertex] = counter
                counter += 1
                members.append(vertex)
            descended = False
            for index in range(position, len(adjacency[vertex])):
                following = adjacency[vertex][index]
                if order[following] < 0:
                    parent[following] = vertex
                    work.append((vertex, index + 1))
                    work.append((following, 0))
                    descended = True
                    break
                if following != parent[vertex]:
                    low[vertex] = min(low[vertex], order[following])
            if descended:
                continue
            above = parent[vertex]
            if above >= 0:
                total[above] += total[vertex]
                low[above] = min(low[above], low[vertex])
                if low[vertex] >= order[above]:
                    hung.setdefault(above, []).append(total[vertex])
        roots.update(dict.fromkeys(members, root))
    cuts: dict[int, int] = {}
    for vertex, parts in hung.items():
        root = roots[vertex]
        rest = total[root] - weight[vertex] - sum(parts)
        pieces = parts if vertex == root else [*parts, rest]
        if len(pieces) > 1:
            cuts[vertex] = sum(pieces) - max(pieces)
    return cuts


def groups(members: Iterable[int], adjacency: Adjacency) -> list[list[int]]:
    """The members in connected groups, each sorted."""
    left = set(members)
    found: list[list[int]] = []
    for member in sorted(left):
        if member not in left:
            continue
        group = {member}
        stack = [member]
        left.discard(member)
        while stack:
            for following in adjacency[stack.pop()]:
                if following in left:
                    left.discard(following)
                    group.add(following)
                    stack.append(following)
        found.append(sorted(group))
    return found


def neighbours(count: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Adjacency lists of `count` vertices, each neighbour once, in order."""
    sets: Mapping[int, set[int]] = {vertex: set() for vertex in range(count)}
    for a, b in pairs:
        sets[a].add(b)
    return [sorted(sets[vertex]) for vertex in range(count)]
