"""Leaves of doors: how each kind opens, as links and joints."""

from __future__ import annotations

import math
from dataclasses import dataclass

from building_ctrl.building.geometry import Point
from building_ctrl.building.zones import door_leaves
from building_ctrl.core.door.spec import MOTION_S
from building_ctrl.gazebo.names import DrivenJoint
from building_ctrl.gazebo.world import Box, Inertia, Joint, Link, Part, Pose, Rgba, Surface
from building_ctrl.model.building import Door, DoorKind

THICKNESS_M = 0.04
GAP_M = 0.005  # around a leaf
DOOR_HEIGHT_M = 2.1
GATE_HEIGHT_M = 1.0
DENSITY_KGPM2 = 20.0
SLIDE_EFFORT_N = 400.0
TURN_EFFORT_NM = 300.0
MOST_PANELS = 3

_TELESCOPES = (DoorKind.TELESCOPE, DoorKind.DOUBLE_TELESCOPE)
_HINGED = (DoorKind.HINGED, DoorKind.DOUBLE_HINGED)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf, closed: from its fixed side `x_m` to `x_m + width_m` along the door's line, whose origin and
    yaw are in the frame of the leaf's model.

    `toward` is -1 where it opens towards smaller x and 1 towards larger; `sense` the sign of the angle it
    opens by, 0 where it slides; `rises` where it goes up. `travel` is how far, in metres or radians.
    `layer_m` is how far it is off the door's line.
    """

    x_m: float
    width_m: float
    toward: int
    travel: float
    sense: int = 0
    rises: bool = False
    layer_m: float = 0.0


@dataclass(frozen=True, slots=True)
class LeafLook:
    """What all leaves of a door have in common; the times are those of the whole way."""

    height_m: float
    colour: Rgba
    bits: int
    shortest_s: float
    low_m: float = GAP_M


def sliding_leaves(
    x_m: float, width_m: float, toward: int, panels: int = 1, layer_m: float = 0.0, step_m: float = 0.05
) -> list[Leaf]:
    """Panels that stack up at the side they open to, each behind the one before; the last goes farthest."""
    panel = width_m / panels
    leaves = []
    for k in range(panels):
        near = x_m + k * panel if toward < 0 else x_m + width_m - (k + 1) * panel
        leaves.append(Leaf(near, panel, toward, (k + 1) * panel, layer_m=layer_m + k * step_m))
    return leaves


def plan_leaves(door: Door) -> list[Leaf]:
    """The leaves of a map's door along its line from start to end."""
    dx, dy = door.end[0] - door.start[0], door.end[1] - door.start[1]
    length = math.hypot(dx, dy)
    leaves: list[Leaf] = []
    for fixed, free, sense in door_leaves(door):
        a, b = (((p[0] - door.start[0]) * dx + (p[1] - door.start[1]) * dy) / length for p in (fixed, free))
        toward = -1 if a < b else 1
        low, width = min(a, b), abs(b - a)
        if width < 4.0 * GAP_M:
            continue
        if door.kind in _HINGED:
            angle = math.radians(door.motion_degrees)
            turn = int(math.copysign(1.0, sense * angle))
            leaves.append(Leaf(low, width, toward, abs(angle) or math.pi / 2.0, turn))
        else:
            leaves += sliding_leaves(low, width, toward, 2 if door.kind in _TELESCOPES else 1)
    return leaves


def leaf_parts(
    model: str, prefix: str, parent: str, leaves: list[Leaf], origin: Pose, look: LeafLook
) -> tuple[list[Link], list[Joint], list[DrivenJoint]]:
    """Links and joints of leaves along a line that starts at `origin` of their model, with its yaw."""
    links, joints, driven = [], [], []
    for number, leaf in enumerate(leaves, start=1):
        name = f"{prefix}leaf_{number}"
        max_speed = leaf.travel / look.shortest_s
        effort = TURN_EFFORT_NM if leaf.sense else SLIDE_EFFORT_N
        axis = (0.0, 0.0, float(leaf.sense)) if leaf.sense else (float(leaf.toward), 0.0, 0.0)
        if leaf.rises:
            axis = (0.0, 0.0, 1.0)
        links.append(_leaf_link(name, leaf, origin, look))
        joints.append(Joint(f"{name}_joint", parent, name, axis, not leaf.sense, (0.0, leaf.travel), max_speed, effort))
        driven.append(DrivenJoint(model, f"{name}_joint", 0.0, leaf.travel, max_speed, effort, bool(leaf.sense)))
    return links, joints, driven


def _leaf_link(name: str, leaf: Leaf, origin: Pose, look: LeafLook) -> Link:
    """The link's origin is at the fixed side of the leaf, on the floor: there its hinge is."""
    at = leaf.x_m if leaf.toward < 0 else leaf.x_m + leaf.width_m
    c, s = math.cos(origin.yaw_rad), math.sin(origin.yaw_rad)
    width, height = leaf.width_m - 2.0 * GAP_M, look.height_m - look.low_m
    middle = -leaf.toward * leaf.width_m / 2.0
    z = look.low_m + height / 2.0
    mass = max(5.0, DENSITY_KGPM2 * width * height)
    moments = (
        mass * (THICKNESS_M**2 + height**2) / 12.0,
        mass * (width**2 + height**2) / 12.0,
        mass * (width**2 + THICKNESS_M**2) / 12.0,
    )
    return Link(
        name,
        (
            Part(
                "leaf",
                Box(width, THICKNESS_M, height),
                Pose(middle, 0.0, z),
                look.colour,
                Surface(look.bits, friction=0.2),
            ),
        ),
        Pose(
            origin.x_m + c * at - s * leaf.layer_m,
            origin.y_m + s * at + c * leaf.layer_m,
            origin.z_m,
            yaw_rad=origin.yaw_rad,
        ),
        Inertia(mass, moments, (middle, 0.0, z)),
        gravity=False,
    )


def door_look(door: Door, wall_height_m: float, colour: Rgba, bits: int) -> LeafLook:
    """The look of a map's door."""
    height = GATE_HEIGHT_M if door.kind is DoorKind.SPEED_GATE else DOOR_HEIGHT_M
    return LeafLook(min(height, wall_height_m), colour, bits, min(MOTION_S[door.kind]))


def line_of(a: Point, b: Point, z_m: float) -> Pose:
    """Pose of the line from a to b."""
    return Pose(a[0], a[1], z_m, yaw_rad=math.atan2(b[1] - a[1], b[0] - a[0]))
