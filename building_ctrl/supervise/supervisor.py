"""The supervisor: owns a set of processes from their start to their end."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from building_ctrl.supervise.managed import Command, Managed


class EventKind(Enum):
    STARTED = "started"
    READY = "ready"
    ENDED = "ended"
    RESTARTED = "restarted"
    KILLED = "killed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a process; `detail` is the last line of its log where it ended by itself."""

    kind: EventKind
    name: str
    status: int = 0
    delay_s: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """Restart after `first_delay_s`, twice that the next time, up to `longest_delay_s`; a process that
    lived for `settled_s` starts again from the first. All processes get `stop_s` to end before they are
    killed."""

    first_delay_s: float = 0.5
    longest_delay_s: float = 10.0
    settled_s: float = 30.0
    next_s: float = 0.3
    stop_s: float = 5.0

    def delay_s(self, failures: int) -> float:
        """Delay before the restart after that many ends in a row (1: the first)."""
        return min(self.longest_delay_s, self.first_delay_s * 2.0 ** (failures - 1))


class StartError(RuntimeError):
    """A process ended before it was ever ready; the text says which and why, in one line."""


class Supervisor:
    """Starts processes in order, restarts those that end, stops all in reverse order. Use as a context
    manager.

    Not thread-safe: everything happens in `start`, `poll` and `stop`, which one thread calls. That thread
    must live as long as the processes (the kernel ends them with it).
    """

    def __init__(
        self,
        commands: Sequence[Command],
        log_dir: Path,
        on_event: Callable[[Event], None],
        policy: Policy = Policy(),
    ) -> None:
        self.processes = [Managed(command, log_dir / f"{command.name}.log") for command in commands]
        self._log_dir = log_dir
        self._on_event = on_event
        self._policy = policy
        self._selector: selectors.BaseSelector | None = None
        self._pidfds: dict[int, int] = {}
        self._stopping = False

    def __enter__(self) -> Supervisor:
        self._selector = selectors.DefaultSelector()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._selector is not None:
            self._selector.close()
            self._selector = None

    @property
    def ready(self) -> bool:
        """Whether every process is at work."""
        return all(process.ready for process in self.processes)

    def start(self) -> None:
        """Start all processes; they become ready while `poll` is called. Raises OSError where one cannot
        start."""
        self._log_dir.mkdir(parents=True, exist_ok=True)
        for process in self.processes:
            self._spawn(process)
            self._tell(EventKind.STARTED, process)

    def wait_ready(self, timeout_s: float, stop: StopRequest | None = None) -> bool:
        """Poll until all are ready; False on time-out or when asked to stop. Raises StartError."""
        deadline = time.monotonic() + timeout_s
        while not self.ready and time.monotonic() < deadline:
            if stop is not None and stop.requested:
                return False
            self.poll(0.1)
        return self.ready

    def poll(self, timeout_s: float) -> None:
        """Wait at most that long for something to happen, and deal with it. Raises StartError."""
        if self._selector is None:
            raise RuntimeError("Supervisor is not entered: use `with Supervisor(...) as supervisor`")
        now = time.monotonic()
        due = [p.restart_at_s - now for p in self.processes if p.restart_at_s is not None]
        for key, _ in self._selector.select(max(0.0, min([timeout_s, *due]))):
            process, what = key.data
            if what == "ready":
                if process.ready_fd != key.fd:
                    continue
                self._selector.unregister(key.fd)
                if process.read_ready():
                    self._tell(EventKind.READY, process)
            elif what == "end":
                self._ended(process)
        now = time.monotonic()
        for process in self.processes:
            if process.restart_at_s is not None and now >= process.restart_at_s:
                self._spawn(process)
                self._tell(EventKind.RESTARTED, process)

    def stop(self) -> None:
        """End all processes, the last started first, each `next_s` after the one before at the latest;
        kill the group of one that does not end in time."""
        if self._stopping:
            return
        self._stopping = True
        asked: list[Managed] = []
        for process in reversed(self.processes):
            process.restart_at_s = None
            if process.pid:
                process.signal(signal.SIGTERM)
                process.wait(self._policy.next_s)
                asked.append(process)
        deadline = time.monotonic() + self._policy.stop_s
        for process in asked:
            ended = process.wait(max(0.0, deadline - time.monotonic()))
            process.kill_group()
            self._tell(EventKind.STOPPED if ended else EventKind.KILLED, process, process.poll() or 0)
        for process in self.processes:
            self._forget(process)
            process.close()

    def _spawn(self, process: Managed) -> None:
        assert self._selector is not None
        process.start(time.monotonic())
        self._selector.register(process.ready_fd, selectors.EVENT_READ, (process, "ready"))
        pidfd = os.pidfd_open(process.pid)
        self._pidfds[id(process)] = pidfd
        self._selector.register(pidfd, selectors.EVENT_READ, (process, "end"))

    def _forget(self, process: Managed) -> None:
        pidfd = self._pidfds.pop(id(process), None)
        if pidfd is not None and self._selector is not None:
            self._selector.unregister(pidfd)
            os.close(pidfd)
        if process.ready_fd >= 0 and self._selector is not None:
            with contextlib.suppress(KeyError):
                self._selector.unregister(process.ready_fd)

    def _ended(self, process: Managed) -> None:
        self._forget(process)
        status = process.poll() or 0
        process.kill_group()
        process.close()
        process.ready = False
        if not process.was_ready:
            raise StartError(f"{process.name}: {process.last_line() or f'ended with status {status}'}")
        now = time.monotonic()
        lived_s = now - process.started_s
        process.failures = 1 if lived_s >= self._policy.settled_s else process.failures + 1
        delay_s = self._policy.delay_s(process.failures)
        process.restart_at_s = now + delay_s
        self._on_event(Event(EventKind.ENDED, process.name, status, delay_s, process.last_line()))

    def _tell(self, kind: EventKind, process: Managed, status: int = 0) -> None:
        self._on_event(Event(kind, process.name, status))


class StopRequest:
    """Turns SIGINT, SIGTERM and SIGHUP into a flag while entered; the handlers of before come back
    afterwards."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.requested = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopRequest:
        for number in self.SIGNALS:
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.requested = True
