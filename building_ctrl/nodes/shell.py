"""What every node shares: start, topics from the table, timers, readiness, clean stop.

    with Shell("lift_planner") as shell:
        send = shell.publisher("lift_requests")
        shell.subscribe("lift_states", on_lift_state)
        shell.every(0.2, step)
        shell.spin()
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from types import TracebackType
from typing import Any

import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions

from building_ctrl.topics import Topic, topic

READY_FD = "BUILDING_CTRL_READY_FD"


def node_parser(description: str) -> argparse.ArgumentParser:
    """Options every process takes; a node adds its own."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--map", required=True, metavar="FILE", help=".building.yaml of the building")
    parser.add_argument("--classes", metavar="FILE", help="classes of robots with their footprints")
    parser.add_argument("--log-level", default="info", choices=["debug", "info", "warning", "error"])
    return parser


def start_logging(level: str) -> None:
    """One line a record on standard error."""
    logging.basicConfig(
        level=level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )


def message_type(type_name: str) -> Any:
    """The Python class of `package/Message`."""
    package, _, name = type_name.partition("/")
    return getattr(import_module(f"{package}.msg"), name)


def qos(row: Topic) -> QoSProfile:
    """QoS of a topic of the table: reliable, keep last."""
    durability = DurabilityPolicy.TRANSIENT_LOCAL if row.transient_local else DurabilityPolicy.VOLATILE
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=row.depth,
        reliability=ReliabilityPolicy.RELIABLE,
        durability=durability,
    )


class Shell:
    """Owns one rclpy context, node and executor; use as a context manager.

    SIGINT and SIGTERM end `spin`. Callbacks run one at a time in the thread that spins. An exception in a callback
    ends `spin` and the process: the supervisor restarts it, which is safer than going on with half a state.
    """

    def __init__(self, name: str, ros_args: Sequence[str] = ()) -> None:
        self.name = name
        self._ros_args = list(ros_args)
        self._stop = False
        self._node: Node | None = None
        self._executor: SingleThreadedExecutor | None = None
        self._clock = Clock(clock_type=ClockType.SYSTEM_TIME)

    def __enter__(self) -> Shell:
        rclpy.init(args=self._ros_args, signal_handler_options=SignalHandlerOptions.NO)
        self._node = Node(self.name)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._executor is not None:
            self._executor.shutdown()
        if self._node is not None:
            self._node.destroy_node()
        rclpy.try_shutdown()

    @property
    def node(self) -> Node:
        if self._node is None:
            raise RuntimeError("Shell is not entered: use `with Shell(...) as shell`")
        return self._node

    def now(self) -> float:
        """Seconds since the Unix epoch: `now` for the cores."""
        return float(self._clock.now().nanoseconds) * 1e-9

    def publisher(self, name: str) -> Callable[[Any], None]:
        """A function that publishes on a topic of the table."""
        row = topic(name)
        publisher = self.node.create_publisher(message_type(row.type_name), row.name, qos(row))
        return publisher.publish  # type: ignore[no-any-return]

    def subscribe(self, name: str, callback: Callable[[Any], None]) -> None:
        """Hear a topic of the table."""
        row = topic(name)
        self.node.create_subscription(message_type(row.type_name), row.name, callback, qos(row))

    def every(self, period_s: float, callback: Callable[[], None]) -> None:
        """Call at a fixed period."""
        self.node.create_timer(period_s, callback)

    def stop(self) -> None:
        """Let `spin` return; may be called from any thread or signal handler."""
        self._stop = True

    @property
    def stopping(self) -> bool:
        """Whether `spin` returns or would return at once."""
        return self._stop

    def ready(self) -> None:
        """Tell whoever started the process that it is at work."""
        descriptor = os.environ.pop(READY_FD, "")
        if descriptor:
            with os.fdopen(int(descriptor), "w") as pipe:
                pipe.write(self.name + "\n")

    def spin(self) -> None:
        """Report readiness, then run callbacks until a signal or `stop`."""
        self.ready()
        if self._executor is None:
            raise RuntimeError("Shell is not entered: use `with Shell(...) as shell`")
        while not self._stop and rclpy.ok():
            try:
                self._executor.spin_once(timeout_sec=0.2)
            except ExternalShutdownException:
                return

    def _on_signal(self, number: int, frame: object) -> None:
        self._stop = True
