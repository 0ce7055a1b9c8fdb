"""What to run for a building: the command lines of the table of processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from building_ctrl.processes import PROCESSES
from building_ctrl.supervise.managed import Command, table_command


@dataclass(frozen=True, slots=True)
class SimulatedPart:
    """What the simulator stands in for: always lifts and doors, and this many robots; `arguments` are for the
    simulator alone."""

    robots: int = 0
    seed: int = 0
    robot_keys: Path | None = None
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PathPlannerPart:
    """One path planner and the levels it coordinates, all where none is named."""

    name: str = "path_planner"
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where a building's processes find their files and each other. `bind` is where robots connect; `env`
    is added to the environment of every process; `only` names the processes to run, all where empty;
    `other_fleets` are those driven by Open-RMF's path requests, as NAME or NAME:GRAPH,..."""

    map_file: Path
    registry: Path
    store: Path
    bind: str = "tcp://127.0.0.1:5570"
    host: str = "127.0.0.1"
    port: int = 8000
    plain_loopback: bool = False
    sim: SimulatedPart | None = None
    log_level: str = "info"
    other_fleets: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    classes: Path | None = None
    path_planners: tuple[PathPlannerPart, ...] = (PathPlannerPart(),)
    only: tuple[str, ...] = ()

    def commands(self) -> list[Command]:
        """Commands of all processes in the order of their start; they stop in the reverse order, so that
        hardware, simulated or not, outlives what drives it."""
        chosen = [row for row in PROCESSES if self.sim is not None or not row.simulated]
        chosen = [row for row in chosen if self.other_fleets or not row.for_other_fleets]
        rows = sorted(chosen, key=lambda row: not row.simulated)
        names = [row.name for row in rows if not self.only or row.name in self.only]
        return [command for name in names for command in self._commands(name)]

    def runs(self, name: str) -> bool:
        """Whether a process of the table is among those to run."""
        return any(row.name == name and (not self.only or name in self.only) for row in PROCESSES)

    def _commands(self, name: str) -> list[Command]:
        arguments = self._arguments(name)
        if name != "path_planner":
            return [table_command(name, arguments, self.env)]
        return [
            table_command(name, [*arguments, *self._kept(part), *_levels(part)], self.env, part.name)
            for part in self.path_planners
        ]

    def _kept(self, part: PathPlannerPart) -> list[str]:
        """Every path planner keeps the rules of the traffic and what it has released in files of its own."""
        rules, released = f"traffic_{part.name}.json", f"released_by_{part.name}.db"
        return ["--rules", str(self.store.with_name(rules)), "--store", str(self.store.with_name(released))]

    def _arguments(self, name: str) -> list[str]:
        classes = ["--classes", str(self.classes)] if self.classes is not None else []
        return ["--map", str(self.map_file), "--log-level", self.log_level, *classes, *self._own(name)]

    def _own(self, name: str) -> list[str]:
        if name == "gateway":
            plain = ["--plain-loopback"] if self.plain_loopback else []
            return ["--bind", self.bind, "--registry", str(self.registry), *plain]
        if name == "fleet_gateway":
            return [word for fleet in self.other_fleets for word in ("--fleet", fleet)]
        if name == "dispatcher":
            return ["--store", str(self.store)]
        if name == "console":
            return ["--host", self.host, "--port", str(self.port)]
        if name == "sim" and self.sim is not None:
            keys = ["--robot-keys", str(self.sim.robot_keys)] if self.sim.robot_keys is not None else []
            return [
                "--gateway",
                self.bind,
                "--robots",
                str(self.sim.robots),
                "--seed",
                str(self.sim.seed),
                *keys,
                *self.sim.arguments,
            ]
        return []


def _levels(part: PathPlannerPart) -> list[str]:
    return ["--levels", ",".join(part.levels)] if part.levels else []
