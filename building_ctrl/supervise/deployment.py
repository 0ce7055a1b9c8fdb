"""What to run for a building: the command lines of the table of processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from building_ctrl.processes import PROCESSES
from building_ctrl.supervise.managed import Command, table_command


@dataclass(frozen=True, slots=True)
class SimulatedPart:
    """What the simulator stands in for: always lifts and doors, and this many robots."""

    robots: int = 0
    seed: int = 0
    robot_keys: Path | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where a building's processes find their files and each other. `bind` is where robots connect; `env`
    is added to the environment of every process."""

    map_file: Path
    registry: Path
    store: Path
    bind: str = "tcp://127.0.0.1:5570"
    host: str = "127.0.0.1"
    port: int = 8000
    plain_loopback: bool = False
    sim: SimulatedPart | None = None
    log_level: str = "info"
    env: Mapping[str, str] = field(default_factory=dict)

    def commands(self) -> list[Command]:
        """Commands of all processes in the order of their start; they stop in the reverse order, so that
        hardware, simulated or not, outlives what drives it."""
        chosen = [row for row in PROCESSES if self.sim is not None or not row.simulated]
        rows = sorted(chosen, key=lambda row: not row.simulated)
        return [table_command(row.name, self._arguments(row.name), self.env) for row in rows]

    def _arguments(self, name: str) -> list[str]:
        return ["--map", str(self.map_file), "--log-level", self.log_level, *self._own(name)]

    def _own(self, name: str) -> list[str]:
        if name == "gateway":
            plain = ["--plain-loopback"] if self.plain_loopback else []
            return ["--bind", self.bind, "--registry", str(self.registry), *plain]
        if name == "path_planner":
            return ["--store", str(self.store.with_name("released_paths.db"))]
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
            ]
        return []
