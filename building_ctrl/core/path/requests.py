"""Destinations of robots that are not this planner's now: it may get them."""

from __future__ import annotations

from building_ctrl.model.path import DestinationRequest


class RequestMemory:
    """The newest destination request of every robot that was ever named."""

    def __init__(self) -> None:
        self._newest: dict[str, tuple[DestinationRequest, float]] = {}

    def heard(self, request: DestinationRequest, heard_s: float) -> None:
        """A request, and when it was heard by whoever heard it first; an older one than known is passed over."""
        known = self._newest.get(request.robot)
        if known is None or known[1] < heard_s:
            self._newest[request.robot] = (request, heard_s)

    def newest(self, robot: str) -> DestinationRequest | None:
        known = self._newest.get(robot)
        return known[0] if known is not None else None

    def take(self, robot: str) -> tuple[DestinationRequest, float] | None:
        """(request, when it was heard) of a robot that becomes this planner's."""
        return self._newest.pop(robot, None)
