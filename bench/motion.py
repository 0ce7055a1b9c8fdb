"""Benchmark of the pilot: time of a step, and driving under an unkind network in virtual time.

    python bench/motion.py [--only step,drive,outage,cut,omni] [--quick] [--json out.json]

Driving: robots of 1.5 m/s, 0.8 m/s2 follow endless ways with corners and bends, released piece by piece
(40 % of them only once the robot stands at the end of the last), with 40 ms from set point to motion
and 4 mm of noise on the pose. Gateway, sessions and frames are the real ones; network and bodies are models
(_motion_network.py, _motion_world.py). Speed lost is against the same ways under the first condition.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from _motion_network import Conditions  # noqa: E402
from _motion_world import ACTUATION_S, DT_S, START_S, Robot, World  # noqa: E402
from _table import Table  # noqa: E402

from building_ctrl.core.motion import Pilot  # noqa: E402
from building_ctrl.model.path import ReleasedPath, Waypoint  # noqa: E402
from building_ctrl.model.robot import Drive as Wheels  # noqa: E402
from building_ctrl.model.robot import RobotProfile  # noqa: E402

STEP_S = 0.02
SETTLE_S = 2.0
HANDOVER_EVERY_S = 10.0
REST_S = 6.0


def every(period_s: float, length_s: float, seconds: float, start_s: float = 5.0) -> tuple[tuple[float, float], ...]:
    """Gaps of one length through a run."""
    starts = np.arange(START_S + start_s, START_S + seconds - length_s, period_s)
    return tuple((float(s), float(s) + length_s) for s in starts)


def link_conditions(seconds: float) -> list[Conditions]:
    """What robots drive under; the first is what speed lost is measured against."""
    perfect = Conditions("perfect network", 0.0, 0.0)
    mobile = Conditions("10 +- 4 ms")
    handovers = [
        replace(mobile, name=f"gaps of {ms} ms every 10 s", gaps=every(HANDOVER_EVERY_S, ms / 1e3, seconds))
        for ms in (50, 300, 1000)
    ]
    return [
        perfect,
        mobile,
        replace(mobile, name="10 +- 4 ms, loss 0.1 %", loss=0.001),
        replace(mobile, name="10 +- 4 ms, loss 1 %", loss=0.01),
        replace(mobile, name="10 +- 4 ms, bursts", loss=0.001, burst=0.004),
        *handovers,
        replace(mobile, name="datagrams, loss 1 %", loss=0.01, stream=False),
        replace(handovers[1], name="datagrams, gaps of 300 ms", stream=False),
    ]


def bench_step(table: Table, sizes: Iterable[int], seconds: float) -> None:
    """One control step with a fresh pose of every robot."""
    for n in sizes:
        observe_us, step_us = step_times(n, seconds)
        p50, p99 = np.percentile(step_us, (50, 99))
        note = f"p99 {p99:,.0f} us; {p50 / n * 1e3:.0f} ns a robot; new poses {np.median(observe_us):.0f} us"
        table.add(f"pilot step, {n} robots, median", p50, "us", at_most=STEP_S * 1e6, note=note)


def step_times(n: int, seconds: float) -> tuple[list[float], list[float]]:
    """Microseconds of `observe` and of `step`, robots moving as commanded through a corner of 90 degrees."""
    pilot, dice = Pilot(capacity=n), random.Random(n)
    way = tuple(Waypoint(x, y) for x, y in ((3.0, 0.0), (6.0, 0.0), (6.0, 4.0), (12.0, 4.0)))
    for i in range(n):
        pilot.add_robot(RobotProfile(f"r{i}", "f"))
        pilot.release(ReleasedPath(f"r{i}", "L1", 1, 0, way))
    pose = np.zeros((3, n))
    pose[0] = [dice.uniform(0.0, 2.0) for _ in range(n)]
    v, w, now = np.zeros(n), np.zeros(n), 100.0
    indices, observe_us, step_us = np.arange(n), [], []
    end = time.monotonic() + seconds
    while len(step_us) < 20 or (time.monotonic() < end and len(step_us) < 600):
        now += STEP_S
        begin = time.perf_counter()
        pilot.observe(indices, *pose, v, w, np.full(n, now - 0.01))
        middle = time.perf_counter()
        commands = pilot.step(now)
        step_us.append((time.perf_counter() - middle) * 1e6)
        observe_us.append((middle - begin) * 1e6)
        v, w = commands.v_mps.copy(), commands.w_radps.copy()
        pose += STEP_S * np.array((v * np.cos(pose[2]), v * np.sin(pose[2]), w))
    return observe_us[5:], step_us[5:]


@dataclass(frozen=True)
class Drive:
    """What a run of driving showed, over all its robots."""

    error_p99_m: float
    fast_error_p99_m: float
    worst_error_m: float
    overrun_m: float
    mean_mps: float
    stale: int
    samples: int


def drive(
    conditions: Conditions, robots: int, seconds: float, seed: int = 1, wheels: Wheels = Wheels.DIFFERENTIAL
) -> Drive:
    world = World([conditions] * robots, seed, drive=wheels)
    world.run(seconds)
    return summary(world.robots, seconds)


def summary(robots: Sequence[Robot], seconds: float) -> Drive:
    off = np.array([m for robot in robots for m in robot.off_m])
    fast = np.array([m for robot in robots for m in robot.fast_off_m] or [0.0])
    return Drive(
        float(np.percentile(off, 99)),
        float(np.percentile(fast, 99)),
        float(off.max()),
        max(robot.overrun_m for robot in robots),
        sum(robot.driven_m for robot in robots) / seconds / len(robots),
        sum(robot.stale for robot in robots),
        len(off),
    )


def bench_drive(table: Table, robots: int, seconds: float) -> None:
    """Tracking, overrun and speed under each condition."""
    best_mps = None
    for conditions in link_conditions(seconds):
        d = drive(conditions, robots, seconds)
        best_mps = best_mps or d.mean_mps
        fast = f"above 1.2 m/s {d.fast_error_p99_m:.3f}, worst {d.worst_error_m:.3f}; {d.samples:,} poses"
        table.add(f"{conditions.name}: tracking error p99", d.error_p99_m, "m", at_most=0.10, note=fast)
        add_safety(table, conditions.name, d)
        lost = 100.0 * (1.0 - d.mean_mps / best_mps)
        table.add(f"{conditions.name}: mean speed lost", lost, "%", note=f"{d.mean_mps:.3f} m/s, stops included")


def add_safety(table: Table, name: str, d: Drive) -> None:
    note = "of the centre, beyond the last released waypoint; negative: short of it"
    table.add(f"{name}: furthest overrun", d.overrun_m, "m", at_most=0.0, note=note)
    table.add(f"{name}: stale commands obeyed", d.stale, "commands", at_most=0)


def bench_outage(table: Table, robots: int, rounds: int) -> None:
    """How long after the network's return a robot obeys a fresh command; beginnings spread over the rounds."""
    for length_s in (2.0, 5.0, 20.0):
        for stream in (True, False):
            returns, drives = [], []
            for number in range(rounds):
                start = START_S + 6.0 + 0.37 * number
                gap = (start, start + length_s)
                name = f"outage of {length_s:g} s" + ("" if stream else ", datagrams")
                world = World([Conditions(name, gaps=(gap,), stream=stream)] * robots, number, watch_commands=True)
                seconds = gap[1] - START_S + REST_S
                world.run(seconds)
                returns += [service_return_s(robot, gap[1]) for robot in world.robots]
                drives.append(summary(world.robots, seconds))
            add_outage(table, name, returns, drives)


def service_return_s(robot: Robot, end: float) -> float:
    """From the network's return to the telemetry of the first command obeyed after it."""
    after = [at for at in robot.commanded if at >= end]
    return min(after) - end if after else math.inf


def add_outage(table: Table, name: str, returns: Sequence[float], drives: Sequence[Drive]) -> None:
    note = f"median {np.median(returns):.2f}, least {min(returns):.2f}; {len(returns)} robots"
    table.add(f"{name}: longest service return", max(returns), "s", at_most=1.0, note=note)
    worst = replace(drives[0], overrun_m=max(d.overrun_m for d in drives), stale=sum(d.stale for d in drives))
    add_safety(table, name, worst)


def bench_omni(table: Table, robots: int, seconds: float) -> None:
    """The omnidirectional drive over a mobile network, and its cables cut."""
    for conditions in (Conditions("omnidirectional, 10 +- 4 ms"), link_conditions(seconds)[3]):
        name = f"omnidirectional, {conditions.name.removeprefix('omnidirectional, ')}"
        d = drive(conditions, robots, seconds, wheels=Wheels.OMNIDIRECTIONAL)
        note = f"above 1.2 m/s {d.fast_error_p99_m:.3f}, worst {d.worst_error_m:.3f}; {d.mean_mps:.3f} m/s"
        table.add(f"{name}: tracking error p99", d.error_p99_m, "m", at_most=0.10, note=note)
        add_safety(table, name, d)
    bench_cut(table, 10 * robots, Wheels.OMNIDIRECTIONAL)


def bench_cut(table: Table, robots: int, wheels: Wheels = Wheels.DIFFERENTIAL) -> None:
    """Cables cut for ever at any instant: at rest in time, and inside the path."""
    name = "cut cable" + ("" if wheels is Wheels.DIFFERENTIAL else ", omnidirectional")
    dice = random.Random(7)
    cuts = [START_S + dice.uniform(3.0, 20.0) for _ in range(robots)]
    world = World([Conditions("cut", gaps=((at, math.inf),), stream=False) for at in cuts], 3, drive=wheels)
    braking_s, rest_at = [0.0] * robots, list(cuts)
    while world.now < START_S + 20.0 + REST_S:
        world.step()
        for i, robot in enumerate(world.robots):
            body, profile = robot.body, robot.body.profile
            if world.now >= cuts[i] and (body.speed > 1e-9 or abs(body.w) > 1e-9):
                rest_at[i] = world.now
                linear_s = body.speed / profile.max_acceleration_mps2
                turning_s = abs(body.w) / profile.max_yaw_acceleration_radps2
                braking_s[i] = max(braking_s[i], linear_s, turning_s)
    d = summary(world.robots, world.now - START_S)
    reaction_s = world.gateway.hub.parameters.watchdog_s + ACTUATION_S + DT_S
    times = [rest - cut for rest, cut in zip(rest_at, cuts, strict=True)]
    moving = sum(s > 0.05 for s in braking_s)
    note = f"{moving} of {robots} moving; longest way to rest {max(times):.2f} s, reaction {reaction_s:.2f} s"
    excess = max(t - reaction_s - s for t, s in zip(times, braking_s, strict=True) if s > 0.0)
    table.add(f"{name}: rest later than watchdog + braking", excess, "s", at_most=0.0, note=note)
    add_safety(table, name, d)
    table.add(f"{name}: furthest from the path", d.worst_error_m, "m", at_most=0.10)


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="step,drive,outage,cut,omni")
    parser.add_argument("--quick", action="store_true", help="few robots, short runs")
    parser.add_argument("--robots", type=int, default=10, help="of the driving parts")
    parser.add_argument("--seconds", type=float, default=60.0, help="of virtual time a condition")
    parser.add_argument("--json", type=Path)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    options = parse_arguments(argv)
    robots, seconds, rounds, sizes = options.robots, options.seconds, 4, (10, 100, 1000, 10_000)
    cut = 20 * robots
    if options.quick:
        robots, seconds, rounds, sizes, cut = 3, 20.0, 1, (10, 100), 20
    table = Table("pilot (step times of one thread; driving in virtual time)")
    parts: dict[str, Callable[[], None]] = {
        "step": lambda: bench_step(table, sizes, 3.0),
        "drive": lambda: bench_drive(table, robots, seconds),
        "outage": lambda: bench_outage(table, robots, rounds),
        "cut": lambda: bench_cut(table, cut),
        "omni": lambda: bench_omni(table, robots, seconds),
    }
    for part in options.only.split(","):
        if part not in parts:
            raise SystemExit(f"--only knows {', '.join(parts)}; not {part}")
        parts[part]()
    if options.json is not None:
        table.write_json(options.json)
    return 0 if table.all_reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
