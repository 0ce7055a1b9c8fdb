"""A world in Gazebo Classic as a WorldPort: the platform's end of our plugin's socket.

The socket is bound to loopback and has no encryption; a token that only the plugin is told keeps others out.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any

import zmq

from building_ctrl.gazebo.classic.codec import CodecError, decode, encode_command, encode_setup, frame_of
from building_ctrl.gazebo.world_port import Drives, WorldCommand, WorldError, WorldFrame

POLL_MS = 200
START_S = 60.0
SILENCE_S = 60.0
STEPS_PER_FRAME = 5  # of 4 ms


class PluginSocket:
    """Owns the socket. `address` and `token` go to the plugin by its environment."""

    def __init__(self) -> None:
        self.address = ""
        self.token = secrets.token_hex(16)
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None
        self._socket: zmq.Socket[bytes] | None = None
        self._plugin = b""

    def __enter__(self) -> PluginSocket:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.bind("tcp://127.0.0.1:*")
        self.address = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket. May be repeated."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._context is not None:
            self._context.term()
            self._context = None

    def send(self, message: bytes) -> None:
        """To the plugin, once it has said hello."""
        if self._socket is not None and self._plugin:
            self._socket.send_multipart([self._plugin, message], zmq.NOBLOCK)

    def receive(self, timeout_ms: int) -> list[bytes]:
        """Messages of the plugin that have come, waiting for the first at most that long; others' are
        dropped."""
        socket = self._socket
        if socket is None or not socket.poll(timeout_ms):
            return []
        messages: list[bytes] = []
        while socket.poll(0):
            sender, *parts = socket.recv_multipart()
            if not self._plugin and parts and self._is_hello(parts[0]):
                self._plugin = sender
            if sender == self._plugin and len(parts) == 1:
                messages.append(parts[0])
        return messages

    def _is_hello(self, message: bytes) -> bool:
        try:
            kind, content = decode(message)
        except CodecError:
            return False
        return kind == "hello" and content == [self.token]


class ClassicPort:
    """WorldPort over a PluginSocket. `alive` says in one line why Gazebo has ended, or nothing while it runs."""

    def __init__(
        self,
        socket: PluginSocket,
        drives: Drives,
        lockstep: bool,
        alive: Callable[[], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._socket = socket
        self._drives = drives
        self._lockstep = lockstep
        self._alive = alive
        self._clock = clock
        self._waiting: deque[tuple[str, list[Any]]] = deque()

    def open(self, stopping: Callable[[], bool] = lambda: False) -> WorldFrame | None:
        """Wait until the world runs with the drives; returns the first frame in lockstep. Raises WorldError."""
        self._await("hello", START_S, stopping)
        self._socket.send(encode_setup(self._drives, self._lockstep, STEPS_PER_FRAME))
        self._await("ready", START_S, stopping)
        return _frame(self._await("frame", START_S, stopping)) if self._lockstep else None

    def turn(self, command: WorldCommand) -> WorldFrame | None:
        """See WorldPort."""
        self._socket.send(encode_command(command))
        if self._lockstep:
            return _frame(self._await("frame", SILENCE_S))
        self._take_waiting(0)
        frames = [content for kind, content in self._waiting if kind == "frame"]
        self._waiting.clear()
        if not frames:
            if why := self._alive():
                raise WorldError(why)
            return None
        return _joined([_frame(content) for content in frames])

    def close(self) -> None:
        """See WorldPort."""
        self._socket.close()

    def _await(self, awaited: str, timeout_s: float, stopping: Callable[[], bool] = lambda: False) -> list[Any]:
        deadline = self._clock() + timeout_s
        while True:
            while self._waiting:
                kind, content = self._waiting.popleft()
                if kind == awaited:
                    return content
            if self._take_waiting(POLL_MS):
                continue
            if why := self._alive():
                raise WorldError(why)
            if stopping():
                raise WorldError("stopped while Gazebo was starting")
            if self._clock() > deadline:
                raise WorldError(f"Gazebo did not answer for {timeout_s:g} s: see gzserver.log of the run")

    def _take_waiting(self, timeout_ms: int) -> bool:
        messages = self._socket.receive(timeout_ms)
        for message in messages:
            try:
                kind, content = decode(message)
            except CodecError as error:
                raise WorldError(f"Gazebo's plugin is of another version: {error}") from error
            if kind == "error":
                raise WorldError(f"Gazebo's world does not fit the map: {content[0] if content else 'no reason given'}")
            self._waiting.append((kind, content))
        return bool(messages)


def _frame(content: list[Any]) -> WorldFrame:
    try:
        return frame_of(content)
    except CodecError as error:
        raise WorldError(f"Gazebo's plugin is of another version: {error}") from error


def _joined(frames: list[WorldFrame]) -> WorldFrame:
    """The newest of several frames, with the contacts of all."""
    contacts = {contact: None for frame in frames for contact in frame.contacts}
    return replace(frames[-1], contacts=tuple(contacts))
