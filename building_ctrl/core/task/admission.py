"""Which queued tasks may start: no more than a few may need one place at a time.

Robots sent to a place that others are already queueing for stand in the way of those that leave it, and with many
robots on a small level hardly anybody arrives. Such tasks wait in the queue, where they are in nobody's way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from building_ctrl.core.task.progress import Progress


class Admission:
    """Counts tasks by place, for one look at the queue.

    Ask in order of urgency: a task held back keeps its share of its places, so that less urgent ones cannot overtake
    it for ever.
    """

    def __init__(self, at_work: Iterable[Progress], tasks_a_place: int) -> None:
        self._tasks_a_place = tasks_a_place
        self._count: Counter[tuple[str, str]] = Counter()
        for progress in at_work:
            self._add(progress)

    def obstacle(self, progress: Progress) -> str:
        """Count a queued task; why it has to wait, or an empty string where it may start."""
        busy = next((stop for stop in _stops_left(progress) if self._count[stop] >= self._tasks_a_place), None)
        self._add(progress)
        return f"{'/'.join(busy)} is in use" if busy else ""

    def _add(self, progress: Progress) -> None:
        self._count.update(_stops_left(progress))


def _stops_left(progress: Progress) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(progress.task.places[progress.task.stage :]))
