"""Levels dealt out to planners, their names and epochs, and what they believe of each other."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from building_ctrl.core.path.peers import FRESH_S, LISTEN_S, Peers
from building_ctrl.core.path.shard import LevelsError, level_list, shard_of, shards_of, split_levels
from building_ctrl.model.shard import Handover, HandoverPhase, ShardState

LEVELS = ("B1", "L1", "L2", "L3", "L4")


@given(st.integers(1, 40), st.integers(1, 40))
def test_every_level_goes_to_one_planner_and_neighbours_stay_together(n_levels: int, planners: int) -> None:
    levels = [f"L{k}" for k in range(n_levels)]
    if planners > n_levels:
        with pytest.raises(LevelsError):
            split_levels(levels, str(planners))
        return
    groups = split_levels(levels, str(planners))
    assert len(groups) == planners and all(groups)
    assert [level for group in groups for level in group] == levels
    assert max(map(len, groups)) - min(map(len, groups)) <= 1


def test_what_does_not_fit_the_building_is_refused_in_one_line() -> None:
    for bad in ("0", "6", "-1", "many", ""):
        with pytest.raises(LevelsError, match="1 to 5"):
            split_levels(LEVELS, bad)
    with pytest.raises(LevelsError, match="no level 'L9' in the building; there are B1, L1"):
        shard_of(LEVELS, ["L1", "L9"])
    assert level_list(" L1, L2,,L1 ") == ("L1", "L2")


def test_planners_have_names_of_their_own_that_ros_allows() -> None:
    levels = ("지하 1층", "L 1", "L-1", "Lobby")
    names = [shard.name for shard in shards_of(levels, "per-level")]
    assert names[3] == "path_planner_Lobby" and len(set(names)) == 4
    assert all(re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) for name in names)
    assert [shard.name for shard in shards_of(levels, "1")] == ["path_planner"]


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 2**41), st.integers(0, 2**52))
def test_epochs_of_different_shards_are_never_the_same_and_always_grow(a: int, b: int, start: int, known: int) -> None:
    first, second = shard_of(LEVELS, [LEVELS[a]]), shard_of(LEVELS, [LEVELS[b]])
    assert first.epoch_after(known) > known
    if a != b:
        assert first.first_epoch(start) != second.first_epoch(start)
        assert first.epoch_after(known) != second.epoch_after(known)


def state(epoch: int, seq: int, levels: tuple[str, ...] = ("L2",), *rows: Handover) -> ShardState:
    return ShardState(f"planner {epoch % 10}", epoch, seq, levels, ("r0",), rows)


def row(phase: HandoverPhase, to_level: str = "L1") -> Handover:
    return Handover("r0/1", "r0", "f", "L2", to_level, "lift", 1, phase)


def peers() -> Peers:
    found = Peers(shard_of(LEVELS, ["L1"]), epoch=50, alone=False)
    found.begin(0.0)
    return found


def test_old_and_repeated_messages_change_nothing() -> None:
    book = peers()
    book.hear(state(11, 5, ("L2",), row(HandoverPhase.ASKED)), 1.0)
    book.hear(state(11, 4, ("L3",)), 4.0)
    book.hear(state(11, 5, ("L3",)), 4.0)
    assert [r.phase for _, r in book.rows(1.0)] == [HandoverPhase.ASKED]
    assert book.owner_of("L2", 1.0 + FRESH_S) is not None and book.owner_of("L3", 1.0) is None
    assert book.owner_of("L2", 1.1 + FRESH_S) is None and book.holder("r0", 1.1 + FRESH_S) == ""


def test_a_planner_that_starts_anew_replaces_what_it_said_before() -> None:
    book = peers()
    book.hear(state(11, 900, ("L2",), row(HandoverPhase.ASKED)), 1.0)
    book.hear(state(21, 1), 2.0)
    assert not list(book.rows(2.0))
    book.hear(state(11, 901, ("L2",), row(HandoverPhase.ASKED)), 2.5)
    assert not list(book.rows(2.5))
    book.hear(state(11, 1, ("L3",)), 3.0 + FRESH_S)
    assert book.owner_of("L3", 3.0 + FRESH_S) is not None, "its clock was set back"


def test_only_the_owner_of_the_level_answers() -> None:
    book = peers()
    book.hear(state(11, 1, ("L2",), row(HandoverPhase.GRANTED, "L2")), 1.0)
    book.hear(state(12, 1, ("L3",), row(HandoverPhase.TAKEN, "L2")), 1.0)
    answer = book.answer("r0/1", "L2", 1.0)
    assert answer is not None and answer.phase is HandoverPhase.GRANTED
    assert book.answer("r0/1", "L4", 1.0) is None


def test_a_level_claimed_twice_is_frozen_and_given_up_by_the_older() -> None:
    book = peers()
    assert book.contested("L1")
    book.begin(LISTEN_S)
    assert not book.contested("L1")
    book.hear(state(41, 1, ("L1",)), 10.0)
    book.begin(10.0)
    assert book.contested("L1") and book.kept() == ("L1",)
    book.begin(10.1 + FRESH_S)
    assert not book.contested("L1")
    book.hear(state(61, 1, ("L1",)), 20.0)
    book.begin(20.0)
    book.begin(100.0)
    assert book.contested("L1") and book.kept() == () and book.conflicts() == {"L1": "planner 1"}
