"""Alarms that follow from the state of tasks."""

from __future__ import annotations

from collections.abc import Iterable

from building_ctrl.core.task.fleet import Fleet
from building_ctrl.core.task.parameters import DispatchParameters
from building_ctrl.core.task.progress import Progress
from building_ctrl.model.alarm import Alarm, AlarmPriority
from building_ctrl.model.task import TaskStatus

TASK_FAILED = "task_failed"
TASK_LATE = "task_late"
GOODS_STRANDED = "goods_stranded"


def task_alarms(
    tasks: Iterable[Progress], fleet: Fleet, parameters: DispatchParameters, now: float
) -> tuple[Alarm, ...]:
    """All active alarms: tasks that failed a short while ago, wait for long, or whose goods are stranded."""
    alarms = []
    for progress in tasks:
        task = progress.task
        task_id = task.request.task_id
        asked_s = max(task.submitted_s, task.request.earliest_start_s)
        if task.status is TaskStatus.FAILED:
            alarms.append(_alarm(TASK_FAILED, task_id, AlarmPriority.MEDIUM, task.ended_s, task.detail))
        elif task.status is TaskStatus.QUEUED and now - asked_s > parameters.late_after_s:
            since_s = asked_s + parameters.late_after_s
            alarms.append(_alarm(TASK_LATE, task_id, AlarmPriority.LOW, since_s, task.detail))
        elif progress.loaded and (trouble := fleet.trouble(task.robot)) is not None:
            detail = f"{task.robot} {trouble[1]}"
            alarms.append(_alarm(GOODS_STRANDED, task_id, AlarmPriority.HIGH, trouble[0], detail))
    return tuple(alarms)


def _alarm(kind: str, source: str, priority: AlarmPriority, raised_s: float, detail: str) -> Alarm:
    return Alarm(f"{kind}/{source}", kind, source, priority, True, raised_s, detail=detail)
