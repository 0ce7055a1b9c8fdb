from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import websockets
from console_robots import robots_table
from starlette.websockets import WebSocketDisconnect

from building_ctrl.console.app import create_app
from building_ctrl.console.push import Client
from building_ctrl.console.server import ServerError, WebServer
from building_ctrl.model.path import ReleasedPath, Waypoint

DEADLINE_S = 10.0


def until(socket: Any, wanted: Callable[[Any], bool]) -> Any:
    """The first message a test wants; others pass by."""
    for _ in range(200):
        message = socket.receive()
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message.get("code", 1000))
        value = message.get("bytes") or json.loads(message["text"])
        if wanted(value):
            return value
    raise AssertionError("the message did not come")


def kind(name: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and value["type"] == name


def test_a_new_client_gets_the_whole_picture_at_once(console: Any) -> None:
    console.picture.hear_robots(robots_table("r1"), 1000.0)
    with console.client.websocket_connect("ws://localhost/api/v1/live") as socket:
        table = until(socket, kind("table"))
        summary = until(socket, kind("summary"))
        frame = until(socket, lambda value: isinstance(value, bytes))
    assert table["names"] == ["r1"]
    assert summary["ages_s"]["robots"] == 0.0
    assert frame[:4] == b"BCF1"
    assert int.from_bytes(frame[16:20], "little") == table["table"]


def test_frames_go_on_and_a_new_robot_gives_a_new_table(console: Any) -> None:
    console.picture.hear_robots(robots_table("r1"), 1000.0)
    with console.client.websocket_connect("ws://localhost/api/v1/live") as socket:
        first = until(socket, kind("table"))
        console.picture.hear_robots(robots_table("r1", "r2"), 1000.0)
        second = until(socket, kind("table"))
        frame = until(socket, lambda value: isinstance(value, bytes) and len(value) == 24 + 2 * 29)
    assert second["names"] == ["r1", "r2"]
    assert second["table"] != first["table"]
    assert int.from_bytes(frame[16:20], "little") == second["table"]


def test_watching_a_level_brings_its_paths(console: Any) -> None:
    console.picture.hear_paths([ReleasedPath("r1", "L1", 1, 0, (Waypoint(1.0, 2.0),))], 1000.0)
    with console.client.websocket_connect("ws://localhost/api/v1/live") as socket:
        assert until(socket, kind("summary"))["paths"] == []
        socket.send_json({"type": "watch", "level": "L1"})
        assert until(socket, lambda v: kind("summary")(v) and v["level"] == "L1")["paths"][0]["robot"] == "r1"


@pytest.mark.parametrize("text", ["nonsense", "[]", '{"type": "fly"}', '{"type": "watch", "level": 3}', "x" * 5000])
def test_a_client_that_says_nonsense_is_let_go(console: Any, text: str) -> None:
    with console.client.websocket_connect("ws://localhost/api/v1/live") as socket:
        socket.send_text(text)
        with pytest.raises(WebSocketDisconnect) as ended:
            until(socket, lambda value: False)
    assert ended.value.code == 1008


class StalledSocket:
    """A socket whose first message never gets out until it is released."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.released = asyncio.Event()

    async def send_text(self, text: str) -> None:
        await self.released.wait()
        self.sent.append(text)

    async def send_bytes(self, data: bytes) -> None:
        await self.released.wait()
        self.sent.append(data)


def test_a_stalled_client_gets_the_newest_of_every_kind_and_nothing_piles_up() -> None:
    async def run() -> list[Any]:
        socket = StalledSocket()
        client = Client(socket)  # type: ignore[arg-type]
        sending = asyncio.create_task(client.send())
        client.offer("frame", b"0")
        await asyncio.sleep(0)
        for i in range(1, 100):
            client.offer("frame", str(i).encode())
            client.offer("summary", f"s{i}")
            await asyncio.sleep(0)
        socket.released.set()
        for _ in range(10):
            await asyncio.sleep(0)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        return socket.sent

    assert asyncio.run(run()) == [b"0", "s99", b"99"]


def test_a_real_server_pushes_without_compression_and_stops(console: Any, tmp_path: Path) -> None:
    console.picture.hear_robots(robots_table("r1"), 1000.0)

    async def listen(url: str) -> tuple[int, list[str]]:
        async with websockets.connect(url) as socket:
            frames = 0
            while frames < 5:
                frames += isinstance(await asyncio.wait_for(socket.recv(), DEADLINE_S), bytes)
            return frames, [e.name for e in socket.protocol.extensions]

    with WebServer(create_app(console.context, dist=tmp_path), "127.0.0.1", 0) as server:
        url = server.url.replace("http:", "ws:") + "api/v1/live"
        assert asyncio.run(listen(url)) == (5, [])
        port = int(server.url.rsplit(":", 1)[1].strip("/"))
        with pytest.raises(ServerError, match=f"port {port} of 127.0.0.1 is in use"):
            WebServer(create_app(console.context), "127.0.0.1", port).__enter__()
    with WebServer(create_app(console.context, dist=tmp_path), "127.0.0.1", port):
        pass
