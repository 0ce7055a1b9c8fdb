"""The command from the outside: files, and one clear line where something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from building_ctrl.cli.gazebo import app
from building_ctrl.gazebo.names import BRIDGE_FILE, CLASSIC_FILE, GZ_FILE, INDEX_FILE

from .worlds import ROOT

OFFICE = str(ROOT / "maps/office.building.yaml")


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["export", *arguments], env={"BUILDING_CTRL_LANG": "en"})
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("dialect", "files"),
    [
        ("gz", {GZ_FILE, BRIDGE_FILE, INDEX_FILE}),
        ("classic", {CLASSIC_FILE, INDEX_FILE}),
        ("both", {GZ_FILE, BRIDGE_FILE, CLASSIC_FILE, INDEX_FILE}),
    ],
)
def test_each_dialect_has_its_files(dialect: str, files: set[str], tmp_path: Path) -> None:
    status, said, _ = run(OFFICE, "--robots", "2", "-o", str(tmp_path / "new" / "folder"), "--dialect", dialect)
    assert status == 0
    assert {path.name for path in (tmp_path / "new" / "folder").iterdir()} == files
    assert "2 robots, 3 doors, 0 lifts" in said


def test_a_map_that_is_not_there_or_has_no_levels_or_no_room(tmp_path: Path) -> None:
    (tmp_path / "empty.building.yaml").write_text("name: nothing\nlevels: {}\n")
    for arguments, said in (
        (("nowhere.building.yaml",), "nowhere.building.yaml"),
        ((str(tmp_path / "empty.building.yaml"),), "levels"),
        ((OFFICE, "--robots", "5000"), "ask for fewer"),
    ):
        status, _, error = run(*arguments, "-o", str(tmp_path / "out"))
        assert status == 2 and said in error and len(error.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, _, error = run(OFFICE, "-o", str(tmp_path / "file" / "world"))
    assert status == 2 and "choose another folder" in error and str(tmp_path / "file") in error


def test_a_lift_without_doors_is_named_and_the_rest_is_exported(tmp_path: Path) -> None:
    document = yaml.safe_load((ROOT / "maps/tower.building.yaml").read_text())
    document["lifts"]["lift_robot"]["level_doors"] = {}
    (tmp_path / "blind.building.yaml").write_text(yaml.safe_dump(document))
    status, said, error = run(str(tmp_path / "blind.building.yaml"), "-o", str(tmp_path / "out"))
    assert status == 0 and "1 lifts" in said
    assert error.count("\n") == 1 and "'lift_robot'" in error and "level_doors" in error
