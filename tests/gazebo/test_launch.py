"""The launch file of gz-sim, with a stand-in for ros_gz_sim's own."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]

pytest.importorskip("launch.actions", reason="ROS 2's launch is not installed here")

STAND_IN = """
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument

def generate_launch_description():
    names = ("gz_args", "on_exit_shutdown")
    return LaunchDescription([DeclareLaunchArgument(name) for name in names])
"""


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gazebo_launch", ROOT / "launch/gazebo.launch.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_starts_gz_sim_the_bridge_and_the_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from launch import LaunchContext
    from launch.actions import ExecuteProcess, IncludeLaunchDescription

    (tmp_path / "launch").mkdir()
    (tmp_path / "launch" / "gz_sim.launch.py").write_text(STAND_IN)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    module = load()
    monkeypatch.setattr(module, "get_package_share_directory", lambda name: str(tmp_path))
    context = LaunchContext()
    *arguments, opaque = module.generate_launch_description().entities
    for argument in arguments:
        argument.execute(context)
    gazebo, bridge, *ours = opaque.execute(context)
    assert isinstance(gazebo, IncludeLaunchDescription)
    given = dict(gazebo.launch_arguments)
    world = Path(str(given["gz_args"]).split()[-1])
    assert str(given["gz_args"]).startswith("-s -r ") and world.is_file()
    assert (world.parent / "bridge.yaml").is_file() and isinstance(bridge, ExecuteProcess)
    lines = [["".join(part.text for part in word) for word in process.cmd] for process in ours]
    (simulator,) = [line for line in lines if "sim" in line]
    assert simulator[simulator.index("--gz-world") + 1] == str(world.parent)
    assert {"gateway", "path_planner", "lift_planner", "door_planner", "dispatcher", "console"} <= {
        word for line in lines for word in line
    }


def test_without_ros_gz_it_says_what_to_install_and_what_to_use_instead() -> None:
    module = load()
    try:
        module.gz_launch_file()
    except RuntimeError as error:
        assert "ros-jazzy-ros-gz" in str(error) and "gazebo run" in str(error)
    else:
        pytest.skip("ros_gz is installed here")
