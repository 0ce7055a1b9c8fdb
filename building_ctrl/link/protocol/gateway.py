"""The gateway's side of one robot's session as a state machine without sockets or clock.

`now` is the gateway's monotonic clock in seconds. Bytes go in through `receive`, frames to send come out of
`take()` (`waiting` until then); the newest telemetry stays in `telemetry`, events in `events` until they are taken.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from building_ctrl.link.protocol.clock import ClockFilter
from building_ctrl.link.protocol.codec import encode
from building_ctrl.link.protocol.flow import GatewayFlow
from building_ctrl.link.protocol.messages import (
    VERSION,
    Ack,
    Arm,
    Bye,
    Command,
    Done,
    Event,
    Flag,
    FromRobot,
    Ping,
    Pong,
    Request,
    RequestKind,
    Telemetry,
    Welcome,
)

ARM_PERIOD_S = 0.1
_ARMED = int(Flag.ARMED)
_ARMED_OR_STOPPED = int(Flag.ARMED | Flag.E_STOP)
REQUEST_PERIOD_S = 0.2
REQUEST_TRIES = 50
MAX_REQUESTS = 16
STOPS = (RequestKind.E_STOP, RequestKind.RELEASE)
MAX_EVENTS_KEPT = 256


class Answer(NamedTuple):
    """What became of a request."""

    request: Request
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class LinkParameters:
    """Times of the link. A robot obeys a command `watchdog_s` long at most, counted from the telemetry stamp
    that the command echoes, and takes none whose stamp is older than `ttl_s`. Optional streams are taken at
    `stream_port`, nowhere while it is 0."""

    ttl_s: float = 0.25
    watchdog_s: float = 0.30
    telemetry_period_s: float = 0.05
    ping_period_s: float = 1.0
    lost_after_s: float = 3.0
    degraded_round_trip_s: float = 0.10
    loss_window_s: float = 10.0
    stream_port: int = 0


DEFAULT_LINK = LinkParameters()


class GatewaySession:
    """One robot, from its hello to its end."""

    def __init__(
        self, robot: str, boot: int, epoch: int, last_event: int, parameters: LinkParameters, now: float
    ) -> None:
        self.robot = robot
        self.boot = boot
        self.epoch = epoch
        self.last_event = last_event
        self.parameters = parameters
        self.clock = ClockFilter()
        self.telemetry: Telemetry | None = None
        self.telemetry_at = now
        self.telemetry_count = 0
        self.telemetry_lost = 0
        self.stop_requested = False
        self.events: deque[Event] = deque()
        self.answers: deque[Answer] = deque()
        self.ended = ""
        self.version = VERSION
        self.waiting: list[bytes] = []
        self._ack = b""
        self._command_seq = 0
        self._arm_at = -1e12
        self._ping_at = -1e12
        self._ping_id = 0
        self._pinged: dict[int, float] = {}
        self._requests: dict[int, tuple[Request, float, int]] = {}

    def welcome(self, gateway: str, now: float) -> None:
        """Answer the hello (again, should it be repeated)."""
        p = self.parameters
        message = Welcome(
            self.version,
            gateway,
            self.epoch,
            now,
            p.telemetry_period_s,
            p.watchdog_s,
            self.last_event,
            p.stream_port,
        )
        self.waiting.append(encode(message))

    @property
    def armed(self) -> bool:
        """Whether the robot says that it obeys commands of the present epoch."""
        t = self.telemetry
        return t is not None and bool(t.flags & _ARMED) and t.epoch == self.epoch

    def take(self) -> list[bytes]:
        """Frames to send, oldest first; empties the list."""
        out, self.waiting = self.waiting, []
        return out

    def receive(self, message: FromRobot, now: float) -> bool:
        """One message of the robot. True where it is telemetry newer than the last."""
        if type(message) is Telemetry:
            last = self.telemetry
            if last is not None:
                if message.seq <= last.seq or message.stamp <= last.stamp:
                    return False
                self.telemetry_lost += message.seq - last.seq - 1
            self.telemetry = message
            self.telemetry_at = now
            self.telemetry_count += 1
            return True
        if type(message) is Pong:
            sent = self._pinged.pop(message.id, None)
            if sent is not None:
                self.clock.add(sent, message.received, message.answered, now)
        elif type(message) is Event:
            self._on_event(message)
        elif type(message) is Done:
            asked = self._requests.pop(message.id, None)
            if asked is not None:
                self.answers.append(Answer(asked[0], message.ok, message.detail))
        elif type(message) is Bye:
            self.ended = message.reason or "robot said goodbye"
        return False

    def tick(self, now: float) -> None:
        """Arm, ping and repeat requests as time goes by."""
        p = self.parameters
        t = self.telemetry
        if (
            t is not None
            and not t.flags & _ARMED_OR_STOPPED
            and not self.stop_requested
            and now - self.telemetry_at < p.ttl_s
            and now - self._arm_at >= ARM_PERIOD_S
        ):
            if t.epoch >= self.epoch:
                self.epoch = t.epoch + 1
                self._command_seq = 0
            self._arm_at = now
            self.waiting.append(encode(Arm(self.epoch, t.stamp)))
        if now - self._ping_at >= p.ping_period_s:
            self._ping(now)
        if self._requests:
            self._repeat_requests(now)

    def command(
        self, v_mps: float, w_radps: float, cap_mps: float, now: float, vy_mps: float = 0.0
    ) -> bytes | None:
        """The frame of one velocity command, None while the robot is not armed. Call it once a step at
        most."""
        t = self.telemetry
        if t is None or t.epoch != self.epoch or not t.flags & _ARMED:
            return None
        self._command_seq += 1
        return encode(
            Command(
                self.epoch, self._command_seq, now, self.parameters.ttl_s, t.stamp, v_mps, w_radps, cap_mps, vy_mps
            )
        )

    def flow(self) -> GatewayFlow | None:
        """What steady driving is made of; None unless the robot is armed, its clock known, and nothing waits."""
        t = self.telemetry
        if t is None or not self.armed or not self.clock.known or self._requests or self.events or self.ended:
            return None
        if self.stop_requested or t.flags & Flag.E_STOP or t.vy != 0.0:
            return None
        return GatewayFlow(
            self.epoch, self._command_seq, t, self.telemetry_at, self.telemetry_count, self.telemetry_lost
        )

    def resume(self, flow: GatewayFlow) -> None:
        """Go on from a flow that this session gave and others have driven since."""
        self._command_seq = flow.command_seq
        self.telemetry = flow.telemetry
        self.telemetry_at = flow.telemetry_at
        self.telemetry_count = flow.telemetry_count
        self.telemetry_lost = flow.telemetry_lost

    def request(self, request_id: int, kind: int, value: int, detail: str, now: float) -> bool:
        """Ask something that must not be lost. False where 16 already wait; an e-stop or its release always finds
        a place, and takes that of those before it."""
        if kind in STOPS:
            self._supersede(STOPS, "a newer e-stop or release was asked for")
        elif len(self._requests) >= MAX_REQUESTS:
            return False
        if kind == RequestKind.E_STOP:
            self.stop_requested = True
        elif kind == RequestKind.RELEASE:
            self.stop_requested = False
        request = Request(request_id, kind, value, detail[:256])
        self._requests[request_id] = (request, now, 1)
        self.waiting.append(encode(request))
        return True

    def unanswered(self) -> list[Request]:
        """Requests not yet done, oldest first: a session that follows this one has to take them over."""
        return [request for request, _, _ in self._requests.values()]

    def measured_at(self) -> float:
        """When the newest pose was measured, on the gateway's clock; needs telemetry."""
        t = self.telemetry
        if t is None or not self.clock.known:
            return self.telemetry_at
        return min(self.telemetry_at, t.stamp - self.clock.offset_s)

    def _on_event(self, event: Event) -> None:
        if event.id == self.last_event + 1 and len(self.events) < MAX_EVENTS_KEPT:
            self.last_event = event.id
            self.events.append(event)
        if self.waiting and self.waiting[-1] is self._ack:
            self.waiting.pop()
        self._ack = encode(Ack(self.last_event))
        self.waiting.append(self._ack)

    def _supersede(self, kinds: tuple[int, ...], why: str) -> None:
        for request, _, _ in list(self._requests.values()):
            if request.kind in kinds:
                del self._requests[request.id]
                self.answers.append(Answer(request, False, why))

    def _ping(self, now: float) -> None:
        self._ping_at = now
        self._ping_id += 1
        self._pinged[self._ping_id] = now
        while len(self._pinged) > 8:
            self._pinged.pop(next(iter(self._pinged)))
        self.waiting.append(encode(Ping(self._ping_id, now)))

    def _repeat_requests(self, now: float) -> None:
        for request_id, (request, sent_at, tries) in list(self._requests.items()):
            if now - sent_at < REQUEST_PERIOD_S:
                continue
            if tries >= REQUEST_TRIES and request.kind not in STOPS:
                del self._requests[request_id]
                self.answers.append(Answer(request, False, "robot did not answer"))
                continue
            self._requests[request_id] = (request, now, tries + 1)
            self.waiting.append(encode(request))
