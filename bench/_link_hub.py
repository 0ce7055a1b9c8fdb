"""The gateway without sockets: what a telemetry and its command cost by the number of robots alone."""

from __future__ import annotations

import statistics
import time

from building_ctrl.link.gateway import Gateway
from building_ctrl.link.limits import LinkLimits
from building_ctrl.link.protocol import encode
from building_ctrl.link.protocol.messages import VERSION, Flag, Hello, Telemetry
from building_ctrl.link.registry import Enrolled, Registry
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import RobotProfile

PERIOD_S = 0.1
START_S = 100.0


def hub_us(n: int, rounds: int = 7) -> float:
    """CPU microseconds a telemetry: decoded, validated, into the arrays, piloted, its command encoded.

    All `n` robots report once a round, spread over turns of 10 ms; the median round.
    """
    identities = [f"{i:040d}" for i in range(n)]
    robots = tuple(Enrolled(RobotProfile(f"r{i}", "f"), key) for i, key in enumerate(identities))
    limits = LinkLimits(max_connections=n + 1, hellos_per_s=1e9)
    gateway = Gateway("bench", Registry(robots), limits=limits)
    gateway.release([ReleasedPath(r.profile.name, "L1", 1, 0, (Waypoint(1e4, 0.0),)) for r in robots])
    hub, now, taken = gateway.hub, START_S, 0
    connections = [b"%d" % i for i in range(n)]
    for i, connection in enumerate(connections):
        hub.receive(connection, identities[i], encode(Hello(VERSION, f"r{i}", 1, 0.0, 1)), now)
    flags = int(Flag.ARMED | Flag.LOCALISED)
    epochs = [hub.sessions[robot.profile.name].epoch for robot in robots]
    times = []
    turns = 10
    for seq in range(1, rounds + 3):
        spent_s = 0.0
        for turn in range(turns):
            now += PERIOD_S / turns
            mine = range(turn, n, turns)
            frames = [
                encode(Telemetry(seq, now, seq * 0.1, 0.0, 0.0, 1.0, 0.0, 90.0, flags, 1, epochs[i], seq, 0, "L1"))
                for i in mine
            ]
            begin = time.thread_time()
            for i, frame in zip(mine, frames, strict=True):
                hub.receive(connections[i], identities[i], frame, now)
            hub.tick(now)
            gateway.turn(now)
            taken += len(hub.take())
            spent_s += time.thread_time() - begin
        times.append(spent_s / n * 1e6)
    if taken < n * rounds:
        raise RuntimeError(f"{taken} commands for {n * rounds} telemetries: the robots are not commanded")
    return statistics.median(times[2:])
