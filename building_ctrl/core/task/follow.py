"""Follows one assigned task: arrival, stay, next stop, end; refusals and robots that are gone."""

from __future__ import annotations

from dataclasses import replace

from building_ctrl.core.task import detail
from building_ctrl.core.task.book import TaskBook
from building_ctrl.core.task.fleet import Fleet
from building_ctrl.core.task.parameters import DispatchParameters
from building_ctrl.core.task.places import Places
from building_ctrl.core.task.progress import Progress, is_at, is_refused
from building_ctrl.model.task import TaskStatus


class Follower:
    """The stage machine of tasks: go to stop 0, stay, go to stop 1, stay, ... completed."""

    def __init__(self, book: TaskBook, fleet: Fleet, places: Places, parameters: DispatchParameters) -> None:
        self._book = book
        self._fleet = fleet
        self._places = places
        self._p = parameters

    def follow(self, progress: Progress, now: float) -> None:
        """Moves an open task on as far as it goes now."""
        task = progress.task
        missing = next((stop for stop in task.places[task.stage :] if stop not in self._places), None)
        if missing is not None:
            self._book.end(
                progress, TaskStatus.FAILED, f"{'/'.join(missing)} is no longer in the building", now
            )
        elif progress.assigned:
            trouble = self._fleet.trouble(task.robot)
            if trouble is None:
                self._with_robot(progress, now)
            else:
                self._without_robot(progress, trouble[1], now - trouble[0], now)

    def _with_robot(self, progress: Progress, now: float) -> None:
        task = progress.task
        travel = self._fleet.travel(task.robot)
        if progress.serving_until_s is not None:
            if now >= progress.serving_until_s:
                self._next_stop(progress, now)
        elif is_refused(travel, task.request.task_id, *progress.stop):
            self._refused(progress, travel.waiting_for if travel else "", now)
        elif is_at(travel, task.request.task_id, *progress.stop):
            progress.serving_until_s = now + task.request.dwell_s
            self._book.set(progress, replace(task, status=TaskStatus.UNDERWAY, detail=detail.serving(task)))
        elif task.detail != detail.going(task):
            self._book.set(progress, replace(task, detail=detail.going(task)))

    def _next_stop(self, progress: Progress, now: float) -> None:
        task = replace(progress.task, stage=progress.task.stage + 1)
        progress.serving_until_s = None
        if task.stage == len(task.places):
            progress.task = task
            self._book.end(progress, TaskStatus.COMPLETED, "", now)
        else:
            self._book.set(progress, replace(task, detail=detail.going(task)))

    def _without_robot(self, progress: Progress, reason: str, for_s: float, now: float) -> None:
        told = f"{progress.task.robot} {reason}"
        if progress.loaded and for_s >= self._p.give_up_s:
            self._book.end(progress, TaskStatus.FAILED, f"{told}, with the goods on it", now)
        elif not progress.loaded and for_s >= self._p.handover_s:
            self._book.queue_again(progress, told)
        elif progress.task.detail != detail.stuck(told):
            self._book.set(progress, replace(progress.task, detail=detail.stuck(told)))

    def _refused(self, progress: Progress, reason: str, now: float) -> None:
        robot = progress.task.robot
        told = f"no way for {robot} to {'/'.join(progress.stop)}" + (f": {reason}" if reason else "")
        progress.refused.add(robot)
        others = any(
            progress.may_take(name, state.fleet)
            for name in self._fleet.names()
            if (state := self._fleet.state(name)) is not None
        )
        if progress.loaded or len(progress.refused) >= self._p.refusals or not others:
            self._book.end(progress, TaskStatus.FAILED, told, now)
        else:
            self._book.queue_again(progress, told)
