from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from building_env.activate import changed, changes


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment as the wheels make it: libraries in lib/ and in ros_*.libs folders."""
    site = tmp_path / "venv" / "lib" / "python3" / "site-packages"
    (site / "ros_rcl.libs").mkdir(parents=True)
    (site / "numpy.libs").mkdir()
    (tmp_path / "venv" / "lib" / "librmw_fastrtps_cpp.so").touch()
    return tmp_path / "venv"


def needed(prefix: Path, environ: dict[str, str], wheels: bool = True) -> dict[str, str]:
    return changes(str(prefix), str(prefix / "lib/python3/site-packages"), environ, wheels)


@pytest.mark.parametrize("wheels", [True, False])
def test_a_second_start_changes_nothing(prefix: Path, wheels: bool) -> None:
    environ = {
        "LD_LIBRARY_PATH": "/opt/ros/humble/lib",
        "AMENT_PREFIX_PATH": "/opt/ros/humble",
        "PYTHONPATH": "/mine",
    }
    first = needed(prefix, environ, wheels)
    assert first
    assert needed(prefix, changed(environ, first), wheels) == {}


def test_libraries_of_the_environment_come_first(prefix: Path) -> None:
    found = needed(prefix, {"LD_LIBRARY_PATH": "/other/lib"})["LD_LIBRARY_PATH"].split(":")
    assert found == [f"{prefix}/lib", f"{prefix}/lib/python3/site-packages/ros_rcl.libs", "/other/lib"]


def test_another_ros_on_the_module_path_is_removed_and_the_rest_kept(prefix: Path, tmp_path: Path) -> None:
    (tmp_path / "humble" / "rclpy").mkdir(parents=True)
    environ = {"PYTHONPATH": f"{tmp_path}/humble:/mine"}
    assert needed(prefix, environ)["PYTHONPATH"] == "/mine"


def test_a_foreign_prefix_path_is_replaced_but_an_overlay_of_ours_stays(prefix: Path) -> None:
    assert needed(prefix, {"AMENT_PREFIX_PATH": "/opt/ros/humble"})["AMENT_PREFIX_PATH"] == str(prefix)
    overlay = {"AMENT_PREFIX_PATH": f"/workspace/install/mine:{prefix}"}
    assert "AMENT_PREFIX_PATH" not in needed(prefix, overlay)


def test_a_middleware_that_is_not_there_is_not_asked_for(prefix: Path) -> None:
    environ = {"RMW_IMPLEMENTATION": "rmw_cyclonedds_cpp"}
    assert needed(prefix, environ)["RMW_IMPLEMENTATION"] == ""
    assert "RMW_IMPLEMENTATION" not in changed(environ, needed(prefix, environ))
    assert "RMW_IMPLEMENTATION" not in needed(prefix, {"RMW_IMPLEMENTATION": "rmw_fastrtps_cpp"})


def test_this_environments_python_finds_its_own_rclpy_whatever_is_sourced(tmp_path: Path) -> None:
    if not (Path(sys.prefix) / "lib" / "librcl.so").exists():
        pytest.skip("a sourced ROS 2 is used; its variables stay as they are")
    (tmp_path / "rclpy").mkdir()
    (tmp_path / "rclpy" / "__init__.py").write_text("raise ImportError('the wrong one')\n")
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "AMENT_PREFIX_PATH": str(tmp_path)}
    environ |= {"HOME": str(tmp_path), "_ROS_WHEELS_BOOTSTRAP_COMPLETE": "1", "LD_LIBRARY_PATH": "/nowhere"}
    code = "import rclpy, rmf_lift_msgs.msg, building_ctrl_msgs.msg; rclpy.init(); print(rclpy.__file__)"
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(sys.prefix)
