"""The robot's client for programs that run on asyncio; the protocol and the socket are those of RobotClient."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from types import TracebackType

import zmq

from building_ctrl.link.protocol import RobotReport, SetPoint, StopRamp
from building_ctrl.link.protocol.robot import DEFAULT_RAMP
from building_ctrl.link.protocol.stream_sender import StreamSender
from building_ctrl.robot.client import RobotClient
from building_ctrl.robot.keys import RobotKeys

PERIOD_S = 0.02


class AsyncRobotClient:
    """`async with AsyncRobotClient(...) as robot:` and then `async for target in robot.drive(measure):`.

    Arguments are those of RobotClient, which is `sync`. All methods belong to the loop of `__aenter__`.
    """

    def __init__(
        self,
        address: str,
        name: str,
        keys: RobotKeys | None = None,
        *,
        ramp: StopRamp = DEFAULT_RAMP,
        software: str = "building_ctrl python client (asyncio)",
        clock: Callable[[], float] = time.monotonic,
        context: zmq.Context[zmq.Socket[bytes]] | None = None,
        request_handler: Callable[[int, int, str], tuple[bool, str]] | None = None,
        streams: StreamSender | None = None,
        period_s: float = PERIOD_S,
    ) -> None:
        self.sync = RobotClient(
            address, name, keys,
            ramp=ramp, software=software, clock=clock, context=context, request_handler=request_handler,
            streams=streams,
        )  # fmt: skip
        self.period_s = period_s
        self._arrived = asyncio.Event()
        self._acknowledged = asyncio.Event()
        self._descriptor = -1

    async def __aenter__(self) -> AsyncRobotClient:
        """Raises ValueError for a bad address."""
        self.sync.connect()
        self._descriptor = self.sync.descriptor
        asyncio.get_running_loop().add_reader(self._descriptor, self._arrived.set)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        self.sync.close()

    async def step(self, report: RobotReport | None = None) -> SetPoint:
        """Wait for a frame, `period_s` at most, then do what RobotClient.poll does."""
        self._arrived.clear()
        if not self.sync.wait(0.0):  # the descriptor tells of changes only, so ask before waiting for one
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), self.period_s)
        else:
            await asyncio.sleep(0)
        target = self.sync.poll(report)
        self._acknowledged.set()
        return target

    async def drive(self, measure: Callable[[], RobotReport]) -> AsyncIterator[SetPoint]:
        """What the drives have to do, at least every `period_s`; `measure` is called for each report."""
        while True:
            yield await self.step(measure())

    async def tell(self, kind: int, detail: str = "", timeout_s: float = 60.0) -> bool:
        """Tell something that must not be lost and wait until the gateway has it, while another task drives.

        False where no place is left for it or the time is over; in the latter case it is kept and told all the same.
        """
        session = self.sync.session
        if not self.sync.event(kind, detail):
            return False
        event_id = session.last_event_id
        end = self.sync.clock() + timeout_s
        while session.acknowledged_event_id < event_id:
            left_s = end - self.sync.clock()
            if left_s <= 0.0:
                return False
            self._acknowledged.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._acknowledged.wait(), left_s)
        return True
