"""What a flood of one robot's streams costs the commands of another: telemetry-to-command age, quiet and flooded.

Gateway, robot and flood are processes of their own, encrypted, on loopback; windows alternate in one run.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import zmq
from _table import Table

from building_ctrl.link.gateway import Gateway
from building_ctrl.link.keys import KeyPair, new_keys
from building_ctrl.link.protocol.gateway import LinkParameters
from building_ctrl.link.protocol.streams import Image, Offer, encode_stream
from building_ctrl.link.registry import Enrolled, Registry
from building_ctrl.link.server import LinkServer
from building_ctrl.link.stream_server import StreamServer
from building_ctrl.link.zmq_transport import ZmqGatewayTransport
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import RobotProfile
from building_ctrl.robot import RobotClient, RobotKeys, RobotReport

NAMES = ("driven", "flooding")
_spawn = multiprocessing.get_context("spawn")


def serve(pipe: Connection, server: KeyPair, keys: dict[str, KeyPair]) -> None:
    """Gateway process: sends its addresses; then `watch` or `rest` a message, answers with CPU time and counts."""
    registry = Registry(tuple(Enrolled(RobotProfile(n, "f"), keys[n].public.decode()) for n in NAMES))
    streams = StreamServer("tcp://127.0.0.1:*", server, registry)
    gateway = Gateway("g", registry, LinkParameters(stream_port=streams.port))
    gateway.turn(time.monotonic())
    transport = ZmqGatewayTransport("tcp://127.0.0.1:*", server, gateway.allows)
    link = LinkServer(transport, gateway.hub, gateway.turn)
    gateway.release([ReleasedPath("driven", "L1", 1, 0, (Waypoint(500.0, 0.0),))])
    link.start()
    streams.start()
    pipe.send((transport.address, streams.address))
    watched = False
    while True:
        if pipe.poll(0.05):
            order = pipe.recv()
            if order == "stop":
                break
            watched = order == "watch"
            pipe.send((time.process_time(), streams.counts))
        if watched:
            streams.watch("bench", "flooding", 15)
            streams.newest()
    link.stop()
    streams.stop()


def flood(pipe: Connection, address: str, server: KeyPair, keys: KeyPair) -> None:
    """Floods with images of 120 kB as fast as they go while told to; answers with the count."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    socket = context.socket(zmq.DEALER)
    for option, value in (("LINGER", 0), ("SNDHWM", 4), ("SNDTIMEO", 50)):
        socket.setsockopt(getattr(zmq, option), value)
    socket.curve_publickey, socket.curve_secretkey, socket.curve_serverkey = keys.public, keys.secret, server.public
    socket.connect(address)
    offer, image = encode_stream(Offer("flooding", 15)), encode_stream(Image(1, 1.0, "jpeg", b"x" * 120_000))
    on, sent, offered = False, 0, 0.0
    while True:
        if pipe.poll(0.0 if on else None):
            order = pipe.recv()
            if order == "stop":
                break
            on = order == "flood"
            pipe.send(sent)
        try:
            if time.monotonic() - offered > 1.0:
                socket.send(offer)
                offered = time.monotonic()
            socket.send(image)
            sent += 1
        except zmq.Again:
            continue
    socket.close(0)
    context.term()


def ages_s(client: RobotClient, seconds: float) -> list[float]:
    """Age of each command's telemetry when the command is obeyed."""
    ages, last, end = [], None, time.monotonic() + seconds
    while time.monotonic() < end:
        client.wait(0.01)
        client.poll(RobotReport(0.0, 0.0, 0.0))
        stamp = client.session.command_stamp
        if stamp is not None and stamp != last:
            ages.append(client.clock() - stamp)
            last = stamp
    return ages


def main() -> int:
    """Run and print; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each window")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    server, keys = new_keys(), {name: new_keys() for name in NAMES}
    near, far = _spawn.Pipe()
    gateway = _spawn.Process(target=serve, args=(far, server, keys), daemon=True)
    gateway.start()
    link, streams = near.recv()
    near_flood, far_flood = _spawn.Pipe()
    flooding = _spawn.Process(target=flood, args=(far_flood, streams, server, keys["flooding"]), daemon=True)
    flooding.start()
    pair = keys["driven"]
    client = RobotClient(link, "driven", RobotKeys(pair.public, pair.secret, server.public)).connect()
    ages_s(client, 1.5)
    windows = {
        "quiet": ("quiet", "rest"),
        "flood nobody watches": ("flood", "rest"),
        "watched flood": ("flood", "watch"),
    }
    ages: dict[str, list[float]] = {name: [] for name in windows}
    facts: dict[str, list[float]] = {name: [0.0, 0.0, 0.0] for name in windows}
    for _ in range(options.rounds):
        for name, (load, watch) in windows.items():
            near_flood.send(load)
            sent = near_flood.recv()
            near.send(watch)
            cpu_s, counts = near.recv()
            ages[name] += ages_s(client, options.seconds)
            near.send(watch)
            cpu_end_s, counts_end = near.recv()
            near_flood.send("quiet")
            facts[name][0] += near_flood.recv() - sent
            facts[name][1] += cpu_end_s - cpu_s
            facts[name][2] += counts_end[0] - counts[0]
    table = Table("Streams beside commands")
    seconds = options.seconds * options.rounds
    quiet = np.percentile(ages["quiet"], (50, 99)) * 1e3
    for name in windows:
        p50, p99 = np.percentile(ages[name], (50, 99)) * 1e3
        table.add(f"{name}: telemetry to command p50", float(p50), "ms", note=f"{len(ages[name])} commands")
        table.add(f"{name}: telemetry to command p99", float(p99), "ms", note=f"{p99 / quiet[1]:.2f} of quiet")
        sent, cpu_s, decoded = facts[name]
        note = f"{sent / seconds:.0f} images of 120 kB a second sent, {decoded / seconds:.1f} decoded"
        table.add(f"{name}: gateway's CPU", 100.0 * cpu_s / seconds, "% core", note=note)
    kept = len(ages["watched flood"]) / len(ages["quiet"])
    table.add("watched flood: commands kept", kept, "of quiet", at_least=0.95)
    for pipe in (near, near_flood):
        pipe.send("stop")
    client.close()
    gateway.join(5.0)
    flooding.join(5.0)
    if options.json is not None:
        table.write_json(options.json)
    return 0 if table.all_reached else 1


if __name__ == "__main__":
    sys.exit(main())
