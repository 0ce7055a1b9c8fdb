"""package.xml, setup.py, the lock files and the interface packages say the same."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import building_ctrl
from building_env.interfaces import discover
from building_env.packages import read_lock

ROOT = Path(__file__).resolve().parents[2]

# setup.py's names where rosdep's differ; None: rosdep has no key.
ROSDEP = {"pyyaml": "python3-yaml", "pyzmq": "python3-zmq", "msgspec": None, "setuptools": None}

# Modules whose package is named otherwise; packages that one of ours brings along as part of its interface.
MODULES = {"yaml": "pyyaml", "zmq": "pyzmq"}
BROUGHT_ALONG = {"anyio", "click", "llvmlite", "pydantic-core", "starlette"}

READ_SETUP = """
import json
from distutils.core import run_setup
setup = run_setup("setup.py", stop_after="init")
print(json.dumps({
    "version": setup.get_version(), "runtime": setup.install_requires, "extras": setup.extras_require,
    "packages": setup.packages, "data_files": setup.data_files,
    "package_data": setup.package_data["building_ctrl"],
}))
"""


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", "-c", f"import setuptools\n{READ_SETUP}"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(answer.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def manifest() -> ElementTree.Element:
    return ElementTree.parse(ROOT / "package.xml").getroot()


def modules() -> list[Path]:
    """Every Python file of the package."""
    return [file for file in (ROOT / "building_ctrl").rglob("*.py") if "node_modules" not in file.parts]


def imported(file: Path) -> set[str]:
    """Top-level names that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def depends(manifest: ElementTree.Element, *tags: str) -> set[str]:
    return {(tag.text or "").strip() for tag in manifest if tag.tag in tags}


def test_one_version(described: dict[str, Any], manifest: ElementTree.Element) -> None:
    assert described["version"] == manifest.findtext("version") == building_ctrl.__version__


def test_package_xml_names_every_interface_package(manifest: ElementTree.Element) -> None:
    assert set(discover(ROOT / "interfaces")) <= depends(manifest, "exec_depend")


def test_package_xml_names_every_python_package(
    described: dict[str, Any], manifest: ElementTree.Element
) -> None:
    named = depends(manifest, "exec_depend")
    for text in described["runtime"]:
        name = canonicalize_name(Requirement(text).name)
        key = ROSDEP.get(name, f"python3-{name}")
        assert key is None or key in named, f"{name} is in setup.py, {key} is not in package.xml"


def test_every_import_of_the_package_is_a_dependency(
    described: dict[str, Any], manifest: ElementTree.Element
) -> None:
    optional = described["extras"]["front-end"]
    known = {canonicalize_name(Requirement(text).name) for text in [*described["runtime"], *optional]}
    known |= {canonicalize_name(name) for name in depends(manifest, "exec_depend")} | BROUGHT_ALONG
    used = (
        {name for file in modules() for name in imported(file)}
        - set(sys.stdlib_module_names)
        - {"building_ctrl"}
    )
    undeclared = {name for name in used if canonicalize_name(MODULES.get(name, name)) not in known}
    assert undeclared == set()


def test_the_lock_files_satisfy_the_ranges(described: dict[str, Any]) -> None:
    locked = {}
    for lock in (ROOT / "requirements.lock", ROOT / "requirements-ros.lock"):
        for line in read_lock(lock):
            pin = Requirement(line)
            locked[canonicalize_name(pin.name)] = next(iter(pin.specifier)).version
    wanted = [*described["runtime"], *(text for extra in described["extras"].values() for text in extra)]
    for text in wanted:
        requirement = Requirement(text)
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{text} but {version} is locked"


def test_every_folder_with_modules_is_a_package(described: dict[str, Any]) -> None:
    folders = {".".join(file.parent.relative_to(ROOT).parts) for file in modules()}
    assert folders - set(described["packages"]) == set(), "without __init__.py colcon does not install them"


def test_data_files_hold_marker_manifest_launch_and_config(described: dict[str, Any]) -> None:
    installed = {f"{folder}/{Path(file).name}" for folder, files in described["data_files"] for file in files}
    assert {
        "share/ament_index/resource_index/packages/building_ctrl",
        "share/building_ctrl/package.xml",
        "share/building_ctrl/config/fastdds_loopback.xml",
        "share/building_ctrl/launch/building.launch.py",
        "share/building_ctrl/launch/gazebo.launch.py",
        "share/building_ctrl/launch/sim.launch.py",
    } <= installed


def test_translations_are_installed_and_downloads_are_not(described: dict[str, Any]) -> None:
    data = set(described["package_data"])
    assert {f"cli/locale/{language}/main.yaml" for language in ("en", "ko")} <= data
    assert not [name for name in data if "node_modules" in name or name.endswith((".py", ".pyc"))]
