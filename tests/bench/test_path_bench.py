from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from _path_building import run
from _path_tower import hall, side_by_side, tower

from building_ctrl.building.roadmap import build_roadmap


def test_robots_of_a_small_tower_deliver_without_end() -> None:
    found = run(tower(2, 8, 1, 0), seed=0, seconds=60.0, settle_s=10.0)
    assert found.robots == 8
    assert found.deliveries_per_h > 0.0
    assert found.stuck == 0
    assert len(found.meter.level_s) == 2 * 300
    assert found.meter.core_share > 0.0


def test_towers_side_by_side_share_no_name() -> None:
    block = tower(2, 8, 1, 1)
    both = side_by_side(block, 3)
    assert len({level.name for level in both.levels}) == 3 * len(block.levels)
    assert len({lift.name for lift in both.lifts}) == 3 * len(block.lifts)
    robots = [v.spawn_robot_name for level in both.levels for v in level.vertices if v.spawn_robot_name]
    assert len(set(robots)) == len(robots) == 24
    cabins = {lift for row in build_roadmap(both).levels for lift in row.cabin_lift if lift}
    assert cabins == {lift.name for lift in both.lifts}


def test_a_hall_has_room_for_its_robots() -> None:
    rows = build_roadmap(hall(30)).levels[0]
    assert rows.n_vertices >= 90
    assert int(rows.is_place.sum()) >= 60
