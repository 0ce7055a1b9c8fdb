"""When a destination is asked for, and asked again."""

from __future__ import annotations

import math

from building_ctrl.core.task.parameters import DispatchParameters
from building_ctrl.core.task.progress import is_known
from building_ctrl.model.path import DestinationRequest, TravelState

HOME_PREFIX = "home/"


def home_task_id(robot: str) -> str:
    """The task id of a robot's way home."""
    return HOME_PREFIX + robot


class Destinations:
    """Repeats a destination until the planner shows it."""

    def __init__(self, parameters: DispatchParameters) -> None:
        self._p = parameters
        self._asked: dict[str, tuple[DestinationRequest, float]] = {}

    def due(self, wanted: DestinationRequest, travel: TravelState | None, now: float) -> bool:
        """Whether to ask now: at once where it is new, then every repeat_s until the planner shows it."""
        if is_known(travel, wanted.task_id, wanted.level, wanted.place):
            return False
        before, asked_s = self._asked.get(wanted.robot, (None, -math.inf))
        if before == wanted and now - asked_s < self._p.repeat_s:
            return False
        self._asked[wanted.robot] = (wanted, now)
        return True

    def forget(self, robot: str) -> None:
        """Drops what was asked for a robot that is gone."""
        self._asked.pop(robot, None)
