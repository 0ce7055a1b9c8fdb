from __future__ import annotations

from pathlib import Path

import pytest

from building_env.errors import SetupError
from building_env.interfaces import discover, keys, missing, ordered
from building_env.ros import Ros

MANIFEST = "<package format='3'><name>{name}</name>{depends}</package>"


def write_package(folder: Path, name: str, *depends: str) -> Path:
    package = folder / name
    (package / "msg").mkdir(parents=True)
    tags = "".join(f"<depend>{other}</depend>" for other in depends)
    (package / "package.xml").write_text(MANIFEST.format(name=name, depends=tags))
    (package / "msg" / "Thing.msg").write_text("uint8 value\n")
    return package


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    write_package(tmp_path, "top_msgs", "middle_msgs", "std_msgs")
    write_package(tmp_path, "middle_msgs", "base_msgs")
    write_package(tmp_path, "base_msgs", "builtin_interfaces")
    write_package(tmp_path, "other_msgs")
    return tmp_path


def test_only_packages_of_the_workspace_are_dependencies(workspace: Path) -> None:
    packages = discover(workspace)
    assert packages["top_msgs"].depends == {"middle_msgs"}
    assert packages["base_msgs"].depends == frozenset()


def test_dependencies_come_first(workspace: Path) -> None:
    order = ordered(discover(workspace))
    assert order.index("base_msgs") < order.index("middle_msgs") < order.index("top_msgs")


def test_a_circle_is_named(tmp_path: Path) -> None:
    write_package(tmp_path, "one_msgs", "two_msgs")
    write_package(tmp_path, "two_msgs", "one_msgs")
    with pytest.raises(SetupError, match="one_msgs, two_msgs"):
        ordered(discover(tmp_path))


def test_a_change_reaches_dependents_only(workspace: Path) -> None:
    before = keys(discover(workspace), "ros")
    (workspace / "middle_msgs" / "msg" / "Thing.msg").write_text("uint16 value\n")
    after = keys(discover(workspace), "ros")
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"middle_msgs", "top_msgs"}


def test_another_ros_changes_every_key(workspace: Path) -> None:
    packages = discover(workspace)
    one, other = keys(packages, "jazzy"), keys(packages, "kilted")
    assert all(one[name] != other[name] for name in packages)


def test_a_renamed_message_is_a_change(workspace: Path) -> None:
    before = keys(discover(workspace), "ros")
    thing = workspace / "other_msgs" / "msg" / "Thing.msg"
    thing.rename(thing.with_name("Renamed.msg"))
    assert keys(discover(workspace), "ros")["other_msgs"] != before["other_msgs"]


def test_packages_beside_a_sourced_ros_are_used(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    prefix = tmp_path_factory.mktemp("ros")
    (prefix / "share" / "base_msgs").mkdir(parents=True)
    (prefix / "share" / "base_msgs" / "package.xml").write_text("<package/>")
    left = missing(discover(workspace), Ros("jazzy", sourced=True, prefixes=(prefix,)))
    assert set(left) == {"top_msgs", "middle_msgs", "other_msgs"}


def test_a_broken_manifest_is_named(tmp_path: Path) -> None:
    package = write_package(tmp_path, "bad_msgs")
    (package / "package.xml").write_text("<package>")
    with pytest.raises(SetupError, match=r"bad_msgs/package\.xml cannot be read"):
        discover(tmp_path)
