"""Where Gazebo Classic 11 is: installed on the machine itself, or in a root folder of Debian 11 packages."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

MARK = ".building_ctrl-classic-11"
PLUGIN_FOLDER = "opt/building_ctrl"


class ClassicError(RuntimeError):
    """Gazebo Classic cannot be set up or used; the text says why and what to do, in one line."""


@dataclass(frozen=True, slots=True)
class ClassicRoot:
    """A folder with Gazebo Classic 11 and a compiler in it; `/` is the machine itself."""

    path: Path

    @property
    def is_machine(self) -> bool:
        """Whether Gazebo is installed on the machine itself."""
        return self.path == Path("/")

    @property
    def complete(self) -> bool:
        """Whether the set-up has gone through."""
        return self.is_machine or (self.path / MARK).is_file()

    def command(self, argv: list[str]) -> list[str]:
        """The command that runs a program of the root."""
        return argv if self.is_machine else ["chroot", str(self.path), *argv]

    def inside(self, path: Path) -> str:
        """A path of the machine as programs of the root see it. Raises ValueError for one outside it."""
        return "/" + str(path.relative_to(self.path))

    @property
    def plugins(self) -> Path:
        """Folder of our plugin's builds, as the machine sees it."""
        return cache_folder() / "plugins" if self.is_machine else self.path / PLUGIN_FOLDER


def cache_folder() -> Path:
    """Our folder in the user's cache (XDG Base Directory)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return Path(base if os.path.isabs(base) else Path.home() / ".cache") / "building_ctrl"


def default_root() -> ClassicRoot:
    """The machine itself where Gazebo Classic is installed, else a folder in the cache."""
    if shutil.which("gzserver"):
        return ClassicRoot(Path("/"))
    return ClassicRoot(cache_folder() / "gazebo-classic-11")


def chosen_root(path: Path | None) -> ClassicRoot:
    """The root a user named, or the default."""
    return ClassicRoot(path.resolve()) if path is not None else default_root()
