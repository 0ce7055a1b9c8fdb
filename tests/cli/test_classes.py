"""`--classes FILE` wherever it is taken: robots of several sizes from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from building_ctrl.cli.map import map_app
from building_ctrl.cli.robot import app as robot_app
from building_ctrl.cli.simulate import app as simulate_app
from building_ctrl.link.registry import read_registry
from building_ctrl.processes import PROCESSES
from building_ctrl.supervise.deployment import Deployment

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ROOT / "config" / "robot_classes.yaml"
OFFICE, TOWER = (ROOT / "maps" / f"{name}.building.yaml" for name in ("office", "tower"))


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDING_CTRL_LANG", "en")


def run(app: object, *arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(a) for a in arguments])  # type: ignore[arg-type]
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "lift door open"), ("ko", "열린 채로 붙듭니다")],
)
def test_the_check_names_the_class(monkeypatch: pytest.MonkeyPatch, language: str, words: str) -> None:
    monkeypatch.setenv("BUILDING_CTRL_LANG", language)
    status, text = run(map_app, "check", TOWER, "--classes", CLASSES, "--quiet")
    assert status == 0 and "L2, vertex 108 [cart]" in text and "[courier]" not in text and words in text


def test_a_file_that_cannot_be_used_is_said_in_one_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("robot_classes: [{name: a, circle: 99}]")
    for arguments in (
        (map_app, "check", OFFICE, "--classes", bad),
        (map_app, "show", OFFICE, "--classes", bad),
        (simulate_app, "--map", OFFICE, "--classes", bad),
        (robot_app, "enroll", "r", "--class", "a", "--classes", bad, "--registry", tmp_path / "robots.yaml"),
    ):
        status, text = run(*arguments)
        assert status in (1, 2) and "a radius of 99 m" in text and len(text.strip().splitlines()) == 1
    assert not (tmp_path / "robots.yaml").exists()


def test_robots_enrol_by_class(tmp_path: Path) -> None:
    registry = tmp_path / "robots.yaml"
    given = ("--classes", CLASSES, "--registry", registry)
    assert run(robot_app, "enroll", "c1", "--class", "cart", *given)[0] == 0
    profile = read_registry(registry).robots[0].profile
    assert profile.graph_mask == 1 << 31 and profile.radius_m == pytest.approx(0.541, abs=1e-3)
    assert "there are courier, cart" in run(robot_app, "enroll", "c2", "--class", "tug", *given)[1]
    assert "--classes FILE" in run(robot_app, "enroll", "c3", "--class", "cart", "--registry", registry)[1]


def test_every_process_is_told(tmp_path: Path) -> None:
    paths = (tmp_path / name for name in ("m", "r", "t"))
    commands = Deployment(*paths, classes=CLASSES).commands()
    assert len(commands) >= len([row for row in PROCESSES if not (row.simulated or row.for_other_fleets)])
    assert all(command.argv[command.argv.index("--classes") + 1] == str(CLASSES) for command in commands)
    assert all("--classes" not in command.argv for command in Deployment(tmp_path, tmp_path, tmp_path).commands())


def test_two_classes_deliver_in_one_building(tmp_path: Path) -> None:
    status, text = run(
        simulate_app, "--map", OFFICE, "--robots", 4, "--tasks", 3, "--seconds", 150, "--until-done", "--seed", 1,
        "--classes", CLASSES, "--json", tmp_path / "result.json",
    )  # fmt: skip
    assert status == 0, text
    assert '"collisions": 0' in (tmp_path / "result.json").read_text()
