"""The table of processes: what runs, from which module, and when."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `module` has `main(argv: Sequence[str]) -> int`; `simulated` ones run only with the simulator, those
    `for_other_fleets` only where there are such."""

    name: str
    module: str
    help: str
    simulated: bool = False
    for_other_fleets: bool = False


PROCESSES: tuple[Process, ...] = (
    Process("gateway", "building_ctrl.nodes.gateway", "the robots' link and the pilot that drives them"),
    Process(
        "fleet_gateway",
        "building_ctrl.nodes.fleet_gateway",
        "drives robots of other fleets by Open-RMF's path requests",
        for_other_fleets=True,
    ),
    Process("path_planner", "building_ctrl.nodes.path_planner", "plans and releases the robots' paths"),
    Process("lift_planner", "building_ctrl.nodes.lift_planner", "gives rides in lifts"),
    Process("door_planner", "building_ctrl.nodes.door_planner", "opens doors for crossings"),
    Process("dispatcher", "building_ctrl.nodes.dispatcher", "takes tasks and gives them to robots"),
    Process("console", "building_ctrl.nodes.console", "the status console and the HTTP API"),
    Process("sim", "building_ctrl.nodes.sim", "stands in for lifts, doors and robots' bodies", simulated=True),
)


def process(name: str) -> Process:
    """The process of that name. Raises KeyError."""
    for row in PROCESSES:
        if row.name == name:
            return row
    names = ", ".join(row.name for row in PROCESSES)
    raise KeyError(f"no process {name!r}; there are {names}")
