from __future__ import annotations

import importlib.machinery
from pathlib import Path

import pytest

from building_env.layout import Layout
from building_env.ros import build_environment, clean_environment, detect


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "checkout")
    layout.site_packages.mkdir(parents=True)
    return layout


def fake_rclpy(folder: Path, suffix: str) -> Path:
    package = folder / "rclpy"
    package.mkdir(parents=True)
    (package / f"_rclpy_pybind11{suffix}").touch()
    return folder


def test_nothing_sourced_means_wheels(layout: Layout) -> None:
    ros = detect({}, [], layout)
    assert (ros.distro, ros.sourced, ros.note) == ("jazzy", False, "")


def test_a_sourced_ros_is_used_with_its_prefixes(layout: Layout, tmp_path: Path) -> None:
    site = fake_rclpy(tmp_path / "ros", importlib.machinery.EXTENSION_SUFFIXES[0])
    environ = {"ROS_DISTRO": "kilted", "AMENT_PREFIX_PATH": f"/overlay:/opt/ros/kilted:{layout.venv}"}
    ros = detect(environ, [str(site)], layout)
    assert (ros.distro, ros.sourced) == ("kilted", True)
    assert ros.prefixes == (Path("/overlay"), Path("/opt/ros/kilted"))


def test_a_ros_that_is_too_old_is_passed_over_with_a_note(layout: Layout, tmp_path: Path) -> None:
    site = fake_rclpy(tmp_path / "ros", importlib.machinery.EXTENSION_SUFFIXES[0])
    ros = detect({"ROS_DISTRO": "humble"}, [str(site)], layout)
    assert not ros.sourced
    assert "humble" in ros.note and "too old" in ros.note


def test_a_ros_of_another_python_is_passed_over_with_a_note(layout: Layout, tmp_path: Path) -> None:
    site = fake_rclpy(tmp_path / "ros", ".cpython-39-x86_64-linux-gnu.so")
    ros = detect({"ROS_DISTRO": "jazzy"}, [str(site)], layout)
    assert not ros.sourced
    assert "cannot import" in ros.note


def test_our_own_environment_is_no_sourced_ros(layout: Layout) -> None:
    fake_rclpy(layout.site_packages, importlib.machinery.EXTENSION_SUFFIXES[0])
    assert not detect({"ROS_DISTRO": "jazzy"}, [str(layout.site_packages)], layout).sourced


def test_with_wheels_nothing_of_a_half_sourced_ros_is_left(layout: Layout) -> None:
    environ = {
        "HOME": "/home/me",
        "PATH": "/usr/bin",
        "PYTHONPATH": "/opt/ros/humble/lib/python3.10/site-packages",
        "AMENT_PREFIX_PATH": "/opt/ros/humble",
        "CMAKE_PREFIX_PATH": "/opt/ros/humble",
        "LD_LIBRARY_PATH": "/opt/ros/humble/lib",
        "ROS_DISTRO": "humble",
        "MAKEFLAGS": "j4",
        "DESTDIR": "/stage",
    }
    wheels = detect({}, [], layout)
    assert clean_environment(environ, wheels) == {"HOME": "/home/me", "PATH": "/usr/bin"}
    env = build_environment(environ, wheels, layout)
    assert env["AMENT_PREFIX_PATH"] == env["CMAKE_PREFIX_PATH"] == str(layout.venv)
    assert env["LD_LIBRARY_PATH"] == str(layout.venv / "lib")
    assert "PYTHONPATH" not in env


def test_a_sourced_ros_keeps_its_variables(layout: Layout, tmp_path: Path) -> None:
    site = fake_rclpy(tmp_path / "ros", importlib.machinery.EXTENSION_SUFFIXES[0])
    environ = {
        "ROS_DISTRO": "jazzy",
        "AMENT_PREFIX_PATH": "/opt/ros/jazzy",
        "LD_LIBRARY_PATH": "/opt/ros/jazzy/lib",
        "PYTHONPATH": str(site),
        "MAKEFLAGS": "j4",
    }
    env = build_environment(environ, detect(environ, [str(site)], layout), layout)
    assert env["AMENT_PREFIX_PATH"] == f"{layout.venv}:/opt/ros/jazzy"
    assert env["LD_LIBRARY_PATH"] == f"{layout.venv}/lib:/opt/ros/jazzy/lib"
    assert env["PYTHONPATH"] == str(site)
    assert "MAKEFLAGS" not in env
