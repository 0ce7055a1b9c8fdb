"""What a door planner knows of a door before the door has said anything, and the planner's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from building_ctrl.model.building import Building, DoorKind

# Times to open and to close: EN 16005 low-energy swing doors, common sliding drives, half-height flap gates.
MOTION_S: Mapping[DoorKind, tuple[float, float]] = {
    DoorKind.HINGED: (4.0, 5.0),
    DoorKind.DOUBLE_HINGED: (4.0, 5.0),
    DoorKind.SLIDING: (2.5, 3.0),
    DoorKind.DOUBLE_SLIDING: (2.0, 2.5),
    DoorKind.TELESCOPE: (2.5, 3.0),
    DoorKind.DOUBLE_TELESCOPE: (2.0, 2.5),
    DoorKind.SPEED_GATE: (0.7, 0.7),
    DoorKind.UNKNOWN: (4.0, 5.0),
}


@dataclass(frozen=True, slots=True)
class DoorSpec:
    """A door or gate: where it is, its kind, and estimates of its times."""

    name: str
    level: str
    kind: DoorKind = DoorKind.SLIDING
    opening_s: float = 2.5
    closing_s: float = 3.0

    @property
    def is_gate(self) -> bool:
        """Gates control access: they are not left open for somebody who is not there."""
        return self.kind is DoorKind.SPEED_GATE


@dataclass(frozen=True, slots=True)
class DoorParameters:
    """Numbers of a DoorPlanner."""

    requester_prefix: str = "building_ctrl"
    resend_s: float = 1.5  # a request the door does not show yet is repeated
    keepalive_s: float = 10.0  # an open request is repeated while the door is held
    confirm_s: float = 0.2  # longest way of a state; an older one does not yet answer the request to open
    state_timeout_s: float = 5.0  # a state older than that is not acted on
    open_margin_s: float = 1.5  # the door shall be open this long before the robot
    close_delay_s: float = 0.5
    tailgating_s: float = 2.0  # a speed gate stays open for a follower who arrives within this time
    gate_open_limit_s: float = 30.0  # a speed gate open for longer raises an alarm
    fire_doors: frozenset[str] = frozenset()  # doors that are never held while there is a fire
    fail_after_s: float = 30.0  # a door that has not opened by then has failed
    external_lease_s: float = 120.0  # a hold of another fleet that is not renewed ends
    learn_s: float = 15.0  # after a start, a robot that asks for an open door may be in its doorway
    keep_ended_s: float = 10.0  # an ended crossing is listed for this long


def door_specs(building: Building) -> tuple[DoorSpec, ...]:
    """The doors of a building, with times estimated from their kind."""
    return tuple(
        DoorSpec(door.name, level.name, door.kind, *MOTION_S[door.kind])
        for level in building.levels
        for door in level.doors
    )
