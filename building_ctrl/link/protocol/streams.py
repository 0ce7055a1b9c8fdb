"""Messages of the optional streams, which go over a connection of their own; docs/reference/robot-protocol.md.

The frames are arrays as on the link itself, their kinds are other ones. Ranges of a scan are little-endian uint16
millimetres, 0 where nothing came back.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Annotated, Literal, TypeAlias

from msgspec import DecodeError, Meta, Struct, ValidationError
from msgspec.msgpack import Decoder, Encoder

from building_ctrl.link.protocol.codec import ProtocolError, plain
from building_ctrl.link.protocol.messages import Clock, Count, Name, Percent, Refused, SmallCode

MAX_STREAM_BYTES = 131_072
MAX_BEAMS = 16_384
WANT_PERIOD_S = 1.0
WANT_LIFE_S = 3.0

Hertz = Annotated[float, Meta(ge=0.0, le=50.0)]
Turn = Annotated[float, Meta(ge=-7.0, le=7.0)]
Reach = Annotated[float, Meta(ge=0.0, le=1000.0)]
Wheels16 = Annotated[list[Annotated[float, Meta(ge=-1e9, le=1e9)]], Meta(max_length=16)]


class Stream(IntFlag):
    """Optional streams, the first having precedence over the later."""

    BATTERY = 1
    WHEELS = 2
    SCAN = 4
    IMAGE = 8


ALL_STREAMS = (Stream.BATTERY, Stream.WHEELS, Stream.SCAN, Stream.IMAGE)


class Offer(Struct, array_like=True, tag=14, gc=False, frozen=True):
    """Robot: it has these streams. Sent once a second; the first frame of a connection."""

    robot: Name
    streams: SmallCode


class Want(Struct, array_like=True, tag=15, gc=False, frozen=True):
    """Gateway: how often to send each stream at most, 0 not at all; holds for 3 s."""

    battery: Hertz
    wheels: Hertz
    scan: Hertz
    image: Hertz


class Battery(Struct, array_like=True, tag=16, gc=False, frozen=True):
    """Robot: battery; current is positive while it is charged."""

    seq: Count
    stamp: Clock
    voltage: Annotated[float, Meta(ge=0.0, le=2000.0)]
    current: Annotated[float, Meta(ge=-5000.0, le=5000.0)]
    charge: Percent
    temperature: Annotated[float, Meta(ge=-100.0, le=300.0)] | None = None


class Wheels(Struct, array_like=True, tag=17, frozen=True):
    """Robot: angle in rad and rate in rad/s of each wheel, in the order of the robot's class."""

    seq: Count
    stamp: Clock
    angle: Wheels16
    rate: Wheels16


class Scan(Struct, array_like=True, tag=18, gc=False, frozen=True):
    """Robot: one turn of a lidar; the first beam points at `angle_min`, each next one `angle_step` further."""

    seq: Count
    stamp: Clock
    angle_min: Turn
    angle_step: Turn
    period: Annotated[float, Meta(ge=0.0, le=60.0)]
    range_min: Reach
    range_max: Reach
    ranges: Annotated[bytes, Meta(max_length=2 * MAX_BEAMS)]


class Image(Struct, array_like=True, tag=19, gc=False, frozen=True):
    """Robot: one compressed image."""

    seq: Count
    stamp: Clock
    format: Literal["jpeg", "png"]
    data: Annotated[bytes, Meta(max_length=MAX_STREAM_BYTES - 64)]


Data: TypeAlias = Battery | Wheels | Scan | Image
STREAM_OF: dict[type[Data], Stream] = {
    Battery: Stream.BATTERY, Wheels: Stream.WHEELS, Scan: Stream.SCAN, Image: Stream.IMAGE,
}  # fmt: skip
_STREAM_OF_KIND = {16: Stream.BATTERY, 17: Stream.WHEELS, 18: Stream.SCAN, 19: Stream.IMAGE}

_from_robot: Decoder[Offer | Data] = Decoder(Offer | Data)
_from_gateway: Decoder[Want | Refused] = Decoder(Want | Refused)

_encode = Encoder().encode


def encode_stream(message: Offer | Data | Want) -> bytes:
    """One frame."""
    return _encode(message)


def stream_of_frame(data: bytes) -> Stream | None:
    """Which stream a frame belongs to, by its first bytes only; None where it seems to be something else."""
    at = 3 if data[:1] == b"\xdc" else 1
    return _STREAM_OF_KIND.get(data[at]) if len(data) > at else None


def decode_stream(data: bytes) -> Offer | Data:
    """What a robot sent on its stream connection. Raises ProtocolError."""
    if len(data) > MAX_STREAM_BYTES:
        raise ProtocolError(f"stream frame of {len(data)} bytes, at most {MAX_STREAM_BYTES} are taken")
    try:
        message = _from_robot.decode(data)
    except (ValidationError, DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ProtocolError(plain(error)) from error
    if type(message) is Scan and len(message.ranges) % 2:
        raise ProtocolError("ranges of a scan are two bytes each, one is left over")
    if type(message) is Wheels and len(message.angle) != len(message.rate):
        raise ProtocolError(f"{len(message.angle)} wheel angles and {len(message.rate)} rates")
    return message


def decode_want(data: bytes) -> Want | Refused:
    """What a gateway sent on a stream connection. Raises ProtocolError."""
    try:
        return _from_gateway.decode(data)
    except (ValidationError, DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ProtocolError(plain(error)) from error
