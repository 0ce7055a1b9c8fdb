"""Receivers that bench/link.py compares, one process each: our gateway, a bare ZeroMQ loop, rclpy, WebSocket.

Every receiver runs its loop in the process's main thread while a second thread answers the parent's pipe:
"sample" -> Sample, "stop" -> the end. The first thing it sends is the address to load.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import msgpack
import numpy as np
import zmq

from building_ctrl.link.gateway import Gateway
from building_ctrl.link.keys import KeyPair
from building_ctrl.link.limits import LinkLimits
from building_ctrl.link.protocol.gateway import LinkParameters
from building_ctrl.link.protocol.transport_options import CONTEXT_ZERO_COPY_RECV, GATEWAY
from building_ctrl.link.registry import Enrolled, Registry
from building_ctrl.link.server import LinkServer
from building_ctrl.link.zmq_transport import ZmqGatewayTransport
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import RobotProfile

MESSAGES_A_CONNECTION_S = 1e6
LEVEL = "L1"


@dataclass(frozen=True)
class Sample:
    """Counts since the start, CPU seconds of the whole process, and when (monotonic)."""

    messages: int
    connections: int
    cpu_s: float
    at: float
    armed: int = 0
    gateway_p50_ms: float = 0.0
    gateway_p99_ms: float = 0.0
    dropped: int = 0
    memory_mb: float = 0.0


@dataclass(frozen=True)
class Setup:
    """`names` of the robots; `keys` the server's pair, None for plain text; `robot_keys` public halves.

    `path_m` > 0 releases to every robot a straight of that length along x; 0 leaves them standing.
    """

    names: tuple[str, ...]
    keys: KeyPair | None = None
    robot_keys: tuple[str, ...] = ()
    telemetry_period_s: float = 0.05
    path_m: float = 0.0


def serve_gateway(pipe: Connection, setup: Setup) -> None:
    """The whole gateway as it ships, ROS topics apart: transport, hub, state arrays and pilot."""
    keys = setup.robot_keys or ("",) * len(setup.names)
    robots = [Enrolled(RobotProfile(name, "bench"), key) for name, key in zip(setup.names, keys, strict=True)]
    limits = LinkLimits(
        frames_per_s=MESSAGES_A_CONNECTION_S,
        burst_frames=MESSAGES_A_CONNECTION_S,
        max_connections=4 * len(robots) + 100,
        hellos_per_s=2000.0,
    )
    link = LinkParameters(telemetry_period_s=setup.telemetry_period_s)
    gateway = Gateway("bench", Registry(tuple(robots)), link, limits, first_epoch=int(time.time() * 1000))
    if setup.path_m > 0.0:
        way = (Waypoint(setup.path_m, 0.0),)
        gateway.release([ReleasedPath(name, LEVEL, 1, 0, way) for name in setup.names])
    gateway.turn(time.monotonic())
    transport = ZmqGatewayTransport("tcp://127.0.0.1:*", setup.keys, gateway.allows, 16384)
    server = LinkServer(transport, gateway.hub, gateway.turn)

    def sample() -> Sample:
        sessions = list(gateway.hub.sessions.values())
        report = gateway.link_report()
        return Sample(
            sum(s.telemetry_count for s in sessions),
            len(sessions),
            time.process_time(),
            time.monotonic(),
            sum(s.armed for s in sessions),
            report.command_latency_p50_ms,
            report.command_latency_p99_ms,
            server.dropped_frames,
            _memory_mb(),
        )

    server.start()
    gc.collect()
    gc.freeze()
    pipe.send(transport.address)
    _answer(pipe, sample)
    server.stop()


def serve_bare(pipe: Connection, setup: Setup) -> None:
    """poll, recv_multipart, msgpack.unpackb, keep the newest a connection: nothing less is a receiver."""
    context: zmq.Context[Any] = zmq.Context()
    context.set(zmq.MAX_SOCKETS, 16384)
    context.setsockopt(CONTEXT_ZERO_COPY_RECV, 0)
    router = context.socket(zmq.ROUTER)
    for name, value in GATEWAY:
        router.setsockopt(getattr(zmq, name), value)
    if setup.keys is not None:
        router.curve_server = True
        router.curve_secretkey, router.curve_publickey = setup.keys.secret, setup.keys.public
    router.bind("tcp://127.0.0.1:*")
    newest: dict[bytes, Any] = {}
    count = 0
    stopping = threading.Event()

    def sample() -> Sample:
        return Sample(count, len(newest), time.process_time(), time.monotonic())

    control = threading.Thread(target=lambda: (_answer(pipe, sample), stopping.set()), daemon=True)
    pipe.send(router.getsockopt_string(zmq.LAST_ENDPOINT))
    control.start()
    while not stopping.is_set():
        if not router.poll(20):
            continue
        try:
            while True:
                connection, data = router.recv_multipart(zmq.NOBLOCK)
                newest[connection] = msgpack.unpackb(data)
                count += 1
        except zmq.Again:
            continue
    router.close(0)
    context.term()


def serve_websocket(pipe: Connection, setup: Setup) -> None:
    """A JSON bridge on the websockets library, without compression and pings."""
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed

    newest: dict[str, Any] = {}
    count = 0

    async def handle(connection: ServerConnection) -> None:
        nonlocal count
        with suppress(ConnectionClosed):
            async for text in connection:
                row = json.loads(text)
                newest[row["robot"]] = row
                count += 1

    async def run() -> None:
        async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            port = server.sockets[0].getsockname()[1]

            def sample() -> Sample:
                return Sample(count, len(newest), time.process_time(), time.monotonic())

            pipe.send(f"127.0.0.1:{port}")
            await asyncio.to_thread(_answer, pipe, sample)
            for connection in list(server.connections):
                connection.transport.abort()

    asyncio.run(run())


def serve_rclpy(pipe: Connection, setup: Setup) -> None:
    """An rclpy subscription of nav_msgs/Odometry that keeps the newest pose a robot."""
    import rclpy
    from nav_msgs.msg import Odometry
    from rclpy.executors import SingleThreadedExecutor

    index = {name: i for i, name in enumerate(setup.names)}
    states = np.zeros((len(index), 4))
    seen: set[str] = set()
    count = 0

    def take(message: Any) -> None:
        nonlocal count
        pose, twist = message.pose.pose, message.twist.twist
        i = index[message.child_frame_id]
        states[i] = (pose.position.x, pose.position.y, pose.orientation.z, twist.linear.x)
        seen.add(message.child_frame_id)
        count += 1

    rclpy.init()
    node = rclpy.create_node("bench_receiver")
    node.create_subscription(Odometry, "bench_odometry", take, 100)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    stopping = threading.Event()

    def sample() -> Sample:
        return Sample(count, len(seen), time.process_time(), time.monotonic())

    control = threading.Thread(target=lambda: (_answer(pipe, sample), stopping.set()), daemon=True)
    pipe.send("bench_odometry")
    control.start()
    while not stopping.is_set():
        executor.spin_once(timeout_sec=0.05)
    node.destroy_node()
    rclpy.shutdown()


def _memory_mb() -> float:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.readline().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return float("nan")


def _answer(pipe: Connection, sample: Callable[[], Sample]) -> None:
    while pipe.recv() == "sample":
        pipe.send(sample())


RECEIVERS: dict[str, Callable[[Connection, Setup], None]] = {
    "gateway": serve_gateway,
    "bare": serve_bare,
    "websocket": serve_websocket,
    "rclpy": serve_rclpy,
}
