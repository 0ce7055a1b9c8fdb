"""Messages between the platform and our plugin in Gazebo Classic: msgpack arrays, numbers as packed doubles.

    plugin   -> platform: ["hello", token], ["ready", ""], ["error", text],
                          ["frame", time_s, pose, twist, joints, pairs, bumps]
    platform -> plugin:   ["setup", lockstep, steps a frame, bodies, joints], ["command", bodies, joints]
"""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import msgpack
import numpy as np

from building_ctrl.gazebo.world_port import Contact, Drives, Float, WorldCommand, WorldFrame

DOUBLES = np.dtype("<f8")


class CodecError(ValueError):
    """A message that is none of ours."""


def encode_setup(drives: Drives, lockstep: bool, steps_per_frame: int) -> bytes:
    """What the plugin has to know before the first frame."""
    bodies = [_plain(body) for body in drives.bodies]
    return bytes(msgpack.packb(["setup", lockstep, steps_per_frame, bodies, [_plain(j) for j in drives.joints]]))


def _plain(drive: Any) -> list[Any]:
    """Strings as they are, numbers as doubles: the plugin takes no integers for them."""
    return [value if isinstance(value, str) else float(value) for value in astuple(drive)]


def encode_command(command: WorldCommand) -> bytes:
    """A command as the plugin takes it."""
    return bytes(msgpack.packb(["command", _packed(command.bodies), _packed(command.joints)]))


def decode(message: bytes) -> tuple[str, list[Any]]:
    """Kind and content of a message of the plugin. Raises CodecError."""
    try:
        content = msgpack.unpackb(message)
        kind = content[0]
    except (ValueError, IndexError, KeyError, TypeError, msgpack.UnpackException) as error:
        raise CodecError(f"not a message of the plugin: {error}") from error
    if not isinstance(content, list) or not isinstance(kind, str):
        raise CodecError("not a message of the plugin: no array that begins with a name")
    return kind, content[1:]


def frame_of(content: list[Any]) -> WorldFrame:
    """The frame in a "frame" message's content. Raises CodecError."""
    try:
        time_s, pose, twist, joints, pairs, bumps = content
        contacts = [Contact(int(a), int(b)) for a, b in pairs]
        contacts += [Contact(int(robot), -1, str(what)) for robot, what in bumps]
        return WorldFrame(float(time_s), _rows(pose, 6), _rows(twist, 3), _rows(joints, 2), tuple(contacts))
    except (ValueError, TypeError) as error:
        raise CodecError(f"not a frame: {error}") from error


def _packed(values: Float) -> bytes:
    return np.ascontiguousarray(values, dtype=DOUBLES).tobytes()


def _rows(packed: bytes, width: int) -> Float:
    return np.frombuffer(packed, dtype=DOUBLES).reshape(-1, width).astype(np.float64)
