"""Alarms of every process."""

from __future__ import annotations

from enum import Enum

from fastapi import APIRouter

from building_ctrl.console.api.common import View, word
from building_ctrl.console.context import Ctx
from building_ctrl.console.picture import Picture
from building_ctrl.model.alarm import Alarm

router = APIRouter(tags=["alarms"])


class PriorityName(str, Enum):
    low = "low"
    medium = "medium"
    high = "high"


class AlarmView(View):
    """One alarm; `kind` names a row of the table of alarms, times in seconds since the Unix epoch."""

    alarm_id: str
    kind: str
    source: str
    process: str
    priority: PriorityName
    active: bool
    raised_s: float
    detail: str


@router.get("/alarms")
def get_alarms(ctx: Ctx) -> list[AlarmView]:
    """All active alarms, the most urgent and newest first."""
    return alarms_view(ctx.picture)


def alarms_view(picture: Picture) -> list[AlarmView]:
    """Active alarms in order of priority, then time."""
    found = [(a, process) for process, heard in picture.alarms.items() for a in heard.value if a.active]
    found.sort(key=lambda item: (-item[0].priority, -item[0].raised_s, item[0].alarm_id))
    return [_alarm(alarm, process) for alarm, process in found]


def _alarm(alarm: Alarm, process: str) -> AlarmView:
    return AlarmView(
        alarm_id=alarm.alarm_id,
        kind=alarm.kind,
        source=alarm.source,
        process=process,
        priority=PriorityName(word(alarm.priority)),
        active=alarm.active,
        raised_s=alarm.raised_s,
        detail=alarm.detail,
    )
