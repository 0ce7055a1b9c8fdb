"""Runs one row of the table of processes in this process: `python -m building_ctrl.supervise.child NAME ARGS
...`.

Where BUILDING_CTRL_PARENT names the supervisor, the process ends with it, even when the supervisor is
killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from building_ctrl.processes import process

PARENT = "BUILDING_CTRL_PARENT"
_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """Ask the kernel for SIGTERM when the parent ends (Linux prctl(2)); exit now where it has ended
    already."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(1)


def run(name: str, argv: Sequence[str]) -> int:
    """Run the named process to its end. Raises KeyError where the table has none of that name."""
    parent = os.environ.pop(PARENT, "")
    if parent:
        end_with_parent(int(parent))
    return int(import_module(process(name).module).main(list(argv)))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:]))
