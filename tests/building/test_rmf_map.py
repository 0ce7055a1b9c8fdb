"""The building as rmf_building_map_msgs fields."""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from maps_for_tests import two_levels

from building_ctrl.building import rmf_map
from building_ctrl.building.document import format_document
from building_ctrl.building.loader import parse_map

MESSAGES = Path(__file__).resolve().parents[2] / "interfaces" / "rmf_building_map_msgs" / "msg"


def test_levels_graphs_doors_and_lifts() -> None:
    fields = rmf_map.building_map(parse_map(format_document(two_levels())).building)
    assert fields.name == "small" and [level.name for level in fields.levels] == ["L1", "L2"]
    level = fields.levels[0]
    assert [graph.name for graph in level.nav_graphs] == ["0", "1"]
    first, second = level.nav_graphs
    assert [node.name for node in first.vertices] == ["home", "middle", "lobby", ""]
    assert [(e.v1_idx, e.v2_idx, e.edge_type) for e in first.edges] == [(0, 1, 0), (2, 3, 0)]
    assert [(e.v1_idx, e.v2_idx, e.edge_type) for e in second.edges] == [(0, 1, 1), (1, 0, 1)]
    assert second.edges[0].params == (rmf_map.ParamFields("speed_limit", 3, value_float=0.5),)
    assert first.vertices[0].params == (rmf_map.ParamFields("is_charger", 4, value_bool=True),)
    assert len(level.wall_graph.edges) == 1 and level.wall_graph.name == "WallGraph"
    door = level.doors[0]
    assert (door.name, door.door_type, door.motion_direction) == ("front_door", 2, 1)
    lift = fields.lifts[0]
    assert lift.levels == ("L1", "L2") and (lift.ref_x, lift.ref_y) == pytest.approx((10.0, 3.0))
    south = lift.doors[0]
    assert (south.v1_x, south.v1_y, south.v2_x, south.v2_y) == pytest.approx((9.5, 1.8, 10.5, 1.8))
    east = lift.doors[1]
    assert (east.v1_x, east.v1_y, east.v2_x, east.v2_y) == pytest.approx((11.0, 2.55, 11.0, 3.45), abs=1e-3)
    assert (east.door_type, east.motion_direction) == (1, -1)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("BuildingMap", rmf_map.BuildingMapFields), ("Level", rmf_map.LevelFields),
        ("Lift", rmf_map.LiftFields),
        ("Door", rmf_map.DoorFields), ("Graph", rmf_map.GraphFields), ("GraphNode", rmf_map.NodeFields),
        ("GraphEdge", rmf_map.EdgeFields), ("Param", rmf_map.ParamFields),
    ],
)  # fmt: skip
def test_field_names_are_the_messages(message: str, kind: type) -> None:
    path = MESSAGES / f"{message}.msg"
    if not path.exists():
        pytest.skip("rmf_building_map_msgs is not in this checkout")
    declared = set(re.findall(r"^[\w/\[\]]+ (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert {f.name for f in dataclasses.fields(kind)} <= declared
