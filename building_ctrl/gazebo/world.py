"""What stands in a world, before it is written in a dialect of SDF: shapes, links, joints, models.

Poses are in the frame of what holds them: parts in their link's, links in their model's, models in the world's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from building_ctrl.gazebo.names import RobotEntry, WorldIndex

Rgba = tuple[float, float, float, float]
Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Pose:
    """Position in metres and fixed-axis roll, pitch, yaw in radians."""

    x_m: float = 0.0
    y_m: float = 0.0
    z_m: float = 0.0
    roll_rad: float = 0.0
    pitch_rad: float = 0.0
    yaw_rad: float = 0.0


@dataclass(frozen=True, slots=True)
class Box:
    """A box around its origin."""

    x_m: float
    y_m: float
    z_m: float


@dataclass(frozen=True, slots=True)
class Cylinder:
    """A cylinder along z around its origin."""

    radius_m: float
    length_m: float


@dataclass(frozen=True, slots=True)
class Sphere:
    """A sphere around its origin."""

    radius_m: float


@dataclass(frozen=True, slots=True)
class Prism:
    """Polygons (x, y), drawn even-odd so that the later ones are holes in the first, from z = 0 up."""

    rings: tuple[tuple[tuple[float, float], ...], ...]
    height_m: float


Shape = Box | Cylinder | Sphere | Prism


@dataclass(frozen=True, slots=True)
class Surface:
    """How a solid part meets others: it touches those with which it shares a bit of `bits`."""

    bits: int
    friction: float = 1.0
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One shape of a link: seen where it has a colour, felt where it has a surface."""

    name: str
    shape: Shape
    pose: Pose = field(default_factory=Pose)
    colour: Rgba | None = None
    surface: Surface | None = None


@dataclass(frozen=True, slots=True)
class Inertia:
    """Mass, and principal moments (kg m2) about the centre of mass, which is at `centre` of the link."""

    mass_kg: float
    moments: Vector
    centre: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Link:
    """A rigid body. `lidar`: it carries the robot's scanner at this height."""

    name: str
    parts: tuple[Part, ...]
    pose: Pose = field(default_factory=Pose)
    inertia: Inertia | None = None
    gravity: bool = True
    lidar_height_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Joint:
    """A joint at the child's origin, along `axis` of the child's frame. Limits None: it turns without end."""

    name: str
    parent: str
    child: str
    axis: Vector
    slides: bool = False
    limits: tuple[float, float] | None = None
    max_speed: float = 0.0
    max_effort: float = 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """Links and joints; a static model has no joints. `robot`: what it is driven by."""

    name: str
    links: tuple[Link, ...]
    joints: tuple[Joint, ...] = ()
    pose: Pose = field(default_factory=Pose)
    static: bool = False
    robot: RobotEntry | None = None


@dataclass(frozen=True, slots=True)
class Sun:
    """A light from far away, towards `direction`."""

    name: str
    direction: Vector
    brightness: float
    shadows: bool


@dataclass(frozen=True, slots=True)
class World:
    """All of it; `camera` is where the window looks from."""

    name: str
    models: tuple[Model, ...]
    suns: tuple[Sun, ...]
    camera: Pose
    index: WorldIndex
    options: WorldOptions


@dataclass(frozen=True, slots=True)
class WorldOptions:
    """What the map does not say.

    `wall_height_m` is at most what fits under the next level. With `lidar`, robots carry a scanner of
    `lidar_rays` rays around.
    """

    lidar: bool = False
    lidar_rays: int = 180
    wall_height_m: float = 2.4
    wall_thickness_m: float = 0.10
