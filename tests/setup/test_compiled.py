from __future__ import annotations

from pathlib import Path

from building_env import compiled
from building_env.layout import Layout


def checkout(root: Path) -> Layout:
    folder = root / "building_ctrl" / "core"
    folder.mkdir(parents=True)
    (folder / "fast.py").write_text("@kernel\ndef f(): ...\n")
    (folder / "plain.py").write_text("def g(): ...\n")
    return Layout(root)


def test_the_key_follows_sources_of_compiled_code_only(tmp_path: Path) -> None:
    layout = checkout(tmp_path)
    before = compiled.key(layout)
    (tmp_path / "building_ctrl/core/plain.py").write_text("def g(): return 1\n")
    assert compiled.key(layout) == before
    (tmp_path / "building_ctrl/core/fast.py").write_text("@kernel\ndef f(): return 1\n")
    assert compiled.key(layout) != before


def test_a_type_that_compiled_code_takes_counts_too(tmp_path: Path) -> None:
    layout = checkout(tmp_path)
    before = compiled.key(layout)
    (tmp_path / "building_ctrl/core/types.py").write_text("class Team(NamedTuple): ...\n")
    assert compiled.key(layout) != before


def test_the_trial_runs_on_the_checkouts_own_map(tmp_path: Path) -> None:
    assert compiled.in_checkout(tmp_path, ("--map", "maps/a.yaml")) == ["--map", str(tmp_path / "maps/a.yaml")]
