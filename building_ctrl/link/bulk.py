"""Robots whose telemetry and commands reach the gateway as arrays, not as frames."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from building_ctrl.link.protocol.messages import Telemetry

Float = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class BulkLink(Protocol):
    """Both ends of many robots' links in one process; robots by their index with the pilot."""

    def listen(self, now: float) -> tuple[Ints, Float]:
        """Robots with new telemetry (m,), and rows (m, 6) x_m, y_m, yaw_rad, v_mps, w_radps, measured_s."""

    def changed(self) -> list[tuple[int, Telemetry]]:
        """Newest telemetry of those whose flags, work state or level differ from before the last `listen`."""

    def batteries(self) -> Iterable[tuple[int, float]]:
        """Charge in percent by the newest telemetry of all robots."""

    def command(self, v_mps: Float, w_radps: Float, cap_mps: Float, due: Bools, now: float) -> Bools:
        """Send velocities (n,) to those that are due; returns whose commands go this way."""

    def sync(self) -> None:
        """Let the sessions know what was heard: for their counts and their newest telemetry."""
