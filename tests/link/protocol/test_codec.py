from __future__ import annotations

import math

import msgpack
from hypothesis import given
from hypothesis import strategies as st

from building_ctrl.link.protocol import ProtocolError, decode_from_gateway, decode_from_robot, encode
from building_ctrl.link.protocol.messages import MAX_FRAME_BYTES, Command, Telemetry

counts = st.integers(0, 2**63 - 1)
metres = st.floats(-1e6, 1e6)
telemetry = st.builds(
    Telemetry,
    seq=counts,
    stamp=st.floats(-1e12, 1e12),
    x=metres,
    y=metres,
    yaw=st.floats(-1e4, 1e4),
    v=st.floats(-20, 20),
    w=st.floats(-50, 50),
    battery=st.floats(0, 100),
    flags=st.integers(0, 2**32 - 1),
    work=st.integers(0, 6),
    epoch=counts,
    command=counts,
    dropped=counts,
    level=st.text(max_size=64),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(-5, 5), inner),
    max_leaves=30,
)


@given(telemetry)
def test_telemetry_survives_the_wire(message: Telemetry) -> None:
    assert decode_from_robot(encode(message)) == message
    assert len(encode(message)) < MAX_FRAME_BYTES


@given(telemetry, st.data())
def test_mutated_frames_are_messages_within_range_or_refused(message: Telemetry, data: st.DataObject) -> None:
    frame = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    try:
        got = decode_from_robot(bytes(frame))
    except ProtocolError:
        return
    if isinstance(got, Telemetry):
        assert abs(got.x) <= 1e6 and abs(got.v) <= 20 and 0 <= got.battery <= 100 and got.seq >= 0
        assert math.isfinite(got.x + got.y + got.yaw + got.v + got.w)


@given(telemetry, st.integers(0, 200))
def test_truncated_frames_are_refused_or_lack_only_what_may_lack(message: Telemetry, keep: int) -> None:
    frame = encode(message)
    if keep >= len(frame):
        return
    try:
        decode_from_robot(frame[:keep])
    except ProtocolError:
        return
    raise AssertionError("a truncated frame was taken")


@given(st.binary(max_size=300))
def test_noise_never_raises_anything_else(data: bytes) -> None:
    for decode in (decode_from_robot, decode_from_gateway):
        try:
            decode(data)
        except ProtocolError as error:
            assert str(error).isprintable()


@given(st.integers(0, 16), st.lists(anything, max_size=16))
def test_well_formed_nonsense_never_raises_anything_else(kind: int, fields: list[object]) -> None:
    data = msgpack.packb([kind, *fields])
    for decode in (decode_from_robot, decode_from_gateway):
        try:
            decode(data)
        except ProtocolError as error:
            assert str(error).isprintable()


def test_a_frame_of_the_largest_size_is_read_and_one_more_byte_is_not() -> None:
    command = encode(Command(1, 1, 0.0, 0.25, 0.0, 0.1, 0.0, 1.0))
    assert decode_from_gateway(command)
    try:
        decode_from_gateway(b"\x00" * (MAX_FRAME_BYTES + 1))
    except ProtocolError as error:
        assert "4097" in str(error) and "4096" in str(error)
    else:
        raise AssertionError("an oversized frame was taken")
