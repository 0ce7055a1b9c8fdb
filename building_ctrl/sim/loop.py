"""The embedded building in real time: one thread moves bodies, lifts and doors and serves the robots'
clients."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from building_ctrl.sim.crew import RobotCrew
from building_ctrl.sim.embedded import EmbeddedBuilding
from building_ctrl.sim.reports import body_reports

_log = logging.getLogger(__name__)

T = TypeVar("T")
PHYSICS_S = 0.025
STEP_EVERY = 2  # lifts, doors, checker and telemetry take every second step of the bodies
POLL_S = 0.01
MOST_BEHIND_S = 1.0


class SimulatorLoop:
    """Owns the thread that drives an embedded building and its robots; `clock` is monotonic, in seconds.

    Everybody else touches the building through `call`. Where the machine is too slow for more than a
    second, the building's time stands still for the rest: bodies then move slower than their robots
    believe, never faster. `failed` is called once, from the thread, where it ends by an error.
    """

    def __init__(
        self,
        world: EmbeddedBuilding,
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
        self._thread = threading.Thread(target=self._run, name="embedded-building", daemon=True)
        self.slept_through_s = 0.0

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
        return self._clock()

    def call(self, action: Callable[[EmbeddedBuilding, RobotCrew], T]) -> T:
        """Read or change the building between two steps; from any thread."""
        with self._lock:
            return action(self.world, self._crew)

    def _run(self) -> None:
        try:
            with self._crew as crew:
                self._turn(crew)
        except Exception:
            _log.exception("the embedded building stops")
            self._failed()

    def _turn(self, crew: RobotCrew) -> None:
        stepped_s = self._clock()
        steps = 0
        while not self._stopping.is_set():
            now = self._clock()
            with self._lock:
                if now - stepped_s > MOST_BEHIND_S:
                    self.slept_through_s += now - stepped_s - PHYSICS_S
                    stepped_s = now - PHYSICS_S
                reports = None
                while now - stepped_s >= PHYSICS_S:
                    steps += 1
                    if steps % STEP_EVERY:
                        self.world.move(stepped_s, PHYSICS_S)
                    else:
                        self.world.step(stepped_s, PHYSICS_S)
                        reports = body_reports(self.world)
                    stepped_s += PHYSICS_S
                crew.poll(reports, now)
            self._stopping.wait(max(0.0, POLL_S - (self._clock() - now)))
