"""A process that cannot read its map says so in one line and ends."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from building_ctrl.processes import process

PLANNERS = ["path_planner", "lift_planner", "door_planner", "dispatcher", "console"]


@pytest.mark.parametrize("name", PLANNERS)
def test_an_unreadable_map_is_told_in_one_line(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    bad = tmp_path / "bad.building.yaml"
    bad.write_text("levels: [")
    arguments = ["--map", str(bad)] + (["--store", str(tmp_path / "tasks.db")] if name == "dispatcher" else [])
    assert import_module(process(name).module).main(arguments) == 1
    said = [line for line in (capfd.readouterr().err + caplog.text).splitlines() if "not valid YAML" in line]
    assert said and str(bad) in said[0]
    assert "Traceback" not in caplog.text
