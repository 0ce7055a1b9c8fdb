#!/usr/bin/env python3
"""Writes requirements.lock and requirements-ros.lock from the ranges in setup.py.

    python tools/lock_requirements.py python3.10 python3.11 python3.12 python3.13

The first Python given (the oldest) decides the versions; the others take the same wherever they can.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READ_RANGES = """
import json, sys
from distutils.core import run_setup
setup = run_setup("setup.py", stop_after="init")
extras = setup.extras_require
python = [*setup.install_requires, *extras["front-end"], *extras["test"]]
print(json.dumps({"python": python, "ros": extras["ros-jazzy"]}))
"""
HEADER = """# {what}, pinned for Python {versions}.
# Written by tools/lock_requirements.py from the ranges in setup.py; do not edit.
"""

Pins = dict[str, str]


def make_pip(python: str, folder: Path) -> Path:
    """A throw-away environment with the newest pip; returns its Python."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    inside = folder / "bin" / "python"
    subprocess.run([inside, "-m", "pip", "install", "-q", "-U", "pip", "setuptools"], check=True)
    return inside


def resolve(python: Path, requirements: list[str], constraints: Pins, folder: Path) -> Pins:
    """Name -> version of everything that the requirements need; nothing is installed."""
    (folder / "in.txt").write_text("\n".join(requirements))
    (folder / "constraints.txt").write_text(
        "\n".join(f"{name}=={version}" for name, version in constraints.items())
    )
    command: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "-q",
        "--dry-run",
        "--ignore-installed",
        "--report",
        folder / "report",
    ]
    command += ["--only-binary", ":all:", "--no-binary", "empy"]
    subprocess.run([*command, "-r", folder / "in.txt", "-c", folder / "constraints.txt"], check=True)
    report = json.loads((folder / "report").read_text())
    metadata = [entry["metadata"] for entry in report["install"]]
    return {item["name"].lower().replace("_", "-"): item["version"] for item in metadata}


def version_of(python: Path) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def merged(pins: dict[str, Pins]) -> list[str]:
    """Lock lines from {python version: pins}, with markers where Pythons differ."""
    lines = []
    for name in sorted({name for found in pins.values() for name in found}):
        versions = {found.get(name) for found in pins.values()}
        if len(versions) == 1:
            lines.append(f"{name}=={versions.pop()}")
            continue
        for python, found in pins.items():
            if name in found:
                lines.append(f'{name}=={found[name]} ; python_version == "{python}"')
    return lines


def main(pythons: list[str]) -> int:
    if not pythons:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    python_pins: dict[str, Pins] = {}
    ros_pins: dict[str, Pins] = {}
    first: Pins = {}
    with tempfile.TemporaryDirectory() as temporary:
        for number, name in enumerate(pythons):
            folder = Path(temporary) / str(number)
            python = make_pip(name, folder)
            read: list[str | Path] = [python, "-W", "ignore", "-c", READ_RANGES]
            ranges = json.loads(subprocess.run(read, cwd=ROOT, check=True, capture_output=True).stdout)
            version = version_of(python)
            base = resolve(python, ranges["python"], first, folder)
            everything = resolve(python, ranges["python"] + ranges["ros"], first | base, folder)
            first = first or everything
            python_pins[version] = base
            ros_pins[version] = {name: pin for name, pin in everything.items() if name not in base}
            print(f"Python {version}: {len(base)} packages, {len(ros_pins[version])} of ROS 2")
    versions = ", ".join(python_pins)
    for file, what, pins in (
        ("requirements.lock", "Python packages", python_pins),
        ("requirements-ros.lock", "ROS 2 Jazzy from PyPI", ros_pins),
    ):
        text = HEADER.format(what=what, versions=versions) + "\n".join(merged(pins)) + "\n"
        (ROOT / file).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
