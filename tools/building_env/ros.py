"""Which ROS 2 is used, one that is sourced or the wheels from PyPI, and the variables for each."""

from __future__ import annotations

import importlib.machinery
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from building_env import activate
from building_env.layout import Layout

WHEELS_DISTRO = "jazzy"
TOO_OLD = ("ardent", "bouncy", "crystal", "dashing", "eloquent", "foxy", "galactic", "humble", "iron")

# Left behind by a shell that sourced something else, by make, or by pip's own settings for other places.
FOREIGN_PREFIXES = ("AMENT_", "COLCON_", "ROS_", "CATKIN_")
FOREIGN_NAMES = (
    "_ROS_WHEELS_BOOTSTRAP_COMPLETE",
    "CMAKE_PREFIX_PATH",
    "DESTDIR",
    "LD_LIBRARY_PATH",
    "PIP_PREFIX",
    "PIP_TARGET",
    "PIP_USER",
    "PYTHONHOME",
    "PYTHONPATH",
    "RMW_IMPLEMENTATION",
    "VIRTUAL_ENV",
)
MAKE_NAMES = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MAKEFILES")


@dataclass(frozen=True)
class Ros:
    """`sourced`: the caller's ROS 2, found under `prefixes`; else wheels. `note`: what was passed over."""

    distro: str
    sourced: bool
    prefixes: tuple[Path, ...] = ()
    note: str = ""


def detect(environ: Mapping[str, str], path: Sequence[str], layout: Layout) -> Ros:
    """Decide from the caller's variables and the interpreter's module path; nothing is imported or run."""
    distro = environ.get("ROS_DISTRO", "")
    wheels = Ros(WHEELS_DISTRO, sourced=False)
    if not distro:
        return wheels
    if distro in TOO_OLD:
        return Ros(
            WHEELS_DISTRO, False, note=f"ROS 2 {distro} is sourced but too old (Jazzy or newer): left aside"
        )
    if not _rclpy_fits(path, layout):
        return Ros(
            WHEELS_DISTRO,
            False,
            note=f"ROS 2 {distro} is sourced but this Python cannot import its rclpy: left aside",
        )
    prefixes = tuple(
        Path(entry)
        for entry in environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
        if entry and Path(entry) != layout.venv
    )
    return Ros(distro, True, prefixes)


def _rclpy_fits(path: Sequence[str], layout: Layout) -> bool:
    for entry in path:
        package = Path(entry) / "rclpy"
        if package.is_dir() and not package.is_relative_to(layout.venv):
            return any(
                (package / f"_rclpy_pybind11{suffix}").exists()
                for suffix in importlib.machinery.EXTENSION_SUFFIXES
            )
    return False


def clean_environment(environ: Mapping[str, str], ros: Ros) -> dict[str, str]:
    """The caller's variables without what would lead tools astray; those of a ROS 2 that is used stay."""
    dropped = set(MAKE_NAMES) | {"VIRTUAL_ENV", "DESTDIR", "PYTHONHOME"}
    prefixes: tuple[str, ...] = ()
    if not ros.sourced:
        dropped |= set(FOREIGN_NAMES)
        prefixes = FOREIGN_PREFIXES
    return {
        name: value
        for name, value in environ.items()
        if name not in dropped and not name.startswith(prefixes)
    }


def build_environment(environ: Mapping[str, str], ros: Ros, layout: Layout) -> dict[str, str]:
    """Variables for cmake, the interface generators and whatever else runs inside the environment."""
    env = clean_environment(environ, ros)
    needed = activate.changes(str(layout.venv), str(layout.site_packages), env, wheels=not ros.sourced)
    env = activate.changed(env, needed)
    env["PATH"] = os.pathsep.join([str(layout.venv / "bin"), env.get("PATH", os.defpath)])
    env["CMAKE_PREFIX_PATH"] = os.pathsep.join(
        filter(None, [str(layout.venv), env.get("CMAKE_PREFIX_PATH", "")])
    )
    return env
