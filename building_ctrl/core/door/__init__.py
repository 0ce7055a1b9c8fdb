"""Crossings of doors: when a door opens, and when a robot may pass."""

from __future__ import annotations

from building_ctrl.core.door.planner import DoorDecisions, DoorPlanner, DoorSession
from building_ctrl.core.door.spec import DoorParameters, DoorSpec, door_specs

__all__ = ["DoorDecisions", "DoorParameters", "DoorPlanner", "DoorSession", "DoorSpec", "door_specs"]
