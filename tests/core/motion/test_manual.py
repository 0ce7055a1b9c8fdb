"""Driving by hand: the dead-man, the cap and the fence."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from building_ctrl.core.motion.manual import ManualCommand, Mover, accepted, distance_to_stretch, manual_velocity
from building_ctrl.core.motion.parameters import DEFAULT_PILOT

L_SHAPE = [(0.0, 0.0), (3.0, 0.0), (3.0, 2.0)]
P = DEFAULT_PILOT


def command(vx: float = 0.3, vy: float = 0.0, w: float = 0.0, seq: int = 1) -> ManualCommand:
    return ManualCommand(seq, vx, vy, w, 10.3)


def test_the_dead_man_the_cap_and_the_drive() -> None:
    mover = Mover(1.0, 0.0, 0.0, 1.2, 0.8, False)
    assert manual_velocity(command(5.0, 5.0, 9.0), mover, L_SHAPE, 10.0, P)[1:] == (0.0, P.manual_yaw_rate_radps)
    vx, vy, _ = manual_velocity(command(5.0), mover, L_SHAPE, 10.0, P)
    assert (vx, vy) == (P.manual_speed_mps, 0.0)
    assert manual_velocity(command(), mover, L_SHAPE, 10.3, P) == (0.0, 0.0, 0.0)
    assert manual_velocity(None, mover, L_SHAPE, 10.0, P) == (0.0, 0.0, 0.0)
    assert manual_velocity(command(w=0.4), mover, [], 10.0, P) == (0.0, 0.0, 0.4)


def test_commands_out_of_order_or_without_numbers_are_not_taken() -> None:
    assert accepted(command(seq=2), command(seq=1)) and not accepted(command(seq=1), command(seq=1))
    assert not accepted(command(vx=math.nan), None) and not accepted(command(w=math.inf), None)


def test_outside_the_fence_only_the_way_back_is_open() -> None:
    out = Mover(1.0, 0.6, math.pi / 2, 1.2, 0.8, True)
    assert manual_velocity(command(0.3), out, L_SHAPE, 10.0, P)[0] == 0.0
    assert manual_velocity(command(-0.3), out, L_SHAPE, 10.0, P)[0] < -0.04
    assert manual_velocity(command(0.0, 0.3), out, L_SHAPE, 10.0, P)[1] == 0.0


@given(
    st.floats(0.0, 3.0), st.floats(-0.09, 0.09), st.floats(-3.2, 3.2), st.booleans(),
    st.lists(st.tuples(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0), st.floats(-2.0, 2.0)), min_size=1, max_size=12),
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_whatever_the_operator_does_the_robot_stays_inside(
    x: float, y: float, yaw: float, sideways: bool, wishes: list[tuple[float, float, float]]
) -> None:
    v = vy = w = 0.0
    for wish in (*wishes, (0.0, 0.0, 0.0)):
        mover = Mover(x, y, yaw, 1.2, 0.8, sideways)
        goal = manual_velocity(ManualCommand(1, *wish, 1e9), mover, L_SHAPE, 10.0, P)
        for _ in range(5):
            dv, dvy = goal[0] - v, goal[1] - vy
            scale = min(1.0, 0.8 * 0.01 / max(math.hypot(dv, dvy), 1e-9))
            v, vy, w = v + dv * scale, vy + dvy * scale, goal[2]
            x += (v * math.cos(yaw) - vy * math.sin(yaw)) * 0.01
            y += (v * math.sin(yaw) + vy * math.cos(yaw)) * 0.01
            yaw += w * 0.01
            assert distance_to_stretch(L_SHAPE, x, y) <= P.manual_fence_m + 0.01
