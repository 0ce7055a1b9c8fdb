from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from building_env import preflight
from building_env.errors import SetupError
from building_env.layout import Layout
from building_env.packages import console_script, mend_wheels, read_lock, with_system_numpy


def test_stale_paths_of_the_wheels_are_mended(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    export = layout.venv / "share" / "some_msgs" / "cmake" / "someExport.cmake"
    parent = layout.venv / "share" / "ament_index" / "resource_index" / "parent_prefix_path" / "some_msgs"
    clean = export.with_name("clean.cmake")
    for file, text in (
        (
            export,
            '"/opt/python/cp311-cp311/include/python3.11;/opt/python/cp311-cp311/lib/python3.11/site-packages/n"',
        ),
        (parent, "/opt/python/cp313-cp313"),
        (clean, "set(x 1)"),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert mend_wheels(layout) == 2
    headers = sysconfig.get_path("include")
    assert export.read_text() == f'"{headers};{layout.venv}/lib/python3.11/site-packages/n"'
    assert parent.read_text() == str(layout.venv)
    assert mend_wheels(layout) == 0


def test_lock_lines_keep_markers_and_lose_comments(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text('# made by hand\nnumpy==2.2.6\n\ntomli==2.5.0 ; python_version == "3.10"\n')
    assert read_lock(lock) == ["numpy==2.2.6", 'tomli==2.5.0 ; python_version == "3.10"']


def test_the_numpy_of_a_sourced_ros_stays() -> None:
    lines = ["numba==0.68.1", "numpy==2.2.6"]
    assert with_system_numpy(lines, "1.26.4") == ["numba==0.68.1"]
    assert with_system_numpy(lines, "") == lines


@pytest.mark.parametrize("folder", ["short", "with a space", "long" * 40])
def test_the_command_runs_wherever_the_checkout_is(tmp_path: Path, folder: str) -> None:
    place = tmp_path / folder
    package = place / "building_ctrl" / "cli"
    package.mkdir(parents=True)
    (place / "building_ctrl" / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "main.py").write_text("import sys\ndef main():\n    print(sys.argv[1:])\n    return 7\n")
    python = place / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{place}" exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    script = place / "building_ctrl_command"
    script.write_text(console_script(python))
    script.chmod(0o755)
    answer = subprocess.run([script, "a b"], capture_output=True, text=True, check=False)
    assert (answer.stdout, answer.returncode) == ("['a b']\n", 7), answer.stderr


def test_all_that_a_machine_lacks_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        preflight.check(tmp_path, {"PATH": str(tmp_path)})
    text = str(caught.value)
    assert "lacks a C++ compiler, make, cmake;" in text
    assert text.endswith("apt-get install g++ make cmake")


def test_an_old_cmake_is_named(tmp_path: Path) -> None:
    for name, text in (("g++", ""), ("make", ""), ("cmake", "echo cmake version 3.16.3")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(SetupError, match=r"cmake is 3\.16; it must be 3\.20 or newer"):
        preflight.check(tmp_path, {"PATH": str(tmp_path)})


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "NEEDED_BYTES", 10**18)
    monkeypatch.setattr(preflight, "_missing", lambda env: [])
    with pytest.raises(SetupError, match="GB of free disk"):
        preflight.check(tmp_path, {})
