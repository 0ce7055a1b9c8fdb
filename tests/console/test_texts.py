from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import building_ctrl
from building_ctrl.core.door.planner import DOOR_ALARMS
from building_ctrl.core.lift.watch import LIFT_ALARMS
from building_ctrl.core.path.planner import PATH_ALARMS
from building_ctrl.core.task import alarms as task_alarms
from building_ctrl.core.task.desk import STORE_FAILED
from building_ctrl.link.alarms import PRIORITIES as LINK_ALARMS
from building_ctrl.model.alarm import AlarmPriority
from building_ctrl.model.path import WaitingKind
from building_ctrl.model.robot import MotionState, WorkState
from building_ctrl.model.task import TaskStatus

ROOT = Path(building_ctrl.__file__).parent
WEB = ROOT / "console" / "web" / "src"
HOLE = re.compile(r"\{\{?(\w+)\}?\}")


def flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def web(language: str) -> dict[str, str]:
    return dict(flat(json.loads((WEB / "i18n" / f"{language}.json").read_text(encoding="utf-8"))))


def cli(language: str) -> dict[str, str]:
    folder = ROOT / "cli" / "locale" / language
    return {
        key: text
        for name in ("task.yaml", "console.yaml")
        for key, text in flat(yaml.safe_load((folder / name).read_text(encoding="utf-8")))
    }


@pytest.mark.parametrize("texts", [web, cli])
def test_both_languages_have_the_same_texts_with_the_same_holes(texts: Any) -> None:
    english, korean = texts("en"), texts("ko")
    assert english.keys() == korean.keys()
    for key in english:
        assert set(HOLE.findall(english[key])) == set(HOLE.findall(korean[key])), key
        assert bool(english[key]) == bool(korean[key]), key


def test_korean_texts_are_korean() -> None:
    names = {"lifts.moving", "category.", "priority."}
    for key, text in web("ko").items():
        assert not text or key in names or re.search("[가-힣]", text), key


def test_every_state_the_building_can_be_in_has_a_text() -> None:
    texts = web("en")
    for prefix, kind in (
        ("work", WorkState),
        ("motion", MotionState),
        ("waiting", WaitingKind),
        ("status", TaskStatus),
        ("priority", AlarmPriority),
    ):
        for value in kind:
            assert f"{prefix}.{value.name.lower()}" in texts


def test_every_kind_of_alarm_has_a_text() -> None:
    own = (task_alarms.TASK_FAILED, task_alarms.TASK_LATE, task_alarms.GOODS_STRANDED, STORE_FAILED.kind)
    texts = web("en")
    for kind in (*own, *LIFT_ALARMS, *DOOR_ALARMS, *LINK_ALARMS, *PATH_ALARMS):
        assert f"alarmKind.{kind}" in texts, kind


def test_every_text_the_pages_name_exists() -> None:
    texts = web("en")
    plurals = {re.sub("_(one|other)$", "", key) for key in texts}
    sources = "\n".join(path.read_text(encoding="utf-8") for path in WEB.rglob("*.ts*"))
    for key in re.findall(r"""\bt\(\s*["']([\w.]+)["']""", sources):
        assert key in texts or key in plurals, key
    for prefix in re.findall(r"\bt\(`([\w.]+)\.\$\{", sources):
        assert any(key.startswith(f"{prefix}.") for key in texts), prefix
