"""Gateway, sessions and bodies together in virtual time: what must hold whatever the network does."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from building_ctrl.core.motion import Hold
from building_ctrl.link import alarms
from building_ctrl.link.protocol.messages import Flag
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import Connection, LinkState, MotionState, WorkState
from tests.link.world import Network, World, distance_m, overrun_m

NETWORKS = {
    "perfect": lambda r: Network(0.0, 0.0),
    "5g": lambda r: Network(0.010, 0.004),
    "datagrams with 5 % loss": lambda r: Network(0.010, 0.004, 0.05, False),
    "slow": lambda r: Network(0.060, 0.030, 0.02, False),
    "barely usable": lambda r: Network(0.080, 0.080, 0.20, False),
    "outages": lambda r: Network(0.010, 0.004, 0.0, True, outages(r)),
}


def outages(r: random.Random) -> tuple[tuple[float, float], ...]:
    starts = [102.0 + 4.0 * k + r.uniform(0.0, 2.0) for k in range(6)]
    return tuple((start, start + r.choice([0.05, 0.3, 1.0, 2.0])) for start in starts)


def random_path(r: random.Random) -> list[tuple[float, float]]:
    points, angle = [(0.0, 0.0)], r.uniform(-3.0, 3.0)
    for _ in range(r.randint(1, 5)):
        angle += r.choice(
            [0.0, 0.0, 0.1, -0.3, math.pi / 2, -math.pi / 2, 0.8, math.pi, r.uniform(-3.0, 3.0)]
        )
        length = r.uniform(0.4, 3.0)
        x, y = points[-1]
        points.append((x + length * math.cos(angle), y + length * math.sin(angle)))
    return points


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("seed", range(5))
def test_never_beyond_what_is_released_and_never_off_it(network: str, seed: int) -> None:
    r = random.Random(f"{network}{seed}")
    world = World(1, NETWORKS[network](r), seed, noise_m=0.004)
    points, released = random_path(r), 1
    body = world.bodies[0]
    for _ in range(20_000):
        if released < len(points) and r.random() < 0.01:
            world.release(0, points[released])
            released += 1
        world.step()
        if released > 1:
            assert distance_m(points[:released], body.x, body.y) < 0.10
            assert overrun_m(points[:released], body.x, body.y) < 0.01
        states = world.gateway.robot_states(world.now)
        if states and states[0].reached_seq == len(points) - 1 and abs(body.v) < 1e-3:
            break
    else:
        raise AssertionError("never arrived")
    assert world.oldest_obeyed_s <= world.gateway.hub.parameters.watchdog_s


@pytest.mark.parametrize("cut_at_s", [1.0, 2.0, 2.5, 3.0, 3.3, 3.6, 4.0, 4.4])
def test_a_cut_cable_leaves_the_robot_at_rest_in_time_and_inside_its_path(cut_at_s: float) -> None:
    world = World(1, Network(0.010, 0.004, outages=((100.0 + cut_at_s, 1e9),)), seed=3)
    world.release(0, (3.0, 0.0))
    body = world.bodies[0]
    world.run(cut_at_s)
    speed = body.v
    world.run(0.30 + 0.05 + speed / 0.8 + 0.05)
    assert body.v == 0.0
    x = body.x
    assert x <= 3.0
    world.run(5.0)
    assert body.x == x


def test_after_an_outage_no_old_command_is_obeyed_and_it_drives_on() -> None:
    world = World(1, Network(0.010, 0.004, outages=((102.0, 107.0),)), seed=1)
    world.release(0, (8.0, 0.0))
    world.run(6.5)
    stopped_at = world.bodies[0].x
    assert world.bodies[0].v == 0.0 and stopped_at < 4.0
    row = world.gateway.link_report().rows[0]
    assert (
        row.state is LinkState.LOST and world.gateway.robot_states(world.now)[0].connection is Connection.LOST
    )
    kinds = [a.kind for a in world.gateway.alarms(world.now, 0.0) if a.active]
    assert kinds == [alarms.LINK_LOST]
    world.run(1.5)
    assert world.bodies[0].v > 0.05, "service has to be back within a second"
    world.run(10.0)
    assert abs(world.bodies[0].x - 8.0) < 0.05
    assert world.oldest_obeyed_s <= 0.3
    assert not any(a.active for a in world.gateway.alarms(world.now, 1.0))


def test_states_say_moving_waiting_and_reached() -> None:
    world = World(2, seed=2)
    world.run(1.0)
    world.release(0, (1.0, 0.0), (2.0, 0.0))
    world.run(2.0)
    moving, idle = world.gateway.robot_states(world.now)
    assert moving.motion is MotionState.MOVING and moving.level == "L1"
    assert (moving.path_epoch, moving.released_seq) == (5, 2)
    assert idle.motion is MotionState.STOPPED and idle.level == ""
    world.gateway.hold("r0", Hold.PAUSED, True)
    world.run(3.0)
    paused = world.gateway.robot_states(world.now)[0]
    assert paused.motion is MotionState.WAITING and world.bodies[0].v == 0.0
    world.gateway.hold("r0", Hold.PAUSED, False)
    world.run(6.0)
    assert world.gateway.robot_states(world.now)[0].reached_seq == 2


def test_an_e_stop_reaches_the_robot_through_losses_and_holds_until_released() -> None:
    world = World(1, Network(0.02, 0.01, loss=0.4, in_order=False), seed=4)
    world.release(0, (30.0, 0.0))
    world.run(4.0)
    assert world.gateway.e_stop("r0", True, world.now)
    world.run(4.0)
    assert world.sessions[0].e_stopped and world.bodies[0].v == 0.0
    state = world.gateway.robot_states(world.now)[0]
    assert state.work is WorkState.E_STOPPED
    assert alarms.E_STOP in [a.kind for a in world.gateway.alarms(world.now, 0.0)]
    x = world.bodies[0].x
    world.gateway.e_stop("r0", False, world.now)
    world.run(8.0)
    assert not world.sessions[0].e_stopped and world.bodies[0].x > x + 0.3
    assert not world.gateway.e_stop("nobody", True, world.now)


def test_a_robot_pushed_off_its_path_stops_and_is_reported() -> None:
    world = World(1, seed=5)
    world.release(0, (20.0, 0.0))
    world.run(4.0)
    world.bodies[0].y += 0.7
    world.run(2.0)
    assert world.bodies[0].v == 0.0
    assert [a.kind for a in world.gateway.alarms(world.now, 0.0)] == [alarms.OFF_PATH]
    world.bodies[0].y -= 0.5
    world.run(6.0)
    assert world.bodies[0].v > 0.3
    assert abs(world.bodies[0].y) < 0.1


def test_one_robot_gone_dark_costs_the_others_nothing() -> None:
    world = World(3, seed=6)
    for robot in range(3):
        world.release(robot, (4.0, 0.0))
    world.run(1.0)
    world.sessions[1].receive = lambda data, now: None  # type: ignore[method-assign]
    world.run(9.0)
    assert abs(world.bodies[0].x - 4.0) < 0.05 and abs(world.bodies[2].x - 4.0) < 0.05
    assert world.bodies[1].v == 0.0 and world.bodies[1].x < 3.0


def test_releases_that_cannot_be_taken_are_told_in_one_line() -> None:
    world = World(1, seed=7)
    world.release(0, (1.0, 0.0))
    path = world.paths["r0"][0]
    gap = ReleasedPath("r0", "L1", 5, 4, (path,))
    old = ReleasedPath("r0", "L1", 4, 0, (path,))
    bad = ReleasedPath("r0", "L1", 6, 0, (Waypoint(math.nan, 0.0),))
    elsewhere = ReleasedPath("robot of another gateway", "L1", 5, 0, (path,))
    problems = world.gateway.release([gap, old, bad, elsewhere])
    assert [("gap" in p, "old epoch" in p, "bad waypoint" in p) for p in problems] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_link_quality_shows_round_trip_offset_rate_and_loss() -> None:
    world = World(1, Network(0.030, 0.002, loss=0.2, in_order=False), seed=8)
    world.run(12.0)
    report = world.gateway.link_report()
    row = report.rows[0]
    assert row.round_trip_ms == pytest.approx(60.0, abs=15.0)
    assert row.clock_offset_ms == pytest.approx(world.offsets[0] * 1e3, abs=15.0)
    assert row.loss_ratio == pytest.approx(0.2, abs=0.08)
    assert row.telemetry_hz == pytest.approx(16.0, abs=2.0)
    assert 20.0 < report.command_latency_p50_ms < 60.0 <= report.command_latency_p99_ms + 30.0


@pytest.mark.parametrize(
    ("flags", "work", "kind"),
    [
        (int(Flag.LOCALISED | Flag.BUMPER), 0, alarms.BUMPER),
        (int(Flag.LOCALISED | Flag.FAULT), 0, alarms.FAULT),
        (0, 0, alarms.NOT_LOCALISED),
        (int(Flag.LOCALISED), int(WorkState.MANUAL), ""),
    ],
)
def test_a_robot_that_says_it_cannot_drive_is_not_driven(flags: int, work: int, kind: str) -> None:
    world = World(1, seed=9)
    world.release(0, (20.0, 0.0))
    world.run(3.0)
    session = world.sessions[0]
    report = session.report
    session.report = lambda r, now: report(replace(r, flags=flags, work=work), now)  # type: ignore[method-assign]
    world.run(2.5)
    assert world.bodies[0].v == 0.0
    assert [a.kind for a in world.gateway.alarms(world.now, 0.0)] == ([kind] if kind else [])
    session.report = report  # type: ignore[method-assign]
    world.run(2.0)
    assert world.bodies[0].v > 0.5
