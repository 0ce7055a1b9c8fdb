"""`building_ctrl map`: what it prints, its status, and the files it writes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent))
from maps_for_tests import SHARED_MAPS, two_levels

from building_ctrl.building.document import save_building
from building_ctrl.building.draw import draw_building
from building_ctrl.building.loader import load_building
from building_ctrl.building.messages import MESSAGES
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.cli.i18n import texts
from building_ctrl.cli.map import map_app

MAPS = Path(__file__).resolve().parents[2] / "maps"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDING_CTRL_LANG", "en")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(map_app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_check_prints_levels_and_lifts_and_ends_well() -> None:
    status, output = run("check", str(MAPS / "tower.building.yaml"))
    assert status == 0
    for word in ("L1", "L8", "lift_robot", "lift_shared", "robots only", "225 / 518"):
        assert word in output


def test_check_in_korean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDING_CTRL_LANG", "ko")
    status, output = run("check", str(MAPS / "office.building.yaml"))
    assert (
        status == 0 and "지도를 사용할 수 있습니다" in output and "막다른 길" not in output.split("지도")[0]
    )


def test_check_names_what_is_wrong_and_fails(tmp_path: Path) -> None:
    document = two_levels()
    document["levels"]["L1"]["lanes"][0] = [0, 99, {}]
    document["levels"]["L1"]["vertices"][1][0] = "x"
    save_building(document, tmp_path / "bad.building.yaml")
    status, output = run("check", str(tmp_path / "bad.building.yaml"))
    assert status == 1
    assert "L1, lane 0" in output and "L1, vertex 1 'middle'" in output and "2 error(s)" in output
    status, output = run("check", str(tmp_path / "none.yaml"))
    assert status == 1 and "can't be read" in output


def test_warnings_do_not_fail(tmp_path: Path) -> None:
    document = two_levels()
    document["levels"]["L2"]["elevation"] = 0
    save_building(document, tmp_path / "doubtful.building.yaml")
    status, output = run("check", "-q", str(tmp_path / "doubtful.building.yaml"))
    assert status == 0 and "same elevation" in output and "warnings" in output


def test_show_draws(tmp_path: Path) -> None:
    status, output = run("show", str(MAPS / "office.building.yaml"), "-o", str(tmp_path / "o.png"))
    assert status == 0 and "o.png" in output
    assert (tmp_path / "o.png").read_bytes().startswith(PNG)
    status, _ = run("show", str(MAPS / "tower.building.yaml"), "--level", "L3", "-o", str(tmp_path / "t.svg"))
    assert status == 0 and b"<svg" in (tmp_path / "t.svg").read_bytes()[:1000]


@pytest.mark.parametrize(
    "arguments", [("--level", "L9"), ("-o", "no/such/folder/x.png"), ("-o", "x.unknown")]
)
def test_show_refuses_with_one_line(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, output = run("show", str(MAPS / "office.building.yaml"), *arguments)
    assert status == 1 and len(output.strip().splitlines()) == 1


def test_generate_writes_maps_that_check(tmp_path: Path) -> None:
    status, _ = run("generate", "tower", "--levels", "2", "--robots", "9", "-o", str(tmp_path / "t"))
    assert status == 0
    assert len(load_building(tmp_path / "t.building.yaml").levels) == 2
    status, _ = run("generate", "office", "--robots", "4", "-o", str(tmp_path / "o.building.yaml"))
    assert status == 0 and load_building(tmp_path / "o.building.yaml").name == "office"
    status, output = run("generate", "tower", "--levels", "40", "-o", str(tmp_path / "x"))
    assert status == 1 and "40" in output and not (tmp_path / "x.building.yaml").exists()
    status, output = run("generate", "office", "-o", str(tmp_path / "t.building.yaml" / "below"))
    assert status == 1 and "can't be written" in output


def test_every_finding_has_a_korean_text_with_the_same_values() -> None:
    korean = texts("ko")
    for code, both in MESSAGES.items():
        for part, english in zip(("what", "advice"), both, strict=True):
            translated = korean[f"map.finding.{code}.{part}"]
            assert fields(translated) <= fields(english), code


def fields(text: str) -> set[str]:
    from string import Formatter

    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_english_and_korean_have_the_same_keys() -> None:
    english = {key for key in texts("en") if key.startswith("map.")}
    korean = {key for key in texts("ko") if key.startswith("map.") and not key.startswith("map.finding.")}
    assert english == korean


@pytest.mark.parametrize("name", ["office", "hotel"])
def test_maps_drawn_by_others_can_be_drawn(name: str, tmp_path: Path) -> None:
    path = SHARED_MAPS / name / f"{name}.building.yaml"
    if not path.exists():
        pytest.skip(f"no demo map {name} beside the checkout")
    building = load_building(path)
    draw_building(building, None, tmp_path / "without.png", width_inches=6.0)
    draw_building(building, build_roadmap(building), tmp_path / "with.png", width_inches=6.0)
    assert (tmp_path / "with.png").stat().st_size > (tmp_path / "without.png").stat().st_size > 5000
