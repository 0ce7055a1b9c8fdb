"""Colours that help the eye: a tint for each level, doors by kind, lifts by who rides, a hue for each robot."""

from __future__ import annotations

import colorsys

from building_ctrl.gazebo.world import Rgba
from building_ctrl.model.building import DoorKind, LiftKind

SHAFT: Rgba = (0.62, 0.70, 0.78, 0.18)
CABIN_FLOOR: Rgba = (0.30, 0.32, 0.36, 1.0)
TYRE: Rgba = (0.08, 0.08, 0.09, 1.0)
BUMPER: Rgba = (0.16, 0.17, 0.19, 1.0)
NOSE: Rgba = (0.97, 0.97, 0.95, 1.0)

_SLIDING: Rgba = (0.06, 0.60, 0.68, 0.75)
_HINGED: Rgba = (0.84, 0.20, 0.42, 1.0)
_GATE: Rgba = (0.90, 0.28, 0.20, 0.80)
_LIFTS = {
    LiftKind.ROBOT_ONLY: (0.45, 0.28, 0.80),
    LiftKind.SHARED: (0.94, 0.62, 0.10),
    LiftKind.FREIGHT: (0.42, 0.46, 0.30),
}
_GOLDEN = 0.618033988749895


def level_floor(index: int) -> Rgba:
    """A light tint."""
    return (*colorsys.hsv_to_rgb((0.58 + _GOLDEN * index) % 1.0, 0.10, 0.86), 1.0)


def level_wall(index: int) -> Rgba:
    """The level's tint, darker."""
    return (*colorsys.hsv_to_rgb((0.58 + _GOLDEN * index) % 1.0, 0.22, 0.70), 1.0)


def door(kind: DoorKind) -> Rgba:
    """A door's leaves."""
    if kind is DoorKind.SPEED_GATE:
        return _GATE
    return _HINGED if kind in (DoorKind.HINGED, DoorKind.DOUBLE_HINGED) else _SLIDING


def cabin(kind: LiftKind) -> Rgba:
    """A cabin's walls; they let the eye through."""
    return (*_LIFTS[kind], 0.45)


def lift_door(kind: LiftKind) -> Rgba:
    """A lift's leaves, in the cabin and at the landings."""
    return (*_LIFTS[kind], 1.0)


def robot(number: int) -> Rgba:
    """A strong hue, far from those of the robots numbered just before."""
    return (*colorsys.hsv_to_rgb((0.02 + _GOLDEN * number) % 1.0, 0.85, 0.92), 1.0)
