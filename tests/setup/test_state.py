from __future__ import annotations

from pathlib import Path

import pytest

from building_env.state import STATE_FILE, State, digest, digest_files


def test_state_survives_a_round_trip(tmp_path: Path) -> None:
    state = State(venv="a", packages="b", activation="c", interfaces={"x_msgs": "d"})
    state.save(tmp_path)
    assert State.load(tmp_path) == state


@pytest.mark.parametrize("text", ["", "{", "[]", '{"unknown": 1}', "\0"])
def test_a_damaged_state_means_that_nothing_is_there(tmp_path: Path, text: str) -> None:
    (tmp_path / STATE_FILE).write_text(text)
    assert State.load(tmp_path) == State()


def test_no_environment_means_that_nothing_is_there(tmp_path: Path) -> None:
    assert State.load(tmp_path / "missing") == State()


def test_a_digest_knows_where_one_part_ends() -> None:
    assert digest("ab", "c") != digest("a", "bc")


def test_a_digest_of_files_follows_names_and_contents_not_the_place(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one").write_text("1")
    here, there = tmp_path / "here", tmp_path / "there"
    assert digest_files(here.iterdir(), here) == digest_files(there.iterdir(), there)
    (there / "one").write_text("2")
    assert digest_files(here.iterdir(), here) != digest_files(there.iterdir(), there)
