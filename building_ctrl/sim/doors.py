"""A simulated door or gate with an Open-RMF adapter's behaviour, in virtual time."""

from __future__ import annotations

from dataclasses import dataclass

from building_ctrl.core.door.spec import DoorSpec
from building_ctrl.model.door import DoorMode, DoorRequest, DoorState

FULL = 1.0 - 1e-5


@dataclass(frozen=True, slots=True)
class SimulatedDoorParameters:
    """Behaviour beyond the spec's times. `hold_timeout_s`: a hold nobody renews ends; 0: never."""

    close_delay_s: float = 0.5
    hold_timeout_s: float = 0.0


class SimulatedDoor:
    """One door; it stays open while any requester holds it.

    Set `obstructed` while something is in the doorway: the door then does not close, and opens again when
    closing. Faults: `stuck` (does not move), `silent` (hears nothing; its owner publishes nothing),
    `offline` (says so, and does not move).

    Attributes:
        opening: 0 closed to 1 open.
    """

    def __init__(self, spec: DoorSpec, parameters: SimulatedDoorParameters | None = None, start_s: float = 0.0) -> None:
        self.spec = spec
        self.opening = 0.0
        self.obstructed = False
        self.stuck = False
        self.silent = False
        self.offline = False
        self._p = parameters or SimulatedDoorParameters()
        self._now = start_s
        self._holds: dict[str, float] = {}
        self._free_since_s = float("-inf")
        self._person_until_s = float("-inf")
        self._wanted = False

    def request(self, request: DoorRequest, now: float) -> None:
        """OPEN adds or renews the requester's hold, CLOSED ends it; other modes and doors are ignored."""
        self.step(now)
        if self.silent or self.offline or request.door != self.spec.name:
            return
        if request.mode is DoorMode.OPEN:
            self._holds[request.requester_id] = now
        elif request.mode is DoorMode.CLOSED and self._holds.pop(request.requester_id, None) is not None:
            self._free_since_s = now

    def push(self, hold_s: float, now: float) -> None:
        """A person opens the door and holds it for a time."""
        self.step(now)
        self._person_until_s = max(self._person_until_s, now + hold_s)

    def step(self, now: float) -> None:
        """Advance to `now`; a time that is past changes nothing."""
        while self._now < now:
            self._end_holds()
            due = min((t for t in self._switch_times() if t > self._now), default=now)
            until = min(due, now)
            self._move(until - self._now, self._wants_open())
            self._now = until
        self._wanted = self._wants_open()

    def state(self) -> DoorState:
        """What the adapter publishes now."""
        if self.offline:
            return DoorState(self.spec.name, DoorMode.OFFLINE)
        if self.opening >= 1.0:
            return DoorState(self.spec.name, DoorMode.OPEN if self._wanted else DoorMode.MOVING)
        closed = self.opening <= 0.0 and not self._wanted
        return DoorState(self.spec.name, DoorMode.CLOSED if closed else DoorMode.MOVING)

    def _end_holds(self) -> None:
        timeout_s = self._p.hold_timeout_s
        if timeout_s <= 0.0:
            return
        for requester, renewed_s in list(self._holds.items()):
            if self._now >= renewed_s + timeout_s:
                del self._holds[requester]
                self._free_since_s = renewed_s + timeout_s

    def _switch_times(self) -> list[float]:
        """When the door may begin to want something else."""
        times = [self._free_since_s + self._p.close_delay_s, self._person_until_s]
        if self._p.hold_timeout_s > 0.0:
            times += [renewed_s + self._p.hold_timeout_s for renewed_s in self._holds.values()]
        return times

    def _wants_open(self) -> bool:
        delayed = self.opening > 0.0 and self._now < self._free_since_s + self._p.close_delay_s
        blocked = self.obstructed and self.opening > 0.0
        return bool(self._holds) or self._now < self._person_until_s or delayed or blocked

    def _move(self, dt: float, opens: bool) -> None:
        if self.stuck or self.offline:
            return
        if opens:
            self.opening = min(self.opening + dt / self.spec.opening_s, 1.0)
            self.opening = 1.0 if self.opening > FULL else self.opening
        else:
            self.opening = max(self.opening - dt / self.spec.closing_s, 0.0)
            self.opening = 0.0 if self.opening < 1.0 - FULL else self.opening
