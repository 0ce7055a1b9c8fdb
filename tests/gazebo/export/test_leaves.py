"""Doors of every kind: where their leaves are closed, where open, and which way they go."""

from __future__ import annotations

import math

import pytest

from building_ctrl.building.zones import swing_segments
from building_ctrl.core.door.spec import MOTION_S
from building_ctrl.gazebo.export import bits
from building_ctrl.gazebo.export.leaves import Leaf, door_look, leaf_parts, plan_leaves
from building_ctrl.gazebo.world import Box, Pose
from building_ctrl.model.building import Door, DoorKind

from .worlds import door

RIGHT = math.pi / 2


@pytest.mark.parametrize(
    ("kind", "leaves"),
    [
        (DoorKind.SLIDING, [Leaf(0.0, 2.0, -1, 2.0)]),
        (DoorKind.DOUBLE_SLIDING, [Leaf(0.0, 1.0, -1, 1.0), Leaf(1.0, 1.0, 1, 1.0)]),
        (DoorKind.TELESCOPE, [Leaf(0.0, 1.0, -1, 1.0), Leaf(1.0, 1.0, -1, 2.0, layer_m=0.05)]),
        (
            DoorKind.DOUBLE_TELESCOPE,
            [
                Leaf(0.0, 0.5, -1, 0.5),
                Leaf(0.5, 0.5, -1, 1.0, layer_m=0.05),
                Leaf(1.5, 0.5, 1, 0.5),
                Leaf(1.0, 0.5, 1, 1.0, layer_m=0.05),
            ],
        ),
        (DoorKind.HINGED, [Leaf(0.0, 2.0, -1, RIGHT, sense=-1)]),
        (DoorKind.DOUBLE_HINGED, [Leaf(0.0, 1.0, -1, RIGHT, sense=-1), Leaf(1.0, 1.0, 1, RIGHT, sense=1)]),
        (DoorKind.SPEED_GATE, [Leaf(0.0, 1.0, -1, 1.0), Leaf(1.0, 1.0, 1, 1.0)]),
        (DoorKind.UNKNOWN, [Leaf(0.0, 2.0, -1, 2.0)]),
    ],
)
def test_each_kind_has_its_leaves(kind: DoorKind, leaves: list[Leaf]) -> None:
    assert plan_leaves(door(kind)) == leaves


def test_every_kind_of_the_model_is_known() -> None:
    for kind in DoorKind:
        leaves = plan_leaves(door(kind))
        assert leaves and all(leaf.travel > 0.0 for leaf in leaves)
        assert sum(leaf.width_m for leaf in leaves) == pytest.approx(2.0)


@pytest.mark.parametrize("kind", [DoorKind.HINGED, DoorKind.DOUBLE_HINGED])
@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("at_end", [False, True])
def test_a_leaf_swings_over_the_floor_the_planner_keeps_free(kind: DoorKind, direction: int, at_end: bool) -> None:
    drawn = Door("d", "L1", kind, (1.0, 2.0), (2.2, 3.1), 80.0, direction, at_end, 1.5)
    look = door_look(drawn, 2.4, (1.0, 1.0, 1.0, 1.0), bits.LEAF_BITS[0])
    links, joints, _ = leaf_parts("door_d", "", "world", plan_leaves(drawn), Pose(), look)
    line = math.atan2(1.1, 1.2)
    free = []
    for link, joint in zip(links, joints, strict=True):
        shape = link.parts[0].shape
        assert isinstance(shape, Box) and joint.limits is not None
        tip = 2.0 * link.parts[0].pose.x_m
        angle = line + joint.axis[2] * joint.limits[1]
        hinge = (1.0 + math.cos(line) * link.pose.x_m, 2.0 + math.sin(line) * link.pose.x_m)
        free.append((hinge, (hinge[0] + tip * math.cos(angle), hinge[1] + tip * math.sin(angle))))
    swept = swing_segments(drawn)
    for hinge, tip in free:
        near = min(math.dist(hinge, a) + math.dist(tip, b) for a, b in swept)
        assert near < 1e-6, (hinge, tip, swept)


def test_uneven_double_doors_share_the_opening_by_their_ratio() -> None:
    drawn = Door("d", "L1", DoorKind.DOUBLE_SLIDING, (0.0, 0.0), (3.0, 0.0), right_left_ratio=2.0)
    assert [leaf.width_m for leaf in plan_leaves(drawn)] == pytest.approx([2.0, 1.0])


@pytest.mark.parametrize("kind", list(DoorKind))
def test_positive_is_open_and_the_drive_takes_the_time_doors_of_the_kind_take(kind: DoorKind) -> None:
    look = door_look(door(kind), 2.4, (1.0, 1.0, 1.0, 1.0), bits.LEAF_BITS[0])
    links, joints, driven = leaf_parts("door_d", "", "world", plan_leaves(door(kind)), Pose(), look)
    for link, joint, drive in zip(links, joints, driven, strict=True):
        assert not link.gravity and joint.limits == (0.0, drive.travel)
        assert drive.key == f"door_d/{joint.name}" and drive.rotates == (not joint.slides)
        assert drive.travel / drive.max_speed == pytest.approx(min(MOTION_S[kind]))


def test_a_gate_is_half_high_and_a_door_no_higher_than_the_wall() -> None:
    def height(kind: DoorKind, wall_m: float) -> float:
        return door_look(door(kind), wall_m, (1.0, 1.0, 1.0, 1.0), 4).height_m

    assert height(DoorKind.SPEED_GATE, 2.4) == 1.0
    assert height(DoorKind.SLIDING, 2.4) == 2.1
    assert height(DoorKind.SLIDING, 1.2) == 1.2


def test_leaves_touch_robots_and_neither_walls_nor_leaves_of_doors_beside_them() -> None:
    places = [("L1", (1.5 * k, 0.0), 1.5) for k in range(6)] + [("L2", (0.0, 0.0), 1.5), ("", (0.0, 0.0), 1.5)]
    chosen = bits.leaf_bits(places)
    assert all(bit & bits.ROBOT and not bit & (bits.STATIC | bits.CABIN) for bit in chosen)
    assert all(chosen[k] != chosen[k + 1] for k in range(5))
    assert chosen[6] == chosen[0], "levels do not disturb each other"
    assert chosen[7] not in (chosen[0], chosen[6]), "landing doors are at every level"
