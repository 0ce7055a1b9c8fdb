"""What lint says to each class of robots: where it does not fit, and what it leaves out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from test_lint import lanes, named

from building_ctrl.building.draw import draw_building
from building_ctrl.building.findings import Finding
from building_ctrl.building.lint import lint
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.building.sweeps import passage_width_m
from building_ctrl.model.building import Building, Door, DoorKind, Lane, Level, Lift, LiftDoor, Wall
from building_ctrl.model.footprint import circle, rectangle
from building_ctrl.model.robot_class import RobotClass, RobotClasses

SMALL, CART = RobotClass("small", circle(0.25)), RobotClass("cart", rectangle(0.9, 0.6))
BOTH = RobotClasses([SMALL, CART])


def found(level: Level, lifts: tuple[Lift, ...] = (), classes: RobotClasses = BOTH) -> dict[str, list[Finding]]:
    building = Building("b", (level,), lifts)
    result: dict[str, list[Finding]] = {}
    for finding in lint(building, build_roadmap(building, classes=classes)):
        assert str(finding) and finding.advice
        result.setdefault(finding.code, []).append(finding)
    return result


def corridor(half_width_m: float) -> Level:
    vertices = (
        named(0, 0, 0, "a"), named(1, 6, 0, "b"),
        named(2, -2, half_width_m), named(3, 8, half_width_m), named(4, -2, -half_width_m), named(5, 8, -half_width_m),
    )  # fmt: skip
    return Level("L1", 0, vertices, lanes((0, 1)), walls=(Wall(2, 3), Wall(4, 5)))


def items(findings: dict[str, list[Finding]], code: str) -> list[str]:
    return [finding.item for finding in findings.get(code, [])]


def test_corridors_from_wide_to_too_narrow() -> None:
    assert not {"narrow", "turn_narrow"} & set(found(corridor(0.70)))
    tight = found(corridor(0.55))
    assert items(tight, "turn_narrow") == [
        "vertex 0 'a' [cart]", "vertex 1 'b' [cart]", "lane 0 (vertex 0 to 1) [cart]"
    ]  # fmt: skip
    assert "narrow" not in tight
    narrow = found(corridor(0.40))
    assert items(narrow, "narrow") == ["lane 0 (vertex 0 to 1) [cart]"]
    assert narrow["narrow"][0].at == (3.0, 0.0)
    assert sorted(items(found(corridor(0.30)), "narrow")) == [
        "lane 0 (vertex 0 to 1) [cart]", "lane 0 (vertex 0 to 1) [small]"
    ]  # fmt: skip


def test_the_width_a_class_needs() -> None:
    assert passage_width_m(SMALL) == pytest.approx(0.7)
    assert 0.6 + 0.2 < passage_width_m(CART) < 2 * CART.reach_m


@pytest.mark.parametrize(("width_m", "narrow_for"), [(1.2, []), (0.8, ["cart"]), (0.6, ["small", "cart"])])
def test_doors(width_m: float, narrow_for: list[str]) -> None:
    door = Door("d", "L1", DoorKind.SLIDING, (3.0, -width_m / 2), (3.0, width_m / 2))
    level = Level("L1", 0, (named(0, 0, 0, "a"), named(1, 6, 0, "b")), lanes((0, 1)), doors=(door,))
    assert items(found(level), "door_narrow") == [f"door 'd' [{name}]" for name in narrow_for]


@pytest.mark.parametrize(("size_m", "small_for"), [(1.4, []), (1.1, ["cart"]), (0.6, ["small", "cart"])])
def test_cabins(size_m: float, small_for: list[str]) -> None:
    door = LiftDoor("front", 0.0, -size_m / 2, 0.0, 0.8)
    lift = Lift("lift", 0.0, 0.0, 0.0, size_m, size_m, (door,), (("L1", ("front",)),), "L1", "L1")
    vertices = (named(0, 0, -6, "a"), named(1, 0, -3), named(2, 0, 0, lift_cabin="lift"), named(3, 3, -3, "b"))
    result = found(Level("L1", 0, vertices, lanes((0, 1), (1, 2), (1, 3))), (lift,))
    assert items(result, "cabin_small") == [f"lift 'lift' [{name}]" for name in small_for]
    assert items(result, "lift_door_narrow") == ["lift 'lift' [cart]"]


def test_lanes_and_places_a_class_leaves_out() -> None:
    vertices = (named(0, 0, 0, "a"), named(1, 5, 0, "b"), named(2, 10, 0, "c"), named(3, 10, 5, "d"))
    drawn = (Lane(0, 0, 1), Lane(1, 1, 2, graph_idx=1), Lane(2, 2, 3, graph_idx=7))
    classes = RobotClasses([SMALL, RobotClass("cart", CART.footprint, graphs=(0, 1))])
    result = found(Level("L1", 0, vertices, drawn), classes=classes)
    assert [f.values["graph"] for f in result["no_class"]] == [7]
    assert items(result, "not_served") == ["vertex 2 'c' [small]", "vertex 3 'd' [small]", "vertex 3 'd' [cart]"]


def test_what_concerns_the_drawing_is_said_once() -> None:
    vertices = (named(0, 0, 0, "a"), named(1, 5, 0, "b"), named(2, 5.02, 0), named(3, 9, 0, "c"), named(4, 7, 7, "off"))
    result = found(Level("L1", 0, vertices, (Lane(0, 0, 1), Lane(1, 2, 3))))
    assert len(result["vertices_merged"]) == len(result["off_lanes"]) == 1


def test_findings_are_marked_on_the_picture(tmp_path: Path) -> None:
    building = Building("b", (corridor(0.4),))
    roadmap = build_roadmap(building, classes=BOTH)
    plain, marked = tmp_path / "plain.svg", tmp_path / "marked.svg"
    draw_building(building, roadmap, plain, width_inches=5.0)
    draw_building(building, roadmap, marked, width_inches=5.0, findings=lint(building, roadmap))
    ring = "#e03131"
    assert marked.read_text().count(ring) > 2 and ring not in plain.read_text()
