"""The building in Gazebo in real time: one thread passes set points to Gazebo and frames to the robots' clients."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from building_ctrl.gazebo.building import GazeboBuilding
from building_ctrl.gazebo.world_port import WorldError
from building_ctrl.sim.crew import RobotCrew
from building_ctrl.sim.embedded import EmbeddedBuilding
from building_ctrl.sim.reports import body_reports

_log = logging.getLogger(__name__)

T = TypeVar("T")
POLL_S = 0.005
TELEMETRY_S = 0.04


class GazeboLoop:
    """Owns the thread that joins a GazeboBuilding and its robots' clients; the same calls as SimulatorLoop.

    The building's clock is Gazebo's. `failed` is called once, from the thread, where it ends by an error.
    """

    def __init__(
        self,
        world: GazeboBuilding,
        crew: RobotCrew,
        failed: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.world = world
        self._crew = crew
        self._failed = failed
        self._clock = clock
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gazebo-building", daemon=True)

    def start(self) -> None:
        """Start the thread; robots connect from it."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; robots say goodbye. May be repeated."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=5.0)

    def now(self) -> float:
        """The building's clock."""
        return self.world.time_s

    def call(self, action: Callable[[EmbeddedBuilding, RobotCrew], T]) -> T:
        """Read or change the building between two frames; from any thread."""
        with self._lock:
            return action(self.world, self._crew)

    def _run(self) -> None:
        try:
            with self._crew as crew:
                self._turn(crew)
        except WorldError as error:
            _log.error("%s", error)
            self._failed()
        except Exception:
            _log.exception("the building in Gazebo stops")
            self._failed()

    def _turn(self, crew: RobotCrew) -> None:
        told_s = self.world.time_s - TELEMETRY_S
        while not self._stopping.is_set():
            with self._lock:
                self.world.advance()
                reports = None
                if self.world.time_s - told_s >= TELEMETRY_S - 1e-6:
                    told_s = self.world.time_s
                    reports = body_reports(self.world)
                crew.poll(reports, self._clock())
            self._stopping.wait(POLL_S)
