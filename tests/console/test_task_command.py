"""`building_ctrl task` against a real web server with a fake bus behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from building_ctrl.cli.task import task_app
from building_ctrl.console.app import create_app
from building_ctrl.console.server import WebServer
from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus


@pytest.fixture
def url(console: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("BUILDING_CTRL_LANG", "en")
    with WebServer(create_app(console.context, dist=tmp_path), "127.0.0.1", 0) as server:
        yield server.url


def run(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(task_app, [*arguments, "--console", url])


def test_deliver(console: Any, url: str) -> None:
    result = run(url, "deliver", "--from", "pantry", "--to", "L1/lounge", "--priority", "1")
    assert (result.exit_code, result.output) == (0, "accepted: delivery-1\n")
    description = console.bus.asked[0]["request"]["description"]
    assert (description["pickup"]["place"], description["dropoff"]["place"]) == ("pantry", "L1/lounge")


def test_patrol(console: Any, url: str) -> None:
    assert run(url, "patrol", "pantry", "lounge", "--rounds", "2").exit_code == 0
    assert console.bus.asked[0]["request"]["description"]["rounds"] == 2


def test_a_refusal_is_one_line_and_status_1(console: Any, url: str) -> None:
    console.bus.answer = {"success": False, "errors": [{"code": 5, "detail": "no place 'x'"}]}
    result = run(url, "deliver", "--from", "x", "--to", "lounge")
    assert result.exit_code == 1
    assert result.output == "building_ctrl: refused: no place 'x'\n"


def test_no_console_is_told_with_what_to_do() -> None:
    result = run("http://127.0.0.1:9", "list")
    assert result.exit_code == 1
    assert "--console" in result.output and result.output.count("\n") == 1


def test_list_and_cancel(console: Any, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    request = TaskRequest("delivery-1", TaskCategory.DELIVERY, ("pantry", "lounge"))
    going = Task(request, TaskStatus.UNDERWAY, "f", "r1", 1, "going 2/2 L1/lounge", submitted_s=900.0)
    console.picture.hear_tasks([going], 7, 1, 1000.0)
    listed = run(url, "list").output
    assert "to stop 2 of 2, L1/lounge" in listed and "7 completed, 1 failed" in listed
    monkeypatch.setenv("BUILDING_CTRL_LANG", "ko")
    assert "2곳 중 2번째" in run(url, "list").output
    monkeypatch.setenv("BUILDING_CTRL_LANG", "en")
    console.bus.answer = {"success": True}
    assert run(url, "cancel", "delivery-1").output == "cancelled: delivery-1\n"
    assert console.bus.asked == [{"type": "cancel_task_request", "task_id": "delivery-1"}]
