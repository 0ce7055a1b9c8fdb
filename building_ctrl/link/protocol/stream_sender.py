"""The robot's side of the optional streams, without sockets or clock.

It keeps the newest message of each stream only, sends what the gateway wants at the rate it wants, battery before
wheels before scans before images, and never more bytes than its share of the radio.
"""

from __future__ import annotations

from building_ctrl.link.protocol.codec import ProtocolError
from building_ctrl.link.protocol.messages import Refused
from building_ctrl.link.protocol.streams import (
    ALL_STREAMS,
    MAX_STREAM_BYTES,
    STREAM_OF,
    WANT_LIFE_S,
    WANT_PERIOD_S,
    Data,
    Offer,
    Stream,
    Want,
    decode_want,
    encode_stream,
)


class StreamSender:
    """`bytes_per_s` is what all streams of this robot together may take of the uplink. `now` in seconds on the
    robot's clock."""

    def __init__(self, robot: str, streams: Stream, bytes_per_s: float = 500_000.0) -> None:
        self.robot = robot
        self.streams = streams
        self.bytes_per_s = bytes_per_s
        self.refusal = ""
        self.errors = 0
        self.replaced = 0
        self._waiting: dict[Stream, bytes] = {}
        self._next_at: dict[Stream, float] = {}
        self._period_s: dict[Stream, float] = {}
        self._wanted_at = -1e12
        self._offered_at = -1e12
        self._free_at = -1e12

    @property
    def wanted(self) -> frozenset[Stream]:
        """Streams the gateway asked for last."""
        return frozenset(self._period_s)

    def wants(self, stream: Stream, now: float) -> bool:
        """Whether a message of the stream would be sent now: ask before making an expensive one."""
        if now - self._wanted_at >= WANT_LIFE_S or stream not in self._period_s:
            return False
        return now >= self._next_at.get(stream, -1e12)

    def put(self, message: Data, now: float) -> bool:
        """Hand over the newest of a stream; one that still waits is replaced. False where it is not wanted now.
        Raises ValueError where the frame is too large to be taken."""
        stream = STREAM_OF[type(message)]
        if not self.wants(stream, now):
            return False
        frame = encode_stream(message)
        if len(frame) > MAX_STREAM_BYTES:
            raise ValueError(f"{stream.name} frame of {len(frame)} bytes, at most {MAX_STREAM_BYTES} are taken")
        self.replaced += stream in self._waiting
        self._waiting[stream] = frame
        self._next_at[stream] = now + self._period_s[stream]
        return True

    def receive(self, data: bytes, now: float) -> None:
        """One frame of the gateway; what is none is counted in `errors`."""
        try:
            message = decode_want(data)
        except ProtocolError:
            self.errors += 1
            return
        if type(message) is Refused:
            self.refusal = message.reason
        elif type(message) is Want:
            self.refusal = ""
            self._wanted_at = now
            rates = (message.battery, message.wheels, message.scan, message.image)
            self._period_s = {
                stream: 1.0 / rate
                for stream, rate in zip(ALL_STREAMS, rates, strict=True)
                if rate > 0.0 and stream & self.streams
            }
            for stream in [s for s in self._waiting if s not in self._period_s]:
                del self._waiting[stream]

    def take(self, now: float) -> bytes | None:
        """The next frame to send, None where nothing is due; call it only when the socket can take one."""
        if now - self._offered_at >= WANT_PERIOD_S:
            self._offered_at = now
            return encode_stream(Offer(self.robot, int(self.streams)))
        if now < self._free_at or not self._waiting:
            return None
        frame = self._waiting.pop(min(self._waiting))
        self._free_at = max(now, self._free_at) + len(frame) / self.bytes_per_s
        return frame

    def restart(self) -> None:
        """A new connection: offer again, and send nothing until asked."""
        self._waiting.clear()
        self._period_s.clear()
        self._offered_at = -1e12
