"""Shared by `up` and `demo`: progress while processes start, and one line for whatever happens to them
later."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from rich.console import Console

from building_ctrl.cli.i18n import t
from building_ctrl.supervise.supervisor import Event, EventKind, StopRequest, Supervisor


class Turns:
    """A main loop that serves a supervisor and something else in turn, in one thread."""

    TURN_S = 0.05

    def __init__(self, supervisor: Supervisor, turn: Callable[[float], None], stop: StopRequest) -> None:
        self.supervisor = supervisor
        self.stop = stop
        self._turn = turn

    def until(self, condition: Callable[[], bool], timeout_s: float, even_if_stopped: bool = False) -> bool:
        """Go on until a condition holds, the time has passed or a stop is requested; returns the
        condition."""
        deadline = time.monotonic() + timeout_s
        while not (met := condition()):
            left_s = deadline - time.monotonic()
            if left_s <= 0.0 or (self.stop.requested and not even_if_stopped):
                break
            self._turn(min(self.TURN_S, left_s))
            self.supervisor.poll(0.0)
        return met


class StartView:
    """Shows how many processes are ready: a bar on a terminal, lines elsewhere. Give `on_event` to the
    supervisor."""

    def __init__(self, names: Sequence[str], console: Console) -> None:
        self._waiting = list(names)
        self._total = len(names)
        self._console = console
        self._progress: Any = None
        self._task: Any = None
        self._since_s = time.monotonic()

    def __enter__(self) -> StartView:
        self._since_s = time.monotonic()
        if self._console.is_terminal:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

            columns = (SpinnerColumn(), BarColumn(24), MofNCompleteColumn(), TextColumn("{task.description}"))
            self._progress = Progress(*columns, console=self._console, transient=True)
            self._progress.start()
            self._task = self._progress.add_task(self._text(), total=self._total)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def say(self, text: str) -> None:
        """A step of one's own."""
        if self._progress is not None:
            self._progress.update(self._task, description=text)
        else:
            self._console.print(text)

    def on_event(self, event: Event) -> None:
        """Take an event of the supervisor."""
        if event.kind is EventKind.READY and event.name in self._waiting:
            self._waiting.remove(event.name)
            passed_s = time.monotonic() - self._since_s
            if self._progress is not None:
                self._progress.update(self._task, advance=1, description=self._text())
            else:
                self._console.print(t("running.ready", name=event.name, seconds=f"{passed_s:.1f}"))
        elif event.kind is EventKind.ENDED:
            text = t(
                "running.ended",
                name=event.name,
                status=event.status,
                delay=f"{event.delay_s:g}",
                detail=event.detail,
            )
            self._console.print(text, style="yellow", markup=False, soft_wrap=True)
        elif event.kind is EventKind.RESTARTED:
            self._console.print(t("running.restarted", name=event.name), style="yellow", markup=False)
        elif event.kind is EventKind.KILLED:
            self._console.print(t("running.killed", name=event.name), style="yellow", markup=False)

    def _text(self) -> str:
        return t("running.waiting", names=", ".join(self._waiting)) if self._waiting else ""
