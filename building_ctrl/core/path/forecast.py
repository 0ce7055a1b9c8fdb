"""The predicted times of one path planner's robots: made when somebody asks for them, and kept for the doors ahead."""

from __future__ import annotations

from collections.abc import Sequence

from building_ctrl.core.path.agent import Agent
from building_ctrl.core.path.arrival import Ahead, Arrivals, waiting_s
from building_ctrl.core.path.journey import Journey
from building_ctrl.core.path.state import PlannerState


class Forecast:
    """Predicts for all robots of a planner at once."""

    def __init__(self, planner: PlannerState) -> None:
        self._planner = planner
        self._arrivals = Arrivals(planner.times, planner.parameters.level.nominal_speed_mps)
        self._ahead: dict[str, Ahead] = {}
        self._made_s = float("-inf")

    def observe(self, robot: str, speed_mps: float) -> None:
        """Hear how fast a robot drives."""
        self._arrivals.observe(robot, speed_mps)

    def etas(self, now: float) -> dict[str, float]:
        """Seconds to its destination for every robot, negative where nothing can be said."""
        planner = self._planner
        self._time_moves(now)
        alone = {
            name: self._arrivals.eta_s(journey, self._agent(journey), self._ahead.get(name), planner.rides.of(name))
            for name, journey in planner.journeys.items()
        }
        return {name: waiting_s(journey, alone[name], alone) for name, journey in planner.journeys.items()}

    def doors(self, robot: str, planned: Sequence[tuple[str, float]], now: float) -> list[tuple[str, float]]:
        """(door, seconds until reached) of the doors a robot's plan leads through, by the newest prediction where that
        knows them."""
        ahead = self._ahead.get(robot)
        known = dict(ahead.doors) if ahead is not None else {}
        passed_s = now - self._made_s
        found = [(door, max(known[door] - passed_s, 0.0) if door in known else seconds) for door, seconds in planned]
        return sorted(found, key=lambda row: row[1])

    def _time_moves(self, now: float) -> None:
        planner = self._planner
        here: dict[str, list[Journey]] = {}
        for journey in planner.on_level():
            here.setdefault(journey.level, []).append(journey)
        self._ahead, self._made_s = {}, now
        for name, journeys in here.items():
            level = planner.levels[name]
            self._ahead |= self._arrivals.on_level(
                level, journeys, lambda robot, door: planner.crossings.wait_s(robot, door, now)
            )

    def _agent(self, journey: Journey) -> Agent | None:
        level = self._planner.levels.get(journey.level)
        return level.agents.get(journey.name) if level else None
