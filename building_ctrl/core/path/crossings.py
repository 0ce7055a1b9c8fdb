"""The path planner's side of crossings: asks for doors ahead, keeps the lease alive, ends it behind the robot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from building_ctrl.model.building import Building, Door
from building_ctrl.model.door import CrossingAction, CrossingPhase, CrossingRequest, CrossingState

HEARTBEAT_S = 1.0
ASK_AHEAD_S = 12.0
BLOCKED_S = 30.0
ENDING_S = 10.0


@dataclass(slots=True)
class _Crossing:
    request: CrossingRequest
    phase: CrossingPhase = CrossingPhase.REQUESTED
    opens_s: float = float("-inf")
    sent_s: float = float("-inf")
    ended_s: float = float("inf")
    released: bool = False


class CrossingBook:
    """All crossings one path planner wants or holds."""

    def __init__(self, building: Building, epoch: int) -> None:
        self._doors: dict[str, Door] = {door.name: door for level in building.levels for door in level.doors}
        self._epoch = epoch
        self._count = 0
        self._active: dict[str, dict[str, _Crossing]] = {}  # by robot and door
        self._ending: dict[str, _Crossing] = {}
        self._blocked: dict[str, float] = {}

    def granted(self, robot: str, door: str) -> bool:
        """Whether the door is reported open and held for that robot."""
        crossing = self._active.get(robot, {}).get(door)
        return crossing is not None and crossing.phase is CrossingPhase.GRANTED

    def wait_s(self, robot: str, door: str, now: float) -> float:
        """Seconds until the door is open for a robot that comes by then; 0 where it will have been opened ahead."""
        crossing = self._active.get(robot, {}).get(door)
        return max(0.0, crossing.opens_s - now) if crossing is not None else 0.0

    def blocked(self, now: float) -> frozenset[str]:
        """Doors that lately failed or refused: plan around them."""
        return frozenset(door for door, until in self._blocked.items() if until > now)

    def states(self, states: Sequence[CrossingState], now: float) -> None:
        """Hear the door planner."""
        by_id = {c.request.crossing_id: c for doors in self._active.values() for c in doors.values()}
        for state in states:
            if state.phase.ended:
                self._ending.pop(state.crossing_id, None)
            if state.crossing_id not in by_id:
                continue
            crossing = by_id[state.crossing_id]
            crossing.phase = state.phase
            crossing.opens_s = now + state.eta_s if state.phase is CrossingPhase.OPENING else float("-inf")
            if state.phase in (CrossingPhase.FAILED, CrossingPhase.REFUSED):
                self._blocked[state.door] = now + BLOCKED_S
            if state.phase.ended:
                self._take(crossing.request.robot, crossing.request.door)

    def want(
        self,
        robot: str,
        fleet: str,
        level: str,
        ahead: Sequence[tuple[str, float]],
        released: frozenset[str],
        at: tuple[float, float],
        now: float,
    ) -> None:
        """Tell which doors lie ahead of a robot.

        ahead: (door, seconds until reached), nearest first; released: doors on its released path, or in whose
        doorway it stands; at: where it is. Doors no longer ahead are given back.
        """
        near = {door: eta for door, eta in ahead if eta <= ASK_AHEAD_S or door in released}
        near.update({door: 0.0 for door in released if door not in near})
        mine = self._active.get(robot, {})
        for door in [door for door in mine if door not in near]:
            self._end(robot, door, now)
        for door, eta in near.items():
            crossing = mine.get(door)
            if crossing is None:
                crossing = self._new(robot, fleet, level, door, at)
                self._active.setdefault(robot, {})[door] = crossing
            crossing.released = door in released
            if crossing.request.eta_s != round(eta, 2):
                crossing.request = replace(crossing.request, eta_s=round(eta, 2))

    def drop(self, robot: str, now: float) -> None:
        """Give back everything a robot has asked for."""
        for door in list(self._active.get(robot, {})):
            self._end(robot, door, now)

    def requests(self, now: float) -> tuple[CrossingRequest, ...]:
        """What to send now: new requests, heartbeats, and ends until they are heard."""
        due = []
        active = [crossing for doors in self._active.values() for crossing in doors.values()]
        for crossing in [*active, *self._ending.values()]:
            if now - crossing.sent_s >= HEARTBEAT_S:
                crossing.sent_s = now
                due.append(crossing.request)
        for crossing_id in [i for i, c in self._ending.items() if now - c.ended_s > ENDING_S]:
            del self._ending[crossing_id]
        return tuple(due)

    def _new(self, robot: str, fleet: str, level: str, door: str, at: tuple[float, float]) -> _Crossing:
        self._count += 1
        request = CrossingRequest(
            crossing_id=f"{robot}/{door}/{self._epoch}.{self._count}",
            fleet=fleet,
            robot=robot,
            door=door,
            level=level,
            action=CrossingAction.REQUEST,
            from_front=self._from_front(door, at),
        )
        return _Crossing(request)

    def _take(self, robot: str, door: str) -> _Crossing:
        doors = self._active[robot]
        crossing = doors.pop(door)
        if not doors:
            del self._active[robot]
        return crossing

    def _end(self, robot: str, door: str, now: float) -> None:
        crossing = self._take(robot, door)
        crossing.request = replace(crossing.request, action=CrossingAction.END)
        crossing.sent_s = float("-inf")
        crossing.ended_s = now
        self._ending[crossing.request.crossing_id] = crossing

    def _from_front(self, door: str, at: tuple[float, float]) -> bool:
        drawn = self._doors.get(door)
        if drawn is None:
            return True
        (x1, y1), (x2, y2) = drawn.start, drawn.end
        return (x2 - x1) * (at[1] - y1) - (y2 - y1) * (at[0] - x1) >= 0.0
