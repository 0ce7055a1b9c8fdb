"""Path planners that share a building: which levels are whose, and robots on their way from one to another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from building_ctrl.model.path import DestinationRequest


class HandoverPhase(IntEnum):
    """The giver says ASKED and BOARDED, the taker WAITING, GRANTED and TAKEN."""

    ASKED = 0
    BOARDED = 1
    WAITING = 2
    GRANTED = 3
    TAKEN = 4

    @property
    def of_giver(self) -> bool:
        return self <= HandoverPhase.BOARDED


@dataclass(frozen=True, slots=True)
class Handover:
    """One robot that rides from the levels of one planner (the giver) to a level of another (the taker).

    `request` is the destination the robot follows, heard `request_age_s` ago by the giver.
    """

    handover_id: str
    robot: str
    fleet: str
    from_level: str
    to_level: str
    lift: str
    graph_mask: int
    phase: HandoverPhase
    reason: str = ""
    request: DestinationRequest | None = None
    request_age_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ShardState:
    """All that one path planner tells the others; stands for itself. One of a lower (epoch, seq) is old."""

    planner: str
    epoch: int
    seq: int
    levels: tuple[str, ...]
    robots: tuple[str, ...] = ()
    handovers: tuple[Handover, ...] = ()
