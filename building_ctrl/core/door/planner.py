"""Opens doors for crossings: a state machine a crossing, leases on every hold, also on other fleets'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from building_ctrl.core.alarms import AlarmBook, Condition
from building_ctrl.core.door.crossing import NEVER, Crossing
from building_ctrl.core.door.device import Device
from building_ctrl.core.door.spec import DoorParameters, DoorSpec
from building_ctrl.model.alarm import Alarm, AlarmPriority
from building_ctrl.model.door import (
    CrossingAction,
    CrossingPhase,
    CrossingRequest,
    CrossingState,
    DoorMode,
    DoorRequest,
    DoorState,
)

DOOR_ALARMS: Mapping[str, AlarmPriority] = {
    "fire": AlarmPriority.HIGH,
    "crossing_silent_in_doorway": AlarmPriority.HIGH,
    "crossing_id_clash": AlarmPriority.LOW,
    "door_silent": AlarmPriority.MEDIUM,
    "door_out_of_service": AlarmPriority.MEDIUM,
    "door_not_opening": AlarmPriority.MEDIUM,
    "door_closed_while_held": AlarmPriority.HIGH,
    "gate_open_long": AlarmPriority.LOW,
}
CLASH_SHOWN_S = 10.0


@dataclass(frozen=True, slots=True)
class DoorSession:
    """Who holds a door, and since when: a row of the supervisor's heartbeat."""

    door: str
    requester_id: str
    requested_s: float


@dataclass(frozen=True, slots=True)
class DoorDecisions:
    """What to send and to publish: requests due, all crossings (also those ended lately), holds, alarms."""

    requests: tuple[DoorRequest, ...] = ()
    crossings: tuple[CrossingState, ...] = ()
    sessions: tuple[DoorSession, ...] = ()
    alarms: tuple[Alarm, ...] = ()


class DoorPlanner:
    """Takes crossing requests and door states, answers with door requests and crossing states.

    A crossing is REQUESTED -> OPENING (once the robot is near) -> GRANTED -> DONE. GRANTED is published
    only while the door reports open and is held; it falls back to OPENING otherwise. A crossing whose lease
    runs out has EXPIRED if it was never granted; after that it keeps the door open and raises an alarm
    until its robot speaks again or a person clears it. Our crossings ask in one name, so that both kinds of
    adapters work: those that count requesters and those that obey the last request. Holds of other fleets
    are relayed in their own names, and expire.
    """

    def __init__(self, doors: Sequence[DoorSpec], parameters: DoorParameters | None = None) -> None:
        self._p = parameters or DoorParameters()
        self._doors = {spec.name: Device(spec) for spec in doors}
        self._requester = f"{self._p.requester_prefix}/door_planner"
        self._crossings: dict[str, Crossing] = {}
        self._relayed: list[DoorRequest] = []
        self._clashes: dict[tuple[str, str], float] = {}
        self._alarms = AlarmBook(DOOR_ALARMS)
        self._fire = False
        self._started_s = NEVER

    def crossing_request(self, request: CrossingRequest, now: float) -> None:
        """A path planner asks for a crossing, or says that it is over; may be repeated at will."""
        self._started_s = min(self._started_s, now)
        crossing = self._crossings.get(request.crossing_id)
        unknown = crossing is None
        if crossing is None:
            crossing = self._crossings[request.crossing_id] = self._new(request, now)
        elif (crossing.fleet, crossing.robot) != (request.fleet, request.robot):
            self._clashes[request.crossing_id, request.robot] = now
            return
        crossing.hear(request, now)
        if crossing.ended:
            crossing.ended_s = now
        elif request.action is CrossingAction.END:
            crossing.end(CrossingPhase.DONE, "", now)
            if unknown:  # opened by a planner before this one
                self._doors[crossing.door].openers.add(self._requester)

    def door_state(self, state: DoorState, now: float) -> None:
        """A door reports. Doors that are not ours are ignored."""
        device = self._doors.get(state.door)
        if device is not None:
            device.hear(state, now)

    def external_request(self, request: DoorRequest, now: float) -> None:
        """Another fleet asks for a door; relayed as Open-RMF's door supervisor does, with a lease."""
        if request.requester_id == self._requester:
            return
        device = self._doors.get(request.door)
        if device is None:
            self._relayed.append(request)
        elif request.mode is DoorMode.OPEN:
            device.hold_for_other(request.requester_id, now)
            if not self._banned(device):
                self._relayed.append(request)
        elif request.mode is DoorMode.CLOSED:
            device.external.pop(request.requester_id, None)
            device.openers.add(request.requester_id)

    def fire(self, active: bool, now: float) -> None:
        """A fire began or ended: meanwhile fire doors are not held."""
        self._fire = active

    def clear_crossing(self, crossing_id: str, person: str, now: float) -> None:
        """A person has seen that the doorway is free. Raises KeyError, and ValueError without a name."""
        if not person.strip():
            raise ValueError("a person's name is needed to clear a crossing")
        crossing = self._crossings.get(crossing_id)
        if crossing is None:
            raise KeyError(f"no crossing {crossing_id!r}")
        if not crossing.ended:
            crossing.end(CrossingPhase.FAILED, f"cleared by {person}", now)

    def step(self, now: float) -> DoorDecisions:
        """Act on all that was heard. Call a few times a second, and after events."""
        self._started_s = min(self._started_s, now)
        self._expire(now)
        requests = self._relayed
        self._relayed = []
        by_door: dict[str, list[Crossing]] = {}
        for crossing in self._crossings.values():
            if not crossing.ended:
                by_door.setdefault(crossing.door, []).append(crossing)
        for name, device in self._doors.items():
            if name in by_door or not device.idle:
                requests += self._serve(device, by_door.get(name, []), now)
        return DoorDecisions(
            tuple(requests),
            tuple(crossing.state() for crossing in self._crossings.values()),
            tuple(self._sessions()),
            self._alarms.update(self._conditions(now), now),
        )

    def _new(self, request: CrossingRequest, now: float) -> Crossing:
        crossing = Crossing(
            crossing_id=request.crossing_id,
            fleet=request.fleet,
            robot=request.robot,
            door=request.door,
            requested_s=now,
            heard_s=now,
            lease_s=request.lease_s,
            doubtful=now - self._started_s < self._p.learn_s,
        )
        device = self._doors.get(request.door)
        if device is None:
            crossing.end(CrossingPhase.REFUSED, f"no door {request.door!r}", now)
        elif request.level and request.level != device.spec.level:
            reason = f"door {request.door!r} is on level {device.spec.level!r}, not {request.level!r}"
            crossing.end(CrossingPhase.REFUSED, reason, now)
        else:
            self._take_over(crossing, now)
        return crossing

    def _take_over(self, crossing: Crossing, now: float) -> None:
        """A new crossing of a robot replaces one its path planner forgot, as after its restart."""
        for old in self._of_door(crossing.door):
            if old.requester == crossing.requester and old.silent(now):
                crossing.granted = crossing.granted or old.granted
                crossing.phase = old.phase
                old.end(CrossingPhase.DONE, f"replaced by crossing {crossing.crossing_id}", now)

    def _of_door(self, door: str) -> list[Crossing]:
        return [c for c in self._crossings.values() if c.door == door and not c.ended]

    def _expire(self, now: float) -> None:
        for crossing in list(self._crossings.values()):
            if crossing.ended:
                if now - crossing.ended_s > self._p.keep_ended_s:
                    del self._crossings[crossing.crossing_id]
            elif not crossing.granted and crossing.silent(now):
                crossing.end(CrossingPhase.EXPIRED, f"nothing heard for {crossing.lease_s:g} s", now)
        for device in self._doors.values():
            for requester, asked_s in list(device.external.items()):
                if now - asked_s > self._p.external_lease_s:
                    del device.external[requester]

    def _serve(self, device: Device, crossings: Sequence[Crossing], now: float) -> list[DoorRequest]:
        banned = self._banned(device)
        for crossing in crossings:
            self._resolve_doubt(crossing, device)
            if not crossing.holds and (crossing.granted or self._is_due(crossing, device, now)):
                crossing.phase = CrossingPhase.OPENING
        holding = [crossing for crossing in crossings if crossing.holds]
        requests: list[DoorRequest] = []
        if banned or not (holding or device.external):
            delay_s = self._p.close_delay_s if not (banned or device.spec.is_gate) else 0.0
            requests = device.let_go(now, delay_s, self._p)
        elif holding:
            requests = device.hold(self._requester, now, self._p)
        for crossing in crossings:
            self._advance(crossing, device, banned, now)
        return requests

    def _banned(self, device: Device) -> bool:
        return self._fire and device.spec.name in self._p.fire_doors

    def _resolve_doubt(self, crossing: Crossing, device: Device) -> None:
        """A robot that asks for a door which this planner found open may be in its doorway."""
        if crossing.doubtful and device.state is not None:
            untouched = device.held_since_s == NEVER
            crossing.granted = crossing.granted or (untouched and device.state.mode is DoorMode.OPEN)
            crossing.doubtful = False

    def _is_due(self, crossing: Crossing, device: Device, now: float) -> bool:
        """Whether the door has to begin to open now for the robot not to stop."""
        left_s = crossing.arrives_s - now
        if device.is_open(now, self._p) and device.held_since_s < NEVER:
            return left_s <= (self._p.tailgating_s if device.spec.is_gate else device.spec.opening_s * 2.0)
        return left_s <= device.spec.opening_s + self._p.open_margin_s

    def _advance(self, crossing: Crossing, device: Device, banned: bool, now: float) -> None:
        """Phase and reason from what the door reports."""
        left_s = max(crossing.arrives_s - now, 0.0)
        if banned:
            crossing.phase = CrossingPhase.REQUESTED
            crossing.reason, crossing.eta_s = f"fire: door {device.spec.name} is not held", -1.0
        elif not crossing.holds:
            crossing.reason, crossing.eta_s = "door is opened when the robot is near", left_s
        elif device.is_open(now, self._p):
            crossing.phase, crossing.granted = CrossingPhase.GRANTED, True
            crossing.reason, crossing.eta_s = "", 0.0
        else:
            crossing.phase = CrossingPhase.OPENING
            crossing.opening_since_s = min(crossing.opening_since_s, now)
            crossing.reason = device.trouble(now, self._p) or f"door {device.spec.name} opens"
            crossing.eta_s = device.spec.opening_s
            if not crossing.granted and now - crossing.opening_since_s > self._p.fail_after_s:
                trouble = device.trouble(now, self._p) or f"door {device.spec.name} does not open"
                device.failed_s = min(device.failed_s, now)
                crossing.end(CrossingPhase.FAILED, trouble, now)

    def _sessions(self) -> Iterator[DoorSession]:
        for crossing in self._crossings.values():
            if crossing.holds:
                yield DoorSession(crossing.door, crossing.requester, crossing.requested_s)
        for name, device in self._doors.items():
            for requester, asked_s in device.external.items():
                yield DoorSession(name, requester, asked_s)

    def _conditions(self, now: float) -> Iterator[Condition]:
        if self._fire:
            yield Condition("fire", "fire alarm", "fire alarm: fire doors are not held")
        for (crossing_id, robot), heard_s in list(self._clashes.items()):
            if now - heard_s > CLASH_SHOWN_S:
                del self._clashes[crossing_id, robot]
                continue
            detail = f"crossing {crossing_id} of robot {robot} ignored: another robot uses the id"
            yield Condition("crossing_id_clash", robot, detail)
        for crossing in self._crossings.values():
            if crossing.ended or not crossing.granted:
                continue
            where = f"crossing {crossing.crossing_id} of door {crossing.door}"
            if crossing.silent(now):
                detail = f"{where}: nothing heard since it was granted; the door is held open"
                yield Condition("crossing_silent_in_doorway", crossing.robot, detail)
            if crossing.phase is CrossingPhase.OPENING and not crossing.doubtful:
                yield Condition("door_closed_while_held", crossing.door, f"{where}: the door does not report open")
        for name, device in self._doors.items():
            yield from self._door_conditions(name, device, now)

    def _door_conditions(self, name: str, device: Device, now: float) -> Iterator[Condition]:
        heard_s = max(device.heard_s, self._started_s)
        mode = device.mode(now, self._p)
        if mode is None and now - heard_s > self._p.state_timeout_s:
            yield Condition("door_silent", name, f"door {name}: no state for {self._p.state_timeout_s:g} s")
        elif mode in (DoorMode.OFFLINE, DoorMode.UNKNOWN):
            yield Condition("door_out_of_service", name, f"door {name} reports {mode.name}")
        if device.failed_s < NEVER:
            detail = f"door {name} has not opened within {self._p.fail_after_s:g} s"
            yield Condition("door_not_opening", name, detail)
        if device.spec.is_gate and now - device.held_since_s > self._p.gate_open_limit_s:
            yield Condition("gate_open_long", name, f"gate {name} is held open for long")
