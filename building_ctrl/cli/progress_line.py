"""One line that says how far a simulation is, while it runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from building_ctrl.cli.i18n import t
from building_ctrl.sim.virtual import RunProgress

EVERY_S = 0.5  # on a terminal, where the line is written anew
LINE_EVERY_S = 30.0  # elsewhere, a line each time


class ProgressLine:
    """Call it with every RunProgress, and `end` at last."""

    def __init__(self, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out if out is not None else sys.stderr
        self._clock = clock
        self._anew = self._out.isatty()
        self._told_s = clock()
        self._shown = False

    def __call__(self, progress: RunProgress) -> None:
        """Tell, unless it was told just now."""
        now = self._clock()
        if now - self._told_s < (EVERY_S if self._anew else LINE_EVERY_S):
            return
        self._told_s = now
        line = t(
            "simulate.progress",
            passed=_clock_text(progress.passed_s),
            seconds=_clock_text(progress.seconds),
            factor=f"{progress.factor:.1f}",
            done=progress.tasks.completed,
            tasks=progress.tasks.submitted,
        )
        self._out.write(f"\r\x1b[2K{line}" if self._anew else f"{line}\n")
        self._out.flush()
        self._shown = True

    def end(self) -> None:
        """Take the line away."""
        if self._anew and self._shown:
            self._out.write("\r\x1b[2K")
            self._out.flush()


def _clock_text(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
