"""Where things are in a checkout and in its environment."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """Paths of one checkout. `python_tag` is e.g. `python3.11`."""

    root: Path
    python_tag: str = f"python{sys.version_info.major}.{sys.version_info.minor}"

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        return self.venv / "lib" / self.python_tag / "site-packages"

    @property
    def lock(self) -> Path:
        return self.root / "requirements.lock"

    @property
    def ros_lock(self) -> Path:
        return self.root / "requirements-ros.lock"

    @property
    def interfaces(self) -> Path:
        return self.root / "interfaces"

    @property
    def generators(self) -> Path:
        return self.root / "tools" / "cmake"

    @property
    def tools(self) -> Path:
        return self.root / "tools" / "building_env"

    @property
    def builds(self) -> Path:
        return self.venv / "interface-builds"

    @property
    def log(self) -> Path:
        return self.root / "build" / "setup.log"
