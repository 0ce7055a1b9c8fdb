"""Progress on the screen, everything else in a log file."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from building_env.errors import SetupError

SHOWN_LINES = 15
ERROR = re.compile(r"^(CMake Error|ERROR:|.*\berror:|.*Error: )")
LIVE_PERIOD_S = 0.25
QUIET_PERIOD_S = 10.0


class Progress:
    """Prints one line a step with its time; on a terminal the line is live, elsewhere it repeats every 10 s.

    Use it as a context manager: it owns the log file. `run` may be called from several threads.
    """

    def __init__(self, log_path: Path, screen: TextIO | None = None) -> None:
        self.log_path = log_path
        self._screen = screen or sys.stdout
        self._live = self._screen.isatty()
        self._begin = time.monotonic()
        self._detail = ""
        self._lock = threading.Lock()

    def __enter__(self) -> Progress:
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        self._log = self.log_path.open("w", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        self._log.close()

    def say(self, text: str) -> None:
        """Print one line with the time since the set-up began."""
        with self._lock:
            self._print(f"[{self._elapsed():6.1f} s] {text}\n")

    def detail(self, text: str) -> None:
        """How far the present step is, e.g. `57 of 170`."""
        with self._lock:
            self._detail = text

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show `title` while the block runs, then how long it took."""
        self.detail("")
        begin = time.monotonic()
        stop = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(title, stop), daemon=True)
        watcher.start()
        done = False
        try:
            yield
            done = True
        finally:
            stop.set()
            watcher.join()
            if self._live:
                self._print("\r\033[K")
            self.say(f"{title}: {'' if done else 'stopped after '}{time.monotonic() - begin:.1f} s")

    def run(
        self,
        command: Sequence[str | Path],
        env: Mapping[str, str],
        on_line: Callable[[str], None] | None = None,
        title: str = "",
    ) -> None:
        """Run a command with its output in the log.

        Raises SetupError with the telling lines and the log's path when it fails.
        """
        words = [os.fspath(word) for word in command]
        lines: list[str] = []
        try:
            child = subprocess.Popen(
                words,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise SetupError(f"cannot run {words[0]}: {error.strerror}") from error
        with child:
            assert child.stdout is not None
            for line in child.stdout:
                lines.append(line)
                if on_line is not None:
                    on_line(line)
        self.log(f"$ {' '.join(words)}\n{''.join(lines)}\n")
        if child.returncode != 0:
            raise SetupError(
                f"{title or Path(words[0]).name} failed with exit status {child.returncode}:\n"
                f"{''.join(f'    {line}' for line in telling(lines))}  all of it is in {self.log_path}"
            )

    def log(self, text: str) -> None:
        """Write to the log file only."""
        with self._lock:
            self._log.write(text)
            self._log.flush()

    def _elapsed(self) -> float:
        return time.monotonic() - self._begin

    def _print(self, text: str) -> None:
        self._screen.write(text)
        self._screen.flush()

    def _watch(self, title: str, stop: threading.Event) -> None:
        if not self._live:
            self.say(f"{title} ...")
        while not stop.wait(LIVE_PERIOD_S if self._live else QUIET_PERIOD_S):
            with self._lock:
                detail = f" ({self._detail})" if self._detail else ""
                line = f"[{self._elapsed():6.1f} s] {title} ...{detail}"
                self._print(f"\r\033[K{line}" if self._live else f"{line}\n")


def telling(lines: Sequence[str]) -> list[str]:
    """The lines from the first that names an error, or else the last ones."""
    for number, line in enumerate(lines):
        if ERROR.match(line):
            return [shown for shown in lines[number : number + 2 * SHOWN_LINES] if shown.strip()][
                :SHOWN_LINES
            ]
    return list(lines[-SHOWN_LINES:])
