"""A screen for Gazebo's cameras where there is none: Xvfb in the root, drawn in software."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from building_ctrl.gazebo.classic.root import ClassicError, ClassicRoot

XVFB = "usr/bin/Xvfb"
STOP_S = 5.0


def ensure_xvfb(root: ClassicRoot) -> None:
    """Install Xvfb into the root where it is not. Raises ClassicError."""
    if (root.path / XVFB).is_file():
        return
    if root.is_machine:
        raise ClassicError("Xvfb is not installed: install the package xvfb")
    update = ["apt-get", "-o", "Acquire::Check-Valid-Until=false", "-qq", "update"]
    install = ["apt-get", "-qq", "-y", "--no-install-recommends", "install", "xvfb"]
    for argv in (update, install):
        done = subprocess.run(root.command(argv), capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ClassicError(f"Xvfb cannot be installed into {root.path}: {said}")


@contextmanager
def software_display(root: ClassicRoot, width: int, height: int) -> Iterator[dict[str, str]]:
    """The environment of programs that draw on a screen of their own, which ends with the block. Raises
    ClassicError."""
    ensure_xvfb(root)
    read, write = os.pipe()
    argv = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    process = subprocess.Popen(
        root.command(argv),
        pass_fds=(write,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise ClassicError(f"Xvfb in {root.path} ended with status {process.wait(STOP_S)}")
        yield {"DISPLAY": f":{number}", "LIBGL_ALWAYS_SOFTWARE": "1"}
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
