"""Messages between the platform and the plugin."""

from __future__ import annotations

import msgpack
import numpy as np
import pytest
from little_world import little_drives

from building_ctrl.gazebo.classic.codec import CodecError, decode, encode_command, encode_setup, frame_of
from building_ctrl.gazebo.world_port import Contact, WorldCommand


def packed(*values: float) -> bytes:
    return np.array(values).tobytes()


def test_a_setup_names_everything_that_is_driven_in_order() -> None:
    kind, content = decode(encode_setup(little_drives(), True, 5))
    lockstep, steps, bodies, joints = content
    assert (kind, lockstep, steps) == ("setup", True, 5)
    assert [body[0] for body in bodies] == ["left", "right"] and len(bodies[0]) == 11
    assert joints == [["door", "leaf_joint", 150.0], ["lift", "leaf_joint", 20000.0]]
    assert all(isinstance(value, float) for value in bodies[0][3:])


def test_a_command_is_packed_row_by_row() -> None:
    command = WorldCommand(np.array([[0.5, -0.1]]), np.array([[1.0, 0.0, 0.4], [2.0, 0.1, 1.0]]))
    kind, (bodies, joints) = decode(encode_command(command))
    assert kind == "command"
    assert np.frombuffer(bodies).tolist() == [0.5, -0.1]
    assert np.frombuffer(joints).tolist() == [1.0, 0.0, 0.4, 2.0, 0.1, 1.0]


def test_a_frame_comes_back_as_arrays_and_contacts() -> None:
    frame = frame_of([1.5, packed(1, 2, 3, 0, 0, 0.5), packed(0.4, 0, 0.1), b"", [[0, 1]], [[0, "wall::c"]]])
    assert frame.time_s == 1.5 and frame.pose.tolist() == [[1, 2, 3, 0, 0, 0.5]]
    assert frame.twist.shape == (1, 3) and frame.joints.shape == (0, 2)
    assert frame.contacts == (Contact(0, 1), Contact(0, -1, "wall::c"))


@pytest.mark.parametrize(
    "message", [b"", b"\xc1", msgpack.packb(7), msgpack.packb([]), msgpack.packb({"a": 1}), msgpack.packb([1, 2])]
)
def test_what_is_no_message_is_refused(message: bytes) -> None:
    with pytest.raises(CodecError):
        decode(message)


@pytest.mark.parametrize("content", [[], [1.0, b"123", b"", b"", [], []], [1.0, packed(1, 2), b"", b"", [], []]])
def test_what_is_no_frame_is_refused(content: list[object]) -> None:
    with pytest.raises(CodecError):
        frame_of(content)
