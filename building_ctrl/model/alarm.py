"""Alarms after ISA-18.2: something abnormal a person has to know of or answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class AlarmPriority(IntEnum):
    LOW = 0
    MEDIUM = 1
    HIGH = 2


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm of one source; `kind` names a row of the table of alarms."""

    alarm_id: str
    kind: str
    source: str
    priority: AlarmPriority
    active: bool
    raised_s: float
    cleared_s: float = 0.0
    detail: str = ""
