"""The loader reads the editor's format completely and names what is wrong with a file, level and vertex."""

from __future__ import annotations

import copy
import math
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from maps_for_tests import SHARED_MAPS, set_at, two_levels

from building_ctrl.building.document import format_document, parse_document
from building_ctrl.building.findings import MapError, Severity
from building_ctrl.building.lint import lint
from building_ctrl.building.loader import load_map, parse_map
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.model.building import DoorKind, LiftKind


def load(document: dict[str, Any]) -> Any:
    return parse_map(format_document(document), "small.building.yaml")


def codes(document: dict[str, Any], severity: Severity = Severity.ERROR) -> set[str]:
    try:
        findings = load(document).findings
    except MapError as error:
        findings = error.findings
    return {finding.code for finding in findings if finding.severity is severity}


def test_levels_are_scaled_flipped_and_laid_over_each_other() -> None:
    building = load(two_levels()).building
    assert [level.name for level in building.levels] == ["L1", "L2"]
    first, second = building.levels
    assert (first.vertices[2].x_m, first.vertices[2].y_m) == pytest.approx((10.0, 0.0))
    assert (first.vertices[3].x_m, first.vertices[3].y_m) == pytest.approx((10.0, 3.0))
    assert [(v.x_m, v.y_m) for v in second.vertices] == [
        pytest.approx((0.0, 0.0)), pytest.approx((10.0, 0.0)), pytest.approx((10.0, 3.0)),
    ]  # fmt: skip
    assert second.elevation_m == 4.5


def test_lanes_flags_doors_and_floors() -> None:
    level = load(two_levels()).building.levels[0]
    assert level.vertices[0].is_charger and level.vertices[0].spawn_robot_name == "r1"
    assert [lane.bidirectional for lane in level.lanes] == [True, False, False, True]
    assert [lane.graph_idx for lane in level.lanes] == [0, 1, 1, 0]
    assert level.lanes[1].speed_limit_mps == 0.5 and level.lanes[2].orientation == "backward"
    door = level.doors[0]
    assert (door.name, door.kind, door.level) == ("front_door", DoorKind.DOUBLE_SLIDING, "L1")
    assert door.start == pytest.approx((2.5, 0.7)) and door.end == pytest.approx((2.5, -0.7))
    assert level.floors[0].vertices == (0, 2, 3)
    assert (level.walls[0].start, level.walls[0].end) == (4, 5)


def test_lifts_with_several_doors() -> None:
    lift = load(two_levels()).building.lifts[0]
    assert (lift.x_m, lift.y_m) == pytest.approx((10.0, 3.0))
    assert lift.level_doors == (("L1", ("south",)), ("L2", ("south", "east")))
    assert lift.levels == ("L1", "L2") and lift.initial_level == "L2" and lift.kind is LiftKind.SHARED
    assert [door.kind for door in lift.doors] == [DoorKind.DOUBLE_SLIDING, DoorKind.SLIDING]
    assert lift.doors[1].yaw_rad == pytest.approx(math.pi / 2, abs=1e-4)
    assert (
        load(set_at(two_levels(), ("lifts", "lift", "kind"), "robot_only")).building.lifts[0].kind
        is LiftKind.ROBOT_ONLY
    )


def test_a_lift_referred_to_a_turned_level_turns_with_it() -> None:
    document = two_levels()
    document["lifts"]["lift"].update({"reference_floor_name": "L2", "x": 80, "y": 220, "yaw": 0.0})
    lift = load(document).building.lifts[0]
    assert (lift.x_m, lift.y_m) == pytest.approx((10.0, 3.0))
    assert lift.yaw_rad == pytest.approx(math.pi / 2)


def test_levels_between_lowest_and_highest_floor_are_served() -> None:
    document = set_at(two_levels(), ("lifts", "lift", "highest_floor"), "L1")
    assert load(document).building.lifts[0].levels == ("L1",)


def test_unmarked_vertices_in_a_cabin_belong_to_it_as_in_open_rmf() -> None:
    document = set_at(two_levels(), ("levels", "L1", "vertices", 3), [100, -30, 0, ""])
    assert load(document).building.levels[0].vertices[3].lift_cabin == "lift"


def test_cartesian_metres_are_taken_as_they_are() -> None:
    document = two_levels()
    document["coordinate_system"] = "cartesian_meters"
    building = load(document).building
    assert (building.levels[0].vertices[3].x_m, building.levels[0].vertices[3].y_m) == (100.0, -30.0)
    assert (building.lifts[0].x_m, building.lifts[0].y_m) == (100.0, -30.0)


@pytest.mark.parametrize("kind", [k for k in DoorKind if k is not DoorKind.UNKNOWN])
def test_every_kind_of_door(kind: DoorKind) -> None:
    document = set_at(two_levels(), ("levels", "L1", "doors", 0, 2, "type"), [1, kind.value])
    assert load(document).building.levels[0].doors[0].kind is kind
    document = set_at(two_levels(), ("levels", "L1", "doors", 0, 2, "kind"), [1, kind.value])
    assert load(document).building.levels[0].doors[0].kind is kind


L1: tuple[Any, ...] = ("levels", "L1")


@pytest.mark.parametrize(
    ("path", "value", "code", "where"),
    [
        ((*L1, "vertices", 1), [50, float("nan"), 0, "middle"], "not_finite", "L1, vertex 1 'middle'"),
        ((*L1, "vertices", 1), [50, "y", 0, "middle"], "wrong_type", "L1, vertex 1 'middle'"),
        ((*L1, "vertices", 1), [50, 1e300, 0, "middle"], "out_of_range", "L1, vertex 1 'middle'"),
        ((*L1, "vertices", 1), [10**400, 0, 0, "middle"], "out_of_range", "L1, vertex 1 'middle'"),
        ((*L1, "vertices", 1), "x", "wrong_type", "L1, vertex 1"),
        ((*L1, "vertices"), 5, "wrong_type", "L1"),
        ((*L1, "vertices", 1, 3), "home", "name_twice", "L1, vertex 1 'home'"),
        ((*L1, "vertices", 0, 4), {"is_charger": [1, "perhaps"]}, "wrong_type", "L1, vertex 0 'home'"),
        ((*L1, "vertices", 0, 4), {"is_charger": [1]}, "wrong_type", "L1, vertex 0 'home'"),
        ((*L1, "vertices", 3, 4), {"lift_cabin": [1, "ghost"]}, "unknown_lift", "L1, vertex 3"),
        ((*L1, "lanes", 1), [1, 99, {}], "bad_index", "L1, lane 1"),
        ((*L1, "lanes", 1), [-1, 2, {}], "bad_index", "L1, lane 1"),
        ((*L1, "lanes", 1), [1, 1, {}], "lane_zero", "L1, lane 1"),
        ((*L1, "lanes", 1), [1], "wrong_type", "L1, lane 1"),
        ((*L1, "lanes", 1, 2), {"graph_idx": [2, 40]}, "out_of_range", "L1, lane 1"),
        ((*L1, "lanes", 1, 2), {"speed_limit": [3, -1.0]}, "out_of_range", "L1, lane 1"),
        ((*L1, "walls", 0), [4, 77, {}], "bad_index", "L1, wall 0"),
        ((*L1, "floors", 0), {"vertices": [0, 1, 50]}, "bad_index", "L1, floor 0"),
        ((*L1, "doors", 0), [4, 4, {"name": [1, "front_door"]}], "door_zero", "L1, door 'front_door'"),
        ((*L1, "measurements"), [], "no_scale", "L1"),
        ((*L1, "measurements", 0, 2), {"distance": [3, 0]}, "measurement_zero", "L1, measurement 0"),
        (("levels", "L2", "fiducials"), [], "no_scale", "L2"),
        (("levels", "L2", "fiducials"), [[5, 5, "a"], [5, 5, "b"]], "fiducials_coincide", "L2"),
        (("levels",), {}, "no_levels", ""),
        (("levels",), [1], "no_levels", ""),
        (("coordinate_system",), "wgs84", "coordinate_system", ""),
        (("reference_level_name",), "L9", "reference_level", ""),
        (("lifts", "lift", "level_doors"), {"L9": ["south"]}, "lift_level", "lift 'lift'"),
        (("lifts", "lift", "level_doors"), {"L1": ["north"]}, "lift_door", "lift 'lift'"),
        (("lifts", "lift", "highest_floor"), "L9", "lift_level", "lift 'lift'"),
        (("lifts", "lift", "width"), 0, "lift_size", "lift 'lift'"),
        (("lifts", "lift", "kind"), "rocket", "lift_kind", "lift 'lift'"),
        (("lifts", "lift", "doors", "south", "door_type"), 9, "lift_door_kind", "lift 'lift', door 'south'"),
    ],
)  # fmt: skip
def test_errors_name_level_and_item(path: tuple[Any, ...], value: object, code: str, where: str) -> None:
    with pytest.raises(MapError) as caught:
        load(set_at(two_levels(), path, value))
    found = {(finding.code, finding.where) for finding in caught.value.errors}
    assert (code, where) in found
    line = str(caught.value)
    assert line.startswith("small.building.yaml: ") and "\n" not in line


def test_all_problems_are_gathered() -> None:
    document = two_levels()
    set_at(document, (*L1, "lanes", 0), [0, 99, {}])
    set_at(document, (*L1, "vertices", 4, 0), None)
    set_at(document, ("lifts", "lift", "kind"), "rocket")
    assert {"bad_index", "wrong_type", "lift_kind"} <= codes(document)


def test_names_that_must_be_unique_in_the_building() -> None:
    document = two_levels()
    document["levels"]["L2"]["doors"] = [[0, 1, {"name": [1, "front_door"], "type": [1, "sliding"]}]]
    document["levels"]["L2"]["vertices"][1].append({"spawn_robot_name": [1, "r1"]})
    assert {"door_twice", "robot_twice"} <= codes(document)


def test_a_map_without_lanes_is_refused_and_a_level_without_is_not() -> None:
    document = two_levels()
    document["levels"]["L2"]["lanes"] = []
    assert "level_no_lanes" in codes(document, Severity.WARNING)
    document["levels"]["L1"]["lanes"] = []
    assert "no_lanes" in codes(document)
    document = two_levels()
    document["levels"]["L3"] = {"elevation": 9}
    assert "level_empty" in codes(document, Severity.WARNING)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ((*L1, "measurements"), [[0, 2, {"distance": [3, 10]}], [0, 1, {"distance": [3, 6]}]],
         "measurements_differ"),
        ((*L1, "doors", 0, 2), {"type": [1, "sliding"]}, "door_no_name"),
        ((*L1, "doors", 0, 2), {"name": [1, "d"], "type": [1, "portal"]}, "door_kind"),
        ((*L1, "lanes", 0, 2), {"orientation": [1, "sideways"]}, "orientation"),
        (("levels", "L2", "elevation"), 0, "same_elevation"),
        (("levels", "L2", "fiducials", 2), [140, 20, "c"], "fiducials_disagree"),
        (("levels", "L2", "measurements"), [[0, 1, {"distance": [3, 14]}]], "scale_differs"),
        ((*L1, "vertices", 3, 1), -55, "cabin_outside"),
        (("levels", "L2", "vertices", 2), [200, 220, 0, ""], "lift_no_cabin"),
        (("lifts", "lift", "level_doors"), {}, "lift_no_doors"),
    ],
)  # fmt: skip
def test_doubtful_maps_load_with_a_warning(path: tuple[Any, ...], value: object, code: str) -> None:
    document = set_at(two_levels(), path, value)
    assert code in codes(document, Severity.WARNING)
    assert code not in codes(document, Severity.ERROR)


def test_a_level_with_one_shared_fiducial_takes_its_own_scale() -> None:
    document = two_levels()
    document["levels"]["L2"]["fiducials"] = [[20, 20, "a"]]
    document["levels"]["L2"]["measurements"] = [[0, 1, {"distance": [3, 10]}]]
    loaded = load(document)
    assert "one_fiducial" in {finding.code for finding in loaded.findings}
    far = loaded.building.levels[1].vertices[1]
    assert (far.x_m, far.y_m) == pytest.approx((0.0, -10.0))


def test_every_finding_has_a_text() -> None:
    for finding in (*load(two_levels()).findings, *_errors_of_a_ruined_map()):
        assert finding.what and finding.advice and "{" not in finding.what


def _errors_of_a_ruined_map() -> tuple[Any, ...]:
    document = two_levels()
    for path in ((*L1, "vertices"), (*L1, "lanes"), ("lifts", "lift", "doors")):
        set_at(document, path, "gone")
    with pytest.raises(MapError) as caught:
        load(document)
    return caught.value.findings


def _paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [p for key, child in children for p in ((*path, key), *_paths(child, (*path, key)))]


GARBAGE = (
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=5)
    | st.lists(st.integers(-3, 9) | st.floats(-1e9, 1e9) | st.text(max_size=2), max_size=5)
    | st.dictionaries(st.text(max_size=3) | st.integers(0, 3), st.lists(st.integers(0, 4)), max_size=3)
    | st.sampled_from(["L1", "L2", "lift", "south", "home", 0, 1, 2, -1, 3.0, {}, [], [0, 0], [0, 0, 0, "x"]])
)  # fmt: skip


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_ruined_maps_raise_map_errors_and_nothing_else(data: st.DataObject) -> None:
    document = two_levels()
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(_paths(document)))
        if data.draw(st.booleans()):
            set_at(document, path, copy.deepcopy(data.draw(GARBAGE)))
        else:
            node: Any = document
            for key in path[:-1]:
                node = node[key]
            node.pop(path[-1])
        if not _paths(document):
            return
    try:
        loaded = load(document)
    except MapError as error:
        assert error.errors and str(error)
        return
    for finding in (*loaded.findings, *lint(loaded.building, build_roadmap(loaded.building))):
        assert str(finding)


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("office", {"L1": (73, 30, 33, 3)}),
        ("hotel", {"L1": (107, 58, 56, 5), "L2": (123, 32, 99, 7), "L3": (123, 32, 99, 7)}),
    ],
)
def test_maps_drawn_by_others(name: str, levels: dict[str, tuple[int, int, int, int]]) -> None:
    path = SHARED_MAPS / name / f"{name}.building.yaml"
    if not path.exists():
        pytest.skip(f"no demo map {name} beside the checkout")
    loaded = load_map(path)
    found = {
        level.name: (len(level.vertices), len(level.lanes), len(level.walls), len(level.doors))
        for level in loaded.building.levels
    }
    assert found == levels
    assert not [f for f in loaded.findings if f.severity is not Severity.INFO]
    assert parse_document(format_document(loaded.document)) == loaded.document
    for lift in loaded.building.lifts:
        assert lift.levels == ("L1", "L2", "L3")
        cabins = [v for level in loaded.building.levels for v in level.vertices if v.lift_cabin == lift.name]
        assert len(cabins) == 3
        assert all(math.hypot(v.x_m - lift.x_m, v.y_m - lift.y_m) < 0.1 for v in cabins)
