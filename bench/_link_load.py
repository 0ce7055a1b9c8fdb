"""Load for the receivers of _link_receivers.py, one process each.

A loader sends for all its connections in turn, as fast as they are taken or at `rate_hz` messages a second
in all, and answers the parent's pipe: "sample" -> Sent, "go" -> full speed, "rest" -> slow again, "stop" ->
the end. Before "go" every connection sends two messages a second, so that the receiver can count who is
there.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import zmq

from building_ctrl.link.keys import KeyPair
from building_ctrl.link.protocol import encode
from building_ctrl.link.protocol.messages import VERSION, Flag, Hello, Telemetry
from building_ctrl.link.protocol.transport_options import ROBOT

IDLE_PASS_S = 0.5
CONNECT_BATCH = 50
CONNECT_HZ = 800.0
REFUSED_KIND = 12
DDS_RATE_HZ = 8000.0
_FLAGS = int(Flag.LOCALISED | Flag.ARMED)


@dataclass(frozen=True)
class Sent:
    """Messages taken by the transport since the start, and CPU seconds of the loader."""

    messages: int
    cpu_s: float
    at: float


@dataclass(frozen=True)
class Load:
    """`server_key` None means plain text; `rate_hz` 0 means as fast as the receiver takes them."""

    address: str
    names: tuple[str, ...]
    server_key: bytes | None = None
    robot_keys: tuple[KeyPair, ...] = ()
    rate_hz: float = 0.0


class _Pace:
    """Runs passes over all connections until told to stop. `send_all(pass number) -> messages sent`."""

    def __init__(self, pipe: Connection, load: Load, send_all: Callable[[int], int]) -> None:
        self._pipe = pipe
        self._load = load
        self._send_all = send_all

    def run(self) -> None:
        going, sent, number, n = False, 0, 0, len(self._load.names)
        next_pass = time.monotonic()
        while True:
            wait_s = max(0.0, next_pass - time.monotonic())
            if self._pipe.poll(wait_s):
                order = self._pipe.recv()
                if order == "stop":
                    return
                if order == "go":
                    going, next_pass = True, time.monotonic()
                elif order == "rest":
                    going, next_pass = False, time.monotonic() + IDLE_PASS_S
                else:
                    self._pipe.send(Sent(sent, time.process_time(), time.monotonic()))
                continue
            number += 1
            done = self._send_all(number)
            sent += done
            now = time.monotonic()
            if not going:
                next_pass = now + IDLE_PASS_S
            elif self._load.rate_hz > 0.0:
                next_pass = max(next_pass + n / self._load.rate_hz, now - 0.1)
            else:
                next_pass = now + (0.0005 if done < n // 2 else 0.0)


def telemetry(seq: int) -> Telemetry:
    """What a driving robot reports. The epoch is never the gateway's: these robots are not to be commanded."""
    return Telemetry(
        seq, time.monotonic(), 12.345 + 1e-3 * seq, -6.789, 1.2345, 0.987, 0.0123, 76.5, _FLAGS, 1, 0, seq, 0, "L1"
    )


def load_zmq(pipe: Connection, load: Load) -> None:
    """One DEALER a robot, CURVE or plain; says hello, then telemetry."""
    context: zmq.Context[Any] = zmq.Context()
    context.set(zmq.MAX_SOCKETS, 16384)
    sockets = []
    for i in range(len(load.names)):
        dealer = context.socket(zmq.DEALER)
        for name, value in ROBOT:
            dealer.setsockopt(getattr(zmq, name), value)
        if load.server_key is not None:
            pair = load.robot_keys[i]
            dealer.curve_publickey, dealer.curve_secretkey = pair.public, pair.secret
            dealer.curve_serverkey = load.server_key
        dealer.connect(load.address)
        sockets.append(dealer)
        if i % CONNECT_BATCH == CONNECT_BATCH - 1:
            time.sleep(CONNECT_BATCH / CONNECT_HZ)
    hellos = [encode(Hello(VERSION, name, 1, 0.0, 1, "bench")) for name in load.names]
    greeted = [False] * len(sockets)
    drained_at = 0.0

    def send_all(number: int) -> int:
        nonlocal drained_at
        done = 0
        for i, dealer in enumerate(sockets):
            try:
                if not greeted[i]:
                    dealer.send(hellos[i], zmq.NOBLOCK)
                    greeted[i] = True
                dealer.send(encode(telemetry(number)), zmq.NOBLOCK)
                done += 1
            except zmq.Again:
                continue
        if time.monotonic() - drained_at > 1.0:
            drained_at = time.monotonic()
            for i, dealer in enumerate(sockets):
                greeted[i] = greeted[i] and not _refused(dealer)
        return done

    _Pace(pipe, load, send_all).run()
    for dealer in sockets:
        dealer.close(0)
    context.term()


def _refused(dealer: zmq.Socket[bytes]) -> bool:
    """Empty a socket; whether the gateway does not know this connection (any more)."""
    refused = False
    while dealer.getsockopt(zmq.EVENTS) & zmq.POLLIN:
        refused |= dealer.recv(zmq.NOBLOCK)[1] == REFUSED_KIND
    return refused


def load_websocket(pipe: Connection, load: Load) -> None:
    """WebSocket clients (RFC 6455) on plain sockets: a client library would cost more than the server."""
    host, port = load.address.split(":")
    sockets = [_websocket(host, int(port)) for _ in load.names]
    field_names = Telemetry.__struct_fields__

    def send_all(number: int) -> int:
        done = 0
        row = telemetry(number)
        values = {name: getattr(row, name) for name in field_names}
        for name, connection in zip(load.names, sockets, strict=True):
            text = json.dumps({"robot": name, **values}).encode()
            head = struct.pack(">BBH4s", 0x81, 0x80 | 126, len(text), b"\0\0\0\0")
            connection.sendall(head + text)
            done += 1
        return done

    _Pace(pipe, load, send_all).run()
    for connection in sockets:
        connection.close()


def _websocket(host: str, port: int) -> socket.socket:
    connection = socket.create_connection((host, port), timeout=10.0)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    key = base64.b64encode(os.urandom(16)).decode()
    request = (
        f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    connection.sendall(request.encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(4096)
    if b" 101 " not in answer.split(b"\r\n")[0]:
        raise RuntimeError(f"WebSocket handshake refused: {answer[:80]!r}")
    return connection


def load_rclpy(pipe: Connection, load: Load) -> None:
    """All robots through one publisher: kinder to rclpy than a publisher each."""
    import rclpy
    from nav_msgs.msg import Odometry

    rclpy.init()
    node = rclpy.create_node("bench_loader")
    publisher = node.create_publisher(Odometry, "bench_odometry", 100)

    def send_all(number: int) -> int:
        row = telemetry(number)
        message = Odometry()
        message.header.frame_id = row.level
        message.pose.pose.position.x, message.pose.pose.position.y = row.x, row.y
        message.pose.pose.orientation.z = row.yaw
        message.twist.twist.linear.x, message.twist.twist.angular.z = row.v, row.w
        share = 1.0 / (load.rate_hz or DDS_RATE_HZ)
        begin = time.monotonic()
        for i, name in enumerate(load.names):
            message.child_frame_id = name
            publisher.publish(message)
            ahead = begin + share * (i + 1) - time.monotonic()
            if ahead > 0.001:
                time.sleep(ahead)
        return len(load.names)

    _Pace(pipe, load, send_all).run()
    node.destroy_node()
    rclpy.shutdown()


LOADERS: dict[str, Callable[[Connection, Load], None]] = {
    "gateway": load_zmq,
    "bare": load_zmq,
    "websocket": load_websocket,
    "rclpy": load_rclpy,
}
