"""Section `growth`: the cost of coordination from 10 to 10,000 robots, with the levels and on one level."""

from __future__ import annotations

import argparse
import math

from _path_building import ROBOT_LIFTS, SHARED_LIFTS, Run, run
from _path_tower import hall, tower
from _table import Table

from building_ctrl.building.tower import MAX_LEVELS

PER_LEVEL = 28
ROBOTS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
ON_ONE_LEVEL = (10, 20, 40, 70, 100)
IN_A_HALL = (100, 300, 1_000)
SETTLE_S = 15.0
MEASURED_S = 30.0
LEAST_MEASURED_S = 10.0


def bench(table: Table, options: argparse.Namespace) -> None:
    """One run each: more levels (towers side by side beyond 36), more robots on a level, and one large floor.

    Beyond 1,000 robots less time is simulated.
    """
    for robots in filter(lambda count: count <= options.most_robots, ROBOTS):
        levels = max(1, round(robots / PER_LEVEL))
        blocks = math.ceil(levels / MAX_LEVELS)
        levels = math.ceil(levels / blocks) * blocks
        building = tower(levels, math.ceil(robots / blocks) * blocks, ROBOT_LIFTS, SHARED_LIFTS)
        found = run(building, 0, max(LEAST_MEASURED_S, MEASURED_S * min(1.0, 1_000 / robots)), SETTLE_S)
        _add(table, f"growth: {found.robots:,} robots on {levels} levels", found, levels)
    for robots in filter(lambda count: count <= options.most_robots, ON_ONE_LEVEL):
        found = run(tower(1, robots, 1, 0), 0, MEASURED_S, SETTLE_S)
        _add(table, f"growth: {robots} robots on one level of a tower", found, 1)
    for robots in filter(lambda count: count <= options.most_robots, IN_A_HALL):
        found = run(hall(robots), 0, MEASURED_S, SETTLE_S)
        _add(table, f"growth: {robots:,} robots in one hall", found, 1)


def _add(table: Table, name: str, found: Run, levels: int) -> None:
    cycle_ms = found.meter.core_share * 200.0
    note = (
        f"a level p50 {found.level_ms(50):.2f}, p99 {found.level_ms(99):.2f}, max {found.level_ms(100):.1f} ms; "
        f"{cycle_ms * 1e3 / found.robots:.0f} us a robot; {found.meter.core_share:.2f} cores at 5 Hz; "
        f"{found.deliveries_per_h:,.0f} deliveries an hour"
    )
    table.add(name, cycle_ms, "ms/cycle", note=note)
