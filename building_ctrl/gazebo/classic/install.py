"""Sets up Gazebo Classic 11 in a root folder, from the Debian 11 packages of the machine's own mirror.

The folder is made beside its place and moved there when it is complete. Packages of a set-up that was
interrupted are used again.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from building_ctrl.gazebo.classic.mirror import apt_targets, debian_mirror
from building_ctrl.gazebo.classic.root import MARK, ClassicError, ClassicRoot

Say = Callable[[str], None]

SUITE = "bullseye"
LEAST_FREE_BYTES = 3_000_000_000
TELL_S = 5.0
ARCHIVES = Path("var/cache/apt/archives")

PACKAGES = (
    "gazebo", "gazebo-plugin-base", "g++", "libboost-dev", "libboost-thread-dev", "libsdformat-dev",
    "libignition-math-dev", "libignition-common-dev", "libignition-transport-dev", "libignition-msgs-dev",
    "libprotobuf-dev", "libtbb-dev", "libzmq3-dev", "libmsgpack-dev",
)  # fmt: skip

# Its headers alone: what it depends on is for Gazebo's window and half a gigabyte.
HEADERS_HOOK = (
    'cd "$1/tmp" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get download libgazebo-dev'
    ' && chroot "$1" sh -c "dpkg -x /tmp/libgazebo-dev_*.deb /" && rm -f "$1"/tmp/libgazebo-dev_*.deb'
)


def ensure_root(root: ClassicRoot, mirror: str = "", say: Say = lambda text: None) -> None:
    """Set the root up where it is not. Raises ClassicError."""
    if root.complete:
        return
    _require(root)
    try:
        root.path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(root.path.with_name(root.path.name + ".lock"), say):
            if not root.complete:
                _set_up(root, mirror, say)
    except OSError as error:
        raise ClassicError(f"cannot set up Gazebo Classic in {root.path}: {error}") from error


def unmet(root: ClassicRoot) -> str:
    """Why the root cannot be set up on this machine, empty where it can be tried."""
    if root.complete:
        return ""
    if os.geteuid() != 0:
        return f"Gazebo Classic is not in {root.path}: root has to set it up, by `building_ctrl gazebo install`"
    if shutil.which("mmdebstrap") is None:
        return "mmdebstrap is missing, which sets up Gazebo Classic: apt-get install mmdebstrap"
    return ""


def _require(root: ClassicRoot) -> None:
    if why := unmet(root):
        raise ClassicError(why)
    if root.path.is_dir() and any(root.path.iterdir()):
        raise ClassicError(f"{root.path} has other things in it: name an empty or new folder with --root")
    above = next(folder for folder in root.path.parents if folder.is_dir())
    if shutil.disk_usage(above).free < LEAST_FREE_BYTES:
        raise ClassicError(f"{above} has less than 3 GB free for Gazebo Classic: make room, or name another --root")


@contextmanager
def _locked(path: Path, say: Say) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("somebody else sets it up, waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _set_up(root: ClassicRoot, mirror: str, say: Say) -> None:
    partial = root.path.with_name(root.path.name + ".partial")
    kept = root.path.with_name(root.path.name + ".packages")
    _keep_packages(partial, kept)
    shutil.rmtree(partial, ignore_errors=True)
    uri = mirror or debian_mirror(apt_targets())
    log = root.path.with_name(root.path.name + ".log")
    try:
        _run(bootstrap_command(partial, kept, uri), partial, log, say)
    except BaseException:
        _keep_packages(partial, kept)
        raise
    (partial / MARK).write_text(SUITE + "\n", encoding="utf-8")
    if root.path.is_dir():
        root.path.rmdir()
    partial.rename(root.path)
    shutil.rmtree(kept, ignore_errors=True)


def bootstrap_command(partial: Path, kept: Path, mirror: str) -> list[str]:
    """The command that makes a root; packages in `kept` are not fetched again."""
    put_in = f'mkdir -p "$1/{ARCHIVES}" && if [ -d "{kept}" ]; then cp -al "{kept}/." "$1/{ARCHIVES}/"; fi'
    return [
        "mmdebstrap", "--variant=apt", "--mode=root", "--format=directory", "--components=main",
        '--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=APT::Install-Recommends "false"',
        "--skip=essential/unlink", f"--include={','.join(PACKAGES)}", f"--setup-hook={put_in}",
        f"--customize-hook={HEADERS_HOOK}", SUITE, str(partial), mirror,
    ]  # fmt: skip


def _keep_packages(partial: Path, kept: Path) -> None:
    """Put what was fetched aside, for the next try."""
    fetched = sorted((partial / ARCHIVES).glob("*.deb"))
    if fetched:
        kept.mkdir(parents=True, exist_ok=True)
    for path in fetched:
        os.replace(path, kept / path.name)


def _run(argv: list[str], partial: Path, log: Path, say: Say) -> None:
    since_s = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        try:
            while process.poll() is None:
                try:
                    process.wait(TELL_S)
                except subprocess.TimeoutExpired:
                    say(f"{_step(log)} ({time.monotonic() - since_s:.0f} s, {_fetched_mb(partial):.0f} MB fetched)")
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode != 0:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("E: ")]
        said = lines[0][3:] if lines else f"status {process.returncode}"
        raise ClassicError(f"Gazebo Classic could not be fetched: {said} (log: {log}; --mirror names another mirror)")


def _step(log: Path) -> str:
    lines = [line[3:] for line in log.read_text(errors="replace").splitlines() if line.startswith("I: ")]
    return lines[-1].rstrip(".") if lines else "starting"


def _fetched_mb(partial: Path) -> float:
    try:
        return sum(path.stat().st_size for path in (partial / ARCHIVES).rglob("*.deb")) / 1e6
    except FileNotFoundError:
        return 0.0
