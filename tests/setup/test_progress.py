from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from building_env.errors import SetupError
from building_env.progress import Progress, telling


def test_output_goes_to_the_log_and_steps_to_the_screen(tmp_path: Path) -> None:
    screen = io.StringIO()
    with Progress(tmp_path / "deep" / "setup.log", screen) as progress, progress.step("thinking"):
        progress.run([sys.executable, "-c", "print('chatter')"], os.environ)
    assert "chatter" in (tmp_path / "deep" / "setup.log").read_text()
    assert "chatter" not in screen.getvalue()
    assert "thinking ..." in screen.getvalue()
    assert "thinking: 0." in screen.getvalue()


def test_a_failure_shows_its_error_and_names_the_log(tmp_path: Path) -> None:
    code = "print('before'); print('ERROR: the reason'); print('after'); raise SystemExit(3)"
    with Progress(tmp_path / "setup.log", io.StringIO()) as progress, pytest.raises(SetupError) as caught:
        progress.run([sys.executable, "-c", code], os.environ, title="the build of x_msgs")
    text = str(caught.value)
    assert text.startswith("the build of x_msgs failed with exit status 3")
    assert "the reason" in text and "after" in text and "before" not in text
    assert str(tmp_path / "setup.log") in text


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        Progress(tmp_path / "setup.log", io.StringIO()) as progress,
        pytest.raises(SetupError, match="no-such-program"),
    ):
        progress.run(["no-such-program"], os.environ)


def test_without_a_named_error_the_last_lines_tell() -> None:
    lines = [f"line {number}\n" for number in range(100)]
    assert telling(lines)[-1] == "line 99\n"
    assert len(telling(lines)) < 20
