"""What the path planner remembers of one robot over all levels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from building_ctrl.model.path import DestinationRequest
from building_ctrl.model.robot import RobotState


class Place(Enum):
    """Where the planner has a robot."""

    OUTSIDE = "outside"  # not placed on the roadmap yet, or quarantined
    LEVEL = "level"
    CABIN = "cabin"


@dataclass(slots=True)
class Journey:
    """Mutable record of one robot; only the PathPlanner writes it.

    `epoch` is that of its released path: this planner's own, or a greater one for a robot another planner had before.
    `since_s` is when `request` came, `vertex` its vertex on `request.level`; `refusal` says why it cannot be reached;
    `due_s` orders the robots (precedence.py); `way_closed` says what was closed since the request came and cuts its way
    off; `waiting_for_exit` what keeps it from boarding. `shut_in_by` names who keeps it from leaving its cabin;
    `arrived_s` is when the robot came to its destination, inf while it has not.
    """

    name: str
    state: RobotState
    seen_s: float
    place: Place = Place.OUTSIDE
    level: str = ""
    request: DestinationRequest | None = None
    since_s: float = float("inf")
    due_s: float = float("inf")
    epoch: int = 0
    vertex: int = -1
    refusal: str = ""
    quarantine: str = ""
    arrived_s: float = float("inf")
    waiting_for_place: str = ""
    way_closed: str = ""
    waiting_for_exit: str = ""
    shut_in_by: str = ""
    next_seq: int = 0

    @property
    def fleet(self) -> str:
        return self.state.fleet

    @property
    def goes_home(self) -> bool:
        """Whether it is only sent out of the way."""
        return self.request is not None and self.request.task_id.startswith("home/")

    @property
    def position(self) -> tuple[float, float]:
        return self.state.x_m, self.state.y_m
