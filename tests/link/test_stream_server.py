"""Streams over real sockets; the flood comes from a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from building_ctrl.link.gateway import Gateway
from building_ctrl.link.keys import new_keys, write_keys
from building_ctrl.link.protocol.gateway import LinkParameters
from building_ctrl.link.protocol.streams import Battery, Image, Stream
from building_ctrl.link.registry import Enrolled, Registry, revoked
from building_ctrl.link.server import LinkServer
from building_ctrl.link.stream_server import StreamServer, beside
from building_ctrl.link.zmq_transport import ZmqGatewayTransport
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import RobotProfile
from building_ctrl.robot import RobotClient, RobotKeys, RobotReport, StreamSender

ROOT = Path(__file__).parents[2]
DEADLINE_S = 15.0
FLOOD = """
import sys, time, zmq
from building_ctrl.link.protocol.streams import Image, Offer, encode_stream
from building_ctrl.robot import read_robot_keys
address, name, file, seconds = sys.argv[1:]
keys = read_robot_keys(file)
socket = zmq.Context().socket(zmq.DEALER)
socket.setsockopt(zmq.LINGER, 0)
socket.setsockopt(zmq.SNDTIMEO, 100)
socket.curve_publickey, socket.curve_secretkey, socket.curve_serverkey = keys.public, keys.secret, keys.gateway
socket.connect(address)
socket.send(encode_stream(Offer(name, 15)))
print("flooding", flush=True)
frames = [encode_stream(Image(1, 1.0, "jpeg", b"x" * 120_000)), encode_stream(Image(1, 1.0, "jpeg", b"x")), b"noise"]
end, sent = time.monotonic() + float(seconds), 0
while time.monotonic() < end:
    try:
        socket.send(frames[sent % 3])
        sent += 1
    except zmq.Again:
        pass
print(sent, flush=True)
"""


class Site:
    def __init__(self, folder: Path) -> None:
        self.server_keys = new_keys()
        self.keys = {name: new_keys() for name in ("r1", "r2")}
        for name, pair in self.keys.items():
            write_keys(folder / f"{name}.key", pair, self.server_keys.public)
        self.registry = Registry(
            tuple(Enrolled(RobotProfile(name, "f"), pair.public.decode()) for name, pair in self.keys.items())
        )
        self.streams = StreamServer("tcp://127.0.0.1:*", self.server_keys, self.registry)
        self.gateway = Gateway("g", self.registry, LinkParameters(stream_port=self.streams.port))
        self.gateway.turn(time.monotonic())
        self.transport = ZmqGatewayTransport("tcp://127.0.0.1:*", self.server_keys, self.gateway.allows)
        self.server = LinkServer(self.transport, self.gateway.hub, self.gateway.turn)
        self.server.start()
        self.streams.start()

    def client(self, name: str, streams: StreamSender | None = None) -> RobotClient:
        pair = self.keys[name]
        keys = RobotKeys(pair.public, pair.secret, self.server_keys.public)
        return RobotClient(self.transport.address, name, keys, streams=streams).connect()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.server.stop()
    site.streams.stop()


def drive(client: RobotClient, done: Callable[[], bool], deadline_s: float = DEADLINE_S) -> bool:
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        client.poll(RobotReport(0.0, 0.0, 0.0))
        if done():
            return True
        client.wait(0.01)
    return False


def test_a_watched_robot_shows_its_streams_and_a_revoked_one_no_more(site: Site) -> None:
    streams = StreamSender("r1", Stream.BATTERY | Stream.IMAGE)
    client = site.client("r1", streams)
    got: list[object] = []

    def shown(kind: type) -> bool:
        now = client.clock()
        streams.put(Battery(1, now, 24.0, -1.0, 80.0), now)
        streams.put(Image(1, now, "png", b"picture"), now)
        site.streams.watch("w", "r1", int(Stream.BATTERY | Stream.IMAGE))
        got.extend(r.data for r in site.streams.newest()[0])
        return any(type(data) is kind for data in got)

    try:
        assert drive(client, lambda: shown(Battery) and shown(Image))
        after = revoked(site.registry, "r1")
        site.streams.use_registry(after)
        site.streams.newest()
        got.clear()
        end = time.monotonic() + 1.2
        drive(client, lambda: shown(Image) or time.monotonic() > end)
        assert got == [], "streams of a revoked robot were taken"
    finally:
        client.close()


def test_a_flood_of_one_robot_s_streams_delays_nobody_s_commands_and_costs_no_memory(
    site: Site, tmp_path: Path
) -> None:
    site.gateway.release([ReleasedPath("r2", "L1", 1, 0, (Waypoint(5.0, 0.0),))])
    client = site.client("r2")
    command = [sys.executable, "-c", FLOOD, site.streams.address, "r1", str(tmp_path / "r1.key"), "4"]
    flood = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert drive(client, lambda: client.session.armed)
        assert flood.stdout is not None and flood.stdout.readline() == "flooding\n"
        dropped, refused = client.session.dropped, site.streams.counts[2]
        tracemalloc.start()
        polls, held, most = 0, 0, 0

        def watching() -> bool:
            nonlocal polls, held, most
            site.streams.watch("w", "r1", 15)
            polls += 1
            held += not client.session.armed
            most = max(most, tracemalloc.get_traced_memory()[0])
            return flood.poll() is not None

        assert drive(client, watching)
        tracemalloc.stop()
        sent = int(flood.stdout.read())
        assert sent > 200 and site.streams.counts[2] > refused, "that was no flood"
        assert held <= polls // 20 and client.session.armed, "commands came too late for the watchdog"
        assert client.session.dropped - dropped <= 10
        assert most < 8_000_000
        decoded = site.streams.counts[0]
        assert decoded <= 60, "more images than the stream's limit were decoded"
        assert len([r for r in site.streams.newest()[0] if r.robot == "r1"]) <= 1
        assert site.server.failures == 0 and site.streams.failures == 0
    finally:
        flood.kill()
        flood.wait()
        client.close()


@pytest.mark.parametrize(
    ("address", "near"),
    [("tcp://127.0.0.1:5570", "tcp://127.0.0.1:*"), ("tcp://*:5570", "tcp://*:*"), ("tcp://[::1]:*", "tcp://[::1]:*"),
     ("ipc://robots", "tcp://127.0.0.1:*")],
)
def test_streams_come_in_beside_the_link_unless_told_otherwise(address: str, near: str) -> None:
    assert beside(address) == near
