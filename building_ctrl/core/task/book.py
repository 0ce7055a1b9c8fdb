"""The book of tasks: every task's progress, which robot has which task, and what changed lately."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from building_ctrl.core.task import detail
from building_ctrl.core.task.progress import Progress
from building_ctrl.model.robot import RobotState
from building_ctrl.model.task import Task, TaskStatus


class TaskBook:
    """Tasks and their robots. A robot has at most one task, a task at most one robot."""

    def __init__(self) -> None:
        self._tasks: dict[str, Progress] = {}
        self._task_of: dict[str, str] = {}
        self._changed: dict[str, Task] = {}

    def __iter__(self) -> Iterator[Progress]:
        """All tasks in order of submission; the book may be changed meanwhile."""
        return iter(list(self._tasks.values()))

    def get(self, task_id: str) -> Progress | None:
        """One task's progress."""
        return self._tasks.get(task_id)

    def add(self, task: Task) -> None:
        """Enters a task, new or from an earlier life."""
        progress = self._tasks[task.request.task_id] = Progress(task)
        if progress.assigned and task.robot:
            self._task_of[task.robot] = task.request.task_id

    def remove(self, task_id: str) -> None:
        """Strikes out a task that no robot has."""
        del self._tasks[task_id]
        self._changed.pop(task_id, None)

    def of_robot(self, robot: str) -> Progress | None:
        """The task a robot has, or None."""
        task_id = self._task_of.get(robot)
        return self._tasks[task_id] if task_id is not None else None

    def robots(self) -> tuple[str, ...]:
        """Robots that have a task."""
        return tuple(self._task_of)

    def give(self, progress: Progress, robot: RobotState, now: float) -> None:
        """Gives a queued task to a free robot."""
        task = progress.task
        self._task_of[robot.name] = task.request.task_id
        status = TaskStatus.UNDERWAY if task.stage else TaskStatus.ASSIGNED
        given = replace(
            task, status=status, fleet=robot.fleet, robot=robot.name, started_s=task.started_s or now
        )
        self.set(progress, replace(given, detail=detail.going(given)))

    def queue_again(self, progress: Progress, reason: str) -> None:
        """Takes a task from its robot; another one will go on with it."""
        self._release(progress)
        queued = replace(
            progress.task, status=TaskStatus.QUEUED, fleet="", robot="", detail=detail.waiting(reason)
        )
        self.set(progress, queued)

    def explain(self, progress: Progress, reason: str) -> None:
        """Notes why a queued task waits."""
        text = detail.waiting(reason)
        if progress.task.detail != text:
            self.set(progress, replace(progress.task, detail=text))

    def end(self, progress: Progress, status: TaskStatus, reason: str, now: float) -> None:
        """Ends a task; its robot is free."""
        self._release(progress)
        self.set(progress, replace(progress.task, status=status, detail=reason, ended_s=now))

    def set(self, progress: Progress, task: Task) -> None:
        """Notes a task's new state."""
        progress.task = task
        self._changed[task.request.task_id] = task

    def take_changed(self) -> tuple[Task, ...]:
        """Tasks changed since the last call, as they are now."""
        changed = tuple(self._changed.values())
        self._changed.clear()
        return changed

    def _release(self, progress: Progress) -> None:
        progress.serving_until_s = None
        if self._task_of.get(progress.task.robot) == progress.task.request.task_id:
            del self._task_of[progress.task.robot]
