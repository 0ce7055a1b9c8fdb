from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from building_ctrl.core.task.desk import Answer
from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus
from building_ctrl.store import StoreError, TaskStore

WRITER = Path(__file__).parent / "crash_writer.py"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
PLACES = (("L1", "a"), ("L2", "b"))


def task(task_id: str = "t", **fields: object) -> Task:
    request = TaskRequest(
        task_id, TaskCategory.DELIVERY, ("a", "L2/b"), 3, "who", 7.5, "fleet", "robot", 12.0
    )
    return replace(Task(request, submitted_s=5.0, places=PLACES), **fields)  # type: ignore[arg-type]


def test_a_task_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    kept = task(
        status=TaskStatus.UNDERWAY, fleet="f", robot="r", stage=1, detail="going 2/2 L2/b", started_s=9.0
    )
    with TaskStore(tmp_path / "new" / "tasks.db") as store:
        store.keep([kept], 9.0)
    with TaskStore(tmp_path / "new" / "tasks.db") as store:
        assert store.load(0.0) == (kept,)


def test_open_tasks_and_those_ended_lately_are_loaded_in_order(tmp_path: Path) -> None:
    with TaskStore(tmp_path / "tasks.db") as store:
        store.keep([task("b"), task("a")], 0.0)
        store.keep([task("old", status=TaskStatus.COMPLETED, ended_s=10.0)], 10.0)
        store.keep([task("new", status=TaskStatus.FAILED, ended_s=90.0)], 90.0)
        assert [t.request.task_id for t in store.load(50.0)] == ["b", "a", "new"]


def test_numbers_grow_and_totals_count_over_restarts(tmp_path: Path) -> None:
    path = tmp_path / "tasks.db"
    with TaskStore(path) as store:
        assert (store.next_number(), store.totals()) == (1, (0, 0))
        store.keep([task("a"), task("b")], 0.0)
        done = task("a", status=TaskStatus.COMPLETED, ended_s=2.0)
        store.keep([done], 2.0)
        store.keep([done], 3.0)
        assert (store.next_number(), store.totals()) == (3, (1, 0))
    with TaskStore(path) as store:
        assert (store.next_number(), store.totals()) == (3, (1, 0))


def test_answers_are_kept_for_a_week(tmp_path: Path) -> None:
    with TaskStore(tmp_path / "tasks.db") as store:
        store.keep([], 0.0, Answer("q", "d", "yes"))
        assert store.answer("q") == Answer("q", "d", "yes")
        assert store.answer("never") is None
        store.keep([], 8 * 86400.0, Answer("later", "d", "no"))
        assert store.answer("q") is None


def test_every_change_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "tasks.db"
    with TaskStore(path) as store:
        store.keep([task()], 1.0)
        store.keep([task(status=TaskStatus.ASSIGNED, robot="r")], 2.0)
        reader = sqlite3.connect(path)
        rows = reader.execute("SELECT at_s, status, robot FROM task_events ORDER BY event_id").fetchall()
        reader.close()
    assert rows == [(1.0, 0, ""), (2.0, 1, "r")]


def test_a_commit_that_fails_changes_nothing(tmp_path: Path) -> None:
    with TaskStore(tmp_path / "tasks.db") as store:
        store.connection().execute(
            "CREATE TRIGGER stop BEFORE INSERT ON answers BEGIN SELECT RAISE(ABORT, 'x'); END"
        )
        with pytest.raises(StoreError):
            store.keep([task()], 0.0, Answer("q", "d", "yes"))
        assert store.load(0.0) == ()
        assert store.next_number() == 1
        store.keep([task()], 0.0)
        assert len(store.load(0.0)) == 1


def test_a_second_owner_is_told_so(tmp_path: Path) -> None:
    with TaskStore(tmp_path / "tasks.db"), pytest.raises(StoreError, match="in use by another process"):
        TaskStore(tmp_path / "tasks.db").open()
    TaskStore(tmp_path / "tasks.db").close()


@pytest.mark.parametrize("content", [b"this is no database at all, it is just text" * 50])
def test_a_file_that_is_no_store_is_named_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tasks.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"tasks\.db.*move it away"):
        TaskStore(path).open()
    assert path.read_bytes() == content


def test_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "tasks.db"
    with TaskStore(path) as store:
        store.connection().execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer"):
        TaskStore(path).open()


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = TaskStore(tmp_path / "tasks.db")
    with pytest.raises(StoreError, match="not open"):
        store.keep([], 0.0)


def check(path: Path, told: list[str]) -> None:
    """Everything told to be kept is there, at the stage told or later, with its answer."""
    with TaskStore(path) as store:
        found = {t.request.task_id: t for t in store.load(0.0)}
        for line in told:
            task_id, stage = line.split()
            assert task_id in found, f"{task_id} was acknowledged and is lost"
            assert found[task_id].stage >= int(stage)
            assert store.answer(f"q-{task_id}") is not None
        assert store.next_number() == len(found) + 1


def test_what_was_acknowledged_survives_death_at_any_statement(tmp_path: Path) -> None:
    path = tmp_path / "tasks.db"
    chance = random.Random(20)
    told: list[str] = []
    for run, die_at in enumerate(chance.sample(range(1, 130), 8)):
        command = [sys.executable, str(WRITER), str(path), str(die_at), f"run{run}"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
        assert result.returncode == 9, result.stderr
        told += result.stdout.splitlines()
        check(path, told)
    assert told


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "tasks.db"
    told: list[str] = []
    for run, lines in enumerate((1, 6, 15)):
        command = [sys.executable, str(WRITER), str(path), "-1", f"run{run}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
            assert process.stdout is not None
            told += [process.stdout.readline() for _ in range(lines)]
            os.kill(process.pid, signal.SIGKILL)
            told += [line for line in process.stdout if line.endswith("\n")]
        check(path, told)
