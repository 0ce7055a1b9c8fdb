"""The `detail` of a task in words that people and programs can both read.

Grammar: `waiting`, `waiting: REASON`, `going STOP/STOPS LEVEL/PLACE`, `serving STOP/STOPS LEVEL/PLACE`
(stops are counted from 1), `stuck: REASON`, or the reason of the end.
"""

from __future__ import annotations

from dataclasses import dataclass

from building_ctrl.model.task import Task


def waiting(reason: str = "") -> str:
    """No robot has the task."""
    return f"waiting: {reason}" if reason else "waiting"


def going(task: Task) -> str:
    """The robot is on its way to the task's next stop."""
    return f"going {_stop(task)}"


def serving(task: Task) -> str:
    """The robot stands at the task's next stop."""
    return f"serving {_stop(task)}"


def stuck(reason: str) -> str:
    """The robot that has the task cannot go on now."""
    return f"stuck: {reason}"


def _stop(task: Task) -> str:
    level, place = task.places[task.stage]
    return f"{task.stage + 1}/{len(task.places)} {level}/{place}"


@dataclass(frozen=True, slots=True)
class Stage:
    """A task's `detail` taken apart; `kind` is waiting, going, serving, stuck or ended."""

    kind: str
    reason: str = ""
    stop: int = 0
    stops: int = 0
    place: str = ""


def read(text: str) -> Stage:
    """Takes a `detail` apart."""
    kind, _, rest = text.partition(" ")
    if kind in ("going", "serving"):
        count, _, place = rest.partition(" ")
        stop, _, stops = count.partition("/")
        if stop.isdecimal() and stops.isdecimal():
            return Stage(kind, "", int(stop), int(stops), place)
    for kind in ("waiting", "stuck"):
        if text == kind or text.startswith(f"{kind}: "):
            return Stage(kind, text[len(kind) + 2 :])
    return Stage("ended", text)
