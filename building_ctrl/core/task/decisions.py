"""What the dispatcher answers."""

from __future__ import annotations

from dataclasses import dataclass

from building_ctrl.model.alarm import Alarm
from building_ctrl.model.path import DestinationRequest
from building_ctrl.model.task import Task


@dataclass(frozen=True, slots=True)
class Accepted:
    """The request holds; `task` is its state now."""

    task: Task


@dataclass(frozen=True, slots=True)
class Refused:
    """The request does not hold; `reason` is one clear line. `invalid`: the request itself is wrong."""

    reason: str
    invalid: bool = False


@dataclass(frozen=True, slots=True)
class DispatchDecisions:
    """What to publish: where robots go, tasks whose state changed in this step, and all active alarms.

    Record `changed` before publishing `destinations`: after a crash a stop may be served twice, never
    forgotten.
    """

    destinations: tuple[DestinationRequest, ...] = ()
    changed: tuple[Task, ...] = ()
    alarms: tuple[Alarm, ...] = ()
