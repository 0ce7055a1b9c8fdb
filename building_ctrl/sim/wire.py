"""Frames under way between robots and their gateway in virtual time; each robot's keep their order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from building_ctrl.sim.bus import Delays, VirtualClock

Receiver = Callable[[int, bytes, float], None]  # robot, frame, when it arrived


class Wire:
    """One direction of all robots' links."""

    def __init__(self, clock: VirtualClock, n: int, delays: Delays) -> None:
        self._clock = clock
        self._delays = delays
        self.last_due_s = np.zeros(n)  # when the newest frame of each robot arrives
        self._under_way = [0] * n
        self._receiver: Receiver | None = None

    def connect(self, receiver: Receiver) -> None:
        """Say who hears."""
        self._receiver = receiver

    def send(self, robot: int, frame: bytes, now: float) -> None:
        """A frame sets out; the delay is drawn."""
        due = max(now + self._delays.next_s(), float(self.last_due_s[robot]))
        self.last_due_s[robot] = due
        self.carry(robot, frame, due)

    def carry(self, robot: int, frame: bytes, due: float) -> None:
        """A frame under way arrives at `due`."""
        self._under_way[robot] += 1
        self._clock.at(due, self._arrive, robot, frame, due)

    def empty(self, robot: int) -> bool:
        """Whether no frame of a robot is under way."""
        return self._under_way[robot] == 0

    def _arrive(self, robot: int, frame: bytes, due: float) -> None:
        if self._receiver is None:
            raise RuntimeError("Wire.connect() comes first")
        self._under_way[robot] -= 1
        self._receiver(robot, frame, due)
