"""What a robot holds of the floor, as it is kept over a restart, and what a person says of a robot in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class HeldKind(IntEnum):
    """Why a robot holds a stretch: it drives it or stands there; it is in quarantine; it is off the floor."""

    ON_PATH = 0
    QUARANTINED = 1
    REMOVED = 2


@dataclass(frozen=True, slots=True)
class HeldStretch:
    """All the floor a robot may be on: a line through `points` [(x_m, y_m)], none for a robot off the floor.

    Kept as geometry, not as numbers of lanes, so that it still blocks the right ones after the map was changed.
    """

    robot: str
    fleet: str
    level: str
    epoch: int
    points: tuple[tuple[float, float], ...]
    kind: HeldKind = HeldKind.ON_PATH
    reason: str = ""


class ClearAction(IntEnum):
    """What a person has seen: the robot stands where it says and may go on; it has been taken from the floor."""

    RESUME = 0
    REMOVED = 1


@dataclass(frozen=True, slots=True)
class ClearRequest:
    """A person has seen to a robot. May be repeated."""

    robot: str
    action: ClearAction
    person: str
