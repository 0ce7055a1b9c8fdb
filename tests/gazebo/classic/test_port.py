"""The platform's end of the plugin's socket, with a plugin made here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import msgpack
import numpy as np
import pytest
import zmq
from little_world import little_drives

from building_ctrl.gazebo.classic.port import ClassicPort, PluginSocket
from building_ctrl.gazebo.world_port import WorldCommand, WorldError

COMMAND = WorldCommand(np.zeros((2, 2)), np.zeros((2, 3)))


def frame(time_s: float, *pairs: tuple[int, int]) -> bytes:
    content = ["frame", time_s, np.zeros(12).tobytes(), np.zeros(6).tobytes(), np.zeros(4).tobytes(), pairs, []]
    return bytes(msgpack.packb(content))


class Plugin:
    """Runs a script against the socket in a thread of its own."""

    def __init__(self, address: str, script: Callable[[zmq.Socket[bytes]], None]) -> None:
        self._thread = threading.Thread(target=self._run, args=(address, script))
        self._thread.start()

    def _run(self, address: str, script: Callable[[zmq.Socket[bytes]], None]) -> None:
        with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
            socket.setsockopt(zmq.RCVTIMEO, 5000)
            socket.connect(address)
            script(socket)

    def join(self) -> None:
        self._thread.join(10.0)
        assert not self._thread.is_alive()


@pytest.fixture
def platform() -> Iterator[PluginSocket]:
    with PluginSocket() as socket:
        yield socket


def greet(socket: zmq.Socket[bytes], token: str) -> list[object]:
    socket.send(msgpack.packb(["hello", token]))
    setup = msgpack.unpackb(socket.recv())
    socket.send(msgpack.packb(["ready", ""]))
    return list(setup)


def test_lockstep_gives_one_frame_for_each_command(platform: PluginSocket) -> None:
    def script(socket: zmq.Socket[bytes]) -> None:
        assert greet(socket, platform.token)[1] is True
        for k in range(4):
            socket.send(frame(0.02 * (k + 1)))
            if k < 3:
                assert msgpack.unpackb(socket.recv())[0] == "command"

    plugin = Plugin(platform.address, script)
    port = ClassicPort(platform, little_drives(), True, lambda: "")
    first = port.open()
    times = [first.time_s if first else None]
    for _ in range(3):
        after = port.turn(COMMAND)
        times.append(after.time_s if after else None)
    assert times == [0.02, 0.04, 0.06, 0.08]
    plugin.join()


def test_in_real_time_frames_are_joined_and_none_lost(platform: PluginSocket) -> None:
    sent = threading.Event()

    def script(socket: zmq.Socket[bytes]) -> None:
        greet(socket, platform.token)
        socket.send(frame(0.02, (0, 1)))
        socket.send(frame(0.04))
        sent.set()

    plugin = Plugin(platform.address, script)
    port = ClassicPort(platform, little_drives(), False, lambda: "")
    assert port.open() is None
    assert sent.wait(5.0)
    plugin.join()
    seen = []
    while not seen or seen[-1].time_s < 0.04:
        newest = port.turn(COMMAND)
        if newest is not None:
            seen.append(newest)
    assert [(c.robot, c.other) for f in seen for c in f.contacts] == [(0, 1)]
    assert port.turn(COMMAND) is None


def test_somebody_without_the_token_is_not_listened_to(platform: PluginSocket) -> None:
    def stranger(socket: zmq.Socket[bytes]) -> None:
        socket.send(msgpack.packb(["hello", "guessed"]))
        socket.send(b"\xc1 rubbish")
        socket.send(frame(9.0))

    def script(socket: zmq.Socket[bytes]) -> None:
        greet(socket, platform.token)
        socket.send(frame(0.02))

    Plugin(platform.address, stranger).join()
    plugin = Plugin(platform.address, script)
    first = ClassicPort(platform, little_drives(), True, lambda: "").open()
    assert first is not None and first.time_s == 0.02
    plugin.join()


def test_an_error_of_the_plugin_says_what_is_missing(platform: PluginSocket) -> None:
    def script(socket: zmq.Socket[bytes]) -> None:
        socket.send(msgpack.packb(["hello", platform.token]))
        socket.recv()
        socket.send(msgpack.packb(["error", "model door has no joint leaf_joint"]))

    plugin = Plugin(platform.address, script)
    with pytest.raises(WorldError, match="has no joint leaf_joint"):
        ClassicPort(platform, little_drives(), True, lambda: "").open()
    plugin.join()


def test_a_dead_gazebo_ends_every_wait_with_its_reason(platform: PluginSocket) -> None:
    port = ClassicPort(platform, little_drives(), True, lambda: "gzserver was ended by signal 9")
    with pytest.raises(WorldError, match="signal 9"):
        port.open()
    with pytest.raises(WorldError, match="signal 9"):
        port.turn(COMMAND)
    with pytest.raises(WorldError, match="signal 9"):
        ClassicPort(platform, little_drives(), False, lambda: "gzserver was ended by signal 9").turn(COMMAND)


def test_a_stop_ends_the_wait_for_the_start(platform: PluginSocket) -> None:
    with pytest.raises(WorldError, match="stopped"):
        ClassicPort(platform, little_drives(), True, lambda: "").open(lambda: True)
