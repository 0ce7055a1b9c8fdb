"""Mutated, truncated, oversized and nonsensical frames and whole sessions, at both sides.

`BUILDING_CTRL_FUZZ_FRAMES` makes the long run longer; with atheris installed its mutator is used as well.
"""

from __future__ import annotations

import gc
import json
import os
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.link.hub import LinkHub
from building_ctrl.link.protocol import RobotReport, RobotSession, decode_from_gateway, encode
from building_ctrl.link.protocol.messages import Command, Flag, Hello, Refused, Telemetry, Welcome
from building_ctrl.link.protocol.stream_sender import StreamSender
from building_ctrl.link.protocol.streams import Offer, Stream, encode_stream
from building_ctrl.link.stream_hub import StreamHub

FRAMES = int(os.environ.get("BUILDING_CTRL_FUZZ_FRAMES", "20000"))
GROWTH_BYTES = 200_000
VECTORS = Path(__file__).parent / "vectors"
SEEDS = [
    bytes.fromhex(row["bytes"])
    for name in ("messages.json", "refused.json", "streams.json", "streams_refused.json")
    for row in json.loads((VECTORS / name).read_text())
]
ODD = [b"\xcb\x7f\xf8" + bytes(6), b"\xdd\xff\xff\xff\xff", b"\xc6\x7f\xff\xff\xff"]  # NaN, endless array and bytes
KEYS = {"key-a": "a", "key-b": "b"}
anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.integers(-5, 5), inner, max_size=4),
    max_leaves=12,
)
nonsense = st.builds(
    lambda kind, fields: msgpack.packb([kind, *fields]), st.integers(0, 20), st.lists(anything, max_size=15)
)
mutated = st.builds(
    lambda seed, chance: mutate(seed, random.Random(chance)), st.sampled_from(SEEDS), st.integers(0, 2**32)
)
frames = st.binary(max_size=60) | mutated | nonsense


def robot_of(identity: str, name: str) -> str:
    try:
        return KEYS[identity]
    except KeyError:
        raise LookupError("not enrolled here") from None


def mutate(seed: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, cut out, doubled, appended or put before; sometimes far too long."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(data))
        way = chance.randrange(7)
        if way == 0:
            data[at : at + 1] = bytes([chance.randrange(256)])
        elif way == 1:
            del data[at : at + chance.randint(1, 8)]
        elif way == 2:
            data[at:at] = chance.randbytes(chance.randint(1, 8))
        elif way == 3:
            data[at:at] = data[at : at + 12]
        elif way == 4:
            data[at : at + 1] = chance.choice(ODD)
        elif way == 5:
            del data[at:]
        elif chance.random() < 0.05:
            data += bytes(chance.choice([4097, 5000, 140_000]))
    return bytes(data)


def stream_of_frames(seed: int, count: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    for _ in range(count):
        yield mutate(chance.choice(SEEDS), chance)


class GoodRobot:
    """Robot `b`, which speaks with the gateway while somebody else sends nonsense."""

    def __init__(self, hub: LinkHub) -> None:
        self._hub = hub
        self.session = RobotSession("b", 7)
        self.commands = 0
        self.step(0.0)

    def step(self, now: float) -> list[tuple[bytes, bytes]]:
        """One exchange; returns what the gateway sent to others."""
        self.session.tick(now)
        self.session.report(RobotReport(1.0, 2.0, 0.0), now)
        for frame in self.session.take():
            self._hub.receive(b"good", "key-b", frame, now)
        self._hub.tick(now)
        self._hub.command("b", 0.1, 0.0, 1.0, now)
        others = []
        for connection, frame in self._hub.take():
            if connection != b"good":
                others.append((connection, frame))
                continue
            self.commands += type(decode_from_gateway(frame)) is Command
            self.session.receive(frame, now)
        self.session.setpoint(now)
        return others


def attack(hub: LinkHub, good: GoodRobot, seed: int, count: int, start: float) -> tuple[int, int, float]:
    """Frames at 2,000 a second of virtual time from a robot with a good key; returns lines for the log, answers to
    the attacker, and the time after."""
    now, lines, answers = start, 0, 0
    for i, data in enumerate(stream_of_frames(seed, count)):
        hub.receive(b"bad", "key-a", data, now)
        if i % 100 == 99:
            now += 0.05
            answers += len(good.step(now))
            lines += sum(notice.robot != "b" for notice in hub.notices)
            assert all("\n" not in notice.text and len(notice.text) < 400 for notice in hub.notices)
            hub.notices.clear()
            hub.events.clear()
            hub.fresh()
    return lines, answers, now


def test_the_gateway_survives_without_growing_tells_once_a_second_and_others_drive_on() -> None:
    hub = LinkHub("g", robot_of)
    good = GoodRobot(hub)
    _, _, now = attack(hub, good, 1, 4000, 0.0)
    assert good.session.armed
    commands = good.commands
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    lines, answers, end = attack(hub, good, 2, FRAMES, now)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    seconds = end - now
    assert grown < GROWTH_BYTES, f"{grown} bytes more after {FRAMES} frames"
    assert 1 <= lines <= 2 * seconds + 5, f"{lines} lines in {seconds:.0f} s"
    assert answers <= 40 * seconds + 20
    assert good.session.armed and good.session.dropped == 0
    assert good.commands - commands >= 0.9 * seconds / 0.05
    assert hub.refused_frames > FRAMES / 4


def test_the_robot_survives_without_growing_and_never_moves_by_nonsense() -> None:
    chance = random.Random(3)
    robot = RobotSession("a", 7)
    sender = StreamSender("a", Stream.SCAN)
    grown, before, now, sent = 0, 0, 1000.0, 0
    for i, data in enumerate(stream_of_frames(4, FRAMES + 2000)):
        if i == 2000:
            gc.collect()
            tracemalloc.start()
            before = tracemalloc.get_traced_memory()[0]
        robot.receive(data, now)
        sender.receive(data, now)
        if i % 10 == 9:
            now += 0.02
            if chance.random() < 0.1:
                robot.receive(encode(Welcome(1, "g", 2**40 + i, 0.0, 0.05, 0.3, 0)), now)
            robot.tick(now)
            robot.report(RobotReport(0.0, 0.0, 0.0), now)
            target = robot.setpoint(now)
            assert abs(target.v_mps) <= 20.0 and abs(target.w_radps) <= 50.0
            assert target.holding or robot.armed
            sent += sum(len(frame) for frame in robot.take())
            sender.take(now)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < GROWTH_BYTES, f"{grown} bytes more after {FRAMES} frames"
    assert robot.errors > FRAMES / 4 and sent > 0


def test_streams_survive_without_growing_while_watched() -> None:
    hub = StreamHub(robot_of)
    lines, before = 0, 0
    for i, data in enumerate(stream_of_frames(5, FRAMES + 2000)):
        now = i * 0.005
        if i == 2000:
            gc.collect()
            tracemalloc.start()
            before = tracemalloc.get_traced_memory()[0]
        if i % 40 == 0:
            hub.watch("w", "a", 15, now)
            hub.receive(b"bad", "key-a", encode_stream(Offer("a", 15)), now)
            hub.tick(now)
            hub.take()
            hub.newest()
            lines += len(hub.notices)
            hub.notices.clear()
        hub.receive(b"bad", "key-a", data, now)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < GROWTH_BYTES, f"{grown} bytes more after {FRAMES} frames"
    assert hub.decoded > 10 and 1 <= lines <= 2 * (FRAMES + 2000) * 0.005 + 5


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["key-a", "key-b", "stranger"]), frames), max_size=40))
def test_whole_sessions_of_nonsense_leave_the_hub_in_order(script: list[tuple[int, str, bytes]]) -> None:
    hub, streams, now = LinkHub("g", robot_of), StreamHub(robot_of), 0.0
    streams.watch("w", "a", 15, 0.0)
    for number, identity, data in script:
        now += 0.02
        connection = f"{identity}{number}".encode()
        if number == 0:
            hub.receive(connection, identity, encode(Hello(1, KEYS.get(identity, "x"), 1, now, 1)), now)
        hub.receive(connection, identity, data, now)
        streams.receive(connection, identity, data, now)
        hub.tick(now)
        streams.tick(now)
        for _, frame in hub.take():
            decode_from_gateway(frame)
        streams.take()
    assert set(hub.sessions) <= {"a", "b"}
    for robot, session in hub.sessions.items():
        assert session.robot == robot and session.telemetry_lost >= 0
        owner = hub._connections[hub._address[robot]]
        assert KEYS[owner.identity] == robot, "a robot was spoken for by another's key"
    assert all(isinstance(r.robot, str) and r.robot == "a" for r in streams.newest())


@settings(max_examples=60)
@given(st.lists(frames, max_size=40))
def test_a_robot_that_is_not_armed_by_its_gateway_never_moves(script: list[bytes]) -> None:
    robot = RobotSession("a", 7)
    now = 50.0
    for data in script:
        now += 0.03
        armed = robot.armed
        robot.receive(data, now)
        robot.tick(now)
        if not robot.armed and not armed:
            drives = robot.setpoint(now)
            assert drives.holding and drives[:2] == (0.0, 0.0) and drives.vy_mps == 0.0
        robot.take()


def test_refusals_go_to_who_caused_them_and_telemetry_of_others_is_not_taken() -> None:
    hub = LinkHub("g", robot_of)
    good = GoodRobot(hub)
    good.step(0.05)
    frame = encode(Telemetry(1, 1.0, 9.0, 9.0, 0.0, 0.0, 0.0, 1.0, int(Flag.LOCALISED), 0, 0, 0, 0))
    hub.receive(b"bad", "key-a", frame, 0.06)
    others = good.step(0.1)
    assert [(c, type(decode_from_gateway(f))) for c, f in others] == [(b"bad", Refused)]
    telemetry = hub.sessions["b"].telemetry
    assert telemetry is not None and telemetry.x == 1.0


def test_the_library_s_mutator_finds_nothing_either() -> None:
    atheris = pytest.importorskip("atheris", reason="atheris is not installed")
    chance = random.Random(6)
    hub, robot = LinkHub("g", robot_of), RobotSession("a", 7)
    for i in range(min(FRAMES, 5000)):
        data = atheris.Mutate(chance.choice(SEEDS), 5000)
        hub.receive(b"bad", "key-a", data, i * 0.01)
        robot.receive(data, i * 0.01)
        hub.take()
        robot.take()
