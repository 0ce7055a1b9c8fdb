"""Queue places lie near doors and lifts and never shut in who comes out."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from test_lint import lanes, named

from building_ctrl.building.connectivity import reachable
from building_ctrl.building.document import format_document
from building_ctrl.building.loader import parse_map
from building_ctrl.building.queues import QUEUE_REACH_M
from building_ctrl.building.roadmap import build_level, build_roadmap
from building_ctrl.building.roadmap_view import undirected
from building_ctrl.building.tower import generate_tower
from building_ctrl.model.building import Door, DoorKind, Level
from building_ctrl.model.roadmap import RoadmapParameters


def test_a_generated_tower_has_queues_that_leave_room() -> None:
    arrays = build_roadmap(parse_map(format_document(generate_tower(2, 20, 1, 1, False))).building).levels[1]
    queue = np.flatnonzero(arrays.is_queue)
    assert arrays.is_holding.any() and arrays.is_queue[arrays.is_holding].all()
    gates = [int(a) for a, door in zip(arrays.edge_from, arrays.edge_door, strict=True) if door]
    cabins = [v for v, lift in enumerate(arrays.cabin_lift) if lift]
    berths = [int(arrays.edge_from[e]) for e in range(arrays.n_edges) if int(arrays.edge_to[e]) in cabins]
    adjacency = undirected(arrays)
    for vertex in queue.tolist():
        assert not (arrays.is_place[vertex] or arrays.in_doorway[vertex] or arrays.is_charger[vertex])
        dx = arrays.x_m[gates + berths] - arrays.x_m[vertex]
        away = np.hypot(dx, arrays.y_m[gates + berths] - arrays.y_m[vertex])
        assert away.min() <= QUEUE_REACH_M and vertex not in cabins + berths
        near = {vertex, *arrays.stand_idx[arrays.stand_ptr[vertex] : arrays.stand_ptr[vertex + 1]].tolist()}
        for berth in berths:
            assert 2 * len(reachable(adjacency, berth, near)) > arrays.n_vertices


def test_a_corridor_with_one_way_through_has_no_queue_where_it_would_shut_it() -> None:
    door = Door("d", "L1", DoorKind.SLIDING, (1.5, -0.7), (1.5, 0.7))
    vertices = (named(0, 0, 0, "a"), named(1, 30, 0, "b"), named(2, 4, 0), named(3, 4, 3))
    level = Level("L1", 0, vertices, lanes((0, 2), (2, 1), (2, 3)), doors=(door,))
    arrays = build_level(level, (), RoadmapParameters())
    queue = {(round(float(arrays.x_m[v]), 1), round(float(arrays.y_m[v]), 1)) for v in np.flatnonzero(arrays.is_queue)}
    assert (4.0, 3.0) in queue and (4.0, 0.0) not in queue
    assert all(x >= 4.0 for x, _ in queue)


def test_a_level_without_doors_and_lifts_has_none() -> None:
    arrays = build_level(Level("L1", 0, (named(0, 0, 0), named(1, 9, 0)), lanes((0, 1))), (), RoadmapParameters())
    assert not arrays.is_queue.any()
