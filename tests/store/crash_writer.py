"""Accepts tasks and moves them on, tells each commit on standard output; dies at a given SQL statement."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from building_ctrl.core.task.desk import Answer
from building_ctrl.model.task import Task, TaskCategory, TaskRequest, TaskStatus
from building_ctrl.store import TaskStore


def main(path: str, die_at: int, run: str) -> None:
    count = 0

    def on_statement(_: str) -> None:
        nonlocal count
        count += 1
        if count == die_at:
            os._exit(9)

    with TaskStore(path) as store:
        store.connection().set_trace_callback(on_statement)
        for i in range(12):
            task_id = f"{run}-{i}"
            request = TaskRequest(task_id, TaskCategory.DELIVERY, ("a", "b"))
            task = Task(request, submitted_s=float(i), places=(("L1", "a"), ("L1", "b")))
            store.keep([task], float(i), Answer(f"q-{task_id}", "digest", "yes"))
            print(task_id, 0, flush=True)
            store.keep([replace(task, status=TaskStatus.UNDERWAY, robot="r", stage=1)], float(i))
            print(task_id, 1, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
