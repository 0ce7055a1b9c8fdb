"""Generated maps: what the plan asks for is there, they are well formed, and the shipped files are theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from building_ctrl.building.document import format_document
from building_ctrl.building.findings import Severity
from building_ctrl.building.lint import lint
from building_ctrl.building.loader import LoadedMap, load_map, parse_map
from building_ctrl.building.office import generate_office
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.building.tower import TowerPlan, generate_tower
from building_ctrl.model.building import DoorKind, LiftKind

MAPS = Path(__file__).resolve().parents[2] / "maps"


def load(document: dict[object, object]) -> LoadedMap:
    return parse_map(format_document(document))


def robots_of(loaded: LoadedMap) -> list[str]:
    return sorted(
        v.spawn_robot_name for level in loaded.building.levels for v in level.vertices if v.spawn_robot_name
    )


@pytest.mark.parametrize(
    ("levels", "robots", "robot_lifts", "shared_lifts"),
    [(1, 1, 1, 0), (3, 60, 1, 1), (8, 100, 1, 1), (5, 400, 4, 2)],
)
def test_towers_are_sound_at_any_size(levels: int, robots: int, robot_lifts: int, shared_lifts: int) -> None:
    loaded = load(generate_tower(levels, robots, robot_lifts, shared_lifts))
    assert not loaded.findings
    building = loaded.building
    assert [level.name for level in building.levels] == [f"L{n + 1}" for n in range(levels)]
    assert robots_of(loaded) == [f"robot_{n + 1:03d}" for n in range(robots)]
    kinds = [lift.kind for lift in building.lifts]
    assert kinds.count(LiftKind.ROBOT_ONLY) == robot_lifts and kinds.count(LiftKind.SHARED) == shared_lifts
    assert all(lift.levels == tuple(level.name for level in building.levels) for lift in building.lifts)
    roadmap = build_roadmap(building)
    found = lint(building, roadmap)
    assert not [str(finding) for finding in found if finding.severity is not Severity.INFO]
    for arrays in roadmap.levels:
        assert arrays.n_edges < 2000
        assert not arrays.in_doorway.any()
        assert len(arrays.stand_idx) == 0


def test_a_tower_of_36_levels_takes_a_thousand_robots() -> None:
    plan = TowerPlan(levels=36, robots=1000, robot_lifts=5)
    assert sum(plan.homes(level) for level in range(36)) == 1000
    assert all(27 <= plan.homes(level) <= 28 for level in range(36))
    names = [level["vertices"] for level in generate_tower(36, 1000, 5)["levels"].values()]
    assert sum(1 for vertices in names for v in vertices if len(v) > 4 and "spawn_robot_name" in v[4]) == 1000


def test_the_ground_level_has_gates_and_bays() -> None:
    building = load(generate_tower()).building
    ground = building.level("L1")
    assert {door.kind for door in ground.doors} >= {
        DoorKind.SPEED_GATE,
        DoorKind.DOUBLE_SLIDING,
        DoorKind.SLIDING,
    }
    assert sum(1 for v in ground.vertices if v.is_parking_spot) >= 16
    shared = building.lift("lift_shared")
    assert dict(shared.level_doors)["L1"] != dict(shared.level_doors)["L2"]
    for level in building.levels:
        assert sum(1 for v in level.vertices if v.is_parking_spot) >= 12
        assert any(v.pickup_dispenser for v in level.vertices) and any(
            v.dropoff_ingestor for v in level.vertices
        )


def test_no_resting_robot_blocks_another() -> None:
    """Bays, places, queue places and berths lie off everybody else's way."""
    roadmap = build_roadmap(load(generate_tower(levels=3, robots=60)).building)
    for arrays in roadmap.levels:
        resting = arrays.is_place | arrays.is_parking | arrays.is_charger | arrays.is_holding
        for edge in range(arrays.n_edges):
            touched = arrays.clear_idx[arrays.clear_ptr[edge] : arrays.clear_ptr[edge + 1]]
            other = touched[touched != arrays.edge_to[edge]]
            assert not resting[other].any()


def test_the_office_is_sound() -> None:
    loaded = load(generate_office())
    assert not loaded.findings and len(robots_of(loaded)) == 6
    assert len(loaded.building.levels) == 1 and len(loaded.building.levels[0].doors) == 3
    found = lint(loaded.building, build_roadmap(loaded.building))
    assert not [str(finding) for finding in found if finding.severity is not Severity.INFO]


@pytest.mark.parametrize(
    "arguments", [(0, 1), (37, 1), (1, 0), (1, 101), (2, 10, 0, 0), (2, 10, 13, 0), (2, 10, -1, 3)]
)
def test_impossible_towers_are_refused(arguments: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="give"):
        generate_tower(*arguments)


def test_impossible_offices_are_refused() -> None:
    with pytest.raises(ValueError, match="give"):
        generate_office(14)


def test_one_way_rings_keep_every_place_reachable() -> None:
    building = load(generate_tower(levels=2, robots=30, one_way_rings=True)).building
    assert any(not lane.bidirectional for lane in building.levels[0].lanes)
    found = lint(building, build_roadmap(building))
    assert not [str(finding) for finding in found if finding.severity is not Severity.INFO]


@pytest.mark.parametrize(("name", "document"), [("tower", generate_tower), ("office", generate_office)])
def test_the_shipped_maps_are_the_generators(name: str, document: object) -> None:
    assert callable(document)
    assert load_map(MAPS / f"{name}.building.yaml").document == document()
