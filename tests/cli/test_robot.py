from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from building_ctrl.cli.robot import app
from building_ctrl.link.registry import read_registry
from building_ctrl.robot import read_robot_keys


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BUILDING_CTRL_LANG", "en")
    return tmp_path / "robots.yaml"


def run(*args: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(a) for a in args])
    return result.exit_code, result.output


def test_enrolled_robots_have_keys_and_can_be_revoked(registry: Path) -> None:
    assert run("enroll", "r1", "--fleet", "f", "--max-speed", "0.9", "--registry", registry)[0] == 0
    assert run("enroll", "r2", "--registry", registry)[0] == 0
    keys = read_robot_keys(registry.parent / "keys" / "r1.key")
    known = read_registry(registry)
    assert known.robot_of(keys.public.decode(), "r1") == "r1"
    assert known.robots[0].profile.max_speed_mps == 0.9
    assert run("revoke", "r1", "--registry", registry)[0] == 0
    assert not read_registry(registry).allows(keys.public.decode())
    status, text = run("list", "--registry", registry)
    assert status == 0 and "revoked" in text and "2 robots" in text


def test_keys_are_not_replaced_by_mistake(registry: Path) -> None:
    run("enroll", "r1", "--registry", registry)
    before = read_robot_keys(registry.parent / "keys" / "r1.key")
    status, text = run("enroll", "r1", "--registry", registry)
    assert status == 1 and "--replace" in text
    assert read_robot_keys(registry.parent / "keys" / "r1.key") == before
    assert run("enroll", "r1", "--replace", "--registry", registry)[0] == 0
    after = read_robot_keys(registry.parent / "keys" / "r1.key")
    assert after != before and after.gateway == before.gateway
    assert not read_registry(registry).allows(before.public.decode())


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("enroll", "bad name"), "name must be"),
        (("enroll", "r1", "--radius", "nan"), "radius_m"),
        (("enroll", "r1", "--graph-mask", "0"), "graph_mask"),
        (("revoke", "r1"), "r1 is not in"),
        (("list",), "robot enroll"),
    ],
)
def test_mistakes_give_one_line_and_status_1(registry: Path, args: tuple[str, ...], says: str) -> None:
    status, text = run(*args, "--registry", registry)
    assert status == 1 and says in text and len(text.strip().splitlines()) == 1
    assert not registry.exists()


def test_run_refuses_a_key_file_that_is_none(registry: Path) -> None:
    status, text = run("run", "r1", "--keys", registry)
    assert status == 1 and "robot enroll" in text


def test_run_without_a_gateway_says_away(registry: Path) -> None:
    status, text = run("run", "r1", "--connect", "tcp://127.0.0.1:1", "--seconds", "1.2")
    assert status == 0 and "away" in text
