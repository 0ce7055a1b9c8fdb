"""Names in an exported world, and what its joints mean: the contract between the worlds and what drives them.

The world's frame is the building's: x right, y up on the map, z up, metres; a level's floor has its top at
the level's elevation. `T` below is an entity's token: its name with everything but letters and digits
replaced by one `_`, made unique by a number (`tokens`). Nobody needs to build these names: `WorldIndex`
holds them all; the exporter writes it as `world.json` beside the worlds, and
`building_ctrl.gazebo.index.read_index` reads it.

Models
    level_T     static: links `floor`, `walls`
    shaft_T     static: the shaft of lift T, link `shaft`
    door_T      links `leaf_1` .. `leaf_4` on joints `leaf_1_joint` ..; parent of every joint: `world`
    lift_T      link `cabin` on joint `cabin_joint` (parent `world`, along +z), and for cabin door number k
                (from 1, in the map's order) links `door_k_leaf_1` .. on joints `door_k_leaf_1_joint` ..;
                parent of those: `cabin`
    landing_T   the landing doors of lift T at all levels: links `door_k_L_leaf_1` .. on joints
                `door_k_L_leaf_1_joint` .., L being the token of the level; parent of every joint: `world`
    robot_T     links `base`, `wheel_left`, `wheel_right` (joints `wheel_left_joint`, `wheel_right_joint`);
                casters are collisions of `base`; sensor `lidar` on `base` where asked for. The origin of the
                model is on the floor, between the wheels: its pose is the robot's, x forward.

Joints
    Leaves: position 0 is closed, `travel` is fully open and always positive, whichever way the leaf moves;
    metres where it slides, radians where it turns (`rotates`). The limits are 0 and `travel`. A door that is
    open by `opening` (0 to 1) has each of its leaves at `opening * travel`.
    Cabin: position 0 is the pose at the start; the cabin's floor is `zero_m + position` above the building's
    zero, flush with the level whose elevation that is. The limits are `lower` and `upper`. Neither cabins
    nor leaves feel gravity; cabins carry robots.
    Wheels: a positive speed (rad/s) drives forward. v_mps = r (left + right) / 2, w_radps = r (right - left)
    / separation.
    `max_speed` (m/s or rad/s) and `max_effort` (N or Nm) of a joint are what its drive is good for.

Gazebo Classic
    The world has one empty element <plugin name="building_ctrl" filename="libbuilding_ctrl_gazebo.so"/>: who
    drives the plugin tells it the names.

gz-sim
    robots      /model/robot_T/cmd_vel, /model/robot_T/odometry (true pose), /model/robot_T/scan
    leaves      /model/M/joint/J/cmd_pos: the position to go to; they go there at `max_speed`
    cabins      /model/lift_T/joint/cabin_joint/cmd_vel: the speed (`by_speed`), as a cabin that is sent from
                position to position jolts whoever rides in it
    all joints  /model/M/joint_state: positions and speeds of all joints of model M
    The bridge gives topics of ROS 2 the same names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, count

PLUGIN_NAME = "building_ctrl"
PLUGIN_FILE = "libbuilding_ctrl_gazebo.so"
INDEX_FILE = "world.json"
CLASSIC_FILE = "classic.world"
GZ_FILE = "gz.sdf"
BRIDGE_FILE = "bridge.yaml"

BASE_LINK = "base"
WHEEL_LINKS = ("wheel_left", "wheel_right")
WHEEL_JOINTS = ("wheel_left_joint", "wheel_right_joint")
LIDAR = "lidar"
CABIN_LINK = "cabin"
CABIN_JOINT = "cabin_joint"


@dataclass(frozen=True, slots=True)
class DrivenJoint:
    """A joint moved by command; units are metres, or radians where it rotates.

    `lower` and `upper` limit its position; for a leaf they are 0 (closed) and fully open.
    """

    model: str
    joint: str
    lower: float
    upper: float
    max_speed: float
    max_effort: float
    rotates: bool = False
    by_speed: bool = False

    @property
    def key(self) -> str:
        """Unique in the world."""
        return f"{self.model}/{self.joint}"

    @property
    def travel(self) -> float:
        """Position of a leaf that is fully open."""
        return self.upper

    @property
    def command_topic(self) -> str:
        """Where gz-sim takes a position, or a speed where the joint is driven by it."""
        return f"/model/{self.model}/joint/{self.joint}/{'cmd_vel' if self.by_speed else 'cmd_pos'}"


@dataclass(frozen=True, slots=True)
class DoorEntry:
    """A door of the map: all leaves move together."""

    name: str
    level: str
    model: str
    leaves: tuple[DrivenJoint, ...]


@dataclass(frozen=True, slots=True)
class Landing:
    """One door of a lift at one level: leaves on the cabin (the same at every level) and at the landing."""

    level: str
    door: str
    cabin_leaves: tuple[DrivenJoint, ...]
    landing_leaves: tuple[DrivenJoint, ...]

    @property
    def leaves(self) -> tuple[DrivenJoint, ...]:
        """What moves when the cabin, standing at the level, opens."""
        return self.cabin_leaves + self.landing_leaves


@dataclass(frozen=True, slots=True)
class LiftEntry:
    """A lift: the cabin's joint, the height of the cabin's floor at position 0, and its doors by level."""

    name: str
    model: str
    landing_model: str
    cabin: DrivenJoint
    zero_m: float
    landings: tuple[Landing, ...]

    def leaves_at(self, level: str) -> tuple[DrivenJoint, ...]:
        """All leaves that move when the car opens at a level; empty where it does not open."""
        return tuple(leaf for landing in self.landings if landing.level == level for leaf in landing.leaves)

    @property
    def leaves(self) -> tuple[DrivenJoint, ...]:
        """All leaves of the lift, each once."""
        return tuple({leaf.key: leaf for landing in self.landings for leaf in landing.leaves}.values())


@dataclass(frozen=True, slots=True)
class RobotEntry:
    """A robot: its model and where it starts, in the building's frame.

    `corners` are those of a footprint that is no circle, counter-clockwise in the robot's frame; without them it
    is the circle of `radius_m`.
    """

    name: str
    fleet: str
    model: str
    level: str
    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float
    radius_m: float
    wheel_radius_m: float
    wheel_separation_m: float
    max_torque_nm: float
    max_wheel_speed_radps: float
    lidar: bool = False
    corners: tuple[tuple[float, float], ...] = ()

    @property
    def velocity_topic(self) -> str:
        return f"/model/{self.model}/cmd_vel"

    @property
    def odometry_topic(self) -> str:
        return f"/model/{self.model}/odometry"

    @property
    def scan_topic(self) -> str:
        return f"/model/{self.model}/scan"


@dataclass(frozen=True, slots=True)
class WorldIndex:
    """Everything in a world that is driven or read; `levels` are (name, elevation_m), lowest first."""

    building: str
    world: str
    levels: tuple[tuple[str, float], ...]
    robots: tuple[RobotEntry, ...]
    doors: tuple[DoorEntry, ...]
    lifts: tuple[LiftEntry, ...]

    @property
    def joints(self) -> tuple[DrivenJoint, ...]:
        """All driven joints: doors first, then lifts with cabin and leaves."""
        doors = tuple(leaf for door in self.doors for leaf in door.leaves)
        return doors + tuple(joint for lift in self.lifts for joint in (lift.cabin, *lift.leaves))


def joint_state_topic(model: str) -> str:
    """Where gz-sim tells the positions of a model's joints."""
    return f"/model/{model}/joint_state"


def tokens(names: Iterable[str]) -> dict[str, str]:
    """A token for each name: what both Gazebos and ROS 2 allow in a topic, each used once."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in dict.fromkeys(names):
        plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") or "unnamed"
        numbered = (f"{plain}_{number}" for number in count(2))
        token = next(candidate for candidate in chain((plain,), numbered) if candidate not in taken)
        taken.add(token)
        found[name] = token
    return found
