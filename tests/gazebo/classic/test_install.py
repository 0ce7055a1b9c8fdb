"""Setting Gazebo Classic up: the mirror, the command, what is kept, and errors in one line."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from building_ctrl.gazebo.classic import install
from building_ctrl.gazebo.classic.install import PACKAGES, bootstrap_command, ensure_root, unmet
from building_ctrl.gazebo.classic.mirror import debian_mirror
from building_ctrl.gazebo.classic.root import ClassicError, ClassicRoot, cache_folder, chosen_root

MIRROR = "http://mirror.example/debian"

# Stands in for mmdebstrap: puts a package where the real one does, then does as it is told.
FAKE = """#!/bin/sh
for word in "$@"; do case "$word" in */gazebo.partial) target="$word";; esac; done
mkdir -p "$target/var/cache/apt/archives" "$target/tmp"
echo "I: downloading packages with apt..." >&2
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClassicRoot:
    """A place for a root, on a machine where everything is there and the caller is root."""
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    mmdebstrap(tmp_path, "exit 0")
    return ClassicRoot(tmp_path / "gazebo")


def mmdebstrap(folder: Path, rest: str) -> None:
    path = folder / "tools" / "mmdebstrap"
    path.write_text(FAKE + rest + "\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_the_mirror_is_that_of_apt_s_own_debian_release() -> None:
    targets = "http://sec.example/debian-security bookworm-security main\nhttp://a.example/x nodistro main\n"
    assert debian_mirror(targets + f"{MIRROR} bookworm contrib\n{MIRROR}/ bookworm main\n") == f"{MIRROR}/"
    with pytest.raises(ClassicError, match="--mirror"):
        debian_mirror(targets)


def test_the_command_names_suite_mirror_and_all_packages(tmp_path: Path) -> None:
    command = bootstrap_command(tmp_path / "partial", tmp_path / "kept", MIRROR)
    assert command[-3:] == ["bullseye", str(tmp_path / "partial"), MIRROR]
    assert f"--include={','.join(PACKAGES)}" in command and "libzmq3-dev" in PACKAGES


def test_a_set_up_appears_only_when_it_is_complete_and_is_not_repeated(root: ClassicRoot) -> None:
    assert not root.complete
    ensure_root(root, MIRROR)
    assert root.complete and not root.path.with_name("gazebo.partial").exists()
    mmdebstrap(root.path.parent, "echo 'E: must not run again' >&2; exit 1")
    ensure_root(root, MIRROR)


def test_a_failure_is_one_line_and_packages_fetched_are_used_again(root: ClassicRoot) -> None:
    mmdebstrap(root.path.parent, 'echo deb > "$target/var/cache/apt/archives/g.deb"; echo "E: no network" >&2; exit 1')
    with pytest.raises(ClassicError, match="no network") as raised:
        ensure_root(root, MIRROR)
    assert "\n" not in str(raised.value) and not root.complete
    kept = root.path.with_name("gazebo.packages")
    assert (kept / "g.deb").read_text() == "deb\n"
    mmdebstrap(root.path.parent, "exit 0")
    ensure_root(root, MIRROR)
    assert root.complete and not kept.exists()


def test_what_is_in_the_way_is_not_overwritten(root: ClassicRoot) -> None:
    root.path.mkdir()
    (root.path / "photos").write_text("mine")
    with pytest.raises(ClassicError, match="--root"):
        ensure_root(root, MIRROR)
    assert (root.path / "photos").read_text() == "mine"


def test_progress_is_told_while_it_lasts(root: ClassicRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "TELL_S", 0.02)
    mmdebstrap(root.path.parent, 'while [ ! -e "$target/../told" ]; do :; done')
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        if "downloading" in text:
            (root.path.parent / "told").touch()

    ensure_root(root, MIRROR, say)
    assert any("downloading packages with apt" in text and "MB fetched" in text for text in said)


def test_who_cannot_set_it_up_is_told_why(root: ClassicRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "mmdebstrap" in unmet(root)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root has to" in unmet(root)
    with pytest.raises(ClassicError, match="root has to"):
        ensure_root(root, MIRROR)


def test_a_root_of_one_s_own_or_the_machine_s_or_the_cache_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: ClassicRoot
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "tools"))
    assert chosen_root(tmp_path / "mine") == ClassicRoot(tmp_path / "mine")
    assert chosen_root(None) == ClassicRoot(cache_folder() / "gazebo-classic-11")
    assert chosen_root(None).command(["gzserver"])[0] == "chroot"
    server = tmp_path / "tools" / "gzserver"
    server.write_text("#!/bin/sh\n")
    server.chmod(0o755)
    machine = chosen_root(None)
    assert machine.complete and machine.command(["gzserver"]) == ["gzserver"]
    assert machine.inside(tmp_path / "x") == f"{tmp_path}/x"
