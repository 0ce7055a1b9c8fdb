"""What has to be open before a stretch may be released: doors and lift cabins."""

from __future__ import annotations

from typing import Protocol

from building_ctrl.core.path.agent import NO_WAIT, Wait


class Gate(Protocol):
    """Asked at the moment of release; answers NO_WAIT when the robot may go."""

    def door(self, robot: str, door: str) -> Wait:
        """For an edge that passes a door."""

    def enter_cabin(self, robot: str, lift: str) -> Wait:
        """For an edge that ends in a lift's cabin."""

    def leave_cabin(self, robot: str, lift: str) -> Wait:
        """For an edge that starts in a lift's cabin."""

    def ride_id(self, robot: str) -> str:
        """Ride under which the robot passes the cabin's door; empty: none."""


class OpenGate:
    """Everything is open: levels without doors and lifts, and tests."""

    def door(self, robot: str, door: str) -> Wait:
        return NO_WAIT

    def enter_cabin(self, robot: str, lift: str) -> Wait:
        return NO_WAIT

    def leave_cabin(self, robot: str, lift: str) -> Wait:
        return NO_WAIT

    def ride_id(self, robot: str) -> str:
        return ""
