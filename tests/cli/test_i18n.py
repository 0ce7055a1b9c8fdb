"""Texts exist in every language, with the same values, and nothing asks for a text that is not there."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from building_ctrl.building.messages import MESSAGES
from building_ctrl.cli import i18n

PACKAGE = Path(__file__).parents[2] / "building_ctrl"


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def english_texts() -> dict[str, str]:
    """With the findings on maps, whose English text is part of the findings themselves."""
    findings = {}
    for code, (what, advice) in MESSAGES.items():
        findings[f"map.finding.{code}.what"] = what
        findings[f"map.finding.{code}.advice"] = advice
    return findings | i18n.texts("en")


def test_every_language_has_every_key() -> None:
    english = english_texts()
    for language in i18n.LANGUAGES:
        texts = english if language == "en" else i18n.texts(language)
        assert set(texts) == set(english), language


def test_every_language_takes_the_same_values() -> None:
    english = english_texts()
    for language in i18n.LANGUAGES:
        for key, text in i18n.texts(language).items():
            assert fields(text) == fields(english[key]), (language, key)


def test_korean_is_korean() -> None:
    korean = i18n.texts("ko")
    said = [text for text in korean.values() if any("\uac00" <= c <= "\ud7a3" for c in text)]
    assert len(said) > 0.9 * len(korean)


def test_every_text_asked_for_exists() -> None:
    english = i18n.texts("en")
    missing = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t" and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value not in english:
                    missing.append((path.name, key.value))
    assert not missing


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"BUILDING_CTRL_LANG": "ko", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_comes_from_the_environment(environment: dict[str, str], expected: str) -> None:
    assert i18n.language(environment) == expected


def test_texts_and_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDING_CTRL_LANG", "ko")
    assert "4" in i18n.t("outcome.more", count=4)
    with pytest.raises(KeyError, match=r"no text 'nothing[.]like[.]it'"):
        i18n.t("nothing.like.it")
