"""Messages of the robot link: msgpack arrays whose first element is the kind of message.

Every frame is one array `[kind, field, field ...]`, so that a frame costs half the bytes of a map; fields may
be appended in later versions, and a reader ignores those it does not know. Lengths are metres, angles
radians, times seconds as float64; `stamp` is always on the robot's own clock, `issued_at` always on the
gateway's.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

VERSION = 1
MAX_FRAME_BYTES = 4096
MAX_EVENTS_WAITING = 256

Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Clock = Annotated[float, Meta(ge=-1e12, le=1e12)]
Metres = Annotated[float, Meta(ge=-1e6, le=1e6)]
Angle = Annotated[float, Meta(ge=-1e4, le=1e4)]
Speed = Annotated[float, Meta(ge=-20.0, le=20.0)]
YawRate = Annotated[float, Meta(ge=-50.0, le=50.0)]
Percent = Annotated[float, Meta(ge=0.0, le=100.0)]
Duration = Annotated[float, Meta(ge=0.0, le=60.0)]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$")]
Label = Annotated[str, Meta(max_length=64)]
Text = Annotated[str, Meta(max_length=256)]
SmallCode = Annotated[int, Meta(ge=0, le=255)]
Work = Annotated[int, Meta(ge=0, le=6)]
Port = Annotated[int, Meta(ge=0, le=65535)]
Bits = Annotated[int, Meta(ge=0, le=2**32 - 1)]


class Flag(IntFlag):
    """Bits of Telemetry.flags."""

    ARMED = 1
    BUMPER = 2
    E_STOP = 4
    CHARGING = 8
    LOCALISED = 16
    FAULT = 32
    ODOMETRY = 64


class Code(IntEnum):
    """Why a gateway refuses a robot or a frame."""

    VERSION = 1
    UNKNOWN_ROBOT = 2
    REVOKED = 3
    MALFORMED = 4
    RATE = 5
    FULL = 6
    NOT_WELCOME = 7
    REPLACED = 8
    CLOSING = 9


class EventKind(IntEnum):
    """What a robot tells that must not be lost."""

    E_STOP_PRESSED = 1
    E_STOP_RELEASED = 2
    BUMPER = 3
    MODE = 4
    FAULT = 5
    WATCHDOG_STOP = 6
    NOTE = 7


class RequestKind(IntEnum):
    """What a gateway asks that must not be lost."""

    E_STOP = 1
    RELEASE = 2
    MODE = 3
    DOCK = 4


class StopCode(IntEnum):
    """Request.value of an E_STOP: stop categories of IEC 60204-1. 0 is what gateways without categories send."""

    UNSAID = 0
    CATEGORY_1 = 1
    CATEGORY_2 = 2
    CATEGORY_0 = 3


class Hello(Struct, array_like=True, tag=1, gc=False, frozen=True):
    """Robot: first frame of a session. `boot` is a random number drawn once a start of the robot;
    `first_event` is the id of the oldest event it still keeps (or will give to the next one). It speaks all
    versions from `oldest` to `version`."""

    version: Count
    robot: Name
    boot: Count
    stamp: Clock
    first_event: Count
    software: Text = ""
    oldest: Count = 1


class Welcome(Struct, array_like=True, tag=2, gc=False, frozen=True):
    """Gateway: the session stands. `last_event` is the id of the last event it has of this boot, `version` the one
    spoken from here on, `stream_port` where it takes optional streams, 0 where it takes none."""

    version: Count
    gateway: Text
    epoch: Count
    issued_at: Clock
    telemetry_period: Duration
    watchdog: Duration
    last_event: Count
    stream_port: Port = 0


class Telemetry(Struct, array_like=True, tag=3, gc=False, frozen=True):
    """Robot: pose, speed and state; `epoch` and `command` name the command it executes. With Flag.ODOMETRY the
    pose is what the wheels say since an arbitrary start. `vy` is the speed to the left, of omnidirectional
    drives."""

    seq: Count
    stamp: Clock
    x: Metres
    y: Metres
    yaw: Angle
    v: Speed
    w: YawRate
    battery: Percent
    flags: Bits
    work: Work
    epoch: Count
    command: Count
    dropped: Count
    level: Label = ""
    vy: Speed = 0.0


class Command(Struct, array_like=True, tag=4, gc=False, frozen=True):
    """Gateway: drive at `v` forward, `vy` to the left, `w`. Obeyed only while the robot's clock - `stamp` < the
    limits."""

    epoch: Count
    seq: Count
    issued_at: Clock
    ttl: Duration
    stamp: Clock
    v: Speed
    w: YawRate
    cap: Annotated[float, Meta(ge=0.0, le=20.0)]
    vy: Speed = 0.0


class Event(Struct, array_like=True, tag=5, gc=False, frozen=True):
    """Robot: something that must not be lost; repeated until acknowledged. Ids grow by one, from 1, in a
    boot."""

    id: Count
    stamp: Clock
    kind: SmallCode
    detail: Text = ""


class Ack(Struct, array_like=True, tag=6, gc=False, frozen=True):
    """Gateway: has every event up to and with `id`."""

    id: Count


class Request(Struct, array_like=True, tag=7, gc=False, frozen=True):
    """Gateway: do something that must not be lost; repeated until done. Ids grow in a gateway's life."""

    id: Count
    kind: SmallCode
    value: SmallCode = 0
    detail: Text = ""


class Done(Struct, array_like=True, tag=8, gc=False, frozen=True):
    """Robot: answer to the request of that id."""

    id: Count
    ok: bool
    detail: Text = ""


class Arm(Struct, array_like=True, tag=9, gc=False, frozen=True):
    """Gateway: obey commands of this epoch; `stamp` echoes telemetry that showed the robot at hold."""

    epoch: Count
    stamp: Clock


class Ping(Struct, array_like=True, tag=10, gc=False, frozen=True):
    """Gateway: `sent` on the gateway's clock, to be echoed."""

    id: Count
    sent: Clock


class Pong(Struct, array_like=True, tag=11, gc=False, frozen=True):
    """Robot: the echo, with its own clock at receipt and at answer (NTP's four stamps)."""

    id: Count
    sent: Clock
    received: Clock
    answered: Clock


class Refused(Struct, array_like=True, tag=12, gc=False, frozen=True):
    """Gateway: one frame (`fatal` false) or the whole session (`fatal` true) is refused."""

    code: SmallCode
    fatal: bool
    reason: Text = ""


class Bye(Struct, array_like=True, tag=13, gc=False, frozen=True):
    """Either side: the session ends; the robot stops."""

    reason: Text = ""


FromRobot: TypeAlias = Hello | Telemetry | Event | Done | Pong | Bye
FromGateway: TypeAlias = Welcome | Command | Ack | Request | Arm | Ping | Refused | Bye
AnyMessage: TypeAlias = FromRobot | FromGateway
