"""Processor time of a simulated building by part: each call counts for its part, without the calls within it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from building_ctrl.core.path.planner import PathPlanner
from building_ctrl.core.task import Dispatcher
from building_ctrl.sim.bus import VirtualClock
from building_ctrl.sim.checker import Checker
from building_ctrl.sim.embedded import EmbeddedBuilding
from building_ctrl.sim.virtual import VirtualBuilding
from building_ctrl.sim.virtual_gateway import VirtualGateway, VirtualRobots
from building_ctrl.sim.virtual_planners import DispatchPart, DoorPart, LiftPart, PathPart

PARTS: dict[str, tuple[tuple[type, str], ...]] = {
    "path planner": (
        (PathPart, "_step"), (PathPart, "_on_destination"), (PathPart, "_repeat"), (PathPart, "_report"),
        (PathPlanner, "robot_states"),
    ),
    "gateway and pilot": ((VirtualGateway, "turn"), (VirtualGateway, "_receive"), (VirtualGateway, "publish")),
    "robots' sessions": ((VirtualRobots, "drive"), (VirtualRobots, "report"), (VirtualRobots, "_receive")),
    "dispatcher": (
        (DispatchPart, "_step"), (DispatchPart, "_on_task"), (DispatchPart, "_report"),
        (Dispatcher, "robot_states"), (Dispatcher, "travel_states"),
    ),
    "lift planner": ((LiftPart, "_step"), (LiftPart, "_on_lift_states")),
    "door planner": ((DoorPart, "_step"), (DoorPart, "_on_door_states")),
    "bodies, lifts, doors": (
        (EmbeddedBuilding, "move"), (EmbeddedBuilding, "step"), (VirtualBuilding, "_tell_devices"),
    ),
    "checker": ((Checker, "observe"), (VirtualBuilding, "_watch")),
    "clock, bus, statistics": ((VirtualClock, "run"),),
}  # fmt: skip


@contextmanager
def measured_parts() -> Iterator[dict[str, float]]:
    """Seconds of processor time by part while the context lasts."""
    seconds = dict.fromkeys(PARTS, 0.0)
    within: list[float] = []

    def measured(function: Callable[..., Any], part: str) -> Callable[..., Any]:
        @wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            start = time.thread_time()
            within.append(0.0)
            try:
                return function(*arguments, **named)
            finally:
                spent = time.thread_time() - start
                seconds[part] += spent - within.pop()
                if within:
                    within[-1] += spent

        return call

    before = [(owner, name, getattr(owner, name)) for calls in PARTS.values() for owner, name in calls]
    for part, calls in PARTS.items():
        for owner, name in calls:
            setattr(owner, name, measured(getattr(owner, name), part))
    try:
        yield seconds
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)
