"""Gives every Python of .venv the variables that ROS 2 needs, so that nothing has to be sourced.

The set-up copies this file into the environment, where a .pth file calls `enter` at each start of Python.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def changes(prefix: str, site_packages: str, environ: Mapping[str, str], wheels: bool) -> dict[str, str]:
    """Variables to set ("" to remove) so that the environment at `prefix` works; none when it does.

    With `wheels`, ROS 2 is in the environment itself and a half sourced one must not shine through.
    """
    libraries = [os.path.join(prefix, "lib")]
    wanted: dict[str, str] = {}
    ament = _entries(environ, "AMENT_PREFIX_PATH")
    if wheels:
        bundled = (
            name for name in os.listdir(site_packages) if name.startswith("ros_") and name.endswith(".libs")
        )
        libraries += [os.path.join(site_packages, name) for name in sorted(bundled)]
        wanted["_ROS_WHEELS_BOOTSTRAP_COMPLETE"] = "1"
        if prefix not in ament:
            ament = []
        python = [
            entry for entry in _entries(environ, "PYTHONPATH") if not _foreign_ros(entry, site_packages)
        ]
        wanted["PYTHONPATH"] = os.pathsep.join(python)
        middleware = environ.get("RMW_IMPLEMENTATION", "")
        if middleware and not os.path.exists(os.path.join(prefix, "lib", f"lib{middleware}.so")):
            wanted["RMW_IMPLEMENTATION"] = ""
    wanted["LD_LIBRARY_PATH"] = _with_all(libraries, _entries(environ, "LD_LIBRARY_PATH"))
    wanted["AMENT_PREFIX_PATH"] = _with_all([prefix], ament)
    return {name: value for name, value in wanted.items() if environ.get(name, "") != value}


def enter(wheels: bool) -> None:
    """Start this Python again with the right variables, once: the dynamic linker reads them at a start."""
    needed = changes(sys.prefix, os.path.dirname(os.path.abspath(__file__)), os.environ, wheels)
    if not needed:
        return
    os.execve(sys.executable, sys.orig_argv, changed(os.environ, needed))


def changed(environ: Mapping[str, str], needed: Mapping[str, str]) -> dict[str, str]:
    """The variables after the changes."""
    kept = {name: value for name, value in environ.items() if name not in needed}
    return kept | {name: value for name, value in needed.items() if value}


def _entries(environ: Mapping[str, str], name: str) -> list[str]:
    return [entry for entry in environ.get(name, "").split(os.pathsep) if entry]


def _with_all(first: list[str], rest: list[str]) -> str:
    missing = [entry for entry in first if entry not in rest]
    return os.pathsep.join([*missing, *rest])


def _foreign_ros(entry: str, site_packages: str) -> bool:
    return entry != site_packages and os.path.isdir(os.path.join(entry, "rclpy"))
