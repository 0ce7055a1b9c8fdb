"""What the dispatcher keeps of one task beside its state."""

from __future__ import annotations

from dataclasses import dataclass, field

from building_ctrl.core.task.parameters import DispatchParameters
from building_ctrl.model.path import TravelState, TravelStatus
from building_ctrl.model.task import Task, TaskCategory, TaskStatus


@dataclass(slots=True)
class Progress:
    """One task, the end of its stay at the present stop, and the robots that were refused the way."""

    task: Task
    stops: frozenset[tuple[str, str]] = frozenset()
    serving_until_s: float | None = None
    refused: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.stops = frozenset(self.task.places)

    @property
    def stop(self) -> tuple[str, str]:
        """(level, place) the task has to go to next."""
        return self.task.places[self.task.stage]

    @property
    def assigned(self) -> bool:
        return self.task.status in (TaskStatus.ASSIGNED, TaskStatus.UNDERWAY)

    @property
    def loaded(self) -> bool:
        """Whether goods may be on the robot, so that no other robot can go on with the task."""
        return self.task.request.category is TaskCategory.DELIVERY and self.task.status is TaskStatus.UNDERWAY

    def urgency(self, parameters: DispatchParameters) -> tuple[float, str]:
        """Sorts queued tasks. Priority is a head start, so a task is only overtaken by what was asked for
        soon after it: nobody starves."""
        request = self.task.request
        asked_s = max(self.task.submitted_s, request.earliest_start_s)
        return asked_s - request.priority * parameters.priority_head_start_s, request.task_id

    def may_take(self, robot: str, fleet: str) -> bool:
        """Whether the request allows this robot, and the planner has not refused it the way before."""
        request = self.task.request
        return (
            (not request.robot or request.robot == robot)
            and (not request.fleet or request.fleet == fleet)
            and robot not in self.refused
        )


def is_at(travel: TravelState | None, task_id: str, level: str, place: str) -> bool:
    """Whether the planner reports that the robot stands at the destination of that task."""
    return (
        travel is not None
        and travel.status is TravelStatus.ARRIVED
        and travel.level == level
        and _same(travel, task_id, level, place)
    )


def is_refused(travel: TravelState | None, task_id: str, level: str, place: str) -> bool:
    """Whether the planner refuses that destination."""
    return (
        travel is not None and travel.status is TravelStatus.REFUSED and _same(travel, task_id, level, place)
    )


def is_known(travel: TravelState | None, task_id: str, level: str, place: str) -> bool:
    """Whether the planner shows that destination, so that it need not be asked again."""
    if travel is None or travel.status in (TravelStatus.UNKNOWN, TravelStatus.IDLE):
        return False
    if travel.status is TravelStatus.ARRIVED and travel.level != level:
        return False
    return _same(travel, task_id, level, place)


def _same(travel: TravelState, task_id: str, level: str, place: str) -> bool:
    return travel.task_id == task_id and travel.destination in (place, f"{level}/{place}")
