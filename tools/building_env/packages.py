"""The virtual environment and the Python packages in it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from building_env.errors import SetupError
from building_env.layout import Layout
from building_env.progress import Progress
from building_env.ros import Ros

# Source-only on the package index; pure Python.
SOURCE_ONLY = "empy"

NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|Temporary failure in name resolution|Network is unreachable"
    r"|ProxyError|ConnectTimeoutError|Read timed out|ConnectionResetError"
)
STALE_PREFIX = re.compile(rb"/opt/python/cp3\d+-cp3\d+t?")
STALE_HEADERS = re.compile(STALE_PREFIX.pattern + rb"/include/python3\.\d+")


def make_venv(layout: Layout, ros: Ros, progress: Progress, env: Mapping[str, str]) -> None:
    """A new, empty .venv in place of any old one; it sees the system's packages where ROS 2 is sourced."""
    if layout.venv.exists():
        shutil.rmtree(layout.venv)
    command: list[str | Path] = [sys.executable, "-m", "venv", layout.venv]
    if ros.sourced:
        command.insert(3, "--system-site-packages")
    progress.run(command, env)


def locks(layout: Layout, ros: Ros) -> list[Path]:
    """The lock files that this kind of environment is made from."""
    return [layout.lock] if ros.sourced else [layout.lock, layout.ros_lock]


def install(layout: Layout, ros: Ros, progress: Progress, env: Mapping[str, str]) -> None:
    """Install every locked package at its exact version."""
    requirements = [line for lock in locks(layout, ros) for line in read_lock(lock)]
    if ros.sourced:
        requirements = with_system_numpy(requirements, system_numpy(env))
    merged = layout.venv / "requirements.txt"
    merged.write_text("\n".join(requirements) + "\n", encoding="utf-8")
    command: list[str | Path] = [layout.python, "-m", "pip", "install", "--no-deps", "--no-input"]
    command += [
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
        "--no-binary",
        SOURCE_ONLY,
        "-r",
        merged,
    ]
    total = len(requirements)
    collected = 0
    offline = False

    def on_line(line: str) -> None:
        nonlocal collected, offline
        offline = offline or NO_NETWORK.search(line) is not None
        if line.startswith("Collecting "):
            collected += 1
            progress.detail(f"{collected} of {total}")
        elif line.startswith("Installing collected packages"):
            progress.detail(f"unpacking {total}")

    try:
        progress.run(command, env, on_line)
    except SetupError as error:
        if offline:
            raise SetupError(
                f"pip cannot reach the package index: is there a network? Log: {progress.log_path}"
            ) from error
        raise


def read_lock(lock: Path) -> list[str]:
    """The requirements of a lock file, without comments."""
    lines = (line.split("#")[0].strip() for line in lock.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def system_numpy(env: Mapping[str, str]) -> str:
    """Version of the NumPy that the sourced ROS 2 was built with, or "" where there is none."""
    code = "import numpy; print(numpy.__version__)"
    answer = subprocess.run(
        [sys.executable, "-c", code], env=dict(env), capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() if answer.returncode == 0 else ""


def with_system_numpy(requirements: list[str], version: str) -> list[str]:
    """The requirements, keeping the system's NumPy: compiled ROS 2 messages share its binary interface."""
    if not version:
        return requirements
    return [line for line in requirements if not line.startswith("numpy==")]


def mend_wheels(layout: Layout) -> int:
    """Point the exported CMake targets of the ROS 2 wheels at this environment; returns the files changed.

    The wheels carry absolute paths of the machine that built them.
    """
    headers = sysconfig.get_path("include").encode()
    prefix = str(layout.venv).encode()
    share = layout.venv / "share"
    files = [*share.glob("*/cmake/*.cmake"), *share.glob("ament_index/resource_index/parent_prefix_path/*")]
    changed = 0
    for file in files:
        old = file.read_bytes()
        if b"/opt/python/cp3" not in old:
            continue
        file.write_bytes(STALE_PREFIX.sub(lambda _: prefix, STALE_HEADERS.sub(lambda _: headers, old)))
        changed += 1
    return changed


def write_activation(layout: Layout, ros: Ros) -> None:
    """Make the checkout importable, ROS 2 loadable and `building_ctrl` runnable from .venv/bin."""
    site = layout.site_packages
    shutil.copyfile(layout.tools / "activate.py", site / "building_ctrl_activate.py")
    enter = f"import building_ctrl_activate; building_ctrl_activate.enter(wheels={not ros.sourced})"
    (site / "00_building_ctrl.pth").write_text(f"{enter}\n{layout.root}\n", encoding="utf-8")
    script = layout.venv / "bin" / "building_ctrl"
    script.write_text(console_script(layout.python), encoding="utf-8")
    script.chmod(0o755)


def console_script(python: Path) -> str:
    """Text of `building_ctrl`; a path that the kernel's #! line cannot hold goes through sh."""
    body = "import sys\n\nfrom building_ctrl.cli.main import main\n\nsys.exit(main())\n"
    if len(str(python)) < 120 and " " not in str(python):
        return f"#!{python}\n{body}"
    return f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n'''\n{body}"
