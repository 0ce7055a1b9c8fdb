"""Compiled code of the planners: thrown away when its sources change, and made anew before anybody waits for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from building_env.layout import Layout
from building_env.progress import Progress
from building_env.state import digest_files

PACKAGE = "building_ctrl"
# Numba looks at the file of a function only, not at those of the types it takes: a moved type breaks its cache.
COMPILED = re.compile(r"^@(kernel|compiled|njit|jit)\b|\(NamedTuple\)", re.MULTILINE)
CACHES = ("*.nbi", "*.nbc")
TRIAL = ("--map", "maps/office.building.yaml", "--robots", "3", "--tasks", "2", "--seconds", "30")


def key(layout: Layout) -> str:
    """Changes when a source of compiled code does."""
    sources = (layout.root / PACKAGE).rglob("*.py")
    return digest_files([s for s in sources if COMPILED.search(s.read_text(encoding="utf-8"))], layout.root)


def renew(layout: Layout, progress: Progress, env: Mapping[str, str]) -> None:
    """Remove what was compiled before and compile by a short simulation. Raises SetupError when that fails."""
    for pattern in CACHES:
        for cache in (layout.root / PACKAGE).rglob(pattern):
            cache.unlink()
    trial: list[str | Path] = [layout.python, "-m", f"{PACKAGE}.cli.main", "simulate", *in_checkout(layout.root, TRIAL)]
    progress.run(trial, env)


def in_checkout(root: Path, arguments: tuple[str, ...]) -> list[str]:
    """The arguments with the map's path made absolute."""
    return [str(root / argument) if argument.startswith("maps/") else argument for argument in arguments]
