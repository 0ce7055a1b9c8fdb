"""The path planner under delays and failures: robots stall, and die on their lanes, for a day of simulated time.

    python bench/_path_delays.py [--hours 24] [--seeds 1] [--cases tower,crowded] [--json OUT]

Every robot stalls for 2 to 30 s at random, a tenth of the time; of every fourth stall its gateway hears nothing
meanwhile. Once an hour a robot dies on its lane; a person comes ten minutes later and mends it where it stands or
takes it off the floor and puts it back somewhere free after five more minutes, and tells the planner. The same
seeds without any of it show what delays cost. Robots follow released paths exactly (bench/_path_world.py); lifts and
doors are simulated, their planners the real ones. Collisions are looked for on the straight between two instants at
most 0.25 s apart; also, once in a while, no two robots' whole released stretches may come too near: that covers every
delay there could have been.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import numpy as np  # noqa: E402
from _path_bodies import Body  # noqa: E402
from _path_stretches import least_stretch_gap  # noqa: E402
from _path_world import EndlessDemand, PathWorld, make_world  # noqa: E402
from _table import Table  # noqa: E402

from building_ctrl.building.document import format_document  # noqa: E402
from building_ctrl.building.loader import parse_map  # noqa: E402
from building_ctrl.building.tower import generate_tower  # noqa: E402
from building_ctrl.model.building import Building  # noqa: E402
from building_ctrl.model.held import ClearAction, ClearRequest  # noqa: E402
from building_ctrl.model.path import TravelStatus, WaitingKind  # noqa: E402

CYCLE_S = 0.5
MOTION_S = 0.25
CALM_HOURS = 4.0
HOURS = 24.0
HOUR_S = 3600.0
STALL_S = (2.0, 30.0)
STALL_SHARE = 0.1
PERSON_S = 600.0
ABSENT_S = 300.0
DEADLOCK_S = 900.0  # five minutes more than a person takes
WATCH_S = 10.0
SILENT_SHARE = 0.25


@dataclass(frozen=True)
class Case:
    """A building and how many robots drive in it."""

    name: str
    building: Building
    robots: int


def cases() -> list[Case]:
    """A tower, and one level with as many robots as it has homes."""
    tower = parse_map(format_document(generate_tower(levels=6, robots=24, robot_lifts=2, shared_lifts=1)))
    crowded = parse_map(format_document(generate_tower(levels=1, robots=40, robot_lifts=1, shared_lifts=0)))
    return [Case("tower", tower.building, 24), Case("crowded", crowded.building, 40)]


@dataclass
class Harm:
    """What delays and failures did: stalls, deaths, and who stood for longest with nothing to explain it."""

    stalls: int = 0
    deaths: int = 0
    mended: int = 0
    removed: int = 0
    deadlocks: list[str] = field(default_factory=list)
    longest_stand_s: float = 0.0
    least_stretch_gap_m: float = float("inf")
    unsound: list[str] = field(default_factory=list)


class Adversary:
    """Stalls, kills, mends and removes robots of a world, and watches that all go on."""

    def __init__(self, world: PathWorld, seed: int, harmful: bool) -> None:
        self.harm = Harm()
        self._world = world
        self._random = random.Random(seed)
        self._harmful = harmful
        self._stall_s = {name: self._next_stall() for name in world.bodies}
        self._death_s = world.now + self._random.uniform(0.0, HOUR_S)
        self._person: list[tuple[float, str]] = []
        self._absent: list[tuple[float, Body]] = []
        self._moved: dict[str, tuple[float, float]] = {}
        self._watch_s = world.now

    def step(self) -> None:
        """Do what is due."""
        if self._harmful:
            self._stall()
            self._kill()
            self._see_to_the_dead()
            self._put_back()
        if self._world.now >= self._watch_s:
            self._watch_s = self._world.now + WATCH_S
            self._watch()

    def _next_stall(self) -> float:
        mean_s = (STALL_S[0] + STALL_S[1]) / 2
        return self._world.now + self._random.expovariate(STALL_SHARE / (1.0 - STALL_SHARE) / mean_s)

    def _stall(self) -> None:
        for name, due_s in self._stall_s.items():
            if due_s > self._world.now or name not in self._world.bodies:
                continue
            seconds = self._random.uniform(*STALL_S)
            self._world.stall(name, seconds)
            if self._random.random() < SILENT_SHARE:
                self._world.silence(name, seconds)
            self.harm.stalls += 1
            self._stall_s[name] = self._next_stall() + seconds

    def _kill(self) -> None:
        if self._world.now < self._death_s:
            return
        driving = [
            body.name for body in self._world.bodies.values() if body.speed_mps > 0.0 and not self._in_lift(body)
        ]
        if not driving:
            return
        name = self._random.choice(driving)
        self._world.kill(name)
        self._person.append((self._world.now + PERSON_S, name))
        self._death_s += HOUR_S
        self.harm.deaths += 1

    def _in_lift(self, body: Body) -> bool:
        return bool(body.lift) or bool(body.waypoints and body.waypoints[0].lift)

    def _see_to_the_dead(self) -> None:
        for due_s, name in [entry for entry in self._person if entry[0] <= self._world.now]:
            self._person.remove((due_s, name))
            if self._random.random() < 0.5:
                self._world.revive(name)
                self.harm.mended += 1
                continue
            body = self._world.lift_off(name)
            assert not self._world.planner.clear(ClearRequest(name, ClearAction.REMOVED, "attendant"), self._world.now)
            self._absent.append((self._world.now + ABSENT_S, body))
            self.harm.removed += 1

    def _put_back(self) -> None:
        for due_s, body in [entry for entry in self._absent if entry[0] <= self._world.now]:
            spot = self._free_spot(body)
            if spot is None:
                continue
            self._absent.remove((due_s, body))
            self._world.put_down(body, *spot)
            assert not self._world.planner.clear(
                ClearRequest(body.name, ClearAction.RESUME, "attendant"), self._world.now
            )

    def _free_spot(self, body: Body) -> tuple[str, float, float] | None:
        """A parking spot away from all other robots and from what is released to them."""
        for row in self._world.roadmap.levels:
            taken = [
                point
                for other in self._world.bodies.values()
                if other.level == row.level
                for point in ((other.x_m, other.y_m), *((w.x_m, w.y_m) for w in other.waypoints))
            ]
            for vertex in np.flatnonzero(row.is_parking).tolist():
                x_m, y_m = float(row.x_m[vertex]), float(row.y_m[vertex])
                if all(np.hypot(x_m - x, y_m - y) > 2.5 for x, y in taken):
                    return row.level, x_m, y_m
        return None

    def _watch(self) -> None:
        """No robot that is sent somewhere may stand for long; a plan may not wait for itself."""
        world = self._world
        gap_m = least_stretch_gap(world.bodies.values(), world.roadmap)
        self.harm.least_stretch_gap_m = min(self.harm.least_stretch_gap_m, gap_m)
        try:
            world.planner.assert_sound()
        except AssertionError as error:
            self.harm.unsound.append(f"{world.now:.0f} s: {error}")
        for name, body in world.bodies.items():
            driven_m, since_s = self._moved.get(name, (-1.0, world.now))
            travel = world.travel.get(name)
            at_rest = name not in world.sent or travel is None or travel.status is TravelStatus.ARRIVED
            if body.driven_m > driven_m or at_rest or body.still_until_s == float("inf"):
                self._moved[name] = (body.driven_m, world.now)
                continue
            stood_s = world.now - since_s
            self.harm.longest_stand_s = max(self.harm.longest_stand_s, stood_s)
            if stood_s >= DEADLOCK_S:
                kind = travel.waiting_kind if travel is not None else WaitingKind.NONE
                self.harm.deadlocks.append(f"{world.now:.0f} s: {name} waits for {kind.name} {travel}")
                self._moved[name] = (body.driven_m, world.now)


def run(case: Case, seed: int, hours: float, harmful: bool, progress: bool = False) -> tuple[PathWorld, Adversary]:
    """One run from homes, robots with tasks without end."""
    world = make_world(case.building, case.robots, seed)
    world.demand, world.motion_s = EndlessDemand(seed), MOTION_S
    adversary = Adversary(world, seed + 1000, harmful)
    for cycle in range(round(hours * HOUR_S / CYCLE_S)):
        if progress and cycle % round(HOUR_S / CYCLE_S) == 0:
            hour = cycle * CYCLE_S / HOUR_S
            print(f"    {hour:.0f} h: {world.stats.arrivals} arrivals, {adversary.harm}", flush=True)
        adversary.step()
        world.step(CYCLE_S)
    return world, adversary


def bench(table: Table, options: argparse.Namespace) -> None:
    """Every case with and without harm, all seeds summed; `options`: seeds, and where it has them hours (of all
    seeds together), cases, progress."""
    wanted, all_hours = getattr(options, "cases", ""), getattr(options, "hours", HOURS)
    progress = getattr(options, "progress", False)
    chosen = [case for case in cases() if not wanted or case.name in wanted.split(",")]
    for case in chosen:
        hours = all_hours / options.seeds
        begin = time.process_time()
        harmed = [run(case, seed, hours, True, progress) for seed in range(options.seeds)]
        calm_hours = min(hours, CALM_HOURS)
        calm = [run(case, seed, calm_hours, False) for seed in range(options.seeds)]
        spent_s = time.process_time() - begin
        name = f"{case.name}, {case.robots} robots, {all_hours:g} h"
        _add_rows(table, name, harmed, calm, (hours * options.seeds, calm_hours * options.seeds), spent_s)


def _add_rows(
    table: Table,
    name: str,
    harmed: list[tuple[PathWorld, Adversary]],
    calm: list[tuple[PathWorld, Adversary]],
    hours: tuple[float, float],
    spent_s: float,
) -> None:
    both = [*harmed, *calm]
    worlds = [world for world, _ in both]
    harms = [adversary.harm for _, adversary in harmed]
    counted = f"{sum(h.stalls for h in harms)} stalls, {sum(h.deaths for h in harms)} deaths"
    cleared = f"{sum(h.mended for h in harms)} mended, {sum(h.removed for h in harms)} removed"
    collisions = sum(world.stats.collisions for world in worlds)
    table.add(f"{name}: collisions", collisions, "", at_most=0, note=f"{counted}, {cleared}")
    least = min(world.stats.least_gap_m for world in worlds)
    table.add(f"{name}: least gap of footprints", least, "m", note="as driven")
    parameters = worlds[0].roadmap.parameters
    stretch = min(adversary.harm.least_stretch_gap_m for _, adversary in both)
    table.add(f"{name}: least gap of released stretches", stretch, "m", at_least=2 * parameters.tracking_error_m - 1e-6)
    deadlocks = [text for _, adversary in both for text in adversary.harm.deadlocks]
    stand = max(adversary.harm.longest_stand_s for _, adversary in both)
    table.add(f"{name}: deadlocks", len(deadlocks), "", at_most=0, note=f"longest stand {stand:.0f} s")
    unsound = [text for _, adversary in both for text in adversary.harm.unsound]
    table.add(f"{name}: unsound plans", len(unsound), "", at_most=0)
    table.add(f"{name}: robots in shut doors", sum(w.stats.shut_doors for w in worlds), "", at_most=0)
    rates = [sum(w.stats.arrivals for w, _ in side) / h for side, h in zip((harmed, calm), hours, strict=True)]
    table.add(f"{name}: arrivals an hour, no delays", rates[1], "/h", note=f"{hours[1]:g} h")
    table.add(f"{name}: arrivals an hour, delays and deaths", rates[0], "/h")
    lost = 100.0 * (1.0 - rates[0] / max(1.0, rates[1]))
    table.add(f"{name}: throughput lost to them", lost, "%", note=f"{spent_s:.0f} s of CPU for all runs")
    for text in [*(i for w in worlds for i in w.stats.incidents), *deadlocks, *unsound][:20]:
        print("   ", text)


def options_parser() -> argparse.ArgumentParser:
    """What this benchmark takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=HOURS, help="simulated time of a case, over all seeds")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--cases", default="", help="cases, separated by commas")
    parser.add_argument("--progress", action="store_true", help="a line an hour of simulated time")
    parser.add_argument("--json", type=Path)
    return parser


def main() -> int:
    """Run alone."""
    options = options_parser().parse_args()
    table = Table("Path planner under delays and failures")
    bench(table, options)
    if options.json:
        table.write_json(options.json)
    return 0 if table.all_reached else 1


if __name__ == "__main__":
    sys.exit(main())
