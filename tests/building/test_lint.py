"""Each fault that lint knows is found where it is, and named."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.building.connectivity import cut_sizes, neighbours, strong_components
from building_ctrl.building.findings import Finding
from building_ctrl.building.lint import lint
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.model.building import Building, Door, DoorKind, Lane, Level, Lift, LiftDoor, Vertex, Wall


def named(index: int, x: float, y: float, name: str = "", **flags: object) -> Vertex:
    return Vertex(index, x, y, name, **flags)  # type: ignore[arg-type]


def found(level: Level, *others: Level, lifts: tuple[Lift, ...] = ()) -> dict[str, list[Finding]]:
    building = Building("b", (level, *others), lifts)
    result: dict[str, list[Finding]] = {}
    for finding in lint(building, build_roadmap(building)):
        assert str(finding) and finding.advice
        result.setdefault(finding.code, []).append(finding)
    return result


def lanes(*pairs: tuple[int, int], graph_idx: int = 0, bidirectional: bool = True) -> tuple[Lane, ...]:
    return tuple(Lane(i, a, b, bidirectional, graph_idx) for i, (a, b) in enumerate(pairs))


def test_a_place_in_the_middle_of_a_corridor_cuts_the_ends_apart() -> None:
    level = Level(
        "L1", 0, (named(0, 0, 0, "a"), named(1, 5, 0, "b"), named(2, 10, 0, "c")), lanes((0, 1), (1, 2))
    )
    result = found(level)
    assert [f.where for f in result["cuts_off"]] == ["L1, vertex 1 'b'"]
    assert "on_lane" not in result


def test_a_place_beside_the_lane_but_too_near_cuts_too() -> None:
    vertices = (named(0, 0, 0, "a"), named(1, 5, 0), named(2, 10, 0, "c"), named(3, 5, 0.5, "b"))
    assert [f.item for f in found(Level("L1", 0, vertices, lanes((0, 1), (1, 2), (1, 3))))["cuts_off"]] == [
        "vertex 3 'b'"
    ]
    vertices = (*vertices[:3], named(3, 5, 1.0, "b"))
    assert "cuts_off" not in found(Level("L1", 0, vertices, lanes((0, 1), (1, 2), (1, 3))))


def test_a_place_on_a_ring_is_only_worth_a_note() -> None:
    vertices = (named(0, 0, 0, "a"), named(1, 5, 0), named(2, 5, 5), named(3, 0, 5), named(4, 7, 0, "b"))
    result = found(Level("L1", 0, vertices, lanes((0, 1), (1, 2), (2, 3), (3, 0), (1, 4))))
    assert "cuts_off" not in result and [f.item for f in result["on_lane"]] == ["vertex 0 'a'"]


def test_places_too_near_each_other() -> None:
    vertices = (
        named(0, 0, 0),
        named(1, 5, 0),
        named(2, 2.3, 2, "b"),
        named(3, 2.8, 2, "c"),
        named(4, 2.5, 0),
    )
    result = found(Level("L1", 0, vertices, lanes((0, 4), (4, 1), (4, 2), (4, 3))))
    assert [(f.item, f.values["other"]) for f in result["places_too_near"]] == [
        ("vertex 2 'b'", "vertex 3 'c'")
    ]


def test_unreachable_places_by_graph_and_one_way() -> None:
    vertices = (
        named(0, 0, 0, "a"),
        named(1, 5, 0, "b"),
        named(2, 10, 0, "c"),
        named(3, 0, 5, "far"),
        named(4, 5, 5, "out"),
    )
    level = Level(
        "L1", 0, vertices, (Lane(0, 0, 1), Lane(1, 1, 2, bidirectional=False), Lane(2, 3, 4, graph_idx=1))
    )
    result = found(level)
    assert [(f.item, f.values["graph"]) for f in result["unreached"]] == [("vertex 2 'c'", 0)]


def test_a_level_that_no_lift_joins_is_unreachable() -> None:
    first = Level(
        "L1", 0, (named(0, 0, 0, "a"), named(1, 3, 0, "b"), named(2, 3, 3, "c")), lanes((0, 1), (1, 2))
    )
    second = Level("L2", 4, (named(0, 0, 0, "x"), named(1, 0, 4, lift_cabin="lift")), lanes((0, 1)))
    lift = Lift("lift", 0, 4, 0, 2, 2, (LiftDoor("d", 0, -1, 0, 1),), (("L2", ("d",)),), "L2", "L2")
    result = found(first, second, lifts=(lift,))
    assert [f.where for f in result["unreached"]] == ["L2, vertex 0 'x'"]
    assert [f.where for f in result["lift_unreached"]] == ["L2, vertex 1"]
    joined = Level(
        "L1", 0, (*first.vertices, named(3, 0, 4, lift_cabin="lift")), (*first.lanes, Lane(2, 0, 3))
    )
    both = Lift("lift", 0, 4, 0, 2, 2, lift.doors, (("L1", ("d",)), ("L2", ("d",))), "L1", "L1")
    result = found(joined, second, lifts=(both,))
    assert "unreached" not in result and "lift_unreached" not in result


def test_lanes_too_near_to_walls() -> None:
    vertices = (
        named(0, 0, 0, "a"),
        named(1, 5, 0, "b"),
        named(2, 0, 0.35),
        named(3, 5, 0.35),
        named(4, 2, -1),
        named(5, 2, 1),
    )
    near = found(Level("L1", 0, vertices, lanes((0, 1)), walls=(Wall(2, 3),)))
    assert [f.item for f in near["narrow"]] == ["lane 0 (vertex 0 to 1)"]
    through = found(Level("L1", 0, vertices, lanes((0, 1)), walls=(Wall(4, 5),)))
    assert [f.item for f in through["through_wall"]] == ["lane 0 (vertex 0 to 1)"]
    clear = (*vertices[:2], named(2, 0, 0.45), named(3, 5, 0.45))
    assert not {"narrow", "through_wall"} & set(
        found(Level("L1", 0, clear, lanes((0, 1)), walls=(Wall(2, 3),)))
    )


def test_doors_that_are_narrow_unused_or_waited_in() -> None:
    vertices = (named(0, 0, 0, "a"), named(1, 5, 0, "b"), named(2, 5.3, 0, "c"), named(3, 10, 0, "d"))
    doors = (
        Door("slit", "L1", DoorKind.SLIDING, (2.5, -0.3), (2.5, 0.3)),
        Door("aside", "L1", DoorKind.SLIDING, (2.5, 3), (2.5, 4)),
        Door("held", "L1", DoorKind.SLIDING, (5.5, -0.6), (5.5, 0.6)),
    )
    result = found(Level("L1", 0, vertices, lanes((0, 1), (1, 2), (2, 3)), doors=doors))
    assert [f.item for f in result["door_narrow"]] == ["door 'slit'"]
    assert [f.item for f in result["door_unused"]] == ["door 'aside'"]
    assert [f.item for f in result["in_doorway"]] == ["vertex 2 'c'"]


def test_waiting_in_the_swing_of_a_door() -> None:
    vertices = (named(0, 0, 0, "a"), named(1, 2, 0, "b"), named(2, 6, 0, "c"))
    door = Door("flap", "L1", DoorKind.HINGED, (3.0, -0.6), (3.0, 0.6), motion_direction=-1)
    result = found(Level("L1", 0, vertices, lanes((0, 1), (1, 2)), doors=(door,)))
    assert [f.item for f in result["in_swing"]] == ["vertex 1 'b'"]
    outwards = Door("flap", "L1", DoorKind.HINGED, (3.0, -0.6), (3.0, 0.6), motion_direction=1)
    assert "in_swing" not in found(Level("L1", 0, vertices, lanes((0, 1), (1, 2)), doors=(outwards,)))


def test_bottlenecks_dead_ends_and_capacity() -> None:
    vertices = (
        named(0, 0, 0, "a", spawn_robot_name="r1"), named(1, 0, 4, "b", spawn_robot_name="r2"),
        named(2, 2, 2), named(3, 8, 2),
        named(4, 10, 0, "c", spawn_robot_name="r3"), named(5, 10, 4, "d", spawn_robot_name="r4"),
        named(6, 30, 2, "e", spawn_robot_name="r5"),
    )  # fmt: skip
    result = found(Level("L1", 0, vertices, lanes((0, 2), (1, 2), (2, 3), (3, 4), (3, 5), (3, 6))))
    assert result["cutting"][0].values["size"] == 3 and result["cutting"][0].values["count"] == 7
    assert [f.item for f in result["dead_end"]] == ["vertex 6 'e'"]
    capacity = result["capacity"][0].values
    assert (capacity["rest"], capacity["robots"]) == (5, 5)
    line = Level("L1", 0, (named(0, 0, 0, "a"), named(1, 5, 0, "b", spawn_robot_name="r1"),
                           named(2, 10, 0, "c", spawn_robot_name="r2")), lanes((0, 1), (1, 2)))  # fmt: skip
    assert "too_many_robots" not in found(line)
    full = Level("L1", 0, (*line.vertices[:2], named(2, 10, 0, "c", spawn_robot_name="r2"),
                           named(3, 15, 0, "d", spawn_robot_name="r3"),
                           named(4, 20, 0, "e", spawn_robot_name="r4")),
                 lanes((0, 1), (1, 2), (2, 3), (3, 4)))  # fmt: skip
    assert [f.level for f in found(full)["too_many_robots"]] == ["L1"]


def test_places_off_every_lane_and_merged_vertices() -> None:
    vertices = (
        named(0, 0, 0, "a"),
        named(1, 5, 0, "b"),
        named(2, 5.02, 0, "twin"),
        named(3, 9, 0),
        named(4, 3, 3, "lost"),
    )
    result = found(Level("L1", 0, vertices, lanes((0, 1), (2, 3), (0, 3))))
    assert [f.item for f in result["off_lanes"]] == ["vertex 4 'lost'"]
    assert [f.item for f in result["vertices_merged"]] == ["vertex 2 'twin'"]
    assert [f.item for f in result["name_lost"]] == ["vertex 2 'twin'"]


PAIRS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda p: p[0] != p[1]), max_size=14)


def closure(count: int, pairs: list[tuple[int, int]], without: int = -1) -> list[list[bool]]:
    """Who reaches whom, by Warshall's algorithm."""
    reach = [[a == b for b in range(count)] for a in range(count)]
    for a, b in pairs:
        if without not in (a, b):
            reach[a][b] = True
    for k, a, b in itertools.product(range(count), repeat=3):
        reach[a][b] |= reach[a][k] and reach[k][b]
    return reach


@given(PAIRS)
@settings(max_examples=150, deadline=None)
def test_strong_components_are_those_of_the_closure(pairs: list[tuple[int, int]]) -> None:
    component = strong_components(neighbours(8, pairs))
    reach = closure(8, pairs)
    for a, b in itertools.product(range(8), repeat=2):
        assert (component[a] == component[b]) == (reach[a][b] and reach[b][a])


@given(PAIRS, st.lists(st.integers(0, 2), min_size=8, max_size=8))
@settings(max_examples=150, deadline=None)
def test_cuts_are_what_removing_the_vertex_does(pairs: list[tuple[int, int]], weight: list[int]) -> None:
    both = [*pairs, *((b, a) for a, b in pairs)]
    cuts = cut_sizes(neighbours(8, both), weight)
    whole = closure(8, both)
    for vertex in range(8):
        rest = closure(8, both, without=vertex)
        others = [v for v in range(8) if v != vertex and whole[vertex][v]]
        parts = {frozenset(w for w in others if rest[v][w]) for v in others}
        sizes = sorted(sum(weight[v] for v in part) for part in parts)
        assert (vertex in cuts) == (len(parts) > 1)
        if len(parts) > 1:
            assert cuts[vertex] == sum(sizes[:-1])
