"""Writes a run's result."""

from __future__ import annotations

from pathlib import Path

from building_ctrl.cli.errors import fail
from building_ctrl.cli.i18n import t


def write_result(path: Path, text: str) -> None:
    """Write a result file; ends the command with one line where that is not possible."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(t("options.json_failed", path=path, reason=error.strerror), 2)
