"""What people ask of robots, and robots of other kinds, through gateway, sessions and an unkind network."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from building_ctrl.core.localisation import FixResult, PoseFix
from building_ctrl.core.motion import Hold
from building_ctrl.link import alarms
from building_ctrl.link.desk import HandDrive
from building_ctrl.link.localisers import RobotFix
from building_ctrl.link.protocol import RobotReport
from building_ctrl.link.protocol.messages import Flag
from building_ctrl.model.robot import Connection, Drive, LinkState, RobotProfile, WorkState
from building_ctrl.model.robot_request import RequestStatus, RobotRequest, RobotRequestKind, StopCategory
from tests.link.world import Network, World, distance_m, overrun_m

Kind = RobotRequestKind
OMNI = RobotProfile("", "fleet", drive=Drive.OMNIDIRECTIONAL)
FREE = replace(OMNI, heading_free=True)
DRIVES = {"differential": RobotProfile("", "fleet"), "omnidirectional": OMNI, "any way": FREE}


def ask(world: World, kind: Kind, number: int, category: int = 1, **more: str) -> RequestStatus:
    words = {"who": "Kim", "why": "a test", **more}
    request = RobotRequest(f"q{number}", "r0", kind, StopCategory(category), **words)
    return world.gateway.ask(request, world.now, world.now).status


@pytest.mark.parametrize("kind", DRIVES)
@pytest.mark.parametrize("seed", range(3))
def test_every_drive_stays_on_its_path_and_ends_at_its_end(kind: str, seed: int) -> None:
    r = random.Random(seed)
    world = World(1, Network(0.02, 0.01, 0.02, False), seed, noise_m=0.004, profile=DRIVES[kind])
    points, angle = [(0.0, 0.0)], 0.0
    for _ in range(4):
        angle += r.choice([0.0, 0.2, math.pi / 2, -math.pi / 2, 0.8])
        x, y = points[-1]
        length = r.uniform(0.8, 3.0)
        points.append((x + length * math.cos(angle), y + length * math.sin(angle)))
    world.run(0.5)
    world.release(0, *points[1:])
    body = world.bodies[0]
    for _ in range(6000):
        world.step()
        assert distance_m(points, body.x, body.y) < 0.10
        assert overrun_m(points, body.x, body.y) < 0.01
        if world.gateway.robot_states(world.now)[0].reached_seq == 4 and math.hypot(body.v, body.vy) < 1e-3:
            break
    assert math.hypot(body.x - points[-1][0], body.y - points[-1][1]) < 0.08
    if kind == "any way":
        assert abs(body.yaw) < 0.05
    if kind == "differential":
        assert body.vy == 0.0


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(cut_s=st.floats(0.5, 9.0), kind=st.sampled_from(sorted(DRIVES)), seed=st.integers(0, 9))
def test_a_cable_cut_at_any_instant_leaves_it_at_rest_in_time_and_inside_its_path(
    cut_s: float, kind: str, seed: int
) -> None:
    outage = ((100.0 + cut_s, 1e9),)
    world = World(1, Network(0.010, 0.004, outages=outage), seed, noise_m=0.004, profile=DRIVES[kind])
    points = [(0.0, 0.0), (2.0, 0.0), (2.0, 1.5), (3.0, 2.0)]
    world.release(0, *points[1:])
    world.run(cut_s)
    body, watchdog_s = world.bodies[0], world.gateway.hub.parameters.watchdog_s
    fastest = turning = 0.0
    for _ in range(round((watchdog_s + 0.05) / 0.01)):
        world.step()
        fastest = max(fastest, math.hypot(body.v, body.vy))
        turning = max(turning, abs(body.w))
    world.run(max(fastest / 0.8, turning / 3.0) + 0.05)
    assert max(abs(body.v), abs(body.vy), abs(body.w)) < 1e-9
    assert distance_m(points, body.x, body.y) < 0.10 and overrun_m(points, body.x, body.y) <= 0.0


@pytest.mark.parametrize("category", [0, 1])
def test_e_stops_by_category_cut_the_drives_and_wait_for_a_named_resume(category: int) -> None:
    world = World(1, Network(0.02, 0.01, loss=0.3, in_order=False), seed=4)
    world.release(0, (30.0, 0.0))
    world.run(4.0)
    session, own = world.sessions[0], world.offsets[0]
    assert ask(world, Kind.E_STOP, 1, category) is RequestStatus.ACCEPTED
    while not session.e_stopped:
        world.step()
    ramping = session.setpoint(world.now + own)
    assert (ramping.powered, ramping.v_mps > 0.1) == ((False, False) if category == 0 else (True, True))
    world.run(4.0)
    assert not session.setpoint(world.now + own).powered and world.bodies[0].v == 0.0
    state = world.gateway.request_states(world.now)[0]
    assert state.status is RequestStatus.DONE and state.holds and state.request.who == "Kim"
    detail = next(a.detail for a in world.gateway.alarms(world.now, 0.0) if a.kind == alarms.E_STOP)
    assert "by Kim, because: a test" in detail
    assert ask(world, Kind.RESUME, 2, who="") is RequestStatus.REFUSED
    x = world.bodies[0].x
    world.run(2.0)
    assert world.bodies[0].x == x
    while (status := ask(world, Kind.RESUME, round(world.now * 100))) is RequestStatus.REFUSED:
        world.step()
    assert status is RequestStatus.DONE
    world.run(8.0)
    assert session.setpoint(world.now + own).powered and world.bodies[0].x > x + 0.3


def test_a_protective_stop_ramps_down_on_the_path_and_is_told() -> None:
    world = World(1, seed=5)
    world.release(0, (4.0, 0.0), (8.0, 1.2))
    world.run(4.2)
    assert world.bodies[0].v > 0.8
    assert ask(world, Kind.PROTECTIVE_STOP, 1, 2, who="", why="") is RequestStatus.ACCEPTED
    for _ in range(300):
        world.step()
        assert distance_m([(0.0, 0.0), (4.0, 0.0), (8.0, 1.2)], world.bodies[0].x, world.bodies[0].y) < 0.10
    assert world.bodies[0].v == 0.0 and world.sessions[0].armed
    assert [a.kind for a in world.gateway.alarms(world.now, 0.0)] == [alarms.PROTECTIVE_STOP]
    assert world.gateway.robot_states(world.now)[0].hold == Hold.PROTECTIVE
    assert ask(world, Kind.RESUME, 2) is RequestStatus.DONE
    world.run(2.0)
    assert world.bodies[0].v > 0.5


def test_an_operator_drives_while_the_dead_man_is_held_and_not_beyond_the_stretch() -> None:
    world = World(1, seed=6)
    world.release(0, (3.0, 0.0))
    world.run(1.5)
    assert ask(world, Kind.MANUAL, 1) is not RequestStatus.REFUSED
    world.run(1.5)
    body = world.bodies[0]
    assert body.v == 0.0 and world.gateway.robot_states(world.now)[0].work is WorkState.MANUAL
    before = body.x
    assert "was not taken" in world.gateway.drive_by_hand(HandDrive("other", "r0", 1, 0.3, 0.0, 0.0, 0.3), world.now)
    assert "expires_s" in world.gateway.drive_by_hand(HandDrive("q1", "r0", 1, 0.3, 0.0, 0.0, 0.5), world.now)
    for seq in range(1, 200):
        assert not world.gateway.drive_by_hand(HandDrive("q1", "r0", seq, 2.0, 0.0, 0.0, 0.3), world.now)
        world.run(0.1)
        assert body.v <= 0.3 + 1e-6
        if seq == 10:
            assert body.x > before + 0.15
    assert 2.9 < body.x <= 3.11 and body.v == pytest.approx(0.0, abs=1e-6)
    for seq in range(200, 205):
        world.gateway.drive_by_hand(HandDrive("q1", "r0", seq, -0.3, 0.0, 0.0, 0.3), world.now)
        world.run(0.1)
    assert body.v < -0.05
    world.run(0.3 + 0.4 + 0.4)
    assert body.v == 0.0
    assert ask(world, Kind.RESUME, 2) is RequestStatus.DONE
    world.run(8.0)
    assert abs(body.x - 3.0) < 0.05


def test_a_slow_link_slows_the_robot_and_shows() -> None:
    fast, slow = World(1, seed=7), World(1, Network(0.08, 0.02), seed=7)
    for world in (fast, slow):
        world.release(0, (30.0, 0.0))
        world.run(8.0)
    assert fast.gateway.robot_states(fast.now)[0].link is LinkState.OK
    assert slow.gateway.robot_states(slow.now)[0].link is LinkState.DEGRADED
    assert 0.3 < slow.bodies[0].v < 0.9 < 1.1 < fast.bodies[0].v


def test_a_robot_with_wheels_only_waits_for_a_fix_and_stops_when_doubt_grows() -> None:
    world = World(1, seed=8)
    session, body = world.sessions[0], world.bodies[0]
    body.x, body.y = 5.0, 5.0
    report = session.report

    def by_wheels(r: RobotReport, now: float) -> None:
        dx, dy = r.x_m - 5.0, r.y_m - 5.0
        flags, yaw_rad = int(Flag.ODOMETRY), r.yaw_rad - math.pi / 2
        report(replace(r, x_m=1.02 * dy, y_m=-1.02 * dx, yaw_rad=yaw_rad, flags=flags), now)

    session.report = by_wheels  # type: ignore[method-assign]

    def fix() -> FixResult | None:
        covariance = (4e-4, 0.0, 0.0, 0.0, 4e-4, 0.0, 0.0, 0.0, 1e-4)
        return world.gateway.fix(RobotFix("r0", PoseFix(body.x, body.y, body.yaw, covariance, world.now, "L1")))

    world.run(2.0)
    state = world.gateway.robot_states(world.now)[0]
    assert state.connection is Connection.NORMAL and state.work is WorkState.ERROR and state.position_sigma_m > 100.0
    assert alarms.NOT_LOCALISED in [a.kind for a in world.gateway.alarms(world.now, 0.0)]
    assert fix() is FixResult.STARTED
    world.run(0.2)
    world.release(0, (25.0, 5.0))
    for _ in range(12):
        world.run(0.5)
        assert fix() is FixResult.TAKEN
    assert body.v > 1.0 and abs(body.y - 5.0) < 0.05
    state = world.gateway.robot_states(world.now)[0]
    assert state.level == "L1" and math.hypot(state.x_m - body.x, state.y_m - body.y) < 0.10
    x = body.x
    world.run(15.0)
    assert body.v == 0.0 and x + 0.5 < body.x < 24.0
    assert world.gateway.robot_states(world.now)[0].hold & Hold.POSE
    fix()
    world.run(1.0)
    assert body.v > 0.2
