"""Run directories: logs, keys and tasks of one run."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path


def state_home(environment: Mapping[str, str] | None = None) -> Path:
    """$XDG_STATE_HOME/building_ctrl, by default ~/.local/state/building_ctrl (XDG Base Directory
    Specification)."""
    env = os.environ if environment is None else environment
    home = env.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return Path(home) / "building_ctrl"


def new_run_dir(kind: str, parent: Path | None = None) -> Path:
    """A fresh directory named after the time, readable by its owner alone; in the system's temporary
    directory where there is no home to write to."""
    stamp = time.strftime("%Y-%m-%d_%H-%M-%S")
    roots = [parent] if parent is not None else [state_home() / "runs", Path(tempfile.gettempdir())]
    for root in roots[:-1]:
        try:
            root.mkdir(parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix=f"{kind}_{stamp}_", dir=root))
        except OSError:
            continue
    roots[-1].mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{kind}_{stamp}_", dir=roots[-1]))
