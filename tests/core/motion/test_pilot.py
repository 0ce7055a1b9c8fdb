from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.core.motion import Hold, ReleaseResult
from building_ctrl.core.motion.kernel import WAYPOINTS
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import MotionState, RobotProfile
from tests.core.motion.fleet import Fleet


def test_it_stops_at_the_end_and_nowhere_beyond() -> None:
    fleet = Fleet()
    fleet.release(0, (3.0, 0.0))
    for _ in range(400):
        fleet.step()
        assert fleet.x[0] <= 3.0
    assert fleet.x[0] >= 2.95 and fleet.v[0] == 0.0 and fleet.reached() == 1
    assert fleet.pilot.states(fleet.now).motion[0] == MotionState.STOPPED


def test_without_a_path_or_a_pose_it_stands() -> None:
    fleet = Fleet(2)
    fleet.release(0, (3.0, 0.0))
    fleet.blind = True
    fleet.run(2.0)
    assert not fleet.pilot.step(fleet.now).valid.any()
    assert (fleet.x == 0.0).all()
    fleet.blind = False
    fleet.run(2.0)
    assert fleet.x[0] > 0.5 and fleet.x[1] == 0.0


def test_a_stale_pose_stops_it() -> None:
    fleet = Fleet()
    fleet.release(0, (30.0, 0.0))
    fleet.run(3.0)
    fleet.blind = True
    fleet.run(0.5)
    commands = fleet.pilot.step(fleet.now)
    assert commands.v_mps[0] == 0.0 and not commands.valid[0]


def test_corners_are_turned_on_the_spot_within_the_tracking_error() -> None:
    fleet = Fleet()
    path = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.5, 2.0), (2.0, 2.0), (3.0, 3.0)]
    fleet.release(0, *path[1:])
    for _ in range(1200):
        fleet.step()
        away = min(_distance(a, b, (fleet.x[0], fleet.y[0])) for a, b in itertools.pairwise(path))
        assert away <= 0.05
    assert fleet.reached() == 5


def test_small_bends_are_driven_without_stopping() -> None:
    fleet = Fleet()
    points = [(2.0 * k, 0.3 * (k % 2)) for k in range(1, 6)]
    fleet.release(0, *points)
    fleet.run(2.0)
    while fleet.x[0] < 9.0:
        fleet.step()
        assert fleet.v[0] > 0.15
        assert fleet.now < 1060.0


def test_speed_limits_hold_from_waypoint_to_waypoint() -> None:
    fleet = Fleet()
    fleet.release(0, Waypoint(4.0, 0.0), Waypoint(6.0, 0.0, 0.3), Waypoint(10.0, 0.0))
    fastest = 0.0
    for _ in range(600):
        fleet.step()
        if 4.05 < fleet.x[0] < 5.9:
            assert fleet.v[0] <= 0.3 + 0.02
        fastest = max(fastest, float(fleet.v[0]))
    assert fastest > 1.0 and fleet.reached() == 3


def test_a_path_extended_in_time_is_driven_through_without_stopping() -> None:
    fleet = Fleet()
    fleet.release(0, (1.0, 0.0), (2.0, 0.0), (3.0, 0.0))
    fleet.run(2.0)
    for k in range(4, 12):
        fleet.release(0, (float(k), 0.0), first=k - 1)
        fleet.run(0.8)
        assert fleet.v[0] > 0.8


def test_repeated_releases_change_nothing_and_gaps_are_refused() -> None:
    fleet = Fleet()
    assert fleet.release(0, (1.0, 0.0), (2.0, 0.0)) is ReleaseResult.TAKEN
    assert fleet.release(0, (1.0, 0.0), (2.0, 0.0)) is ReleaseResult.NOTHING_NEW
    assert fleet.release(0, (9.0, 9.0)) is ReleaseResult.NOTHING_NEW
    assert fleet.release(0, (5.0, 0.0), first=4) is ReleaseResult.GAP
    assert fleet.release(0, (2.0, 0.0), (3.0, 0.0), first=1) is ReleaseResult.TAKEN
    assert fleet.pilot.waypoints_ahead(0) == [(1.0, 0.0), (2.0, 0.0), (3.0, 0.0)]
    unknown = fleet.pilot.release(ReleasedPath("nobody", "L1", 1, 0, ()))
    assert unknown is ReleaseResult.UNKNOWN_ROBOT


def test_a_newer_epoch_starts_from_where_the_robot_is_and_an_older_one_is_refused() -> None:
    fleet = Fleet()
    fleet.release(0, (10.0, 0.0))
    fleet.run(4.0)
    x = float(fleet.x[0])
    assert fleet.release(0, (x + 2.0, 0.0), first=17, epoch=2) is ReleaseResult.TAKEN
    assert fleet.release(0, (50.0, 0.0), first=18, epoch=1) is ReleaseResult.OLD_EPOCH
    states = fleet.pilot.states(fleet.now)
    assert (states.epoch[0], states.reached_seq[0], states.released_seq[0]) == (2, 17, 18)
    fleet.run(8.0)
    assert fleet.reached() == 18 and abs(fleet.x[0] - x - 2.0) < 0.05


def test_a_path_longer_than_memory_is_taken_as_it_is_repeated() -> None:
    fleet = Fleet(profile=RobotProfile("r", "f", max_speed_mps=5.0, max_acceleration_mps2=0.8))
    points = [(0.3 * k, 0.0) for k in range(1, 3 * WAYPOINTS)]
    for _ in range(400):
        fleet.release(0, *points[fleet.reached() :], first=fleet.reached())
        assert len(fleet.pilot.waypoints_ahead(0)) <= WAYPOINTS
        fleet.run(0.5)
        if fleet.reached() == len(points):
            break
    fleet.run(2.0)
    assert fleet.reached() == len(points) and abs(fleet.x[0] - points[-1][0]) < 0.05


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_waypoints_that_are_no_numbers_are_refused_whole(bad: float) -> None:
    fleet = Fleet()
    assert fleet.release(0, (1.0, 0.0), (bad, 0.0)) is ReleaseResult.BAD_WAYPOINT
    assert fleet.pilot.waypoints_ahead(0) == []


def test_each_reason_to_stand_has_to_go_before_it_drives_on() -> None:
    fleet = Fleet()
    fleet.release(0, (20.0, 0.0))
    fleet.run(2.0)
    fleet.pilot.hold(0, Hold.PAUSED)
    fleet.pilot.hold(0, Hold.E_STOP)
    fleet.run(3.0)
    assert fleet.v[0] == 0.0 and fleet.pilot.held(0) == Hold.PAUSED | Hold.E_STOP
    fleet.pilot.hold(0, Hold.PAUSED, False)
    x = fleet.x[0]
    fleet.run(1.0)
    assert fleet.x[0] == x
    assert fleet.pilot.states(fleet.now).motion[0] == MotionState.WAITING
    fleet.pilot.hold(0, Hold.E_STOP, False)
    fleet.run(1.0)
    assert fleet.x[0] > x


def test_a_pause_at_a_waypoint_stops_it_there() -> None:
    fleet = Fleet()
    fleet.release(0, (2.0, 0.0), (4.0, 0.0), (6.0, 0.0))
    fleet.pilot.pause_ahead(0, 1)
    fleet.run(12.0)
    assert abs(fleet.x[0] - 4.0) < 0.05 and fleet.v[0] == 0.0
    fleet.pilot.pause_at(0, None)
    fleet.run(6.0)
    assert fleet.reached() == 3


def test_far_off_its_path_it_stops_and_says_so_until_it_is_back() -> None:
    fleet = Fleet()
    fleet.release(0, (20.0, 0.0))
    fleet.run(3.0)
    fleet.y[0] += 0.6
    fleet.run(2.0)
    assert fleet.pilot.states(fleet.now).off_path[0] and fleet.v[0] == 0.0
    fleet.y[0] -= 0.4
    fleet.run(4.0)
    assert not fleet.pilot.states(fleet.now).off_path[0] and fleet.v[0] > 0.3 and abs(fleet.y[0]) < 0.08


def test_a_waypoint_in_the_same_place_again_is_no_obstacle() -> None:
    fleet = Fleet()
    fleet.release(0, (0.0, 0.0), (2.0, 0.0), (2.0, 0.0), (2.0, 2.0))
    fleet.run(15.0)
    assert fleet.reached() == 4


def test_the_level_is_the_localisers_or_else_that_of_the_newest_path() -> None:
    fleet = Fleet()
    assert fleet.pilot.level_of(0) == ""
    fleet.release(0, (1.0, 0.0), level="L2")
    assert fleet.pilot.level_of(0) == "L2"
    fleet.pilot.localised(0, "L3")
    assert fleet.pilot.states(fleet.now).levels == ("L3",)


def test_robots_come_and_go() -> None:
    fleet = Fleet(3)
    fleet.release(1, (5.0, 0.0))
    fleet.pilot.remove_robot("r1")
    assert fleet.pilot.states(fleet.now).names == ("r0", "r2")
    assert fleet.pilot.index_of("r1") is None
    assert fleet.pilot.add_robot(RobotProfile("new", "f")) == 1
    assert fleet.pilot.add_robot(RobotProfile("newer", "f")) == 3
    assert int(fleet.pilot.states(fleet.now).released_seq[1]) == 0
    with pytest.raises(ValueError, match="already"):
        fleet.pilot.add_robot(RobotProfile("new", "f"))
    with pytest.raises(KeyError):
        fleet.pilot.remove_robot("r1")
    with pytest.raises(KeyError):
        fleet.pilot.profile(17)


def test_a_changed_profile_keeps_the_path() -> None:
    fleet = Fleet()
    fleet.release(0, (30.0, 0.0))
    fleet.run(3.0)
    fleet.pilot.update_profile(RobotProfile("r0", "f", max_speed_mps=0.4))
    fleet.run(3.0)
    assert abs(fleet.v[0] - 0.4) < 0.02


def test_only_robots_that_are_due_get_commands() -> None:
    fleet = Fleet(2)
    for robot in range(2):
        fleet.release(robot, (5.0, 0.0))
    fleet.step()
    commands = fleet.pilot.step(fleet.now, np.array([True, False]))
    assert commands.valid.tolist() == [True, False] and commands.v_mps[1] == 0.0


def test_a_robot_drives_the_same_alone_and_among_others_bit_for_bit() -> None:
    alone, crowd = Fleet(1), Fleet(7)
    for fleet in (alone, crowd):
        for robot in range(len(fleet.index)):
            fleet.release(robot, (2.0, 0.1 * robot), (2.0, 2.0), (0.0, 3.0))
        fleet.run(12.0)
    assert (alone.x[0], alone.y[0], alone.yaw[0]) == (crowd.x[0], crowd.y[0], crowd.yaw[0])


steps = st.tuples(
    st.floats(0.2, 3.0), st.sampled_from([0.0, 0.0, 0.2, -0.3, 0.8, 1.5708, -1.5708, 3.1416, 2.4])
)


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, min_size=1, max_size=5), st.integers(0, 2**31))
def test_a_waypoint_never_counts_before_the_robot_is_there_and_always_in_the_end(
    path: list[tuple[float, float]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    points, angle = [(0.0, 0.0)], 0.0
    for length, turn in path:
        angle += turn
        x, y = points[-1]
        points.append((x + length * math.cos(angle), y + length * math.sin(angle)))
    fleet, released, before = Fleet(), 1, 0
    for _ in range(4000):
        if released < len(points) and rng.random() < 0.05:
            fleet.release(0, *points[1 : released + 1])
            released += 1
        pose = (fleet.x[0], fleet.y[0])
        fleet.step()
        for number in range(before, fleet.reached()):
            assert _is_there(points, number + 1, pose)
        before = fleet.reached()
        if before == len(points) - 1:
            break
    assert before == len(points) - 1, "never arrived"


def _is_there(points: list[tuple[float, float]], number: int, pose: tuple[float, float]) -> bool:
    here = points[number]
    if math.dist(here, pose) <= 0.08 + 1e-9:
        return True
    if number + 1 >= len(points):
        return False
    nx, ny = points[number + 1][0] - here[0], points[number + 1][1] - here[1]
    return (pose[0] - here[0]) * nx + (pose[1] - here[1]) * ny > 0.0


def _distance(a: tuple[float, float], b: tuple[float, float], p: tuple[float, float]) -> float:
    length = math.dist(a, b)
    share = ((p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])) / length**2
    share = max(0.0, min(1.0, share))
    return math.dist((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])), p)


def test_steps_far_apart_do_no_harm() -> None:
    fleet = Fleet()
    fleet.release(0, (3.0, 0.0))
    fleet.run(1.0)
    fleet.now += 1000.0
    fleet.v[0] = fleet.w[0] = 0.0
    fleet.run(10.0)
    assert fleet.reached() == 1 and fleet.x[0] <= 3.0


def test_a_robot_that_is_on_another_level_than_its_path_is_given_nothing() -> None:
    fleet = Fleet()
    fleet.pilot.localised(0, "L2")
    assert fleet.release(0, (5.0, 0.0), level="L1") is ReleaseResult.OTHER_LEVEL
    fleet.run(3.0)
    assert fleet.x[0] == 0.0 and fleet.pilot.waypoints_ahead(0) == []
    assert fleet.release(0, level="L1", epoch=7) is ReleaseResult.NOTHING_NEW
    assert fleet.pilot.states(fleet.now).epoch[0] == 7
    fleet.pilot.localised(0, "L1")
    assert fleet.release(0, (5.0, 0.0), level="L1", epoch=7) is ReleaseResult.TAKEN
