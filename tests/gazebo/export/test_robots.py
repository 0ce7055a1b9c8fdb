"""Robots' bodies: as wide as their footprints, wheels and casters within them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from building_ctrl.gazebo.export.building import describe
from building_ctrl.gazebo.export.files import write_world
from building_ctrl.gazebo.index import read_index
from building_ctrl.gazebo.names import CLASSIC_FILE, GZ_FILE, INDEX_FILE
from building_ctrl.gazebo.world import Cylinder, Part, Prism
from building_ctrl.model.footprint import Footprint, circle, polygon, rectangle

from .worlds import building, complaints, robot

SHAPES = {
    "circle": circle(0.25),
    "cart": rectangle(0.9, 0.6),
    "off its middle": polygon(((0.5, 0.0), (0.2, 0.3), (-0.4, 0.3), (-0.4, -0.3), (0.2, -0.3))),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_body_is_the_footprint_and_holds_wheels_and_casters(name: str, tmp_path: Path) -> None:
    footprint: Footprint = SHAPES[name]
    one = replace(robot(), radius_m=footprint.radius_m, footprint=footprint)
    world = describe(building(), [one])
    (model,) = [m for m in world.models if m.robot is not None]
    parts = {part.name: part for part in model.links[0].parts}
    body = parts["body"].shape
    if footprint.is_circle:
        assert body == Cylinder(0.25, 0.32)
    else:
        assert body == Prism((footprint.corners,), 0.32)
    entry = world.index.robots[0]
    assert entry.wheel_separation_m / 2.0 + 0.02 < footprint.width_m / 2.0
    front, back = (_x(parts[n]) for n in ("caster_front", "caster_back"))
    low, high = min(x for x, _ in footprint.corners), max(x for x, _ in footprint.corners)
    assert low - footprint.rounding_m < back < 0.0 < front < high + footprint.rounding_m
    write_world(world, tmp_path)
    assert read_index(tmp_path / INDEX_FILE) == world.index
    for file in (CLASSIC_FILE, GZ_FILE):
        assert complaints(tmp_path / file) == ""


def _x(part: Part) -> float:
    return part.pose.x_m
