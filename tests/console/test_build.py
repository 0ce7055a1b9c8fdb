from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from building_ctrl.cli.console import console_app
from building_ctrl.console import build

WEB = build.WEB


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A front end with nothing but a source, and a record of the commands that were run."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.tsx").write_text("1")
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "package-lock.json").write_text("{}")
    return tmp_path


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    ran: list[str] = []

    def run(node: build.Node, command: list[str], web: Path, what: str) -> None:
        ran.append(command[-1] if "run" in command else "ci")
        (web / "node_modules").mkdir(exist_ok=True)
        (web / "dist").mkdir(exist_ok=True)

    monkeypatch.setattr(build, "_run", run)
    monkeypatch.setattr(build, "find_node", lambda: build.Node(Path("node"), ("npm",), (22,)))
    return ran


def test_building_again_costs_nothing_until_a_source_changes(web: Path, commands: list[str]) -> None:
    steps: list[str] = []
    assert build.build(lambda step, number, count: steps.append(step), web)
    assert steps == list(build.STEPS)
    assert commands == ["ci", "types", "check", "pages"]
    assert not build.build(None, web)
    assert len(commands) == 4
    (web / "src" / "main.tsx").write_text("2")
    assert build.build(None, web)
    assert commands[4:] == ["types", "check", "pages"], "the packages are still the same"
    (web / "package-lock.json").write_text('{"a": 1}')
    assert build.build(None, web)
    assert commands[7] == "ci"


def test_a_build_that_fails_is_not_taken_for_built(
    web: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise build.BuildError("building the pages failed")

    monkeypatch.setattr(build, "_run", fail)
    with pytest.raises(build.BuildError):
        build.build(None, web)
    assert not build.is_built(web)


def test_the_command_tells_its_steps(web: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDING_CTRL_LANG", "en")
    real = build.build
    monkeypatch.setattr(build, "build", lambda report, force=False: real(report, web, force))
    first, second = (CliRunner().invoke(console_app, ["build"]) for _ in range(2))
    assert first.exit_code == second.exit_code == 0
    assert "[4/4] building pages" in first.output and "are built." in first.output
    assert second.output == "The console's pages are built already.\n"


def test_pages_without_sources_count_as_built(tmp_path: Path) -> None:
    assert not build.is_built(tmp_path)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "fingerprint").write_text("whatever")
    assert build.is_built(tmp_path)


def test_a_step_that_fails_shows_what_it_printed(tmp_path: Path) -> None:
    shell = shutil.which("sh")
    assert shell
    node = build.Node(Path(shell), (shell,), (22,))
    with pytest.raises(build.BuildError, match=r"trying failed.*\n.*oops"):
        build._run(node, [shell, "-c", "echo oops; exit 3"], tmp_path, "trying")


def test_the_lock_file_names_no_host_and_pins_every_package() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all("resolved" not in entry for entry in packages.values())
    assert all(entry.get("integrity", "").startswith("sha512-") for entry in packages.values())
    wanted = json.loads((WEB / "package.json").read_text())
    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} is not pinned"
        assert packages[f"node_modules/{name}"]["version"] == version


def test_pages_load_nothing_from_other_hosts() -> None:
    for path in [WEB / "index.html", *(WEB / "src").rglob("*")]:
        if path.is_file() and path.name != "schema.d.ts":
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"https?://(?!www\.w3\.org)", text), path
