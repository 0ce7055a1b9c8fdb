"""A run of the demo: enrol, start, wait until robots stand on the map, hand in deliveries, judge, stop."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from building_ctrl.building.classes import given_classes
from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.cli.demo_result import judged, processor_time_s
from building_ctrl.cli.enrol import enrol_simulated
from building_ctrl.cli.i18n import t
from building_ctrl.cli.outcome import print_outcome
from building_ctrl.cli.result_file import write_result
from building_ctrl.cli.running import StartView, Turns
from building_ctrl.model.task import TaskCategory, TaskRequest
from building_ctrl.sim.checker import Incident
from building_ctrl.sim.errands import ErrandMaker
from building_ctrl.sim.graph import JoinedGraph
from building_ctrl.sim.scenario import DWELL_S, Scenario, errand_maker, make_scenario, missed_tasks
from building_ctrl.supervise.deployment import Deployment, SimulatedPart
from building_ctrl.supervise.ports import is_free, next_free, require_free
from building_ctrl.supervise.ros import free_domain, loopback_environment
from building_ctrl.supervise.rundir import new_run_dir
from building_ctrl.supervise.supervisor import StartError, StopRequest, Supervisor

if TYPE_CHECKING:
    from building_ctrl.nodes.demo import DemoNode

HOST = "127.0.0.1"
PORT_TRIES = 3
CONSOLE_PORT = 8000
GATEWAY_PORT = 5570
READY_S = 60.0
PLACED_S = 30.0
LAST_REPORT_S = 2.5
LOST_S = 10.0
NEXT_S = 2.0


class DemoError(RuntimeError):
    """The demo cannot run; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the command was asked for; `simulator` are arguments for the simulator alone."""

    map_file: Path
    robots: int
    headless: bool
    tasks: int
    seconds: float
    seed: int
    until_done: bool
    json_file: Path | None
    port: int | None
    run_dir: Path | None
    classes: Path | None = None
    simulator: tuple[str, ...] = ()


def run_demo(options: DemoOptions) -> int:
    """Run the demo; returns the exit status. Raises DemoError, MapError, ValueError or OSError with one
    line."""
    building = load_building(options.map_file)
    roadmap = build_roadmap(building, classes=given_classes(options.classes))
    tasks = options.tasks if options.headless else 0
    scenario = make_scenario(building, roadmap, options.robots, tasks, options.seconds, options.seed)
    maker = errand_maker(building, JoinedGraph(roadmap), scenario.robots, options.seed)
    directory = options.run_dir or new_run_dir("demo")
    directory.mkdir(parents=True, exist_ok=True)
    registry, keys = enrol_simulated(scenario.robots, directory)
    # Set here for the demo's own node, and inherited by every process.
    os.environ.update(loopback_environment())
    os.environ.setdefault("ROS_DOMAIN_ID", str(free_domain(os.getpid())))
    for left in reversed(range(PORT_TRIES)):
        ports = _choose_ports(options)
        deployment = Deployment(
            map_file=options.map_file,
            registry=registry,
            store=directory / "tasks.db",
            bind=f"tcp://{HOST}:{ports.gateway}",
            host=HOST,
            port=ports.console,
            sim=SimulatedPart(options.robots, options.seed, keys, options.simulator),
            classes=options.classes,
        )
        # Between choosing a port and binding it somebody else may be quicker: then choose again.
        try:
            return _Run(options, scenario, maker, deployment, directory).run()
        except StartError as error:
            if ports.still_free() or not left:
                raise DemoError(str(error)) from error
    raise AssertionError("the last try returns or raises")


@dataclass(frozen=True, slots=True)
class _Ports:
    """Ports that were free when they were chosen."""

    console: int
    gateway: int

    def still_free(self) -> bool:
        return is_free(HOST, self.console) and is_free(HOST, self.gateway)


def _choose_ports(options: DemoOptions) -> _Ports:
    console = require_free(HOST, options.port, "--port") if options.port else next_free(HOST, CONSOLE_PORT)
    return _Ports(console, next_free(HOST, GATEWAY_PORT))


class _Run:
    """Owns the processes and the demo's own node of one run."""

    def __init__(
        self,
        options: DemoOptions,
        scenario: Scenario,
        maker: ErrandMaker,
        deployment: Deployment,
        directory: Path,
    ) -> None:
        self._options = options
        self._scenario = scenario
        self._maker = maker
        self._deployment = deployment
        self._logs = directory / "logs"
        self._console = Console(highlight=False)

    def run(self) -> int:
        """Start everything, do the job, stop everything; returns the exit status. Raises StartError."""
        commands = self._deployment.commands()
        view = StartView([command.name for command in commands], self._console)
        self._console.print(t("running.logs", path=self._logs), soft_wrap=True)
        with (
            StopRequest() as stop,
            Supervisor(commands, self._logs, view.on_event) as supervisor,
            ExitStack() as stack,
        ):
            with view:
                supervisor.start()
                turns, node = self._join(stack, supervisor, stop)
                self._wait_until_placed(turns, node, view)
            if stop.requested:
                return 0
            if self._options.headless:
                return self._judged_run(turns, node)
            return self._endless_run(turns, node)

    def _join(self, stack: ExitStack, supervisor: Supervisor, stop: StopRequest) -> tuple[Turns, DemoNode]:
        """Start the demo's own node; imported here, while the processes start."""
        from building_ctrl.nodes.demo import DemoNode, GuestShell

        shell = stack.enter_context(GuestShell("demo"))
        node = DemoNode(shell, f"demo-{os.getpid()}", time.monotonic)
        node.start()
        return Turns(supervisor, shell.turn, stop), node

    def _wait_until_placed(self, turns: Turns, node: DemoNode, view: StartView) -> None:
        if not turns.until(lambda: turns.supervisor.ready, READY_S) and not turns.stop.requested:
            waiting = ", ".join(p.name for p in turns.supervisor.processes if not p.ready)
            raise DemoError(t("running.not_ready", names=waiting, seconds=f"{READY_S:g}", path=self._logs))
        view.say(t("demo.connecting", robots=self._options.robots))
        n = self._options.robots
        placed = turns.until(lambda: node.connected >= n and len(node.placed) >= n, PLACED_S)
        if not placed and not turns.stop.requested:
            raise DemoError(t("demo.not_placed", placed=len(node.placed), robots=n, path=self._logs))

    def _endless_run(self, turns: Turns, node: DemoNode) -> int:
        url = f"http://{self._deployment.host}:{self._deployment.port}/"
        self._console.print(t("running.console", url=url), style="bold", soft_wrap=True)
        self._console.print(t("demo.endless", robots=self._options.robots))
        most = max(2, 2 * self._options.robots // 3)
        while not turns.stop.requested:
            if node.unended < most:
                node.submit(self._delivery())
            turns.until(lambda: False, NEXT_S)
        self._console.print(t("running.stopping"))
        return 0

    def _judged_run(self, turns: Turns, node: DemoNode) -> int:
        options = self._options
        self._console.print(t("demo.judged", tasks=options.tasks, seconds=f"{options.seconds:g}"))
        used_s = processor_time_s(turns.supervisor)
        start_s = time.monotonic()
        for task in self._scenario.tasks:
            turns.until(lambda: False, start_s + task.at_s - time.monotonic())
            node.submit(task.request)
        end_s = start_s + options.seconds

        def ended() -> bool:
            self._require_simulator(node, start_s)
            return options.until_done and node.unended == 0

        turns.until(ended, end_s - time.monotonic())
        if turns.stop.requested:
            self._console.print(t("demo.interrupted"))
        passed_s = time.monotonic() - start_s
        cpu_s = processor_time_s(turns.supervisor) - used_s
        heard = node.reports
        turns.until(lambda: node.reports > heard, LAST_REPORT_S, even_if_stopped=True)
        if not node.report:
            raise DemoError(t("demo.no_report", path=self._logs))
        result = judged(node, passed_s, cpu_s)
        if options.json_file is not None:
            write_result(options.json_file, result.to_json())
        incidents = [Incident(**row) for row in node.report.get("incidents", [])]
        unfinished = node.statistics.unfinished
        asked_as = {task.request.task_id: node.asked_as(task) for task in unfinished}
        missed = missed_tasks(self._scenario, set(asked_as.values()))
        print_outcome(
            result, incidents, unfinished, {k for k, name in asked_as.items() if name in missed}, node.refused
        )
        return 0 if result.safe else 1

    def _require_simulator(self, node: DemoNode, start_s: float) -> None:
        """The figures are the simulator's: one that ended during the run has lost them."""
        if node.report and node.report["wall_s"] < time.monotonic() - start_s - LOST_S:
            raise DemoError(t("demo.simulator_ended", path=self._logs))

    def _delivery(self) -> TaskRequest:
        return TaskRequest("", TaskCategory.DELIVERY, self._maker.draw(), requester="demo", dwell_s=DWELL_S)
