"""The robot's side of the link as a state machine without sockets or clock: bytes and `now` in, bytes and set
points out. `now` is the robot's own monotonic clock in seconds throughout.

A command is obeyed only when all of this holds: the robot is armed for the command's epoch, the sequence
number is newer than the last one obeyed, and the telemetry stamp that the command echoes is younger than the
command's `ttl`. The set point holds until that stamp is older than the watchdog; then the robot ramps to a
stop and holds, whatever arrives, until it is armed again for a new epoch on telemetry that showed it at hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from building_ctrl.link.protocol.codec import ProtocolError, decode_from_gateway, encode
from building_ctrl.link.protocol.flow import RobotFlow
from building_ctrl.link.protocol.messages import (
    VERSION,
    Ack,
    Arm,
    Bye,
    Code,
    Command,
    Done,
    EventKind,
    Flag,
    Hello,
    Ping,
    Pong,
    Refused,
    Request,
    RequestKind,
    StopCode,
    Telemetry,
    Welcome,
)
from building_ctrl.link.protocol.outbox import EventOutbox
from building_ctrl.link.protocol.version import OLDEST_VERSION

HELLO_FIRST_PERIOD_S = 0.1
HELLO_PERIOD_S = 1.0
SILENCE_S = 3.0
_ARMED = int(Flag.ARMED)
_E_STOP = int(Flag.E_STOP)
_CATEGORIES = {int(StopCode.CATEGORY_0): 0, int(StopCode.CATEGORY_2): 2}


class SetPoint(NamedTuple):
    """What the drives have to do now; `holding` while no command is in force. Without `powered` the drives are to be
    cut off and the brakes engaged."""

    v_mps: float
    w_radps: float
    holding: bool
    vy_mps: float = 0.0
    powered: bool = True


@dataclass(frozen=True, slots=True)
class RobotReport:
    """What a robot measures of itself. `level` stays empty when its localiser knows none."""

    x_m: float
    y_m: float
    yaw_rad: float
    v_mps: float = 0.0
    w_radps: float = 0.0
    battery_percent: float = 100.0
    flags: int = int(Flag.LOCALISED)
    work: int = 0
    level: str = ""
    vy_mps: float = 0.0


@dataclass(frozen=True, slots=True)
class StopRamp:
    """Deceleration of the controlled stop."""

    deceleration_mps2: float = 0.8
    yaw_deceleration_radps2: float = 3.0


DEFAULT_RAMP = StopRamp()


def capped(v_mps: float, vy_mps: float, cap_mps: float) -> tuple[float, float]:
    """The same direction at `cap_mps` at most."""
    if vy_mps == 0.0:
        return max(-cap_mps, min(cap_mps, v_mps)), 0.0
    scale = min(1.0, cap_mps / math.hypot(v_mps, vy_mps))
    return v_mps * scale, vy_mps * scale


class RobotSession:
    """One robot's session. `request_handler(kind, value, detail) -> (ok, detail)` answers requests other than
    e-stop and release, which are served here. `jitter(n)` in 0..1 spreads reconnects."""

    def __init__(
        self,
        robot: str,
        boot: int,
        ramp: StopRamp = DEFAULT_RAMP,
        software: str = "",
        request_handler: Callable[[int, int, str], tuple[bool, str]] | None = None,
    ) -> None:
        self.robot = robot
        self.boot = boot
        self.ramp = ramp
        self.software = software
        self.welcomed = False
        self.telemetry_period_s = 0.05
        self.watchdog_s = 0.3
        self.refusal = ""
        self.dropped = 0
        self.errors = 0
        self.stream_port = 0
        self._request_handler = request_handler
        self._button = False
        self._remote_stop = False
        self._category = 2
        self._armed = False
        self._epoch = 0
        self._seq = 0
        self._held_since = -1e12
        self._command: Command | None = None
        self._v = 0.0
        self._w = 0.0
        self._vy = 0.0
        self._set_at = 0.0
        self._telemetry_seq = 0
        self._heard_at = -1e12
        self._hello_at = -1e12
        self._hello_tries = 0
        self._stop_id = 0
        self._events = EventOutbox()
        self._done: dict[int, Done] = {}
        self._out: list[bytes] = []

    @property
    def armed(self) -> bool:
        """Whether commands are obeyed."""
        return self._armed and not self.e_stopped

    @property
    def command_stamp(self) -> float | None:
        """Stamp of the telemetry that the command in force was made from, on the robot's clock; None at
        hold."""
        return self._command.stamp if self._command is not None else None

    @property
    def e_stopped(self) -> bool:
        """Whether the robot's own button or the gateway holds an e-stop."""
        return self._button or self._remote_stop

    def take(self) -> list[bytes]:
        """Frames to send, oldest first; empties the list."""
        out, self._out = self._out, []
        return out

    def tick(self, now: float) -> None:
        """Repeat what has to be repeated: hello until welcomed, events until acknowledged."""
        if self.welcomed and now - self._heard_at > SILENCE_S:
            self._end_session(now)
        if not self.welcomed:
            spread = 1.0 + 0.4 * (((self.boot >> 7) + 37 * self._hello_tries) % 101) / 101.0
            period_s = min(HELLO_PERIOD_S, HELLO_FIRST_PERIOD_S * 2.0 ** min(6, self._hello_tries - 1))
            if self._hello_tries == 0 or now - self._hello_at >= period_s * spread:
                self._say_hello(now)
        else:
            self._send_events(now)

    def report(self, report: RobotReport, now: float) -> None:
        """Queue one telemetry frame (nothing while not welcomed)."""
        if not self.welcomed:
            return
        flags = report.flags & ~_ARMED
        if self.armed:
            flags |= _ARMED
        if self.e_stopped:
            flags |= _E_STOP
        self._telemetry_seq += 1
        self._out.append(
            encode(
                Telemetry(
                    self._telemetry_seq, now, report.x_m, report.y_m, report.yaw_rad, report.v_mps,
                    report.w_radps, report.battery_percent, flags, report.work, self._epoch, self._seq,
                    self.dropped, report.level, report.vy_mps,
                )
            )
        )  # fmt: skip

    def event(self, kind: int, detail: str, now: float) -> bool:
        """Tell something that must not be lost. False where no place is left for it (see EventOutbox)."""
        taken = self._events.add(kind, detail, now)
        self._send_events(now)
        return taken

    @property
    def events_waiting(self) -> int:
        """Events the gateway has not acknowledged."""
        return len(self._events)

    @property
    def last_event_id(self) -> int:
        """Id of the newest event told, 0 before the first."""
        return self._events.last_id

    @property
    def acknowledged_event_id(self) -> int:
        """The gateway has all events up to and with this one."""
        return self._events.first_id - 1

    @property
    def events_refused(self) -> int:
        """Events for which no place was left."""
        return self._events.refused

    def press_e_stop(self, now: float) -> None:
        """The robot's own button: stop, hold, and tell."""
        if not self._button:
            self._button = True
            self._category = min(self._category, 1)
            self._hold(now)
            self.event(EventKind.E_STOP_PRESSED, "button", now)

    def release_e_stop(self, now: float) -> None:
        """The button is out again; motion still needs a fresh arming."""
        if self._button:
            self._button = False
            self._category = 1 if self._remote_stop else 2
            self._held_since = now
            self.event(EventKind.E_STOP_RELEASED, "button", now)

    def leave(self, reason: str, now: float) -> None:
        """End the session."""
        self._out.append(encode(Bye(reason[:256])))
        self._end_session(now)

    def receive(self, data: bytes, now: float) -> None:
        """One frame of the gateway. A frame that is no message is counted in `errors` and changes nothing."""
        try:
            message = decode_from_gateway(data)
        except ProtocolError:
            self.errors += 1
            return
        if self.welcomed:
            self._heard_at = now
        if type(message) is Command:
            self._on_command(message, now)
        elif type(message) is Ping:
            self._out.append(encode(Pong(message.id, message.sent, now, now)))
        elif type(message) is Arm:
            self._on_arm(message, now)
        elif type(message) is Ack:
            self._events.acknowledged(message.id)
            self._send_events(now)
        elif type(message) is Request:
            self._on_request(message, now)
        elif type(message) is Welcome:
            self._on_welcome(message, now)
        elif type(message) is Refused:
            self._on_refused(message, now)
        elif type(message) is Bye:
            self._end_session(now)

    def setpoint(self, now: float) -> SetPoint:
        """What to drive now; call it at the rate of the drives. Runs the watchdog and the stop ramp."""
        command = self._command
        if command is not None and now - command.stamp < self.watchdog_s:
            self._v, self._vy = capped(command.v, command.vy, command.cap)
            self._w = command.w
            self._set_at = now
            return SetPoint(self._v, self._w, False, self._vy)
        if command is not None:
            moving = command.v != 0.0 or command.w != 0.0 or command.vy != 0.0
            self._hold(now)
            if moving:
                self.event(EventKind.WATCHDOG_STOP, f"no command for {self.watchdog_s:.3f} s", now)
        return self._ramp_down(now)

    def flow(self) -> RobotFlow | None:
        """What steady driving is made of; None unless a command is obeyed and nothing else waits."""
        command = self._command
        if command is None or not self.welcomed or not self.armed or self._events or self._out:
            return None
        if command.vy != 0.0 or self._vy != 0.0:
            return None
        return RobotFlow(
            self._telemetry_seq, self._epoch, command, self._v, self._w, self._set_at, self.dropped, self._heard_at
        )

    def resume(self, flow: RobotFlow) -> None:
        """Go on from a flow that this session gave and others have driven since."""
        self._telemetry_seq = flow.telemetry_seq
        self._command = flow.command
        self._seq = flow.command.seq
        self._v, self._w, self._set_at = flow.v_mps, flow.w_radps, flow.set_at
        self.dropped = flow.dropped
        self._heard_at = max(self._heard_at, flow.heard_at)

    def _ramp_down(self, now: float) -> SetPoint:
        """Slow down on the arc driven last, so that the robot stays on its path while it stops."""
        dt = max(0.0, min(1.0, now - self._set_at))
        self._set_at = now
        if self.e_stopped and self._category == 0:
            self._v = self._vy = self._w = 0.0
        before = math.hypot(self._v, self._vy)
        if before != 0.0:
            scale = max(0.0, before - self.ramp.deceleration_mps2 * dt) / before
            self._v *= scale
            self._vy *= scale
            self._w *= scale
        elif self._w != 0.0:
            rate = max(0.0, abs(self._w) - self.ramp.yaw_deceleration_radps2 * dt)
            self._w = rate if self._w > 0.0 else -rate
        still = self._v == 0.0 and self._vy == 0.0 and self._w == 0.0
        powered = not (self.e_stopped and still and self._category < 2)
        return SetPoint(self._v, self._w, True, self._vy, powered)

    def _on_command(self, command: Command, now: float) -> None:
        fresh = 0.0 <= now - command.stamp < min(command.ttl, self.watchdog_s)
        if not self.armed or command.epoch != self._epoch or command.seq <= self._seq or not fresh:
            self.dropped += 1
            return
        self._seq = command.seq
        self._command = command

    def _on_arm(self, arm: Arm, now: float) -> None:
        shows_hold = arm.stamp >= self._held_since
        fresh = 0.0 <= now - arm.stamp < self.watchdog_s
        if self.e_stopped or self._armed or arm.epoch <= self._epoch or not shows_hold or not fresh:
            self.dropped += 1
            return
        self._armed = True
        self._epoch = arm.epoch
        self._seq = 0

    def _on_request(self, request: Request, now: float) -> None:
        done = self._done.get(request.id)
        if done is None:
            done = self._serve(request, now)
            self._done[request.id] = done
            while len(self._done) > 64:
                self._done.pop(next(iter(self._done)))
        self._out.append(encode(done))

    def _serve(self, request: Request, now: float) -> Done:
        if request.kind in (RequestKind.E_STOP, RequestKind.RELEASE):
            if request.id < self._stop_id:
                return Done(request.id, False, "a newer e-stop or release was done before")
            self._stop_id = request.id
        if request.kind == RequestKind.E_STOP:
            category = _CATEGORIES.get(request.value, 1)
            self._category = min(self._category, category) if self.e_stopped else category
            self._remote_stop = True
            self._hold(now)
            return Done(request.id, True)
        if request.kind == RequestKind.RELEASE:
            self._remote_stop = False
            self._category = 1 if self._button else 2
            self._held_since = now
            return Done(request.id, True)
        if self._request_handler is None:
            return Done(request.id, False, f"robot serves no request of kind {request.kind}")
        ok, detail = self._request_handler(request.kind, request.value, request.detail)
        return Done(request.id, ok, detail[:256])

    def _on_welcome(self, welcome: Welcome, now: float) -> None:
        if not OLDEST_VERSION <= welcome.version <= VERSION:
            self.refusal = f"gateway speaks version {welcome.version}, this robot {OLDEST_VERSION} to {VERSION}"
            return
        if welcome.epoch <= self._epoch and self.welcomed:
            return
        self._hold(now)
        self.welcomed = True
        self.refusal = ""
        self._hello_tries = 0
        self._heard_at = now
        self._epoch = welcome.epoch
        self._seq = 0
        self.telemetry_period_s = max(0.01, welcome.telemetry_period)
        self.watchdog_s = welcome.watchdog
        self.stream_port = welcome.stream_port
        self._events.acknowledged(welcome.last_event)
        self._events.restart()
        self._send_events(now)

    def _on_refused(self, refused: Refused, now: float) -> None:
        self.refusal = refused.reason
        if not refused.fatal:
            return
        greet_at_once = self.welcomed and refused.code == Code.NOT_WELCOME
        self._end_session(now)
        if greet_at_once:
            self._hello_tries = 0

    def _say_hello(self, now: float) -> None:
        hello = Hello(
            VERSION, self.robot, self.boot, now, self._events.first_id, self.software[:256], OLDEST_VERSION
        )
        self._out.append(encode(hello))
        self._hello_at = now
        self._hello_tries += 1

    def _send_events(self, now: float) -> None:
        if self.welcomed:
            self._out.extend(encode(event) for event in self._events.due(now))

    def _hold(self, now: float) -> None:
        self._armed = False
        self._command = None
        self._held_since = now

    def _end_session(self, now: float) -> None:
        self.welcomed = False
        self._hello_at = now
        self._hello_tries = max(4, self._hello_tries)
        self._hold(now)
