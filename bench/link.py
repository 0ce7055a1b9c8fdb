"""Benchmark of the robot link: throughput of one gateway process, control of many robots, growth.

    python bench/link.py [--only throughput,control,growth] [--quick] [--json out.json]
    python bench/link.py --only control --sizes 1000,2500 --seconds 10

Receivers and loads are processes of their own, started anew for every round, the contenders of a round one
after the other on the same machine. The gateway is the whole one (CURVE, hub, state arrays, pilot), ROS
topics apart. Every contender gets the same fields: the bare loop the same frames, the WebSocket bridge a
JSON object, rclpy a nav_msgs/Odometry through one publisher. "CPU" rows compare CPU time of the receiving
process a message; they hardly depend on what else the machine does, wall rates do. "others" in the notes is
what the rest of the machine used meanwhile, in cores: where it is not near 0, late commands say little about
the gateway. Control is measured in several windows, and the one with the least of others' work is shown.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from _link_hub import hub_us  # noqa: E402
from _link_run import Contender, ControlFigures, Figures, control, measure, median  # noqa: E402
from _table import Table  # noqa: E402

from building_ctrl.supervise.ros import free_domain, loopback_environment  # noqa: E402

OURS = Contender("gateway, CURVE", "gateway", secure=True)
BARE = Contender("bare ROUTER + msgpack, plain", "bare")
BARE_SECURE = Contender("bare ROUTER + msgpack, CURVE", "bare", secure=True)
WEBSOCKET = Contender("JSON over WebSocket", "websocket")
RCLPY = Contender("rclpy Odometry", "rclpy")
OTHERS = {"bare": (BARE, BARE_SECURE), "websocket": (WEBSOCKET,), "rclpy": (RCLPY,)}
GOALS = {BARE: 0.60, WEBSOCKET: 5.0, RCLPY: 5.0}
ROBOT_HZ = 10.0
GROWTH_HZ = 5000.0
MANY_CONNECTIONS = 5000
HUB_SIZES = (10, 100, 1000, 10_000)

Rounds = dict[Contender, list[Figures]]


def bench_throughput(table: Table, others: Sequence[Contender], n: int, rounds: int, seconds: float) -> None:
    """As fast as each receiver takes the messages of `n` connections."""
    results: Rounds = {contender: [] for contender in (OURS, *others)}
    for number in range(rounds):
        for contender in results if number % 2 == 0 else reversed(results):
            results[contender].append(measure(contender, n, seconds))
    for contender, figures in results.items():
        add_rates(table, contender, figures, f"{n} connections")
    for contender in others:
        add_ratios(table, results, contender, GOALS.get(contender))
    died = sum(f.died for f in results[OURS])
    table.add("gateway died when its load left", died, f"of {rounds}", at_most=0, note="exit code not 0")


def bench_paced(table: Table, n: int, seconds: float) -> None:
    """CPU a message when every robot sends at its own rate: messages come singly, wake-ups cost the most."""
    rate_hz = ROBOT_HZ * n
    contenders = [Contender(c.title, c.kind, c.secure, rate_hz) for c in (OURS, BARE, WEBSOCKET)]
    figures = {c.kind: measure(c, n, seconds) for c in contenders}
    for kind, f in figures.items():
        note = f"{f.rate_hz:,.0f}/s; others {f.other_cores:.1f} cores"
        table.add(f"{kind} at {ROBOT_HZ:.0f} Hz a robot, {n} robots: CPU", f.receiver_us, "us/msg", note=note)


def add_rates(table: Table, contender: Contender, rounds: Sequence[Figures], what: str) -> None:
    rates = [f.rate_hz for f in rounds]
    note = (
        f"{min(rates):,.0f} to {max(rates):,.0f}; cores: receiver {median(rounds, 'receiver_cores'):.2f}, "
        f"load {median(rounds, 'loader_cores'):.2f}, others {median(rounds, 'other_cores'):.2f}"
    )
    table.add(f"{contender.title}, {what}: rate", median(rounds, "rate_hz"), "msg/s", note=note)
    table.add(f"{contender.title}: CPU", median(rounds, "receiver_us"), "us/msg")


def add_ratios(table: Table, results: Rounds, other: Contender, goal: float | None) -> None:
    pairs = list(zip(results[OURS], results[other], strict=True))
    rate = [ours.rate_hz / theirs.rate_hz for ours, theirs in pairs]
    cpu = [theirs.receiver_us / ours.receiver_us for ours, theirs in pairs]
    for name, ratios in (("rate", rate), ("messages a CPU second", cpu)):
        note = f"{min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} rounds"
        title = f"{name} over {other.title}"
        table.add(title, statistics.median(ratios), "ratio", at_least=goal, note=note)


def bench_control(table: Table, sizes: Sequence[int], seconds: float, windows: int) -> None:
    """Robots that report at 10 Hz and are driven at 20 Hz."""
    for n in sizes:
        add_control(table, n, control(n, seconds, windows, 1.0 / ROBOT_HZ))


def add_control(table: Table, n: int, c: ControlFigures) -> None:
    f = c.fleet
    cores = (
        f"cores: gateway {c.gateway_cores:.2f}, robots {f.cores:.2f}, others {c.other_cores:.2f}; "
        f"robots late by p99 {f.late_p99_ms:.1f} ms"
    )
    if f.cores + c.gateway_cores + c.other_cores > 0.9 * (os.cpu_count() or 1):
        cores += "; MACHINE FULL"
    table.add(f"{n} robots: telemetry to command, p50", f.p50_ms, "ms", note=cores)
    longest = f"longest {f.longest_ms:.1f}; at the gateway (10 s) {c.gateway_p99_ms:.1f}"
    table.add(f"{n} robots: telemetry to command, p99", f.p99_ms, "ms", at_most=25.0, note=longest)
    note = f"telemetry {f.telemetry_hz:.1f} Hz, commands {f.command_hz:.1f} Hz; {c.dropped} frames dropped"
    table.add(f"{n} robots: starved (0.25 s without a command)", f.starved, "robots", at_most=0, note=note)
    table.add(f"{n} robots: gateway CPU", c.gateway_cores / n * 1e6, "us/s/robot")


def bench_growth(table: Table, sizes: Sequence[int], seconds: float) -> None:
    """CPU a message at one total rate: what connections cost by their number alone; and without sockets."""
    ours = Contender(OURS.title, OURS.kind, OURS.secure, GROWTH_HZ)
    for n in (*HUB_SIZES, *(size for size in sizes if size not in HUB_SIZES)):
        table.add(f"{n} robots, no sockets: a telemetry and its commands", hub_us(n), "us CPU")
    for n in sizes:
        try:
            f = measure(ours, n, seconds, loaders=1 if n < MANY_CONNECTIONS else 2)
        except TimeoutError as error:
            table.add(f"{n} connections: come up in time", 0, "of 1", at_least=1, note=str(error))
            continue
        note = f"{f.rate_hz:,.0f}/s in all; gateway {f.memory_mb:.0f} MB; others {f.other_cores:.2f} cores"
        table.add(f"{n} connections, {GROWTH_HZ:,.0f} messages/s: CPU", f.receiver_us, "us/msg", note=note)


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="throughput,paced,control,growth")
    parser.add_argument("--quick", action="store_true", help="100 connections, one round")
    parser.add_argument("--connections", type=int, default=1000, help="of the throughput part")
    parser.add_argument("--against", default="bare,websocket,rclpy", help="contenders of the throughput part")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of a measured window")
    parser.add_argument("--sizes", help="numbers of robots of control and growth, as 10,100,1000")
    parser.add_argument("--json", type=Path)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    options = parse_arguments(argv)
    os.environ.update(loopback_environment(os.environ))
    os.environ.setdefault("ROS_DOMAIN_ID", str(free_domain(os.getpid())))
    n = 100 if options.quick else options.connections
    rounds = 1 if options.quick else options.rounds
    control_sizes, growth_sizes = [10, 100, 400, 1000], [10, 100, 1000, 4000]
    if options.quick:
        control_sizes, growth_sizes = [10, 100], [10, 100]
    if options.sizes:
        control_sizes = growth_sizes = [int(size) for size in options.sizes.split(",")]
    unknown = set(options.against.split(",")) - set(OTHERS)
    if unknown:
        raise SystemExit(f"--against knows {', '.join(OTHERS)}; not {unknown.pop()}")
    others = [contender for name in options.against.split(",") for contender in OTHERS[name]]
    table = Table("robot link (one gateway process; loopback)")
    parts: dict[str, Callable[[], None]] = {
        "throughput": lambda: bench_throughput(table, others, n, rounds, options.seconds),
        "paced": lambda: bench_paced(table, n, options.seconds),
        "control": lambda: bench_control(table, control_sizes, options.seconds, rounds),
        "growth": lambda: bench_growth(table, growth_sizes, options.seconds),
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
