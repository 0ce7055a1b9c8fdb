"""What carries frames between gateway and robots. ZeroMQ ships; a datagram channel can be added beside it."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Received(NamedTuple):
    """One frame: its connection, the key that was authenticated (empty on plain text), and the bytes."""

    connection: bytes
    identity: str
    data: bytes


class GatewayTransport(Protocol):
    """The gateway's end. Used by one thread only; that thread's owner closes it."""

    def wait(self, timeout_s: float) -> bool:
        """Wait for frames. False where none came in time."""

    def receive(self) -> Received | None:
        """The next frame, None where none waits."""

    def send(self, connection: bytes, data: bytes) -> bool:
        """Send without waiting. False where the peer is gone or does not read: the frame is dropped."""

    def close(self) -> None:
        """Close the socket; nothing is sent after."""
