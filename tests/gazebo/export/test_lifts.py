"""Lifts: a floor without steps, doors that fit their shafts, and joints that say what they are."""

from __future__ import annotations

import math

import pytest

from building_ctrl.core.lift.spec import lift_specs
from building_ctrl.gazebo.export import bits
from building_ctrl.gazebo.export.building import closed_lifts, describe
from building_ctrl.gazebo.export.shafts import CLEARANCE_M, lift_room
from building_ctrl.gazebo.names import LiftEntry
from building_ctrl.gazebo.world import Box, Link, Model, World
from building_ctrl.model.building import DoorKind, Lift, LiftDoor

from .worlds import building, lift

GAP_M = 0.02  # a caster of 25 mm sinks 2 mm into a gap of that width


def world(*lifts: Lift) -> World:
    return describe(building(*lifts), ())


def model(made: World, name: str) -> Model:
    return next(m for m in made.models if m.name == name)


def link(owner: Model, name: str) -> Link:
    return next(found for found in owner.links if found.name == name)


def entry(made: World) -> LiftEntry:
    return made.index.lifts[0]


def floor_tops(made: World, x: float, y: float, z: float) -> bool:
    """Whether a level's slab or a cabin at the start has its top at a point, within 5 mm."""
    for owner in made.models:
        if owner.name.startswith(("level_", "lift_")):
            for part in (part for found in owner.links for part in found.parts if found.name in ("floor", "cabin")):
                if part.surface is None or not isinstance(part.shape, Box) or part.name.startswith("wall"):
                    continue
                c, s = math.cos(owner.pose.yaw_rad), math.sin(owner.pose.yaw_rad)
                px = owner.pose.x_m + c * part.pose.x_m - s * part.pose.y_m
                py = owner.pose.y_m + s * part.pose.x_m + c * part.pose.y_m
                yaw = owner.pose.yaw_rad + part.pose.yaw_rad
                dx, dy = x - px, y - py
                along = abs(math.cos(yaw) * dx + math.sin(yaw) * dy)
                across = abs(-math.sin(yaw) * dx + math.cos(yaw) * dy)
                top = owner.pose.z_m + part.pose.z_m + part.shape.z_m / 2
                if along <= part.shape.x_m / 2 and across <= part.shape.y_m / 2 and abs(top - z) < 0.005:
                    return True
    return False


@pytest.mark.parametrize("yaws", [(0.0,), (0.7,), (-2.2,), (0.0, 0.9)])
def test_robots_roll_from_the_level_into_the_cabin_over_one_narrow_gap(yaws: tuple[float, ...]) -> None:
    lifts = [lift(yaw_rad=yaw, name=f"lift {k}", x_m=5.0 + 8.0 * k) for k, yaw in enumerate(yaws)]
    made = world(*lifts)
    for one in lifts:
        # The car starts at L2, where it opens at the back.
        c, s = math.cos(one.yaw_rad), math.sin(one.yaw_rad)
        for side in (-0.3, 0.0, 0.3):
            missing = 0.0
            for k in range(3000):
                y = k * 0.001
                point = (one.x_m + c * side - s * y, one.y_m + s * side + c * y)
                missing += 0.0 if floor_tops(made, *point, 4.0) else 0.001
            assert missing <= GAP_M


def test_the_cabin_starts_at_its_first_level_and_reaches_the_others() -> None:
    drive = entry(world(lift())).cabin
    assert entry(world(lift())).zero_m == 4.0
    assert drive.lower <= -4.0 and drive.upper >= 4.0 and drive.by_speed
    assert drive.command_topic == "/model/lift_lift_A/joint/cabin_joint/cmd_vel"


def test_a_car_opens_the_doors_of_its_level_in_cabin_and_landing() -> None:
    lift_entry = entry(world(lift()))
    assert [leaf.key for leaf in lift_entry.leaves_at("L1")] == [
        "lift_lift_A/door_1_leaf_1_joint",
        "lift_lift_A/door_1_leaf_2_joint",
        "landing_lift_A/door_1_L1_leaf_1_joint",
        "landing_lift_A/door_1_L1_leaf_2_joint",
    ]
    assert {leaf.joint[:6] for leaf in lift_entry.leaves_at("L2")} == {"door_2"}
    assert {leaf.joint[:6] for leaf in lift_entry.leaves_at("L3")} == {"door_1", "door_2"}
    assert len(lift_entry.leaves) == len({leaf.key for leaf in lift_entry.leaves})
    assert lift_entry.leaves_at("nowhere") == ()


def openings(made: World, elevation_m: float) -> list[tuple[int, int]]:
    """Directions in the cabin's frame, in degrees, in which a shaft has no wall 0.2 m above a level: (middle,
    width) of each opening."""
    shaft = link(model(made, "shaft_lift_A"), "shaft")
    free = [k for k in range(360) if not _blocked(shaft, math.radians(k), elevation_m + 0.2)]
    groups: list[list[int]] = []
    for k in free:
        if groups and k - groups[-1][-1] == 1:
            groups[-1].append(k)
        else:
            groups.append([k])
    if len(groups) > 1 and groups[0][0] == 0 and groups[-1][-1] == 359:
        groups[0] = [k - 360 for k in groups.pop()] + groups[0]
    return [(round((group[0] + group[-1]) / 2) % 360, group[-1] - group[0]) for group in groups]


def _blocked(shaft: Link, angle: float, z: float) -> bool:
    for part in shaft.parts:
        assert isinstance(part.shape, Box)
        c, s = math.cos(part.pose.yaw_rad), math.sin(part.pose.yaw_rad)
        for step in range(120):
            r = 0.5 + 0.01 * step
            dx, dy = r * math.cos(angle) - part.pose.x_m, r * math.sin(angle) - part.pose.y_m
            inside = abs(c * dx + s * dy) <= part.shape.x_m / 2 and abs(-s * dx + c * dy) <= part.shape.y_m / 2
            if inside and abs(z - part.pose.z_m) <= part.shape.z_m / 2:
                return True
    return False


@pytest.mark.parametrize(("level", "sides"), [(0, [270]), (1, [90]), (2, [90, 270])])
def test_shafts_are_open_where_a_landing_door_is_and_nowhere_else(level: int, sides: list[int]) -> None:
    found = openings(world(lift()), 4.0 * level)
    assert [middle for middle, _ in found] == sides
    for _, width in found:
        assert width == pytest.approx(2 * math.degrees(math.atan2(0.5, 1.14)), abs=3)


@pytest.mark.parametrize(("side", "x", "y"), [(270, 0.0, -1.0), (0, 1.0, 0.0), (90, 0.0, 1.0), (180, -1.0, 0.0)])
def test_doors_on_any_side_are_cut_into_that_side(side: int, x: float, y: float) -> None:
    """The yaw of a door's line says nothing of the side, as a line has two directions."""
    for turn in (0.0, math.pi):
        only = LiftDoor("only", x, y, math.radians(side + 90) + turn, 1.0)
        one = lift(doors=(only,), level_doors=(("L1", ("only",)), ("L3", ("only",))), initial_level="L1")
        assert [middle for middle, _ in openings(world(one), 0.0)] == [side]
        assert openings(world(one), 4.0) == []


@pytest.mark.parametrize(
    ("width_m", "door_m", "panels", "rises"),
    [(2.4, 1.2, 1, False), (2.0, 1.2, 2, False), (1.5, 1.1, 3, False), (1.3, 1.2, 1, True)],
)
def test_leaves_stay_within_the_shaft_and_go_up_where_they_cannot(
    width_m: float, door_m: float, panels: int, rises: bool
) -> None:
    room = lift_room(lift(width_m, door_m))
    leaves = room.doors[0].leaves(0.035)
    assert len(leaves) == 2 * panels and all(leaf.rises == rises for leaf in leaves)
    for leaf in leaves:
        if not rises:
            at = leaf.x_m + leaf.toward * leaf.travel
            assert -width_m / 2 - 0.03 <= at and at + leaf.width_m <= width_m / 2 + 0.03
            covered = (leaf.x_m, leaf.x_m + leaf.width_m)
            opened = (at, at + leaf.width_m)
            assert min(opened[1], door_m / 2) - max(opened[0], -door_m / 2) < 1e-6, (covered, opened)


def test_a_door_before_the_cabin_s_edge_has_the_cabin_s_floor_up_to_it() -> None:
    room = lift_room(lift())
    assert room.floor.low_m == pytest.approx(-1.1 + CLEARANCE_M / 2)
    assert room.hole.low_m == pytest.approx(-1.1 - CLEARANCE_M / 2)


def test_cabins_and_landings_do_not_rub_on_each_other() -> None:
    made = world(lift())
    assert {p.surface.bits for found in model(made, "lift_lift_A").links for p in found.parts if p.surface} == {
        bits.CABIN
    }
    landing = {p.surface.bits for found in model(made, "landing_lift_A").links for p in found.parts if p.surface}
    assert len(landing) == 1 and landing <= set(bits.LEAF_BITS)


def test_a_lift_that_opens_nowhere_is_left_out_and_named() -> None:
    closed = lift(level_doors=(("L1", ()),), name="blind")
    made = describe(building(closed, lift()), ())
    assert [found.name for found in made.index.lifts] == ["lift A"]
    assert closed_lifts(building(closed, lift())) == ("blind",)


def test_single_leaves_slide_to_the_roomier_side() -> None:
    one = lift(doors=(LiftDoor("d", 0.4, -1.0, 0.0, 0.9, DoorKind.SLIDING),), level_doors=(("L1", ("d",)),))
    assert [leaf.toward for leaf in lift_room(one).doors[0].leaves(0.035)] == [-1]


def test_the_world_agrees_with_the_platform_on_levels() -> None:
    drawn = building(lift())
    (spec,) = lift_specs(drawn)
    lift_entry = describe(drawn, ()).index.lifts[0]
    for name, elevation_m in spec.levels:
        assert lift_entry.cabin.lower <= elevation_m - lift_entry.zero_m <= lift_entry.cabin.upper
        assert lift_entry.leaves_at(name)
