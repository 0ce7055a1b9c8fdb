"""A whole run in lockstep: scenario, world, platform, figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.gazebo.building import GazeboBuilding, drives_of
from building_ctrl.gazebo.classic.root import ClassicRoot
from building_ctrl.gazebo.classic.session import ClassicOptions, classic_world
from building_ctrl.gazebo.figures import physics_figures
from building_ctrl.gazebo.lockstep import LockstepBuilding
from building_ctrl.gazebo.make import classic_of
from building_ctrl.sim.scenario import make_scenario
from building_ctrl.sim.virtual import START_S, VirtualOutcome, outcome_of, rehearse


@dataclass(frozen=True, slots=True)
class LockstepOptions:
    """What to run."""

    map_file: Path
    robots: int
    tasks: int
    seconds: float
    seed: int
    root: ClassicRoot
    log: Path
    until_done: bool = False
    lidar: bool = False
    gui: bool = False


def run_lockstep(
    options: LockstepOptions, say: Callable[[str], None] = lambda text: None
) -> tuple[VirtualOutcome, dict[str, Any]]:
    """Run to the end; the outcome and figures of the physics. `cpu_s` counts Gazebo too.

    Raises MapError, ValueError, ClassicError or WorldError with one line.
    """
    building = load_building(options.map_file)
    roadmap = build_roadmap(building)
    scenario = make_scenario(
        building, roadmap, options.robots, options.tasks, options.seconds, options.seed
    )
    index, world_sdf = classic_of(building, scenario.robots, options.lidar)
    rehearse(building, roadmap, scenario)
    classic = ClassicOptions(options.root, options.log, lockstep=True, seed=options.seed, gui=options.gui)
    say("starting Gazebo")
    with classic_world(classic, world_sdf, drives_of(index)) as port:
        world = GazeboBuilding(
            building, roadmap, scenario.robots, index, port, seed=options.seed, start_s=START_S
        )
        platform = LockstepBuilding(building, roadmap, scenario, options.seed, world)
        before_s = _gazebo_cpu_s()
        platform.run(options.seconds, options.until_done)
        gazebo_s = _gazebo_cpu_s() - before_s
        outcome = outcome_of(platform, str(options.map_file), options.seed)
    result = replace(outcome.result, cpu_s=round(outcome.result.cpu_s + gazebo_s, 3))
    return replace(outcome, result=result), physics_figures(world)


def _gazebo_cpu_s() -> float:
    """Processor time of this process's children so far."""
    times = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return float(sum(one.user + one.system for one in times))
