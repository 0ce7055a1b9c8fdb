"""Builds our plugin with the root's own compiler; the result is kept by the hash of its sources."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from building_ctrl.gazebo.classic.root import ClassicError, ClassicRoot

SOURCES = Path(__file__).parent / "plugin"
LIBRARY = "libbuilding_ctrl_gazebo.so"
BUILD_S = 900.0

BUILD = r"""
set -e
flags="-std=c++17 -O2 -fPIC -Wall -I/usr/include/gazebo-11 -I/usr/include/gazebo-11/gazebo/msgs"
for folder in /usr/include/sdformat-* /usr/include/ignition/*; do
  if [ -d "$folder" ]; then flags="$flags -I$folder"; fi
done
cd "$1"
for source in *.cc; do
  g++ $flags -c "$source" -o "${source%.cc}.o"
done
g++ -shared -o unfinished.so *.o -lzmq
mv unfinished.so "$2"
"""


def sources_hash(sources: Path = SOURCES) -> str:
    """Hash of all sources and of how they are built."""
    digest = hashlib.sha256(BUILD.encode())
    for path in sorted(sources.glob("*.[ch][ch]")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def ensure_plugin(root: ClassicRoot, say: Callable[[str], None] = lambda text: None, sources: Path = SOURCES) -> str:
    """Folder of the built plugin, as Gazebo sees it; builds it where it is not. Raises ClassicError."""
    folder = root.plugins / sources_hash(sources)
    if not (folder / LIBRARY).is_file():
        say("building the plugin")
        _build(root, folder, sources)
    return root.inside(folder)


def _build(root: ClassicRoot, folder: Path, sources: Path) -> None:
    work = folder.with_name(f"{folder.name}.{os.getpid()}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(sources, work, dirs_exist_ok=True)
        _compile(root, work, folder)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ClassicError(f"cannot build Gazebo's plugin in {root.path}: {error}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _compile(root: ClassicRoot, work: Path, folder: Path) -> None:
    argv = ["sh", "-c", BUILD, "sh", root.inside(work), f"{root.inside(folder)}/{LIBRARY}"]
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(root.command(argv), capture_output=True, text=True, timeout=BUILD_S, env=env, check=False)
    if done.returncode == 0:
        return
    log = folder / "build.log"
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    errors = [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines()[-1:]
    first = errors[0] if errors else f"status {done.returncode}"
    raise ClassicError(f"Gazebo's plugin does not compile: {first} (all of it: {log})")
