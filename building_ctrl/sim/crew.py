"""Simulated robots on the real link: a client for each body, as a robot's own computer would run it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import zmq

from building_ctrl.link.protocol import RobotReport
from building_ctrl.robot.client import RobotClient
from building_ctrl.robot.keys import RobotKeys
from building_ctrl.sim.embedded import EmbeddedBuilding

KEPT_LATENCIES = 20_000


class RobotCrew:
    """Owns the clients of all bodies of an embedded building. One thread uses it, as a context manager.

    `keys` by robot name; None means plain text, which gateways take on loopback only.
    """

    def __init__(
        self,
        address: str,
        world: EmbeddedBuilding,
        keys: Mapping[str, RobotKeys] | None,
        clock: Callable[[], float],
    ) -> None:
        self._address = address
        self._world = world
        self._keys = keys
        self._clock = clock
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None
        self.clients: list[RobotClient] = []
        self._stamps: list[float | None] = []
        self.latencies_s: deque[float] = deque(maxlen=KEPT_LATENCIES)

    def __enter__(self) -> RobotCrew:
        self._context = zmq.Context()
        self._context.set(zmq.MAX_SOCKETS, max(1024, 2 * len(self._world.names) + 16))
        for name in self._world.names:
            keys = self._keys[name] if self._keys is not None else None
            client = RobotClient(self._address, name, keys, clock=self._clock, context=self._context)
            self.clients.append(client.connect())
        self._stamps = [None] * len(self.clients)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self.clients:
            client.close("simulator ends")
        if self._context is not None:
            self._context.term()
            self._context = None

    @property
    def connected(self) -> int:
        """Number of robots the gateway has welcomed."""
        return sum(client.connected for client in self.clients)

    @property
    def refusals(self) -> tuple[str, ...]:
        """What the gateway refused, one line a robot."""
        return tuple(client.refusal for client in self.clients if client.refusal)

    def poll(self, reports: Sequence[RobotReport] | None, now: float) -> None:
        """Serve all clients, with fresh reports or without, and pass their set points to the bodies."""
        bodies = self._world.bodies
        for i, client in enumerate(self.clients):
            point = client.poll(reports[i] if reports is not None else None)
            bodies.command(i, point.v_mps, point.w_radps, now, float("inf"))
            stamp = client.session.command_stamp
            if stamp is not None and stamp != self._stamps[i]:
                self._stamps[i] = stamp
                self.latencies_s.append(now - stamp)
