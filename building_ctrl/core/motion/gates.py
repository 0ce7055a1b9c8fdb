"""Cabin doors as the pilot sees them: a waypoint behind one is not released while the lift does not show the
door open for the robot's own session. The path planner checks the same; this is the second, independent
check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from building_ctrl.model.lift import LiftState, RidePhase, RideState


class Passage(IntEnum):
    """What a robot does on the way to a waypoint that touches a cabin."""

    ENTER = 0
    RIDE = 1
    LEAVE = 2


@dataclass(slots=True)
class Gate:
    """One cabin door on a robot's released path, before waypoint `number` on `level`."""

    number: int
    passage: Passage
    lift: str
    ride_id: str
    level: str
    opened: bool = False


def gate_before(
    number: int, level: str, before: tuple[str, str], lift: str, ride_id: str, moves: bool
) -> Gate | None:
    """The gate on the way to a waypoint, None where its `lift` is empty: that way touches no cabin.

    `before` is (lift, level) of the waypoint before, `moves` whether the two differ in position.
    """
    if not lift:
        return None
    passage = Passage.ENTER
    if before[0] == lift:
        passage = Passage.LEAVE if moves else Passage.RIDE
    return Gate(number, passage, lift, ride_id, level)


class LiftWatch:
    """Newest state of every lift and session of every ride. A lift silent for `limit_s` counts as shut."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._lifts: dict[str, tuple[LiftState, float]] = {}
        self._sessions: dict[str, str] = {}
        self._alighting: set[str] = set()

    def lift_states(self, states: Iterable[LiftState], now: float) -> None:
        """Take in lift states received now."""
        for state in states:
            self._lifts[state.lift] = (state, now)

    def ride_states(self, rides: Iterable[RideState]) -> None:
        """Take in rides; an ended ride opens no gate any more."""
        for ride in rides:
            if ride.phase is RidePhase.ALIGHTING:
                self._alighting.add(ride.ride_id)
            else:
                self._alighting.discard(ride.ride_id)
            if ride.phase.ended or not ride.session_id:
                self._sessions.pop(ride.ride_id, None)
            else:
                self._sessions[ride.ride_id] = ride.session_id

    def alights(self, ride_id: str) -> bool:
        """Whether the robot of a ride is to leave the cabin now."""
        return ride_id in self._alighting

    def open(self, gate: Gate, now: float) -> bool:
        """Whether the robot may pass the gate now."""
        session = self._sessions.get(gate.ride_id)
        known = self._lifts.get(gate.lift)
        if not session or known is None or now - known[1] > self._limit_s:
            return False
        if gate.passage is Passage.LEAVE:
            return known[0].lets_out(session, gate.level)
        return known[0].open_for(session, gate.level)
