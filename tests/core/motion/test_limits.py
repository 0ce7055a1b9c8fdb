"""Limits of jerk, and of what a link allows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from building_ctrl.core.motion import PilotParameters, link_cap_mps, stopping_speed
from building_ctrl.model.robot import RobotProfile
from tests.core.motion.fleet import STEP_S, Fleet


def speeds(jerk: float) -> np.ndarray:
    fleet = Fleet(1)
    fleet.pilot.update_profile(RobotProfile("r0", "f", max_jerk_mps3=jerk))
    fleet.release(0, (8.0, 0.0))
    commanded = []
    for _ in range(400):
        fleet.step()
        commanded.append(float(fleet.v[0]))
    assert fleet.x[0] == pytest.approx(8.0, abs=0.03) and fleet.reached() == 1
    return np.array(commanded)


def test_speeding_up_and_slowing_down_keep_the_jerk_limit() -> None:
    smooth, rough = speeds(2.0), speeds(0.0)
    change = np.abs(np.diff(np.diff(smooth))) / STEP_S**2
    assert change[smooth[:-2] > 0.02].max() <= 2.2
    assert np.abs(np.diff(np.diff(rough))).max() / STEP_S**2 > 8.0
    assert smooth.max() == pytest.approx(1.2, abs=0.01)
    assert np.abs(np.diff(smooth)).max() / STEP_S <= 0.8 + 1e-9


def test_the_speed_to_stop_within_a_distance() -> None:
    v = stopping_speed(1.5, 0.4, 0.8)
    assert v * 0.4 + v * v / 1.6 == pytest.approx(1.5)
    assert stopping_speed(0.0, 0.4, 0.8) == 0.0 == stopping_speed(-1.0, 0.4, 0.8)


def test_the_cap_of_a_link_falls_with_its_round_trip() -> None:
    p = PilotParameters()
    assert link_cap_mps(0.1, 0.8, p) == math.inf
    caps = [link_cap_mps(t, 0.8, p) for t in (0.11, 0.2, 0.5, 2.0)]
    assert caps == sorted(caps, reverse=True) and 0.0 < caps[-1] < caps[0] < 1.0
