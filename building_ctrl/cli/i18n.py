"""Text for people in their language: `t("map.written", path=...)`.

Texts lie in `locale/<language>/*.yaml`, one file a part of the program; nested keys are joined by dots.
The language is BUILDING_CTRL_LANG, or else LANG, or else English.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("en", "ko")
LOCALE = Path(__file__).parent / "locale"


def language(environment: Mapping[str, str] | None = None) -> str:
    """The language asked for by the environment; English where it is one we do not have."""
    env = os.environ if environment is None else environment
    wanted = env.get("BUILDING_CTRL_LANG") or env.get("LC_ALL") or env.get("LANG") or ""
    short = wanted[:2].lower()
    return short if short in LANGUAGES else "en"


@cache
def texts(name: str) -> dict[str, str]:
    """All texts of a language by key."""
    found: dict[str, str] = {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in sorted((LOCALE / name).glob("*.yaml")):
        with path.open(encoding="utf-8") as file:
            found.update(_flat(yaml.load(file, Loader=loader) or {}))
    return found


def t(key: str, **values: object) -> str:
    """The text of a key in the user's language with `{name}` replaced by values.

    Falls back to English. Raises KeyError for a key that no language has.
    """
    text = texts(language()).get(key)
    if text is None:
        try:
            text = texts("en")[key]
        except KeyError:
            raise KeyError(f"no text {key!r} in {LOCALE}/en") from None
    return text.format(**values) if values else text


def _flat(node: Mapping[object, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
