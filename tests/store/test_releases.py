from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from building_ctrl.model.held import HeldKind, HeldStretch
from building_ctrl.store import ReleaseStore, StoreError
from building_ctrl.store.releases import COMPACT_BATCHES

WRITER = Path(__file__).parent / "crash_release_writer.py"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def stretch(robot: str = "r", step: int = 0) -> HeldStretch:
    return HeldStretch(robot, "fleet", "L1", 7, ((0.5, -1.25), (float(step), 2.0)))


def test_stretches_come_back_as_they_were_kept(tmp_path: Path) -> None:
    removed = HeldStretch("b", "fleet", "", 9, (), HeldKind.REMOVED, "taken from the floor by kim")
    with ReleaseStore(tmp_path / "new" / "held.db") as store:
        assert store.load() == ()
        store.keep([removed, stretch("a")])
        store.keep([])
    with ReleaseStore(tmp_path / "new" / "held.db") as store:
        assert store.load() == (stretch("a"), removed)


def test_the_newest_stretch_of_a_robot_counts_and_the_file_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    with ReleaseStore(path) as store:
        store.keep([stretch("still")])
        for step in range(2 * COMPACT_BATCHES + 3):
            store.keep([stretch("r", step)])
        count = store.connection().execute("SELECT COUNT(*) FROM batches").fetchone()[0]
        assert count <= COMPACT_BATCHES
    with ReleaseStore(path) as store:
        assert store.load() == (stretch("r", 2 * COMPACT_BATCHES + 2), stretch("still"))


def test_a_batch_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    with ReleaseStore(path) as store:
        store.keep([stretch("a", 1)])
        store.connection().execute("CREATE TRIGGER stop BEFORE INSERT ON batches BEGIN SELECT RAISE(ABORT, 'x'); END")
        with pytest.raises(StoreError):
            store.keep([stretch("a", 2)])
        assert store.load() == (stretch("a", 1),)
        store.connection().execute("DROP TRIGGER stop")
        store.keep([stretch("a", 3)])
    with ReleaseStore(path) as store:
        assert store.load() == (stretch("a", 3),)


def test_a_second_planner_is_told_that_the_file_is_in_use(tmp_path: Path) -> None:
    with ReleaseStore(tmp_path / "held.db"), pytest.raises(StoreError, match="in use by another process"):
        ReleaseStore(tmp_path / "held.db").open()


@pytest.mark.parametrize("held", ["no list", "[[1, 2]]", '[["r", "f", "L1", 1, [[0, 0]], 99, ""]]', '[["r", "f"], 3]'])
def test_a_file_with_other_content_is_named(tmp_path: Path, held: str) -> None:
    path = tmp_path / "held.db"
    with ReleaseStore(path) as store:
        store.connection().execute("INSERT INTO batches VALUES (1, ?)", (held,))
    with pytest.raises(StoreError, match=r"held\.db.*move it away"):
        ReleaseStore(path).open()


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not open"):
        ReleaseStore(tmp_path / "held.db").keep([stretch()])


def check(path: Path, told: list[str]) -> None:
    """Every stretch told to be kept is there, or one kept after it."""
    newest: dict[str, int] = {}
    for line in told:
        robot, step = line.split()
        newest[robot] = int(step)
    with ReleaseStore(path) as store:
        found = {stretch.robot: stretch.epoch for stretch in store.load()}
    for robot, step in newest.items():
        assert found.get(robot, -1) >= step, f"{robot} was released {step} and the file knows {found.get(robot)}"


def test_what_was_kept_survives_death_at_any_statement(tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    chance = random.Random(20)
    told: list[str] = []
    for run, die_at in enumerate(chance.sample(range(1, 60), 6)):
        command = [sys.executable, str(WRITER), str(path), str(die_at), str(1000 * run)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
        assert result.returncode == 9, result.stderr
        told += result.stdout.splitlines()
        check(path, told)
    assert told


def test_what_was_kept_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    told: list[str] = []
    for run, lines in enumerate((1, 9, 25)):
        command = [sys.executable, str(WRITER), str(path), "-1", str(1000 * run)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
            assert process.stdout is not None
            told += [process.stdout.readline() for _ in range(lines)]
            os.kill(process.pid, signal.SIGKILL)
            told += [line for line in process.stdout if line.endswith("\n")]
        check(path, told)
