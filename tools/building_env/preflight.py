"""Looks for what the set-up needs of the machine before it spends minutes."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from building_env.errors import SetupError

OLDEST_CMAKE = (3, 20)
NEEDED_BYTES = 2_500_000_000


def check(root: Path, env: Mapping[str, str]) -> None:
    """Raise SetupError naming everything that is missing and how to install it."""
    missing = _missing(env)
    if missing:
        what = ", ".join(name for name, _ in missing)
        packages = " ".join(package for _, package in missing)
        raise SetupError(f"this machine lacks {what}; on Debian or Ubuntu: sudo apt-get install {packages}")
    free = shutil.disk_usage(root).free
    if free < NEEDED_BYTES:
        raise SetupError(
            f"{root} has {free / 1e9:.1f} GB of free disk; {NEEDED_BYTES / 1e9:.1f} GB are needed: free some"
        )


def _missing(env: Mapping[str, str]) -> list[tuple[str, str]]:
    """(what, Debian package) of everything that is not there."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    path = env.get("PATH", os.defpath)
    found: list[tuple[str, str]] = []
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        found.append(("Python's venv module", f"python{version}-venv"))
    if not (Path(sysconfig.get_path("include")) / "Python.h").exists():
        found.append((f"Python.h of Python {version}", f"python{version}-dev"))
    if not any(shutil.which(name, path=path) for name in (env.get("CXX", "g++"), "g++", "clang++", "c++")):
        found.append(("a C++ compiler", "g++"))
    if shutil.which("make", path=path) is None:
        found.append(("make", "make"))
    cmake = cmake_version(path)
    if cmake is None:
        found.append(("cmake", "cmake"))
    elif cmake < OLDEST_CMAKE:
        raise SetupError(
            f"cmake is {cmake[0]}.{cmake[1]}; it must be {OLDEST_CMAKE[0]}.{OLDEST_CMAKE[1]} or newer"
        )
    return found


def cmake_version(path: str) -> tuple[int, int] | None:
    """(major, minor) of the cmake on this PATH, or None."""
    program = shutil.which("cmake", path=path)
    if program is None:
        return None
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"version (\d+)\.(\d+)", answer)
    return (int(match[1]), int(match[2])) if match else None
