"""Whole worlds: the real parser takes them in both dialects, and they hold what the map holds."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from building_ctrl.building.document import save_building
from building_ctrl.building.tower import generate_tower
from building_ctrl.gazebo.export.building import describe, overview
from building_ctrl.gazebo.export.classic import classic_sdf
from building_ctrl.gazebo.export.files import Dialect, write_world
from building_ctrl.gazebo.export.gz import gz_sdf
from building_ctrl.gazebo.export.make import world_of_map
from building_ctrl.gazebo.index import WorldIndexError, index_text, read_index
from building_ctrl.gazebo.names import CLASSIC_FILE, GZ_FILE, INDEX_FILE, tokens
from building_ctrl.gazebo.world import WorldOptions
from building_ctrl.model.building import Building, Door, DoorKind

from .worlds import ROOT, building, complaints, lift, robot

SHARED = ROOT.parent / "shared" / "maps"
MAPS = {
    "office": ROOT / "maps/office.building.yaml",
    "tower": ROOT / "maps/tower.building.yaml",
    "shared hotel": SHARED / "hotel/hotel.building.yaml",
    "shared office": SHARED / "office/office.building.yaml",
}


def all_doors() -> Building:
    kinds = [kind for kind in DoorKind]
    doors = tuple(
        Door(f"문 {kind.value}", "L1", kind, (2.0 * k, 0.0), (2.0 * k + 1.2, 0.0)) for k, kind in enumerate(kinds)
    )
    return building(lift(), lift(name="lift-A", x_m=5.0, yaw_rad=0.4), doors=doors)


def check_both(tmp_path: Path) -> None:
    for name in (CLASSIC_FILE, GZ_FILE):
        assert complaints(tmp_path / name) == ""


@pytest.mark.parametrize("name", MAPS)
def test_maps_become_worlds_the_parser_takes(name: str, tmp_path: Path) -> None:
    if not MAPS[name].is_file():
        pytest.skip(f"no shared maps beside the project: {MAPS[name].name} is not there")
    made = world_of_map(MAPS[name], 5, WorldOptions(lidar=True))
    write_world(made.world, tmp_path)
    assert len(made.world.index.robots) == 5
    assert {d.name for d in made.world.index.doors} == {d.name for lvl in made.building.levels for d in lvl.doors}
    assert [found.name for found in made.world.index.lifts] == [found.name for found in made.building.lifts]
    check_both(tmp_path)


@pytest.mark.timeout(600)
def test_the_highest_tower_there_can_be(tmp_path: Path) -> None:
    map_file = tmp_path / "high.building.yaml"
    save_building(generate_tower(36, 100, 2, 1), map_file)
    made = world_of_map(map_file, 0)
    write_world(made.world, tmp_path / "world")
    assert len(made.world.index.levels) == 36
    check_both(tmp_path / "world")


def test_every_kind_of_door_two_lifts_of_one_token_and_no_robots(tmp_path: Path) -> None:
    made = describe(all_doors(), ())
    write_world(made, tmp_path)
    assert len({model.name for model in made.models}) == len(made.models)
    check_both(tmp_path)


def test_a_broken_world_is_found_by_the_check_itself(tmp_path: Path) -> None:
    text = gz_sdf(describe(building(), [robot()]))
    (tmp_path / "twice.sdf").write_text(text.replace("wheel_right_joint", "wheel_left_joint"))
    assert complaints(tmp_path / "twice.sdf")
    (tmp_path / "later.sdf").write_text(text.replace('version="1.9"', 'version="1.99"'))
    assert complaints(tmp_path / "later.sdf")


def test_names_in_the_index_are_in_both_worlds() -> None:
    world = describe(all_doors(), [robot("r-1"), robot("r.1", "L2")], WorldOptions(lidar=True))
    for text in (classic_sdf(world), gz_sdf(world)):
        root = ElementTree.fromstring(text)
        models = {model.get("name"): model for model in root.iter("model")}
        for joint in world.index.joints:
            (found,) = [j for j in models[joint.model].iter("joint") if j.get("name") == joint.joint]
            assert found.get("type") == ("revolute" if joint.rotates else "prismatic")
            assert float(found.findtext("axis/limit/lower") or "nan") == pytest.approx(joint.lower)
            assert float(found.findtext("axis/limit/upper") or "nan") == pytest.approx(joint.upper, abs=1e-5)
        for one in world.index.robots:
            assert {j.get("name") for j in models[one.model].iter("joint")} == {
                "wheel_left_joint",
                "wheel_right_joint",
            }
            assert models[one.model].find("link/sensor") is not None


def test_gz_systems_are_those_of_the_world_s_content() -> None:
    def systems(lidar: bool) -> list[str]:
        root = ElementTree.fromstring(gz_sdf(describe(building(), [robot()], WorldOptions(lidar=lidar))))
        return [plugin.get("name", "").rpartition("::")[2] for plugin in root.findall("world/plugin")]

    assert systems(False) == ["Physics", "UserCommands", "SceneBroadcaster"]
    assert systems(True) == ["Physics", "UserCommands", "SceneBroadcaster", "Sensors"]


def test_gz_drives_robots_leaves_and_cabins_by_their_topics() -> None:
    root = ElementTree.fromstring(gz_sdf(describe(building(lift()), [robot()])))
    plugins = {
        (model.get("name"), plugin.get("name", "").rpartition("::")[2], plugin.findtext("joint_name")): plugin
        for model in root.iter("model")
        for plugin in model.findall("plugin")
    }
    cabin = plugins["lift_lift_A", "JointController", "cabin_joint"]
    assert cabin.findtext("topic") == "/model/lift_lift_A/joint/cabin_joint/cmd_vel"
    leaf = plugins["landing_lift_A", "JointPositionController", "door_1_L1_leaf_1_joint"]
    assert leaf.findtext("use_velocity_commands") == "true" and float(leaf.findtext("cmd_max") or 0) > 0
    drive = plugins["robot_robot_1", "DiffDrive", None]
    assert drive.findtext("topic") == "/model/robot_robot_1/cmd_vel"
    truth = plugins["robot_robot_1", "OdometryPublisher", None]
    assert truth.findtext("odom_topic") == "/model/robot_robot_1/odometry"
    assert truth.findtext("dimensions") == "3"


def test_robots_stand_where_they_start_on_two_wheels_within_their_footprint() -> None:
    world = describe(building(), [robot(level="L2")])
    (model,) = [m for m in world.models if m.robot is not None]
    assert (model.pose.x_m, model.pose.y_m, model.pose.yaw_rad) == (3.0, 3.0, 0.5)
    assert 4.0 <= model.pose.z_m < 4.005
    entry = world.index.robots[0]
    assert (entry.z_m, entry.radius_m) == (4.0, 0.30)
    assert entry.wheel_separation_m / 2 + entry.wheel_radius_m * 0.5 < 0.30


def test_walls_fit_under_the_next_level() -> None:
    world = describe(building(), (), WorldOptions(wall_height_m=9.0))
    heights = {
        part.shape.z_m  # type: ignore[union-attr]
        for model in world.models
        for link in model.links
        if link.name == "walls"
        for part in link.parts
    }
    assert heights == {4.0 - 0.30, 9.0}


def test_the_window_looks_at_the_building_from_outside() -> None:
    camera = overview(building())
    assert camera.z_m > 12.0 and camera.y_m < 0.0 and camera.pitch_rad > 0.0


def test_a_building_without_levels_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match="'nothing' has no levels"):
        describe(Building("nothing", ()), ())


def test_the_index_is_read_as_it_was_written(tmp_path: Path) -> None:
    world = describe(all_doors(), [robot()], WorldOptions(lidar=True))
    write_world(world, tmp_path, Dialect.CLASSIC)
    assert sorted(path.name for path in tmp_path.iterdir()) == [CLASSIC_FILE, INDEX_FILE]
    assert read_index(tmp_path / INDEX_FILE) == world.index


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"building": 1}', "\x00"])
def test_an_index_that_is_none_is_refused_in_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / INDEX_FILE).write_text(text)
    with pytest.raises(WorldIndexError, match="export the map again"):
        read_index(tmp_path / INDEX_FILE)
    with pytest.raises(WorldIndexError, match="export the map first"):
        read_index(tmp_path / "nowhere.json")


def test_the_same_map_gives_the_same_files() -> None:
    one, other = (describe(all_doors(), [robot()]) for _ in range(2))
    assert gz_sdf(one) == gz_sdf(other) and classic_sdf(one) == classic_sdf(other)
    assert index_text(one.index) == index_text(other.index)


def test_tokens_are_topic_names_and_never_the_same() -> None:
    found = tokens(["1층 문", "1층_문", "a-b", "a b", "a_b_2", "__", "로봇", "문"])
    assert len(set(found.values())) == 8
    for token in found.values():
        assert token.isascii() and "__" not in token and not token.startswith("_") and not token.endswith("_")
