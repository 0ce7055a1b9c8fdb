"""The camera that takes pictures, and what is refused before anything is started."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from building_ctrl.gazebo.classic.root import ClassicRoot
from building_ctrl.gazebo.export.classic import classic_sdf
from building_ctrl.gazebo.export.make import world_of_map
from building_ctrl.gazebo.picture import PictureOptions, camera_sdf, take_picture

OFFICE = Path(__file__).parents[2] / "maps/office.building.yaml"
OPTIONS = PictureOptions(OFFICE, 1, 5.0, 0, ClassicRoot(Path("/nowhere")), Path("picture.png"))


def test_the_camera_looks_from_where_the_window_would_and_saves_into_its_folder() -> None:
    world = world_of_map(OFFICE, 1).world
    root = ElementTree.fromstring(camera_sdf(classic_sdf(world), world.camera, OPTIONS, "/tmp/shots"))
    (camera,) = [model for model in root.iter("model") if model.get("name") == "picture_camera"]
    assert camera.findtext("pose") == root.findtext("world/gui/camera/pose")
    assert camera.findtext("link/sensor/camera/save/path") == "/tmp/shots"
    assert camera.findtext("link/sensor/camera/image/width") == "1600"


def test_a_name_that_is_no_picture_s_is_refused_first() -> None:
    with pytest.raises(ValueError, match=r"end with \.png or \.jpg"):
        take_picture(replace(OPTIONS, output=Path("picture.txt")))
