"""One supervised process: started with a readiness pipe and a log file, stopped by its group."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from building_ctrl.supervise.child import PARENT

READY_FD = "BUILDING_CTRL_READY_FD"


@dataclass(frozen=True, slots=True)
class Command:
    """What to run under a name; `env` is added to the supervisor's own environment."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)


def table_command(
    process: str, args: Sequence[str], env: Mapping[str, str] | None = None, name: str = ""
) -> Command:
    """The command of a row of the table of processes; `name` where it is not that of the row."""
    argv = (sys.executable, "-m", "building_ctrl.supervise.child", process, *args)
    return Command(name or process, argv, dict(env or {}))


class Managed:
    """Owns a process, its readiness pipe and its log file. `start` may be called again after the process
    ended."""

    def __init__(self, command: Command, log: Path) -> None:
        self.command = command
        self.log = log
        self.ready = False
        self.was_ready = False
        self.started_s = 0.0
        self.failures = 0
        self.restart_at_s: float | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ready_pipe: IO[bytes] | None = None

    @property
    def name(self) -> str:
        return self.command.name

    @property
    def pid(self) -> int:
        """Id of the running process, 0 while there is none."""
        return self._process.pid if self._process is not None and self._process.returncode is None else 0

    @property
    def ready_fd(self) -> int:
        """Descriptor that becomes readable with the readiness report, -1 once it was read."""
        return self._ready_pipe.fileno() if self._ready_pipe is not None else -1

    def start(self, now: float) -> None:
        """Start the process in a group of its own."""
        self._close_pipe()
        read_end, write_end = os.pipe()
        env = {**os.environ, **self.command.env, READY_FD: str(write_end), PARENT: str(os.getpid())}
        try:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self.command.argv,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=env,
                    pass_fds=(write_end,),
                    start_new_session=True,
                )
        except OSError:
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        self._ready_pipe = os.fdopen(read_end, "rb")
        self.ready = False
        self.started_s = now
        self.restart_at_s = None

    def read_ready(self) -> bool:
        """Read the readiness report; True where it says that the process is at work."""
        if self._ready_pipe is None:
            return False
        told = bool(self._ready_pipe.read())
        self._close_pipe()
        self.ready |= told
        self.was_ready |= told
        return told

    def poll(self) -> int | None:
        """Exit status, None while the process runs (or never ran). Negative: ended by that signal."""
        return self._process.poll() if self._process is not None else None

    def signal(self, number: int) -> None:
        """Send a signal to the process alone."""
        if self.pid:
            self._process.send_signal(number)  # type: ignore[union-attr]

    def kill_group(self) -> None:
        """End the process and everything it started, at once."""
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            self._process.wait()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end; False where it still runs."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def close(self) -> None:
        """Close the pipe; the process must have ended."""
        self._close_pipe()

    def last_line(self) -> str:
        """Last line of the log that says something, without time and severity."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - 8192))
                lines = file.read().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return ""
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return re.sub(r"^\d{4}-\d\d-\d\d [\d:,.]+ [A-Z]+ ", "", last)

    def _close_pipe(self) -> None:
        if self._ready_pipe is not None:
            self._ready_pipe.close()
            self._ready_pipe = None
