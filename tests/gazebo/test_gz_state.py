"""What a gz-sim world tells becomes frames, and commands become what its topics take."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from building_ctrl.gazebo.gz_state import CATCH_UP_PER_S, GzState, Odometry, euler
from building_ctrl.gazebo.names import DoorEntry, DrivenJoint, LiftEntry, RobotEntry, WorldIndex
from building_ctrl.gazebo.world_port import WorldCommand

LEAF = DrivenJoint("door_d", "leaf_1_joint", 0.0, 1.0, 0.4, 400.0)
CABIN = DrivenJoint("lift_a", "cabin_joint", -4.0, 4.0, 2.0, 4e4, by_speed=True)


def robot(name: str) -> RobotEntry:
    return RobotEntry(name, "f", f"robot_{name}", "L1", 0.0, 0.0, 0.0, 0.0, 0.3, 0.08, 0.4, 12.0, 24.0)


def world() -> GzState:
    door = DoorEntry("d", "L1", "door_d", (LEAF,))
    lift = LiftEntry("a", "lift_a", "landing_a", CABIN, 0.0, ())
    return GzState(WorldIndex("b", "b", (("L1", 0.0),), (robot("1"), robot("2")), (door,), (lift,)))


def odometry(stamp_s: float, x_m: float = 0.0, z_m: float = 0.0, yaw: float = 0.0) -> Odometry:
    turn = (0.0, 0.0, math.sin(yaw / 2), math.cos(yaw / 2))
    return Odometry(stamp_s, x_m, 0.0, z_m, turn, 0.5, 0.0, 0.1)


def told(state: GzState, stamp_s: float = 7.0, apart_m: float = 2.0) -> GzState:
    state.heard_robot(0, odometry(stamp_s, yaw=1.0))
    state.heard_robot(1, odometry(stamp_s, apart_m))
    state.heard_joints("door_d", stamp_s, ["leaf_1_joint"], [0.25], [0.4])
    state.heard_joints("lift_a", stamp_s, ["door_1_leaf_1_joint", "cabin_joint"], [0.0, 1.5], [])
    return state


def test_no_frame_before_everything_has_spoken() -> None:
    state = world()
    assert state.missing == ("door_d", "lift_a", "robot_1", "robot_2")
    state.heard_robot(0, odometry(1.0))
    assert state.frame() is None and "robot_1" not in state.missing
    assert told(state).missing == () and state.frame() is not None


def test_a_frame_is_the_newest_of_all_and_comes_once() -> None:
    state = told(world())
    frame = state.frame()
    assert frame is not None and frame.time_s == 0.0
    assert frame.pose[0, 5] == pytest.approx(1.0) and frame.pose[1, 0] == 2.0
    assert frame.twist.tolist() == [[0.5, 0.0, 0.1]] * 2
    assert frame.joints.tolist() == [[0.25, 0.4], [1.5, 0.0]]
    assert state.frame() is None
    state.heard_robot(0, odometry(7.04, 0.02))
    later = state.frame()
    assert later is not None and later.time_s == pytest.approx(0.04) and later.pose[0, 0] == 0.02


def test_numbers_that_are_none_and_joints_nobody_knows_change_nothing() -> None:
    state = told(world())
    before = state.frame()
    state.heard_robot(0, odometry(8.0, math.nan))
    state.heard_joints("lift_a", 7.5, ["cabin_joint", "rope"], [math.inf, 1.0], [0.0, 0.0])
    after = state.frame()
    assert before is not None and after is not None
    assert np.array_equal(before.pose, after.pose) and np.array_equal(before.joints, after.joints)


@pytest.mark.parametrize(("apart_m", "higher_m", "touch"), [(0.59, 0.0, True), (0.61, 0.0, False), (0.0, 4.0, False)])
def test_robots_touch_where_their_footprints_overlap_on_a_level(apart_m: float, higher_m: float, touch: bool) -> None:
    state = told(world(), apart_m=apart_m)
    state.heard_robot(1, odometry(7.1, apart_m, higher_m))
    frame = state.frame()
    assert frame is not None
    assert [(c.robot, c.other) for c in frame.contacts] == ([(0, 1)] if touch else [])


def values(state: GzState, leaf: tuple[float, float, float], cabin: tuple[float, float, float]) -> list[float]:
    return [float(v) for v in state.joint_values(WorldCommand(np.zeros((2, 2)), np.array([leaf, cabin])))]


def test_leaves_are_sent_to_positions_and_a_stuck_one_stays() -> None:
    state = told(world())
    assert values(state, (1.0, 0.0, 0.4), (1.5, 0.0, 2.0))[0] == 1.0
    assert values(state, (1.0, 0.0, 0.0), (1.5, 0.0, 2.0))[0] == 0.25


def test_cabins_are_driven_by_speed_towards_where_they_should_be_within_their_limit() -> None:
    state = told(world())
    leaf = (0.0, 0.0, 0.4)
    assert values(state, leaf, (1.5, 0.8, 2.0))[1] == pytest.approx(0.8)
    assert values(state, leaf, (1.6, 0.8, 2.0))[1] == pytest.approx(0.8 + 0.1 * CATCH_UP_PER_S)
    assert values(state, leaf, (9.0, 0.0, 2.0))[1] == 2.0
    assert values(state, leaf, (-9.0, 0.0, 2.0))[1] == -2.0


def test_a_cabin_whose_commands_come_late_still_arrives_without_overshoot() -> None:
    """A run of 4 m with the world telling and hearing 25 times a second, each way late by 40 ms."""
    from building_ctrl.core.lift.profile import s_curve

    run = s_curve(4.0, 1.6, 0.9, 1.2)
    position, speed, told_at, commanded = 0.0, 0.0, [0.0] * 3, [0.0] * 3
    most = 0.0
    for k in range(250):
        t = 0.04 * k
        state = world()
        state.heard_joints("lift_a", t, ["cabin_joint"], [told_at[0]], [0.0])
        wanted = (run.position_m(t - 0.04), run.speed_mps(t), 2.0)
        commanded = [*commanded[1:], values(state, (0.0, 0.0, 0.4), wanted)[1]]
        speed = commanded[1]
        position += speed * 0.04
        told_at = [*told_at[1:], position]
        most = max(most, position)
    assert position == pytest.approx(4.0, abs=0.004) and most < 4.02


@given(st.floats(-3.1, 3.1), st.floats(-1.5, 1.5), st.floats(-3.1, 3.1))
def test_quaternions_become_roll_pitch_yaw(roll: float, pitch: float, yaw: float) -> None:
    (cr, sr), (cp, sp), (cy, sy) = ((math.cos(a / 2), math.sin(a / 2)) for a in (roll, pitch, yaw))
    quaternion = (
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
        cr * cp * cy + sr * sp * sy,
    )
    assert euler(quaternion) == pytest.approx((roll, pitch, yaw), abs=1e-6)
