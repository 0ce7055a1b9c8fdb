"""Lifts and doors whose adapters decide as in the embedded building, and whose joints Gazebo moves.

What an adapter reports is measured: a door is open when its leaves stand open in the world.
"""

from __future__ import annotations

from collections.abc import Sequence

from building_ctrl.core.door.spec import DoorSpec
from building_ctrl.core.lift.spec import LiftSpec
from building_ctrl.gazebo.names import DoorEntry, DrivenJoint, LiftEntry
from building_ctrl.sim.doors import SimulatedDoor
from building_ctrl.sim.lifts import EPSILON_S, DoorMove, SimulatedLift, SimulatedLiftParameters

END = 0.01  # of a leaf's travel, from which on it counts as there
LEVEL_M = 0.004
FEED_FORWARD_S = 0.02
RESERVE = 1.25  # a cabin may go that much faster than its plan, to catch up

Target = tuple[float, float, float]


def opening_of(leaves: Sequence[DrivenJoint], positions: Sequence[float]) -> float:
    """How far leaves are open together: 0 only where all are closed, 1 only where all are open."""
    shares = [position / leaf.travel for leaf, position in zip(leaves, positions, strict=True)]
    if all(share >= 1.0 - END for share in shares):
        return 1.0
    if all(share <= END for share in shares):
        return 0.0
    return min(max(sum(shares) / len(shares), END), 1.0 - END)


class PhysicalDoor(SimulatedDoor):
    """An adapter that runs motors and looks at the leaves. Give `measure` the leaves' positions before each
    step."""

    def __init__(self, spec: DoorSpec, entry: DoorEntry, start_s: float) -> None:
        super().__init__(spec, start_s=start_s)
        self.entry = entry
        self._positions: tuple[float, ...] = (0.0,) * len(entry.leaves)
        self._opens = False

    def measure(self, positions: Sequence[float]) -> None:
        """Where the leaves are, in the order of the entry."""
        self._positions = tuple(positions)
        self.opening = opening_of(self.entry.leaves, positions)

    def targets(self) -> list[Target]:
        """What the leaves' motors have to do."""
        if self.stuck or self.offline:
            return [(position, 0.0, 0.0) for position in self._positions]
        seconds = self.spec.opening_s if self._opens else self.spec.closing_s
        return [(leaf.travel if self._opens else 0.0, 0.0, leaf.travel / seconds) for leaf in self.entry.leaves]

    def _move(self, dt: float, opens: bool) -> None:
        self._opens = opens


class PhysicalLift(SimulatedLift):
    """An adapter that runs the motors of a car and of the doors. Give `measure` the joints' positions before
    each step."""

    def __init__(
        self, spec: LiftSpec, entry: LiftEntry, parameters: SimulatedLiftParameters, start_s: float
    ) -> None:
        super().__init__(spec, parameters, start_s)
        self.entry = entry
        self._leaves = entry.leaves
        order = {leaf.key: i for i, leaf in enumerate(self._leaves)}
        self._at_level = {
            level: [order[leaf.key] for leaf in entry.leaves_at(level)] for level in spec.level_names
        }
        self._measured_m = self.cabin_height_m
        self._positions: list[float] = [0.0] * len(self._leaves)

    def measure(self, cabin: float, leaves: Sequence[float]) -> None:
        """Positions of the cabin's joint and of the leaves' in the order of the entry."""
        self._measured_m = self.entry.zero_m + cabin
        self._positions = list(leaves)

    def step(self, now: float) -> None:
        """Advance to `now`; a time that is past changes nothing."""
        if self._now < now - EPSILON_S:
            self._decide()
            self._advance(now - self._now)
        self._decide()

    def targets(self) -> list[Target]:
        """What the motors of the cabin and the leaves have to do."""
        opening = self._at_level[self._level] if self._wants_door_open() else []
        return [self._cabin_target(), *(self._leaf_target(i, i in opening) for i in range(len(self._leaves)))]

    def _cabin_target(self) -> Target:
        most = RESERVE * self.spec.speed_mps
        if self._run is None:
            return self.spec.elevation_m(self._level) - self.entry.zero_m, 0.0, most
        gone_s = max(self._now - self._run_start_s, 0.0)
        gone_m = self._run.position_m(gone_s)
        speed = (self._run.position_m(gone_s + FEED_FORWARD_S) - gone_m) / FEED_FORWARD_S
        sign = 1.0 if self.spec.elevation_m(self._target_of_run) > self._run_from_m else -1.0
        return self._run_from_m + sign * gone_m - self.entry.zero_m, sign * speed, most

    def _leaf_target(self, number: int, opens: bool) -> Target:
        if self.stuck_door:
            return self._positions[number], 0.0, 0.0
        leaf = self._leaves[number]
        seconds = self.spec.door_opening_s if opens else self.spec.door_closing_s
        return leaf.travel if opens else 0.0, 0.0, leaf.travel / seconds

    def _wants_door_open(self) -> bool:
        return self._door is DoorMove.OPENING or (self._door is DoorMove.STILL and self.door_opening >= 0.5)

    def _advance(self, dt: float) -> None:
        self._now += dt
        self.cabin_height_m = self._measured_m
        if self._run is not None and self._now - self._run_start_s >= self._run.duration_s:
            arrived_m = self.spec.elevation_m(self._target_of_run)
            if abs(self._measured_m - arrived_m) <= LEVEL_M:
                self._run = None
                self._level = self._target_of_run
        self._move_door(dt)

    def _move_door(self, dt: float) -> None:
        numbers = self._at_level[self._level]
        if not numbers:
            super()._move_door(dt)
            return
        self.door_opening = opening_of([self._leaves[i] for i in numbers], [self._positions[i] for i in numbers])
        if self._door is DoorMove.OPENING and self.door_opening >= 1.0:
            self._door, self._open_since_s = DoorMove.STILL, self._now
        elif self._door is DoorMove.CLOSING and self.door_opening <= 0.0:
            self._door = DoorMove.STILL
