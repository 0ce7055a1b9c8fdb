"""Classes of robots come from a file; what is wrong with it is said in one line that names the place."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml

from building_ctrl.building.classes import ClassesError, given_classes, load_classes, parse_classes

ROOT = Path(__file__).resolve().parents[2]


def test_the_example_can_be_used() -> None:
    classes = load_classes(ROOT / "config" / "robot_classes.yaml")
    assert [robots.name for robots in classes.all] == ["courier", "cart"]
    assert classes.named("courier").footprint.radius_m == 0.25 and classes.named("courier").mask == 1
    assert classes.named("cart").footprint.radius_m == pytest.approx(math.hypot(0.45, 0.3))
    with pytest.raises(KeyError, match="no class 'tug'; there are courier, cart"):
        classes.named("tug")
    assert given_classes(None) is None


def test_every_field() -> None:
    row = {
        "name": "tug", "polygon": [[-0.4, -0.3], [0.6, 0.0], [-0.4, 0.3]], "tracking_error_m": 0.05,
        "heading_error_rad": 0.1, "graphs": [1, 3], "fleets": ["tugs"],
    }  # fmt: skip
    tug = parse_classes({"robot_classes": [row]}, "f").of_fleet("tugs")
    assert tug is not None and tug.mask == 0b1010 and tug.heading_error_rad == 0.1 and len(tug.footprint.corners) == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "wants a list `robot_classes:`"),
        ("robot_classes: []", "wants a list `robot_classes:`"),
        ("robot_classes: [3]", r"robot_classes\[0\]: wants a name and one of circle, rectangle, polygon"),
        ("robot_classes: [{name: a}]", r"\(a\): give one of circle, rectangle, polygon, not none"),
        ("robot_classes: [{name: a, circle: 0.3, rectangle: [1, 1]}]", "not circle and rectangle"),
        ("robot_classes: [{name: a, circle: .nan}]", "circle must be a number, not nan"),
        ("robot_classes: [{name: a, circle: 50}]", "a radius of 50 m: give one from"),
        ("robot_classes: [{name: a, rectangle: [1]}]", r"rectangle must be \[length, width\]"),
        ("robot_classes: [{name: a, rectangle: [1, 0]}]", "a width of 0 m"),
        ("robot_classes: [{name: a, polygon: [[0, 0], 1, 2]}]", "polygon must be a list, not 1"),
        ("robot_classes: [{name: a, circle: 0.3, tracking_error_m: -1}]", "tracking_error_m must be from 0 to 1"),
        ("robot_classes: [{name: a, circle: 0.3, graphs: [40]}]", "graphs must be whole numbers from 0 to 31"),
        ("robot_classes: [{name: a, circle: 0.3, speed: 1}]", "unknown field 'speed'"),
        ("robot_classes: [{name: a, circle: 0.3}, {name: a, circle: 0.4}]", "class 'a' is given twice"),
        ("robot_classes: [{circle: 0.3}]", "name must be a text, not None"),
    ],
)
def test_what_is_wrong_is_said(text: str, problem: str) -> None:
    with pytest.raises(ClassesError, match=problem) as raised:
        parse_classes(yaml.safe_load(text), "robots.yaml")
    assert str(raised.value).startswith("robots.yaml: ") and "\n" not in str(raised.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ClassesError, match="can't be read: No such file"):
        load_classes(tmp_path / "none.yaml")
    bad = tmp_path / "bad.yaml"
    bad.write_text("robot_classes: [")
    with pytest.raises(ClassesError, match=r"bad\.yaml:1: not YAML"):
        load_classes(bad)
    bad.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ClassesError, match="not a text file"):
        load_classes(bad)
