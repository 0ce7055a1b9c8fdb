"""The pilot: from released paths and telemetry to velocity commands for all robots of a gateway at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from building_ctrl.core.motion.answers import Bools, Commands, PilotStates, ReleaseResult
from building_ctrl.core.motion.gates import Gate, LiftWatch, Passage, gate_before
from building_ctrl.core.motion.kernel import MOVING_MPS, MOVING_RADPS, WAYPOINTS, step_all
from building_ctrl.core.motion.parameters import DEFAULT_PILOT, Hold, PilotParameters
from building_ctrl.core.motion.rows import Memory
from building_ctrl.model.lift import LiftState, RideState
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import MotionState, RobotProfile

NO_PAUSE = 2**62


class _Book:
    """One robot's part that no compiled code reads."""

    __slots__ = ("before", "gates", "localised_level", "path_level", "pause_at", "profile")

    def __init__(self, profile: RobotProfile) -> None:
        self.profile = profile
        self.gates: list[Gate] = []
        self.before = ("", "")
        self.path_level = ""
        self.localised_level = ""
        self.pause_at = NO_PAUSE


class Pilot:
    """Owns the motion of its robots. All times are seconds of one clock, the caller's.

    A robot drives along straights through its released waypoints, turns on the spot at corners, and stops at
    the last waypoint it may drive to. Nothing here waits or reads a clock; the same object runs in the
    gateway and in virtual time.
    """

    def __init__(self, parameters: PilotParameters = DEFAULT_PILOT, capacity: int = 16) -> None:
        self.parameters = parameters
        self._constants = parameters.record()
        self._memory = Memory(max(1, capacity))
        self._books: list[_Book | None] = []
        self._index: dict[str, int] = {}
        self._gated: set[int] = set()
        self._watch = LiftWatch(parameters.gate_state_limit_s)

    def add_robot(self, profile: RobotProfile) -> int:
        """Index of a new robot; the lowest free one. Raises ValueError for a name already there."""
        if profile.name in self._index:
            raise ValueError(f"pilot already drives robot {profile.name!r}")
        try:
            index = self._books.index(None)
        except ValueError:
            index = len(self._books)
            self._books.append(None)
        while index >= self._memory.capacity:
            self._memory.grow()
        row = self._memory.rows[index]
        row["active"] = True
        _set_limits(row, profile)
        row["anchored"] = True
        self._books[index] = _Book(profile)
        self._index[profile.name] = index
        return index

    def update_profile(self, profile: RobotProfile) -> None:
        """Give a robot other limits, its path kept. Raises KeyError."""
        index = self._index[profile.name]
        _set_limits(self._memory.rows[index], profile)
        self._book(index).profile = profile

    def remove_robot(self, name: str) -> None:
        """Forget a robot. Raises KeyError."""
        index = self._index.pop(name)
        self._books[index] = None
        self._gated.discard(index)
        self._memory.rows[index] = np.zeros((), dtype=self._memory.rows.dtype)

    @property
    def size(self) -> int:
        """Length of the arrays: one more than the highest index ever given."""
        return len(self._books)

    def index_of(self, name: str) -> int | None:
        """Index of a robot, None where it is not known."""
        return self._index.get(name)

    def profile(self, index: int) -> RobotProfile:
        """Profile of the robot at an index. Raises KeyError."""
        return self._book(index).profile

    def release(self, path: ReleasedPath) -> ReleaseResult:
        """Append waypoints. What is already known is passed over; of a path that does not fit into memory the
        beginning is taken, and the rest when it is repeated. A newer epoch starts afresh from where the robot
        is. A robot that localises itself on another level than the path's is given nothing; a path with
        `hold` makes the robot stand."""
        index = self._index.get(path.robot)
        if index is None:
            return ReleaseResult.UNKNOWN_ROBOT
        row = self._memory.rows[index]
        epoch = int(row["epoch"])
        if path.epoch < epoch:
            return ReleaseResult.OLD_EPOCH
        if not all(_sound(waypoint) for waypoint in path.waypoints):
            return ReleaseResult.BAD_WAYPOINT
        if path.epoch > epoch:
            self._start_epoch(index, path)
        self.hold(index, Hold.PLANNER, path.hold)
        released = int(row["released"])
        if path.first_seq > released:
            return ReleaseResult.GAP
        book = self._book(index)
        if path.end_seq > released and book.localised_level not in ("", path.level):
            return ReleaseResult.OTHER_LEVEL
        book.path_level = path.level
        _renew_rides(book.gates, path)
        room = min(path.end_seq, int(min(row["leg"], row["reached"])) + WAYPOINTS - 2)
        if room <= released:
            return ReleaseResult.NOTHING_NEW
        for number in range(released, room):
            self._append(index, book, number, path.level, path.waypoints[number - path.first_seq])
        row["released"] = room
        return ReleaseResult.TAKEN

    def observe(
        self,
        indices: ArrayLike,
        x_m: ArrayLike,
        y_m: ArrayLike,
        yaw_rad: ArrayLike,
        v_mps: ArrayLike,
        w_radps: ArrayLike,
        stamp_s: ArrayLike,
    ) -> None:
        """New poses (m,) and when they were measured, on the caller's clock."""
        rows = self._memory.rows
        at = np.asarray(indices, dtype=np.int64)
        rows["x"][at] = x_m
        rows["y"][at] = y_m
        rows["yaw"][at] = yaw_rad
        rows["v"][at] = v_mps
        rows["w"][at] = w_radps
        rows["stamp"][at] = stamp_s
        rows["has_pose"][at] = True

    def localised(self, index: int, level: str) -> None:
        """The level the robot's own localiser gives, empty where it gives none."""
        self._book(index).localised_level = level

    def lift_states(self, states: Iterable[LiftState], now: float) -> None:
        """Newest lift states, received now."""
        self._watch.lift_states(states, now)

    def ride_states(self, rides: Iterable[RideState]) -> None:
        """Newest ride states: which session each ride has."""
        self._watch.ride_states(rides)

    def hold(self, index: int, reason: Hold, on: bool = True) -> None:
        """Make a robot stand for a reason, or take the reason away."""
        row = self._memory.rows[index]
        row["hold"] = int(row["hold"]) | reason if on else int(row["hold"]) & ~reason

    def held(self, index: int) -> Hold:
        """Why a robot is made to stand."""
        return Hold(self.held_bits(index))

    def held_bits(self, index: int) -> int:
        """The same as plain bits of Hold, for hot loops."""
        return int(self._memory.rows["hold"][index])

    def pause_at(self, index: int, number: int | None) -> None:
        """Let a robot drive to waypoint `number` of its present epoch and no further; None takes that
        away."""
        self._book(index).pause_at = NO_PAUSE if number is None else number + 1
        self._gated.add(index)

    def pause_ahead(self, index: int, ahead: int | None) -> None:
        """The same, counted from the waypoint driven to now (0)."""
        reached = int(self._memory.rows[index]["reached"])
        self.pause_at(index, None if ahead is None else reached + ahead)

    def step(self, now: float, due: Bools | None = None) -> Commands:
        """Velocities for now; call it every 20 to 50 ms. `due` (n,) leaves robots out that get no command
        this time (their velocities read 0 and their commands not valid); what is returned counts as sent."""
        memory = self._memory
        rows = memory.rows
        np.copyto(rows["end"], rows["released"])
        n = len(self._books)
        memory.due[:n] = True if due is None else due
        for index in list(self._gated):
            self._limit(index, now)
        step_all(
            rows,
            memory.waypoints,
            memory.sent,
            memory.due,
            memory.v,
            memory.w,
            memory.valid,
            now,
            self._constants,
        )
        return Commands(memory.v[:n], memory.w[:n], memory.valid[:n])

    def level_of(self, index: int) -> str:
        """The robot's level: its localiser's, else that of its newest released path; empty while unknown."""
        book = self._book(index)
        return book.localised_level or book.path_level

    def states(self, now: float) -> PilotStates:
        """What is known of every robot now."""
        known = [(i, book) for i, book in enumerate(self._books) if book is not None]
        index = np.array([i for i, _ in known], dtype=np.int64)
        rows = self._memory.rows[index]
        moving = (np.abs(rows["v"]) > MOVING_MPS) | (np.abs(rows["w"]) > MOVING_RADPS)
        waiting = (rows["reached"] < rows["released"]) & ~moving
        motion = np.where(
            moving, MotionState.MOVING, np.where(waiting, MotionState.WAITING, MotionState.STOPPED)
        )
        books = [book for _, book in known]
        return PilotStates(
            index,
            tuple(book.profile.name for book in books),
            tuple(book.localised_level or book.path_level for book in books),
            rows["x"],
            rows["y"],
            rows["yaw"],
            rows["v"],
            np.where(rows["has_pose"], np.maximum(0.0, now - rows["stamp"]), np.inf),
            motion.astype(np.uint8),
            rows["epoch"].astype(np.uint64),
            rows["reached"].astype(np.uint64),
            rows["released"].astype(np.uint64),
            rows["off_path"],
            rows["has_pose"],
            rows["hold"].astype(np.int64),
        )

    def waypoints_ahead(self, index: int) -> Sequence[tuple[float, float]]:
        """Released waypoints not yet reached, [(x_m, y_m)]."""
        row = self._memory.rows[index]
        ring = self._memory.waypoints[index]
        numbers = range(int(row["reached"]), int(row["released"]))
        return [(float(ring[n % WAYPOINTS, 0]), float(ring[n % WAYPOINTS, 1])) for n in numbers]

    def _book(self, index: int) -> _Book:
        book = self._books[index] if 0 <= index < len(self._books) else None
        if book is None:
            raise KeyError(f"pilot has no robot at index {index}")
        return book

    def _start_epoch(self, index: int, path: ReleasedPath) -> None:
        row = self._memory.rows[index]
        book = self._book(index)
        row["epoch"] = path.epoch
        for name in ("leg", "reached", "released", "end"):
            row[name] = path.first_seq
        row["turning"] = False
        row["off_path"] = False
        row["anchored"] = False
        book.gates.clear()
        book.before = ("", "")
        book.pause_at = NO_PAUSE
        self._gated.discard(index)

    def _append(self, index: int, book: _Book, number: int, level: str, waypoint: Waypoint) -> None:
        ring = self._memory.waypoints[index]
        ring[number % WAYPOINTS] = (waypoint.x_m, waypoint.y_m, max(0.0, waypoint.speed_limit_mps))
        last_x_m, last_y_m, _ = ring[(number - 1) % WAYPOINTS]
        moves = math.hypot(waypoint.x_m - last_x_m, waypoint.y_m - last_y_m) > 0.1
        if not book.before[1] and self._watch.alights(waypoint.ride_id):
            book.before = (waypoint.lift, level)  # the path of a planner that took the robot over in the cabin
        gate = gate_before(number, level, book.before, waypoint.lift, waypoint.ride_id, moves)
        book.before = (waypoint.lift, level)
        if gate is not None:
            book.gates.append(gate)
            self._gated.add(index)

    def _limit(self, index: int, now: float) -> None:
        """Set the end of what one robot may drive to now: before the first shut gate."""
        row = self._memory.rows[index]
        book = self._book(index)
        reached = int(row["reached"])
        book.gates = [gate for gate in book.gates if gate.number >= reached]
        for gate in book.gates:
            if self._watch.open(gate, now):
                gate.opened = True
            elif not (gate.opened and self._committed(index, gate)):
                row["end"] = min(int(row["end"]), gate.number)
                break
        row["end"] = min(int(row["end"]), book.pause_at)
        if not book.gates and book.pause_at == NO_PAUSE:
            self._gated.discard(index)

    def _committed(self, index: int, gate: Gate) -> bool:
        """Whether the robot is through the door already, so that going on is the safer way."""
        row = self._memory.rows[index]
        if gate.passage is Passage.RIDE or int(row["leg"]) != gate.number:
            return False
        inside = gate.passage is Passage.ENTER
        x_m, y_m, _ = self._memory.waypoints[index, (gate.number if inside else gate.number - 1) % WAYPOINTS]
        distance_m = math.hypot(float(row["x"]) - x_m, float(row["y"]) - y_m)
        return distance_m <= self.parameters.entered_m if inside else distance_m >= self.parameters.left_m


def _renew_rides(gates: list[Gate], path: ReleasedPath) -> None:
    """A cabin's door is passed under the newest ride: the one it was released for may have failed since."""
    for gate in gates:
        offset = gate.number - path.first_seq
        if 0 <= offset < len(path.waypoints) and path.waypoints[offset].ride_id:
            gate.ride_id = path.waypoints[offset].ride_id


def _set_limits(row: Any, profile: RobotProfile) -> None:
    row["max_v"] = profile.max_speed_mps
    row["max_a"] = profile.max_acceleration_mps2
    row["max_w"] = profile.max_yaw_rate_radps
    row["max_aw"] = profile.max_yaw_acceleration_radps2


def _sound(waypoint: Waypoint) -> bool:
    return all(math.isfinite(value) for value in (waypoint.x_m, waypoint.y_m, waypoint.speed_limit_mps))
