"""The result of a demo run: the simulator's own figures, with the tasks and times the demo measured."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil

from building_ctrl.sim.result import SimulationResult
from building_ctrl.supervise.supervisor import Supervisor

if TYPE_CHECKING:
    from building_ctrl.nodes.demo import DemoNode


def judged(node: DemoNode, passed_s: float, cpu_s: float) -> SimulationResult:
    """Figures of a run that took passed_s seconds and cpu_s seconds of processor time."""
    return replace(
        SimulationResult.from_fields(node.report),
        seconds=round(passed_s, 1),
        tasks=node.statistics.counts(submitted=node.submitted, refused=len(node.refused)),
        task_duration_s=node.statistics.task_duration_s,
        cpu_s=round(cpu_s, 2),
        wall_s=round(passed_s, 2),
        real_time_factor=1.0,
    )


def processor_time_s(supervisor: Supervisor) -> float:
    """Processor time used so far by the demo and all processes that run now."""
    total = 0.0
    for pid in [os.getpid(), *(process.pid for process in supervisor.processes if process.pid)]:
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total
