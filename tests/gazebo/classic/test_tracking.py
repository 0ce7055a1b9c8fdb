"""Distances from released paths."""

from __future__ import annotations

import numpy as np
import pytest

from building_ctrl.gazebo.tracking import TrackingError
from building_ctrl.model.path import ReleasedPath, Waypoint


def path(first_seq: int, *points: tuple[float, float], epoch: int = 1) -> ReleasedPath:
    return ReleasedPath("r", "L1", epoch, first_seq, tuple(Waypoint(x, y) for x, y in points))


def observe(tracking: TrackingError, x: float, y: float, speed: float = 0.5) -> None:
    tracking.observe(np.array([x]), np.array([y]), np.array([speed]))


def test_the_way_begins_where_the_robot_stood_and_turns_corners() -> None:
    tracking = TrackingError(["r"])
    observe(tracking, 0.0, 0.0, speed=0.0)
    tracking.released([path(0, (4.0, 0.0), (4.0, 3.0))])
    observe(tracking, 1.0, 0.02)
    assert tracking.most_m == pytest.approx(0.02)
    tracking.released([path(1, (4.0, 3.0))])
    observe(tracking, 4.05, 1.0)
    observe(tracking, 3.0, -0.01)
    assert tracking.most_m == pytest.approx(0.05) and tracking.count == 3
    assert tracking.percentile_m(50.0) == pytest.approx(0.02, abs=0.0011)
    assert tracking.percentile_m(99.0) == pytest.approx(0.05, abs=0.0011)


def test_who_stands_or_has_no_path_is_not_measured() -> None:
    tracking = TrackingError(["r"])
    observe(tracking, 9.0, 9.0)
    tracking.released([path(0, (4.0, 0.0))])
    observe(tracking, 0.0, 9.0, speed=0.0)
    tracking.released([ReleasedPath("stranger", "L1", 1, 0, (Waypoint(0.0, 0.0),))])
    assert tracking.count == 0 and tracking.percentile_m(99.0) is None


def test_a_new_epoch_forgets_the_old_path() -> None:
    tracking = TrackingError(["r"])
    observe(tracking, 0.0, 0.0, speed=0.0)
    tracking.released([path(0, (4.0, 0.0))])
    tracking.released([path(0, (0.0, 4.0), epoch=2)])
    observe(tracking, 2.0, 0.0)
    assert tracking.most_m == pytest.approx(2.0)
