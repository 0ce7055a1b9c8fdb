"""Bytes to messages and back. Everything is checked here: kinds, types, ranges, NaN, sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import DecodeError, ValidationError
from msgspec.msgpack import Decoder, Encoder

from building_ctrl.link.protocol.messages import MAX_FRAME_BYTES, AnyMessage, FromGateway, FromRobot


class ProtocolError(ValueError):
    """A frame that is no message of this protocol; the text says what is wrong with it."""


_from_robot: Decoder[FromRobot] = Decoder(FromRobot)
_from_gateway: Decoder[FromGateway] = Decoder(FromGateway)
_encode: Callable[[Any], bytes] = Encoder().encode


def encode(message: AnyMessage) -> bytes:
    """One frame."""
    return _encode(message)


def decode_from_robot(data: bytes) -> FromRobot:
    """The message a robot sent. Raises ProtocolError."""
    if len(data) > MAX_FRAME_BYTES:
        raise ProtocolError(f"frame of {len(data)} bytes, at most {MAX_FRAME_BYTES} are taken")
    try:
        return _from_robot.decode(data)
    except (ValidationError, DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ProtocolError(plain(error)) from error


def decode_from_gateway(data: bytes) -> FromGateway:
    """The message a gateway sent. Raises ProtocolError."""
    if len(data) > MAX_FRAME_BYTES:
        raise ProtocolError(f"frame of {len(data)} bytes, at most {MAX_FRAME_BYTES} are taken")
    try:
        return _from_gateway.decode(data)
    except (ValidationError, DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ProtocolError(plain(error)) from error


def plain(error: Exception) -> str:
    """The decoder's text in one short line of printable characters."""
    text = " ".join(str(error).split()) or type(error).__name__
    return "".join(c if c.isprintable() else "?" for c in text)[:200]
