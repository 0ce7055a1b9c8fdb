"""What robots hold of the floor, to be kept before it is used, and to be read back by the next planner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from building_ctrl.core.path.journey import NOT_HEARD, Journey, Place
from building_ctrl.core.path.state import PlannerState
from building_ctrl.model.held import HeldKind, HeldStretch
from building_ctrl.model.robot import Connection, RobotState

REFRESH_CYCLES = 50  # in so many steps every robot is looked at once


class HeldBook:
    """Knows what was last kept of every robot, and finds what has to be kept now.

    What grows must be on the disk before the robot hears of it. What shrinks may wait: too much is kept until then,
    which only blocks more than it has to after a restart.
    """

    def __init__(self, planner: PlannerState) -> None:
        self._planner = planner
        self._kept: dict[str, HeldStretch] = {}
        self._cycle = 0

    def restore(self, stretches: Iterable[HeldStretch]) -> None:
        """Take over what an earlier planner kept; to be called before the first event."""
        for stretch in stretches:
            if not stretch.points and stretch.kind is HeldKind.ON_PATH:
                continue
            self._kept[stretch.robot] = stretch
            journey = Journey(stretch.robot, _not_heard(stretch), float("-inf"), epoch=self._planner.epoch)
            journey.old_stretch, journey.alarm = stretch, NOT_HEARD
            journey.removed = stretch.kind is HeldKind.REMOVED
            journey.needs_person = stretch.kind is HeldKind.QUARANTINED
            journey.quarantine = stretch.reason or (
                f"{stretch.robot} has not been heard since the planner's start: what it held stays blocked"
            )
            self._planner.journeys[stretch.robot] = journey

    def changes(self, grown: Iterable[str]) -> tuple[HeldStretch, ...]:
        """What to keep before anything is sent: of the robots named, and in turn of some others."""
        self._cycle += 1
        in_turn = islice(self._planner.journeys, self._cycle % REFRESH_CYCLES, None, REFRESH_CYCLES)
        found = self._gone()
        for name in dict.fromkeys([*grown, *in_turn]):
            journey = self._planner.journeys.get(name)
            stretch = self._stretch(journey) if journey is not None else None
            if stretch is not None and stretch != self._kept.get(name):
                self._kept[name] = stretch
                found.append(stretch)
        return tuple(found)

    def _gone(self) -> list[HeldStretch]:
        """Robots that are another planner's now hold nothing here."""
        gone = [self._kept.pop(name) for name in self._kept.keys() - self._planner.journeys.keys()]
        return [replace(stretch, level="", points=(), kind=HeldKind.ON_PATH, reason="") for stretch in gone]

    def _stretch(self, journey: Journey) -> HeldStretch | None:
        kind = HeldKind.QUARANTINED if journey.needs_person else HeldKind.ON_PATH
        reason = journey.quarantine if journey.needs_person else ""
        level, points = journey.level, self._points(journey)
        if journey.removed:
            kind, reason, level, points = HeldKind.REMOVED, journey.quarantine, "", ()
        elif journey.place is Place.OUTSIDE:
            if journey.old_stretch is not None:
                level, points = journey.old_stretch.level, journey.old_stretch.points
            elif not journey.needs_person:
                return None
            else:
                level = journey.state.level
        return HeldStretch(journey.name, journey.fleet, level, journey.epoch, points, kind, reason)

    def _points(self, journey: Journey) -> tuple[tuple[float, float], ...]:
        """A line through all a robot may be on, its pose at the end where that is in doubt."""
        x_m, y_m = journey.position
        pose = ((round(x_m, 2), round(y_m, 2)),)
        if journey.place is not Place.LEVEL:
            return pose
        level = self._planner.levels[journey.level]
        agent, rows = level.agents[journey.name], level.roadmap
        vertices = [agent.vertex, *(action.vertex for action in agent.actions)]
        line = tuple((round(float(rows.x_m[v]), 2), round(float(rows.y_m[v]), 2)) for v in vertices)
        return line + pose if journey.in_doubt else line


def _not_heard(stretch: HeldStretch) -> RobotState:
    x_m, y_m = stretch.points[-1] if stretch.points else (0.0, 0.0)
    return RobotState(stretch.robot, stretch.fleet, stretch.level, x_m, y_m, 0.0, connection=Connection.LOST)
