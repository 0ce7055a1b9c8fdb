from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from building_ctrl.link.gateway import Gateway
from building_ctrl.link.protocol.gateway import LinkParameters
from building_ctrl.link.protocol.messages import EventKind
from building_ctrl.link.protocol.streams import Scan, Stream
from building_ctrl.link.registry import Enrolled, Registry
from building_ctrl.link.server import LinkServer
from building_ctrl.link.stream_server import StreamServer
from building_ctrl.link.zmq_transport import ZmqGatewayTransport
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import RobotProfile
from building_ctrl.robot import AsyncRobotClient, RobotReport

ROOT = Path(__file__).parents[2]
DEADLINE_S = 15.0


class Site:
    """A gateway with streams on loopback in plain text."""

    def __init__(self) -> None:
        registry = Registry((Enrolled(RobotProfile("r1", "f")),))
        self.streams = StreamServer("tcp://127.0.0.1:*", None, registry)
        self.gateway = Gateway("g", registry, LinkParameters(stream_port=self.streams.port))
        self.gateway.turn(time.monotonic())
        self.address = "tcp://127.0.0.1:*"
        self.open()
        self.streams.start()

    def open(self) -> None:
        transport = ZmqGatewayTransport(self.address, None)
        self.address = transport.address
        self.server = LinkServer(transport, self.gateway.hub, self.gateway.turn)
        self.server.start()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.stop()
    site.streams.stop()


def test_it_is_driven_and_told_events_are_acknowledged_over_a_restart_of_the_gateway(site: Site) -> None:
    site.gateway.release([ReleasedPath("r1", "L1", 1, 0, (Waypoint(5.0, 0.0),))])

    async def run() -> None:
        async with AsyncRobotClient(site.address, "r1") as robot:
            driven = asyncio.Event()

            async def drive() -> None:
                async for target in robot.drive(lambda: RobotReport(0.0, 0.0, 0.0)):
                    if target.v_mps > 0.05:
                        driven.set()

            task = asyncio.create_task(drive())
            assert await robot.tell(EventKind.NOTE, "first", DEADLINE_S)
            await asyncio.wait_for(driven.wait(), DEADLINE_S)
            await asyncio.to_thread(site.server.stop)
            assert not await robot.tell(EventKind.NOTE, "nobody hears", 0.2), "acknowledged by nobody"
            assert robot.sync.session.events_waiting == 1
            site.gateway = Gateway("g", Registry((Enrolled(RobotProfile("r1", "f")),)), first_epoch=1000)
            site.gateway.turn(time.monotonic())
            site.open()
            assert await robot.tell(EventKind.NOTE, "second", DEADLINE_S)
            task.cancel()

    asyncio.run(run())
    site.server.stop()
    heard = [note.rpartition(": ")[2] for note in site.gateway.notes if " event " in note]
    assert heard == ["nobody hears", "second"]


def test_a_bad_address_is_said_in_one_line() -> None:
    async def run() -> None:
        async with AsyncRobotClient("carrier pigeon", "r1"):
            pass

    with pytest.raises(ValueError, match="cannot connect to carrier pigeon"):
        asyncio.run(run())


def test_the_example_drives_and_shows_its_lidar_to_whoever_watches_only(site: Site) -> None:
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        import async_robot
    finally:
        sys.path.pop(0)
    site.gateway.release([ReleasedPath("r1", "L1", 1, 0, (Waypoint(0.3, 0.0),))])
    scans: list[Scan] = []
    before: list[int] = []

    async def watch() -> None:
        end = time.monotonic() + DEADLINE_S
        while not site.streams.counts[3] and time.monotonic() < end:
            await asyncio.sleep(0.02)
        before.extend(site.streams.counts[:2])
        while len(scans) < 3 and time.monotonic() < end:
            site.streams.watch("test", "r1", int(Stream.SCAN))
            scans.extend(r.data for r in site.streams.newest()[0] if isinstance(r.data, Scan))
            await asyncio.sleep(0.05)

    async def run() -> None:
        robot = asyncio.create_task(async_robot.main(site.address, "r1", "", "6"))
        await watch()
        await robot

    asyncio.run(run())
    assert before == [0, 0] and site.streams.counts[1] == 0, "scans were sent though nobody watched"
    assert len(scans) >= 3 and len(scans[0].ranges) == 720
    state = site.gateway.robot_states(time.monotonic())[0]
    assert state.reached_seq == 1 and abs(state.x_m - 0.3) < 0.08
    assert any("ready for work" in note for note in site.gateway.notes)
