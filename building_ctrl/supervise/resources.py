"""Files that come with the package: maps, configuration. Found in a checkout, an environment or a ROS
workspace."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path


def shared_file(relative: str) -> Path:
    """Path of a file of share/building_ctrl, such as `config/fastdds_loopback.xml`. Raises
    FileNotFoundError."""
    tried = [root / relative for root in _roots()]
    for path in tried:
        if path.is_file():
            return path
    raise FileNotFoundError(f"{relative} is missing; looked in {', '.join(str(p.parent) for p in tried)}")


def _roots() -> Iterator[Path]:
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "package.xml").is_file() or (checkout / "setup.py").is_file():
        yield checkout
    prefixes = [p for p in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if p]
    for prefix in [*prefixes, sys.prefix]:
        yield Path(prefix) / "share" / "building_ctrl"
