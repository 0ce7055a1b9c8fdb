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
    )


def processor_time_s(supervisor: Supervisor) -> float:
    """Processor time used so far by the demo and by all processes that run now, with what they have started."""
    total = 0.0
    for pid in [os.getpid(), *(process.pid for process in supervisor.processes if process.pid)]:
        try:
            process = psutil.Process(pid)
            started = process.children(recursive=True) if pid != os.getpid() else []
            times = [one.cpu_times() for one in (process, *started)]
        except psutil.NoSuchProcess:
            continue
        total += sum(one.user + one.system for one in times)
    return total
