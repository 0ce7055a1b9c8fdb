"""One path planner for a building against one a level: deliveries, and processor time of the planners.

    python bench/shards.py [--json OUT] [--seeds N] [--levels N] [--robots N] [--seconds S]

Half of the errands lead to another level. Planners hear each other one cycle late. Compile time is not part of the
figures: the first 30 s of the building are not counted.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from _path_tower import TICK_S, TowerWorld, tower  # noqa: E402
from _table import Table  # noqa: E402

from building_ctrl.core.path.planner import PathDecisions, PathPlanner  # noqa: E402
from building_ctrl.core.path.shard import shards_of  # noqa: E402
from building_ctrl.model.building import Building  # noqa: E402
from building_ctrl.model.door import CrossingState  # noqa: E402
from building_ctrl.model.lift import RideState  # noqa: E402
from building_ctrl.model.path import DestinationRequest, ReleasedPath  # noqa: E402
from building_ctrl.model.roadmap import Roadmap  # noqa: E402
from building_ctrl.model.robot import RobotState  # noqa: E402
from building_ctrl.model.shard import ShardState  # noqa: E402

WARM_UP_S = 30.0
LEAST_RATIO = 0.9
Answer = TypeVar("Answer")


class Planners:
    """Several planners behind the face of one; takes each one's processor time."""

    def __init__(self, building: Building, roadmap: Roadmap, planners: str) -> None:
        shards = shards_of([level.level for level in roadmap.levels], planners)
        self.planners = [PathPlanner(building, roadmap, shard.first_epoch(1), shard=shard) for shard in shards]
        self.cycle_s: list[list[float]] = [[] for _ in self.planners]
        self._spent_s = [0.0] * len(self.planners)
        self._said: list[ShardState] = []

    def _each(self, call: Callable[[PathPlanner], Answer]) -> list[Answer]:
        answers = []
        for k, planner in enumerate(self.planners):
            start = time.process_time()
            answers.append(call(planner))
            self._spent_s[k] += time.process_time() - start
        return answers

    def robot_states(self, states: Sequence[RobotState], now: float) -> None:
        self._each(lambda planner: planner.robot_states(states, now))

    def ride_states(self, states: Sequence[RideState], now: float) -> None:
        self._each(lambda planner: planner.ride_states(states, now))

    def crossing_states(self, states: Sequence[CrossingState], now: float) -> None:
        self._each(lambda planner: planner.crossing_states(states, now))

    def destination(self, request: DestinationRequest, now: float) -> str:
        return next(filter(None, self._each(lambda planner: planner.destination(request, now))), "")

    def step(self, now: float) -> PathDecisions:
        said, self._said = self._said, []
        for state in said:
            self._each(lambda planner, state=state: planner.shard_state(state, now))
        decisions = self._each(lambda planner: planner.step(now))
        self._said = [d.shard for d in decisions if d.shard is not None]
        for spent, cycles in zip(self._spent_s, self.cycle_s, strict=True):
            cycles.append(spent)
        self._spent_s = [0.0] * len(self.planners)
        return PathDecisions(
            _joined(d.released for d in decisions),
            _joined(d.rides for d in decisions),
            _joined(d.crossings for d in decisions),
            _joined(d.alarms for d in decisions),
        )

    def all_released(self) -> None:
        self._each(lambda planner: planner.all_released())

    def travel(self) -> None:
        self._each(lambda planner: planner.travel())

    def assert_sound(self) -> None:
        for planner in self.planners:
            planner.assert_sound()


def _joined(parts: Iterable[tuple[Answer, ...]]) -> tuple[Answer, ...]:
    return tuple(part for some in parts for part in some)


class ShardTower(TowerWorld):
    """A tower whose robots take paths as the gateway does: none of an older epoch."""

    def _release(self, path: ReleasedPath) -> None:
        body = self.bodies[path.robot]
        if path.epoch < body.epoch:
            return
        if path.epoch > body.epoch:
            body.end = path.first_seq
        super()._release(path)


def measure(building: Building, seed: int, planners: str, seconds: float) -> tuple[int, int, Planners]:
    """(deliveries, stuck robots, the planners with their times) after the warm-up."""
    world = ShardTower(building, seed, 0.5, lambda _, call: call())
    several = Planners(building, world.roadmap, planners)
    world.planner = several  # type: ignore[assignment]
    for _ in range(round(WARM_UP_S / TICK_S)):
        world.tick()
    before = len(world.deliveries)
    for cycles in several.cycle_s:
        cycles.clear()
    for k in range(round(seconds / TICK_S)):
        world.tick()
        if k % 50 == 0:
            several.assert_sound()
    return len(world.deliveries) - before, len(world.stuck()), several


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--levels", type=int, default=6)
    parser.add_argument("--robots", type=int, default=48)
    parser.add_argument("--seconds", type=float, default=600.0)
    options = parser.parse_args(argv)
    building = tower(options.levels, options.robots)
    table = Table(f"Path planners of {options.levels} levels, {options.robots} robots, {options.seconds:g} s")
    delivered = {}
    for planners in ("1", "per-level"):
        runs = [measure(building, seed, planners, options.seconds) for seed in range(options.seeds)]
        delivered[planners] = sum(count for count, _, _ in runs)
        cycles = np.concatenate([1e3 * np.array(times) for _, _, several in runs for times in several.cycle_s])
        whole = np.concatenate([1e3 * np.array(several.cycle_s).sum(axis=0) for _, _, several in runs])
        table.add(f"{planners}: deliveries", delivered[planners], "")
        table.add(f"{planners}: stuck robots", sum(stuck for _, stuck, _ in runs), "", at_most=0)
        table.add(f"{planners}: CPU of one planner, a cycle, mean", float(cycles.mean()), "ms")
        table.add(f"{planners}: CPU of one planner, a cycle, p99", float(np.percentile(cycles, 99)), "ms")
        table.add(f"{planners}: CPU of all planners, a cycle, mean", float(whole.mean()), "ms")
    ratio = delivered["per-level"] / max(1, delivered["1"])
    table.add("deliveries, one planner a level : one planner", ratio, "", at_least=LEAST_RATIO)
    if options.json is not None:
        table.write_json(options.json)
    return 0 if table.all_reached else 1


if __name__ == "__main__":
    sys.exit(main())
