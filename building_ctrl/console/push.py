"""Live push over WebSocket: a JSON summary once a second and packed frames of poses ten times a second.

A client has one slot a kind of message; a newer message takes the place of one not yet sent: a stalled
browser gets less, and never slows the others down. Frames are made once for all clients. A client may say
`{"type": "watch", "level": NAME}`, to choose the level whose paths the summary has.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import anyio
from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect

from building_ctrl.console.api.live import summary
from building_ctrl.console.context import Context
from building_ctrl.console.frames import encode_frame, table_message
from building_ctrl.console.picture import Heard
from building_ctrl.console.robot_table import RobotTable

FRAME_S = 0.1
SUMMARY_S = 1.0
MAX_CLIENTS = 200
MAX_MESSAGE = 1024

log = logging.getLogger("console")


class Client:
    """One browser: what is still to be sent to it, the newest of every kind."""

    KINDS = ("table", "summary", "frame")

    def __init__(self, socket: WebSocket) -> None:
        self.level = ""
        self._socket = socket
        self._slots: dict[str, str | bytes] = {}
        self._filled = asyncio.Event()

    def offer(self, kind: str, payload: str | bytes) -> None:
        """Puts a message into its slot, instead of one not yet sent."""
        self._slots[kind] = payload
        self._filled.set()

    async def send(self) -> None:
        """Sends what is offered until the connection ends."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            for kind in self.KINDS:
                payload = self._slots.pop(kind, None)
                if isinstance(payload, bytes):
                    await self._socket.send_bytes(payload)
                elif payload is not None:
                    await self._socket.send_text(payload)

    async def listen(self) -> None:
        """Obeys the client's messages until it goes; a message that makes no sense ends the connection."""
        while True:
            text = await self._socket.receive_text()
            try:
                message = json.loads(text) if len(text) <= MAX_MESSAGE else None
            except ValueError:
                message = None
            level = (
                message.get("level") if isinstance(message, dict) and message.get("type") == "watch" else None
            )
            if not isinstance(level, str):
                await self._socket.close(1008, "not a message this console knows")
                return
            self.level = level


class LiveHub:
    """Makes frames and summaries while anybody watches, and offers them to all clients."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._clients: set[Client] = set()
        self._table_id = 0
        self._table_of: tuple[object, ...] = ()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Makes messages inside this block."""
        tasks = [asyncio.create_task(self._frames()), asyncio.create_task(self._summaries())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def serve(self, socket: WebSocket) -> None:
        """One client from its connection to its end."""
        if len(self._clients) >= MAX_CLIENTS:
            await socket.close(1013, f"more than {MAX_CLIENTS} connections")
            return
        await socket.accept()
        client = Client(socket)
        self._greet(client)
        self._clients.add(client)
        try:
            async with anyio.create_task_group() as group:
                for work in (client.send, client.listen):
                    group.start_soon(_until_gone, work, group.cancel_scope)
        finally:
            self._clients.discard(client)

    def _greet(self, client: Client) -> None:
        """Gives a new client the whole picture at once."""
        heard = self._context.picture.robots
        self._number_table(heard.value)
        client.offer("table", self._table_text(heard.value))
        client.offer("summary", summary(self._context, client.level).model_dump_json())
        client.offer("frame", self._frame(heard))

    def _number_table(self, robots: RobotTable) -> bool:
        """Gives the table a new number when its names or levels have changed; says whether they have."""
        content = (robots.names, robots.fleets, robots.levels)
        if content == self._table_of:
            return False
        self._table_of = content
        self._table_id += 1
        return True

    def _table_text(self, robots: RobotTable) -> str:
        return json.dumps(table_message(robots, self._table_id), ensure_ascii=False)

    def _frame(self, heard: Heard[RobotTable]) -> bytes:
        now = self._context.now()
        return encode_frame(heard.value, self._table_id, now, heard.age_s(now))

    async def _frames(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            due_s = max(due_s + FRAME_S, loop.time())
            await asyncio.sleep(due_s - loop.time())
            if not self._clients:
                continue
            heard = self._context.picture.robots
            if self._number_table(heard.value):
                self._offer_all("table", self._table_text(heard.value))
            self._offer_all("frame", self._frame(heard))

    async def _summaries(self) -> None:
        while True:
            await asyncio.sleep(SUMMARY_S)
            texts: dict[str, str] = {}
            for client in tuple(self._clients):
                if client.level not in texts:
                    texts[client.level] = summary(self._context, client.level).model_dump_json()
                client.offer("summary", texts[client.level])

    def _offer_all(self, kind: str, payload: str | bytes) -> None:
        for client in self._clients:
            client.offer(kind, payload)


async def _until_gone(work: Callable[[], Awaitable[None]], scope: anyio.CancelScope) -> None:
    """Works until the client has gone, and then ends all that is done for it."""
    try:
        await work()
    except (WebSocketDisconnect, OSError) as error:
        log.debug("live connection ended: %r", error)
    scope.cancel()
