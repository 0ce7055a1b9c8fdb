"""Who touches whom: two solids meet where their bits have one in common, which both Gazebos understand.

Robots have all bits. Buildings, cabins and leaves have one each, so that a leaf slides through walls and
floors; leaves of doors near each other have different ones, as far as they last.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from building_ctrl.building.geometry import Point

ROBOT = 0xFFFF
STATIC = 0x0001
CABIN = 0x0002
LEAF_BITS = tuple(1 << k for k in range(2, 16))


def leaf_bits(places: Sequence[tuple[str, Point, float]]) -> list[int]:
    """A bit for each door (level, middle, reach_m), not that of a door whose leaves it may meet.

    Landing doors, which one lift has at many levels, have no level: they may meet doors of any.
    Greedy colouring in the order given; with all bits taken the doors share the first.
    """
    chosen: list[int] = []
    for number, (level, at, reach_m) in enumerate(places):
        near = {
            chosen[k]
            for k, (other, there, other_m) in enumerate(places[:number])
            if (other == level or not other or not level) and math.dist(at, there) < reach_m + other_m
        }
        chosen.append(next((bit for bit in LEAF_BITS if bit not in near), LEAF_BITS[0]))
    return chosen
