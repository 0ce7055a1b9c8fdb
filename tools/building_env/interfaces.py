"""The ROS 2 interface packages: which of them must be built, and building those in parallel."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from building_env.errors import SetupError
from building_env.layout import Layout
from building_env.progress import Progress
from building_env.ros import Ros
from building_env.state import digest, digest_files

DEPENDENCY_TAGS = ("depend", "build_depend", "build_export_depend", "exec_depend")


@dataclass(frozen=True)
class InterfacePackage:
    """A folder with package.xml, *.msg and *.srv; `depends` names only packages of the same workspace."""

    name: str
    folder: Path
    depends: frozenset[str]

    def files(self) -> list[Path]:
        return [file for file in self.folder.rglob("*") if file.is_file()]


def discover(folder: Path) -> dict[str, InterfacePackage]:
    """All interface packages of a folder, by name. Raises SetupError for an unreadable package.xml."""
    named: dict[str, tuple[Path, set[str]]] = {}
    for manifest in sorted(folder.glob("*/package.xml")):
        try:
            root = ElementTree.parse(manifest).getroot()
        except (ElementTree.ParseError, OSError) as error:
            raise SetupError(f"{manifest} cannot be read: {error}") from error
        depends = {(tag.text or "").strip() for tag in root if tag.tag in DEPENDENCY_TAGS}
        named[(root.findtext("name") or manifest.parent.name).strip()] = (manifest.parent, depends)
    return {
        name: InterfacePackage(name, path, frozenset(depends & named.keys()))
        for name, (path, depends) in named.items()
    }


def missing(packages: Mapping[str, InterfacePackage], ros: Ros) -> dict[str, InterfacePackage]:
    """Those not already installed beside the sourced ROS 2 (Open-RMF's own, or a workspace of ours)."""
    return {
        name: package
        for name, package in packages.items()
        if not any((prefix / "share" / name / "package.xml").exists() for prefix in ros.prefixes)
    }


def keys(packages: Mapping[str, InterfacePackage], base: str) -> dict[str, str]:
    """A hash a package over its files, its dependencies and `base`. Raises SetupError for a cycle."""
    found: dict[str, str] = {}
    for name in ordered(packages):
        package = packages[name]
        below = [found[other] for other in sorted(package.depends) if other in found]
        found[name] = digest(base, digest_files(package.files(), package.folder), *below)
    return found


def ordered(packages: Mapping[str, InterfacePackage]) -> list[str]:
    """Names so that every package comes after those it depends on. Raises SetupError for a cycle."""
    done: list[str] = []
    left = dict(packages)
    while left:
        ready = sorted(name for name, package in left.items() if not package.depends & left.keys())
        if not ready:
            raise SetupError(
                f"interface packages depend on each other in a circle: {', '.join(sorted(left))}"
            )
        done += ready
        for name in ready:
            del left[name]
    return done


class Builder:
    """Builds interface packages into the environment; build folders are kept there for the next time."""

    def __init__(self, layout: Layout, ros: Ros, progress: Progress, env: Mapping[str, str]) -> None:
        self._layout = layout
        self._ros = ros
        self._progress = progress
        self._env = env
        self._jobs = os.cpu_count() or 1

    def build(self, packages: Mapping[str, InterfacePackage], names: Iterable[str]) -> Iterable[str]:
        """Build the named packages, several at once as their dependencies permit; yields each name when done.

        Raises SetupError for the first that fails; those already running end first.
        """
        left = {name: packages[name] for name in ordered(packages) if name in set(names)}
        total = len(left)
        running: dict[Future[None], str] = {}
        done: list[str] = []
        with ThreadPoolExecutor(max_workers=self._jobs) as pool:
            while left or running:
                ready = [n for n, p in left.items() if not p.depends & (left.keys() | set(running.values()))]
                largest_first = sorted(ready, key=lambda n: -len(packages[n].files()))
                for name in largest_first[: self._jobs - len(running)]:
                    running[pool.submit(self._build_one, left.pop(name))] = name
                self._progress.detail(f"{len(done)} of {total}; now {', '.join(sorted(running.values()))}")
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    name = running.pop(future)
                    future.result()
                    done.append(name)
                    yield name

    def _build_one(self, package: InterfacePackage) -> None:
        folder = self._layout.builds / package.name
        before = self._installed(folder)
        configure: list[str | Path] = [
            *("cmake", "-S", package.folder, "-B", folder),
            f"-DCMAKE_INSTALL_PREFIX={self._layout.venv}",
            f"-DPython3_EXECUTABLE={self._layout.python}",
            "-DCMAKE_BUILD_TYPE=Release",
            "-DBUILD_TESTING=OFF",
        ]
        if not self._ros.sourced:
            configure.append(f"-Drosidl_default_generators_DIR={self._layout.generators}")
        build: list[str | Path] = ["cmake", "--build", folder, "--parallel", str(self._jobs)]
        install: list[str | Path] = ["cmake", "--install", folder]
        for command in (configure, build, install):
            self._progress.run(command, self._env, title=f"the build of {package.name}")
        self.remove_files(before - self._installed(folder))

    def remove(self, name: str) -> None:
        """Take a package out of the environment that was once built into it."""
        self.remove_files(self._installed(self._layout.builds / name))

    def remove_files(self, files: set[Path]) -> None:
        """Delete installed files, only inside the environment."""
        for file in files:
            if file.is_relative_to(self._layout.venv):
                file.unlink(missing_ok=True)

    def _installed(self, folder: Path) -> set[Path]:
        manifest = folder / "install_manifest.txt"
        if not manifest.exists():
            return set()
        return {Path(line) for line in manifest.read_text(encoding="utf-8").splitlines() if line}
