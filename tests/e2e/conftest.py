"""A whole platform for end-to-end tests: every process of the table, real ROS 2, real sockets, a ROS domain each."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def pages() -> None:
    """The console's pages, built where they are not; takes the packages of the front end from their registry."""
    from building_ctrl.console.build import build

    build()


class Platform:
    """A supervised building with simulated robots, and a node to speak to it with.

    Nothing runs on between calls of `until`: the test's thread serves supervisor and node.
    """

    def __init__(
        self, directory: Path, map_file: Path, robots: int, stack: ExitStack, path_planners: str = "1"
    ) -> None:
        from building_ctrl.building.loader import load_building
        from building_ctrl.building.roadmap import build_roadmap
        from building_ctrl.cli.enrol import enrol_simulated
        from building_ctrl.cli.running import Turns
        from building_ctrl.cli.shards import path_planner_parts
        from building_ctrl.nodes.demo import DemoNode, GuestShell
        from building_ctrl.sim.graph import JoinedGraph
        from building_ctrl.sim.scenario import choose_robots
        from building_ctrl.supervise.deployment import Deployment, SimulatedPart
        from building_ctrl.supervise.ports import next_free
        from building_ctrl.supervise.supervisor import Event, Policy, StopRequest, Supervisor

        building = load_building(map_file)
        cast = choose_robots(building, JoinedGraph(build_roadmap(building)), robots)
        registry, keys = enrol_simulated(cast, directory)
        first = 20000 + os.getpid() % 20000
        self.port = next_free("127.0.0.1", first)
        self.deployment = Deployment(
            map_file=map_file,
            registry=registry,
            store=directory / "tasks.db",
            bind=f"tcp://127.0.0.1:{next_free('127.0.0.1', self.port + 1)}",
            port=self.port,
            sim=SimulatedPart(robots, 0, keys),
            path_planners=path_planner_parts(building, path_planners),
        )
        self.robots = robots
        self.logs = directory / "logs"
        self.events: list[Event] = []
        policy = Policy(first_delay_s=0.2)
        self.supervisor = stack.enter_context(
            Supervisor(self.deployment.commands(), self.logs, self.events.append, policy)
        )
        self.supervisor.start()
        self.shell = stack.enter_context(GuestShell("e2e"))
        self.node = DemoNode(self.shell, f"e2e-{os.getpid()}", time.monotonic)
        self.node.start()
        self._turns = Turns(self.supervisor, self.shell.turn, StopRequest())

    def until(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        """Serve everything until the condition holds; the test fails after the time."""
        if not self._turns.until(condition, timeout_s):
            tails = [f"{path.name}: {path.read_text()[-600:]}" for path in sorted(self.logs.glob("*.log"))]
            pytest.fail(f"not in {timeout_s:g} s: {what}\n" + "\n".join(tails))

    def wait_placed(self) -> None:
        """Until all processes are ready and all robots stand on the map."""
        self.until(lambda: self.supervisor.ready, 60.0, "all processes ready")
        self.until(lambda: self.node.connected >= self.robots, 30.0, "all robots connected")
        self.until(lambda: len(self.node.placed) >= self.robots, 30.0, "all robots on the map")

    def pid(self, name: str) -> int:
        """Process id of a process of the table."""
        return next(process.pid for process in self.supervisor.processes if process.name == name)

    def kill(self, name: str) -> None:
        """kill -9, and wait until the supervisor has it running again."""
        pid = self.pid(name)
        psutil.Process(pid).kill()
        self.until(lambda: self.pid(name) not in (0, pid), 20.0, f"{name} started again")
        self.until(lambda: self.supervisor.ready, 30.0, f"{name} ready again")

    def findings(self) -> dict[str, Any]:
        """The simulator's newest figures, from a report made from now on."""
        seen = self.node.reports
        self.until(lambda: self.node.reports > seen + 1, 10.0, "a fresh report of the simulator")
        return self.node.report

    def assert_safe(self) -> None:
        """The checker has seen nothing that must never happen."""
        report = self.findings()
        assert report["incidents"] == []
        assert report["collisions"] == report["boardings_without_grant"] == report["door_violations"] == 0


@pytest.fixture(scope="module")
def ros_domain() -> Iterator[int]:
    """A ROS domain of this module's own, in the environment of everything it starts."""
    from building_ctrl.supervise.ros import free_domain, loopback_environment

    with pytest.MonkeyPatch.context() as patch:
        domain = free_domain(os.getpid())
        patch.setenv("ROS_DOMAIN_ID", str(domain))
        patch.setenv("PYTHONPATH", str(ROOT))
        for name, value in loopback_environment({}).items():
            patch.setenv(name, value)
        yield domain


@pytest.fixture(scope="module")
def platform(ros_domain: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Two levels with a lift and a door, and two robots, ready for work; shared by the tests of a module."""
    with ExitStack() as stack:
        directory = tmp_path_factory.mktemp("platform")
        running = Platform(directory, Path(__file__).parent / "small.building.yaml", 2, stack)
        running.wait_placed()
        yield running


@pytest.fixture(scope="module")
def sharded(ros_domain: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The same building with one path planner a level."""
    with ExitStack() as stack:
        directory = tmp_path_factory.mktemp("sharded")
        small = Path(__file__).parent / "small.building.yaml"
        running = Platform(directory, small, 2, stack, path_planners="per-level")
        running.wait_placed()
        yield running
