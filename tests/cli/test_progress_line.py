"""A run says how far it is: on a terminal in one line, elsewhere in few."""

from __future__ import annotations

import io

from building_ctrl.cli.progress_line import ProgressLine
from building_ctrl.sim.result import TaskCounts
from building_ctrl.sim.virtual import RunProgress


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def tell(out: io.StringIO, seconds: int) -> str:
    now = 0.0
    line = ProgressLine(out, lambda: now)
    for passed in range(seconds * 10):
        now = 0.1 * passed
        line(RunProgress(40.0 * now, 28800.0, 40.0, TaskCounts(50, 7, 0)))
    line.end()
    return out.getvalue()


def test_a_terminal_gets_one_line_written_anew_and_taken_away() -> None:
    text = tell(Screen(), 3)
    assert "\n" not in text and text.endswith("\r\x1b[2K")
    assert text.count("8:00:00") in (4, 5) and "40.0" in text and "7" in text


def test_a_file_gets_a_line_now_and_then() -> None:
    lines = tell(io.StringIO(), 95).splitlines()
    assert len(lines) == 3 and "0:20:" in lines[0]
    assert tell(io.StringIO(), 3) == ""
