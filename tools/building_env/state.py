"""What the environment was made from, so that a set-up does only what changed."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

STATE_FILE = "building_ctrl_setup.json"


@dataclass
class State:
    """Keys (hashes) of what is in the environment; an empty key was never made, or was left half made."""

    venv: str = ""
    packages: str = ""
    activation: str = ""
    compiled: str = ""
    interfaces: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def load(venv: Path) -> State:
        """The state of an environment; an empty one where there is none or it cannot be read."""
        try:
            fields = json.loads((venv / STATE_FILE).read_text(encoding="utf-8"))
            return State(**fields)
        except (OSError, ValueError, TypeError):
            return State()

    def save(self, venv: Path) -> None:
        """Write it so that an interrupted set-up leaves the old state or the new one."""
        new = venv / f"{STATE_FILE}.new"
        new.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        os.replace(new, venv / STATE_FILE)


def digest(*parts: str | bytes) -> str:
    """A hash over the parts and the borders between them."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big"))
        total.update(data)
    return total.hexdigest()


def digest_files(files: Iterable[Path], base: Path) -> str:
    """A hash over the names (relative to base) and contents of files, in the order of their names."""
    parts: list[str | bytes] = []
    for file in sorted(files):
        parts += [file.relative_to(base).as_posix(), file.read_bytes()]
    return digest(*parts)


@contextlib.contextmanager
def only_one(lock_file: Path, say: Callable[[str], object]) -> Iterator[None]:
    """Hold the checkout's set-up lock; a second `make` waits here for the first."""
    with lock_file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up of this checkout is running; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
