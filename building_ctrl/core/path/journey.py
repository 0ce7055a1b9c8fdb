"""What the path planner remembers of one robot over all levels."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from building_ctrl.model.held import HeldStretch
from building_ctrl.model.path import DestinationRequest
from building_ctrl.model.robot import RobotState

OFF_ROADMAP = "robot_off_roadmap"
NOT_HEARD = "robot_not_heard"


class Place(Enum):
    """Where the planner has a robot."""

    OUTSIDE = "outside"  # not placed on the roadmap yet, or quarantined
    LEVEL = "level"
    CABIN = "cabin"


@dataclass(slots=True)
class Source:
    """Which gateway a robot's states come from. `pose_s` is when the newest pose was measured; `rival` is another
    gateway that reports a robot of this name since `rival_s`, and lately at `rival_seen_s`."""

    gateway: str = ""
    pose_s: float = float("-inf")
    rival: str = ""
    rival_s: float = float("inf")
    rival_seen_s: float = float("-inf")


@dataclass(slots=True)
class Journey:
    """Mutable record of one robot; only the PathPlanner writes it.

    `epoch` is that of its released path: this planner's own, or a greater one for a robot another planner had before,
    or one that a person cleared. `since_s` is when `request` came, `vertex` its vertex on `request.level`; `refusal`
    says why it cannot be reached; `due_s` orders the robots (precedence.py); `way_closed` says what was closed since
    the request came and cuts its way off; `waiting_for_exit` what keeps it from boarding. `shut_in_by` names who keeps
    it from leaving its cabin; `arrived_s` is when the robot came to its destination, inf while it has not.

    Of a robot in doubt `quarantine` says why, `alarm` of what kind it is, and `needs_person` that only a person ends
    it. `voiding`: a person did, and its gateway has not yet taken the new epoch. `removed`: it is off the floor.
    `old_stretch` is what it held before the planner's start, `ghosts` [(level, x_m, y_m)] where it was reported beside
    its newest pose. `displaced_s` is since when it is off its released path, `elsewhere_s` since when on another
    level, inf: it is not. `hold_for` names the robot in doubt for which it has to stand, `cut_off_by` who keeps it
    from its goal.
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
    needs_person: bool = False
    voiding: bool = False
    removed: bool = False
    old_stretch: HeldStretch | None = None
    ghosts: list[tuple[str, float, float]] = field(default_factory=list)
    displaced_s: float = float("inf")
    elsewhere_s: float = float("inf")
    alarm: str = OFF_ROADMAP
    hold_for: str = ""
    cut_off_by: str = ""
    source: Source = field(default_factory=Source)

    @property
    def fleet(self) -> str:
        return self.state.fleet

    @property
    def in_doubt(self) -> bool:
        """Whether it is not certain where it is or will be: nothing is released to it, its surroundings are blocked."""
        return self.needs_person or self.voiding or self.displaced_s != float("inf")

    @property
    def stands_still_for_us(self) -> bool:
        """Whether its released path says that it shall stand."""
        return bool(self.hold_for) or ((self.needs_person or self.displaced_s != float("inf")) and not self.voiding)

    @property
    def goes_home(self) -> bool:
        """Whether it is only sent out of the way."""
        return self.request is not None and self.request.task_id.startswith("home/")

    @property
    def position(self) -> tuple[float, float]:
        return self.state.x_m, self.state.y_m
