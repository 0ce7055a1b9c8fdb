"""All robots of other fleets that are driven from here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from building_ctrl.core.alarms import AlarmBook, Condition
from building_ctrl.core.foreign.driver import Driver, DriverParameters
from building_ctrl.core.motion.gates import LiftWatch
from building_ctrl.model.alarm import Alarm, AlarmPriority
from building_ctrl.model.fleet import FleetRobot, PathOrder
from building_ctrl.model.lift import LiftState, RideState
from building_ctrl.model.path import ReleasedPath
from building_ctrl.model.robot import Connection, RobotState, WorkState

ALARMS = {"robot_link_lost": AlarmPriority.MEDIUM, "robot_fault": AlarmPriority.HIGH}
LIFT_STATE_LIMIT_S = 5.0


class ForeignGateway:
    """Stands between the path planner and fleets that speak Open-RMF, as the gateway does for robots on our link.

    fleets: name -> mask of the navigation graphs its robots may use; run_id makes the ids of path requests differ from
    those of former runs. Times are seconds of the caller's clock.
    """

    def __init__(
        self, fleets: Mapping[str, int], run_id: str, parameters: DriverParameters | None = None
    ) -> None:
        self._fleets = dict(fleets)
        self._run_id = run_id
        self._parameters = parameters or DriverParameters()
        self._drivers: dict[str, Driver] = {}
        self._watch = LiftWatch(LIFT_STATE_LIMIT_S)
        self._alarms = AlarmBook(ALARMS)

    def reports(self, reports: Iterable[FleetRobot], now: float) -> list[str]:
        """Hear fleets; those not ours are passed over. Returns one line for each report that cannot be taken."""
        problems = []
        for report in reports:
            mask = self._fleets.get(report.fleet)
            if mask is None:
                continue
            driver = self._drivers.get(report.name)
            if driver is None:
                driver = Driver(report.name, report.fleet, mask, self._run_id, self._parameters)
                self._drivers[report.name] = driver
            if driver.fleet == report.fleet:
                driver.report(report, now)
            else:
                problems.append(
                    f"robot {report.name!r} of fleet {report.fleet!r} ignored: fleet {driver.fleet!r} has one of that "
                    "name; names of robots are unique in a building"
                )
        return problems

    def release(self, paths: Iterable[ReleasedPath]) -> list[str]:
        """Released paths; those of other robots are passed over. Returns one line for each that cannot be taken."""
        found = [(path, self._drivers[path.robot].release(path)) for path in paths if path.robot in self._drivers]
        return [f"released path of robot {path.robot!r} not taken: {problem}" for path, problem in found if problem]

    def lift_states(self, states: Iterable[LiftState], now: float) -> None:
        """Newest lift states: a robot is not sent through a cabin's door that is shut for it."""
        self._watch.lift_states(states, now)

    def ride_states(self, rides: Iterable[RideState]) -> None:
        """Newest rides."""
        self._watch.ride_states(rides)

    def orders(self, now: float) -> tuple[PathOrder, ...]:
        """Path requests to send now; call a few times a second."""
        found = (driver.order(self._watch, now) for driver in self._drivers.values())
        return tuple(order for order in found if order is not None)

    def robot_states(self, now: float) -> tuple[RobotState, ...]:
        """The robots as the platform knows robots."""
        found = (driver.state(now) for driver in self._drivers.values())
        return tuple(state for state in found if state is not None)

    def alarms(self, now: float) -> tuple[Alarm, ...]:
        """What is wrong with them."""
        return self._alarms.update(self._conditions(now), now)

    def _conditions(self, now: float) -> Iterator[Condition]:
        for state in self.robot_states(now):
            if state.connection is Connection.LOST:
                detail = f"fleet {state.fleet} has not told of {state.name} for {state.age_s:.0f} s"
                yield Condition("robot_link_lost", state.name, detail)
            elif state.work is WorkState.ERROR:
                yield Condition("robot_fault", state.name, f"{state.name} refuses its path requests: see its adapter")
