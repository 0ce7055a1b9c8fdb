"""Tasks: what people and programs ask the building to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, IntEnum


class TaskCategory(str, Enum):
    DELIVERY = "delivery"
    PATROL = "patrol"
    GO_TO_PLACE = "go_to_place"
    CHARGE = "charge"


class TaskStatus(IntEnum):
    QUEUED = 0
    ASSIGNED = 1
    UNDERWAY = 2
    COMPLETED = 3
    FAILED = 4
    CANCELLED = 5

    @property
    def ended(self) -> bool:
        return self >= TaskStatus.COMPLETED


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """A task as it is asked for: the places to visit in order (`LEVEL/NAME` or a name), and how long to stay."""

    task_id: str
    category: TaskCategory
    places: tuple[str, ...]
    priority: int = 0
    requester: str = ""
    dwell_s: float = 5.0
    fleet: str = ""
    robot: str = ""
    earliest_start_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Task:
    """A task and how far it is. `stage` counts the places already served. Times in seconds of the caller's clock."""

    request: TaskRequest
    status: TaskStatus = TaskStatus.QUEUED
    fleet: str = ""
    robot: str = ""
    stage: int = 0
    detail: str = ""
    submitted_s: float = 0.0
    started_s: float = 0.0
    ended_s: float = 0.0
    places: tuple[tuple[str, str], ...] = field(default=())  # (level, place) of every stop
