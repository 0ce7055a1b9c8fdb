"""Small documents that tests start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SHARED_MAPS = Path(__file__).resolve().parents[3] / "shared" / "maps"


def two_levels() -> dict[str, Any]:
    """Two levels in pixels at 0.1 m a pixel and a lift; L2 is drawn turned by 90 degrees, at half the scale.

    In metres (y up): lanes (0,0)-(5,0)-(10,0) on L1, a door across x = 2.5 there, the cabin around (10, 3).
    """
    both = {"bidirectional": [4, True], "graph_idx": [2, 0]}
    one = {"bidirectional": [4, False], "graph_idx": [2, 1]}
    return {
        "name": "small",
        "coordinate_system": "reference_image",
        "levels": {
            "L1": {
                "elevation": 0,
                "drawing": {"filename": "L1.png"},
                "vertices": [
                    [0, 0, 0, "home", {"is_charger": [4, True], "spawn_robot_name": [1, "r1"]}],
                    [50, 0, 0, "middle"],
                    [100, 0, 0, "lobby"],
                    [100, -30, 0, "", {"lift_cabin": [1, "lift"]}],
                    [25, -7, 0, ""],
                    [25, 7, 0, ""],
                ],
                "lanes": [
                    [0, 1, dict(both)],
                    [1, 2, {**one, "speed_limit": [3, 0.5]}],
                    [2, 1, {**one, "orientation": [1, "backward"]}],
                    [2, 3, dict(both)],
                ],
                "walls": [[4, 5, {}]],
                "doors": [[4, 5, {"name": [1, "front_door"], "type": [1, "double_sliding"]}]],
                "measurements": [[0, 2, {"distance": [3, 10.0]}]],
                "fiducials": [[0, 0, "a"], [100, 0, "b"], [0, -50, "c"]],
                "floors": [{"vertices": [0, 2, 3], "parameters": {}}],
            },
            "L2": {
                "elevation": 4.5,
                "vertices": [
                    [20, 20, 0, "home"],
                    [20, 220, 0, "far"],
                    [80, 220, 0, "", {"lift_cabin": [1, "lift"]}],
                ],
                "lanes": [
                    [0, 1, dict(both)],
                    [1, 2, dict(both)],
                ],
                "fiducials": [[20, 20, "a"], [20, 220, "b"], [120, 20, "c"]],
            },
        },
        "lifts": {
            "lift": {
                "x": 100, "y": -30, "yaw": 0.0, "width": 2.0, "depth": 2.4,
                "reference_floor_name": "L1", "initial_floor_name": "L2",
                "lowest_floor": "L1", "highest_floor": "L2",
                "doors": {
                    "south": {
                        "x": 0, "y": -1.2, "width": 1.0, "door_type": 2, "motion_axis_orientation": 0.0,
                    },
                    "east": {
                        "x": 1.0, "y": 0, "width": 0.9, "door_type": 1, "motion_axis_orientation": 1.5708,
                    },
                },
                "level_doors": {"L2": ["south", "east"], "L1": ["south"]},
            },
        },
    }  # fmt: skip


def set_at(document: Any, path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The document with the value at a path of keys and indices replaced (in place)."""
    node = document
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return document  # type: ignore[no-any-return]
