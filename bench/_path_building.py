"""Section `building`: a tower of 36 levels with 1,000 robots and tasks without end, and what of it costs what."""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from _path_tower import STUCK_S, TICK_S, TowerWorld, tower
from _table import Table

from building_ctrl.core.path.gate import Gate
from building_ctrl.core.path.level import LevelCoordinator, LevelParameters
from building_ctrl.core.path.state import PathParameters
from building_ctrl.model.building import Building

LEVELS = 36
CROSS_LEVEL = 1 / 3
ROBOT_LIFTS, SHARED_LIFTS = 6, 2
SETTLE_S = 60.0
LEVEL_MS = 5.0
CORE_SHARE = 0.5
Answer = TypeVar("Answer")


@dataclass
class Meter:
    """CPU seconds of each call of the path planner, by kind, and of each level in each cycle."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    level_s: list[float] = field(default_factory=list)
    age_s: list[float] = field(default_factory=list)
    cycles: int = 0

    def call(self, kind: str, method: Callable[[], Answer]) -> Answer:
        begin = time.process_time()
        answer = method()
        self.seconds.setdefault(kind, []).append(time.process_time() - begin)
        return answer

    def watch(self, level: LevelCoordinator) -> None:
        """Time the level's part of every step."""
        step = level.step

        def timed(now: float, gate: Gate) -> list[str]:
            begin = time.process_time()
            grown = step(now, gate)
            self.level_s.append(time.process_time() - begin)
            self.age_s.append(now - level.planned_s)
            return grown

        level.step = timed  # type: ignore[method-assign]

    def forget(self) -> None:
        """Begin anew: what was measured until now was only to fill the building with traffic."""
        self.seconds.clear()
        self.level_s.clear()
        self.age_s.clear()
        self.cycles = 0

    def share(self, kind: str) -> float:
        """CPU milliseconds a cycle."""
        return sum(self.seconds.get(kind, [])) * 1e3 / max(1, self.cycles)

    @property
    def core_share(self) -> float:
        """Of one core, at 5 cycles a second, everything the planner does."""
        return sum(map(sum, self.seconds.values())) / max(1, self.cycles) / TICK_S


@dataclass(frozen=True)
class Run:
    """What a building did while it was measured. robots, crossed: of these deliveries between levels."""

    meter: Meter
    robots: int
    deliveries_per_h: float
    crossed: float
    stuck: int

    def level_ms(self, percentile: float) -> float:
        return float(np.percentile(self.meter.level_s, percentile)) * 1e3


def run(
    building: Building, seed: int, seconds: float, settle_s: float = SETTLE_S, parameters: PathParameters | None = None
) -> Run:
    """Simulate, without counting the first `settle_s`. Checks the planner's own invariants now and then."""
    meter = Meter()
    world = TowerWorld(building, seed, CROSS_LEVEL, meter.call, parameters=parameters)
    for level in world.planner.levels.values():
        meter.watch(level)
    gc.collect()
    gc.freeze()
    _ticks(world, meter, settle_s)
    meter.forget()
    done, crossed = len(world.deliveries), world.cross_deliveries
    _ticks(world, meter, seconds)
    gc.unfreeze()
    delivered = len(world.deliveries) - done
    share = (world.cross_deliveries - crossed) / max(1, delivered)
    return Run(meter, len(world.bodies), delivered / seconds * 3600.0, share, len(world.stuck()))


def _ticks(world: TowerWorld, meter: Meter, seconds: float) -> None:
    for tick in range(round(seconds / TICK_S)):
        world.tick()
        meter.cycles += 1
        if tick % 25 == 0:
            world.planner.assert_sound()


def bench(table: Table, options: argparse.Namespace) -> None:
    """The tower, as planned by default, and with windows that are not refined."""
    building = tower(LEVELS, options.robots, ROBOT_LIFTS, SHARED_LIFTS)
    name = f"tower, {options.robots:,} robots"
    for seed in range(options.seeds):
        add_building(table, f"{name}, seed {seed}", run(building, seed, options.minutes * 60.0))
    plain = PathParameters(level=LevelParameters(refine_iterations=0))
    found = run(building, 0, options.minutes * 60.0, parameters=plain)
    table.add(f"{name}, not refined: deliveries", found.deliveries_per_h, "an hour", note=f"{found.stuck} stuck")


def add_building(table: Table, name: str, found: Run) -> None:
    meter = found.meter
    level_note = f"p50 {found.level_ms(50):.2f}, max {max(meter.level_s) * 1e3:.1f}; {len(meter.level_s):,} samples"
    table.add(f"{name}: a level and cycle, p99", found.level_ms(99), "ms", at_most=LEVEL_MS, note=level_note)
    kinds = ", ".join(f"{kind} {meter.share(kind):.1f}" for kind in sorted(meter.seconds))
    table.add(f"{name}: share of a core at 5 Hz", meter.core_share, "cores", at_most=CORE_SHARE, note=f"ms: {kinds}")
    lift_note = f"{found.crossed:.1%} between levels by {ROBOT_LIFTS + SHARED_LIFTS} lifts, which are always asked for"
    table.add(f"{name}: deliveries", found.deliveries_per_h, "an hour", note=lift_note)
    note = f"on an errand on their level for more than {STUCK_S:g} s"
    table.add(f"{name}: stuck robots", found.stuck, "", at_most=0, note=note)
    age_note = f"p50 {np.percentile(meter.age_s, 50):.1f}, max {max(meter.age_s):.0f}"
    table.add(f"{name}: age of a level's plan, p99", float(np.percentile(meter.age_s, 99)), "s", note=age_note)
