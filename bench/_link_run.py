"""Runs one receiver with its load in processes of their own, and reads off rates and CPU times."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from _link_fleet import FleetFigures, FleetLoad, drive_fleet
from _link_load import LOADERS, Load, Sent
from _link_receivers import RECEIVERS, Sample, Setup

from building_ctrl.link.keys import KeyPair, new_keys

DEADLINE_S = 40.0
WARM_UP_S = 0.5
DRAIN_S = 0.3
_spawn = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Contender:
    """What is compared: a receiver, whether encrypted, and the load offered (0: all it takes)."""

    title: str
    kind: str
    secure: bool = False
    rate_hz: float = 0.0


@dataclass(frozen=True)
class Figures:
    """Of one measured window."""

    rate_hz: float
    receiver_us: float
    loader_us: float
    receiver_cores: float
    loader_cores: float
    other_cores: float
    memory_mb: float = 0.0
    died: bool = False


class Child:
    """A process and its end of a pipe; ended by `close`."""

    def __init__(self, target: Callable[..., None], content: Any) -> None:
        self.pipe, far = _spawn.Pipe()
        self.process = _spawn.Process(target=target, args=(far, content), daemon=True)
        self.process.start()
        far.close()

    def receive(self, deadline_s: float = DEADLINE_S) -> Any:
        """The next answer. Raises RuntimeError where none comes."""
        if not self.pipe.poll(deadline_s):
            raise RuntimeError(f"process {self.process.pid} does not answer")
        try:
            return self.pipe.recv()
        except EOFError:
            raise RuntimeError(f"process {self.process.pid} ended; its message is above") from None

    def ask(self, order: str) -> Any:
        """Send an order and wait for its answer."""
        self.pipe.send(order)
        return self.receive()

    def close(self) -> None:
        """Ask it to end, and end it where it does not."""
        if self.process.is_alive():
            try:
                self.pipe.send("stop")
            except BrokenPipeError:
                self.process.terminate()
            self.process.join(5.0)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(5.0)
        self.pipe.close()


@contextmanager
def children() -> Iterator[list[Child]]:
    """Collects processes and ends them, the newest first."""
    started: list[Child] = []
    try:
        yield started
    finally:
        for child in reversed(started):
            child.close()


def robot_names(n: int) -> tuple[str, ...]:
    return tuple(f"r{i:05d}" for i in range(n))


def robot_keys(n: int, secure: bool) -> tuple[KeyPair, ...]:
    return tuple(new_keys() for _ in range(n)) if secure else ()


def until(condition: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Ask every 0.1 s. Raises TimeoutError."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {deadline_s:.0f} s")
        time.sleep(0.1)


def measure(contender: Contender, n: int, seconds: float, loaders: int = 1) -> Figures:
    """Start receiver and load, wait for all `n` connections, and measure a window. `died`: the receiver did
    not live through the departure of its load."""
    names, keys = robot_names(n), robot_keys(n, contender.secure)
    server = new_keys() if contender.secure else None
    setup = Setup(names, server, tuple(k.public.decode() for k in keys))
    with children() as started:
        receiver = Child(RECEIVERS[contender.kind], setup)
        started.append(receiver)
        address = receiver.receive()
        for part in range(loaders):
            load = Load(
                address,
                names[part::loaders],
                server.public if server is not None else None,
                keys[part::loaders],
                contender.rate_hz / loaders,
            )
            started.append(Child(LOADERS[contender.kind], load))
        _all_connected(receiver, n, contender.title)
        for loader in started[1:]:
            loader.pipe.send("go")
        time.sleep(WARM_UP_S)
        figures = _window(receiver, started[1:], seconds)
        for loader in started[1:]:
            loader.pipe.send("rest")
        time.sleep(DRAIN_S)
    return replace(figures, died=receiver.process.exitcode != 0)


def _all_connected(receiver: Child, n: int, title: str) -> None:
    end = time.monotonic() + DEADLINE_S
    while (there := receiver.ask("sample").connections) < n:
        if time.monotonic() > end:
            raise TimeoutError(f"{title}: {there} of {n} connections within {DEADLINE_S:.0f} s")
        time.sleep(0.1)


def _window(receiver: Child, loaders: Sequence[Child], seconds: float) -> Figures:
    others = OtherWork()
    sent_before: list[Sent] = [loader.ask("sample") for loader in loaders]
    before: Sample = receiver.ask("sample")
    time.sleep(seconds)
    after: Sample = receiver.ask("sample")
    sent_after: list[Sent] = [loader.ask("sample") for loader in loaders]
    wall_s = after.at - before.at
    messages = max(1, after.messages - before.messages)
    receiver_s = after.cpu_s - before.cpu_s
    loader_s = sum(b.cpu_s - a.cpu_s for a, b in zip(sent_before, sent_after, strict=True))
    sent = max(1, sum(b.messages - a.messages for a, b in zip(sent_before, sent_after, strict=True)))
    return Figures(
        messages / wall_s,
        receiver_s / messages * 1e6,
        loader_s / sent * 1e6,
        receiver_s / wall_s,
        loader_s / wall_s,
        others.cores(receiver_s + loader_s),
        after.memory_mb,
    )


class OtherWork:
    """CPU the rest of the machine used since this was made."""

    def __init__(self) -> None:
        self._busy = _busy_s()
        self._at = time.monotonic()

    def cores(self, ours_s: float) -> float:
        """Cores busy with anything but `ours_s` seconds; NaN where the system does not tell."""
        return max(0.0, (_busy_s() - self._busy - ours_s) / (time.monotonic() - self._at))


def _busy_s() -> float:
    try:
        with open("/proc/stat", encoding="ascii") as file:
            user, nice, system, _idle, _wait, irq, soft = (int(v) for v in file.readline().split()[1:8])
    except OSError:
        return float("nan")
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


def median(rounds: Sequence[Figures], field: str) -> float:
    return statistics.median(getattr(figures, field) for figures in rounds)


@dataclass(frozen=True)
class ControlFigures:
    """A fleet under control: what the robots saw, and what the gateway used."""

    fleet: FleetFigures
    gateway_cores: float
    gateway_p99_ms: float
    other_cores: float
    dropped: int
    memory_mb: float


def control(n: int, seconds: float, windows: int = 1, period_s: float = 0.1) -> ControlFigures:
    """`n` robots on the gateway, all driving, telemetry every `period_s`, commands at 20 Hz. Of several
    windows the one in which the rest of the machine did least."""
    names, keys, server = robot_names(n), robot_keys(n, True), new_keys()
    setup = Setup(names, server, tuple(k.public.decode() for k in keys), period_s, path_m=10_000.0)
    with children() as started:
        gateway = Child(RECEIVERS["gateway"], setup)
        started.append(gateway)
        fleet = Child(drive_fleet, FleetLoad(gateway.receive(), names, server.public, keys, period_s))
        started.append(fleet)
        until(lambda: gateway.ask("sample").armed >= n, f"arming of {n} robots")
        time.sleep(1.0)
        results = [_control_window(gateway, fleet, seconds) for _ in range(windows)]
    return min(results, key=lambda figures: figures.other_cores)


def _control_window(gateway: Child, fleet: Child, seconds: float) -> ControlFigures:
    others = OtherWork()
    fleet.pipe.send("begin")
    before: Sample = gateway.ask("sample")
    time.sleep(seconds)
    after: Sample = gateway.ask("sample")
    figures: FleetFigures = fleet.ask("sample")
    wall_s = after.at - before.at
    gateway_s = after.cpu_s - before.cpu_s
    return ControlFigures(
        figures,
        gateway_s / wall_s,
        after.gateway_p99_ms,
        others.cores(gateway_s + figures.cores * wall_s),
        after.dropped - before.dropped,
        after.memory_mb,
    )
