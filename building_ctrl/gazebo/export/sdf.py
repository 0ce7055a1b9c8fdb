"""What both dialects of SDF have in common, as XML."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from building_ctrl.gazebo.names import LIDAR
from building_ctrl.gazebo.world import Box, Cylinder, Joint, Link, Model, Part, Pose, Prism, Rgba, Shape, Sphere, Sun

# A contact as stiff as a hard tyre. With 4 ms steps a stiffer one makes wheels hop.
SOFT_STIFFNESS = 1e6
SOFT_DAMPING = 1e3

STEP_S = 0.004
SOLVER_ITERATIONS = 50
Extend = Callable[[Element, Model], None]
ExtendLink = Callable[[Element, Link, Model], None]


def number(value: float) -> str:
    """A number to a tenth of a millimetre and less, short, without a negative zero."""
    text = f"{value:.6g}" if abs(value) >= 1e6 else f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def numbers(*values: float) -> str:
    """Several numbers, as SDF separates them."""
    return " ".join(number(value) for value in values)


def child(parent: Element, tag: str, text: str | float | bool | None = None, **attributes: str) -> Element:
    """A new last child."""
    element = SubElement(parent, tag, attributes)
    if isinstance(text, bool):
        element.text = "true" if text else "false"
    elif text is not None:
        element.text = text if isinstance(text, str) else number(text)
    return element


def add_pose(parent: Element, pose: Pose) -> None:
    """The pose, unless it changes nothing."""
    if pose != Pose():
        values = (pose.x_m, pose.y_m, pose.z_m, pose.roll_rad, pose.pitch_rad, pose.yaw_rad)
        child(parent, "pose", numbers(*values))


def add_sun(world: Element, sun: Sun) -> None:
    """A directional light."""
    light = child(world, "light", name=sun.name, type="directional")
    child(light, "cast_shadows", sun.shadows)
    child(light, "pose", "0 0 40 0 0 0")
    child(light, "diffuse", numbers(sun.brightness, sun.brightness, sun.brightness, 1.0))
    child(light, "specular", "0.1 0.1 0.1 1")
    child(light, "direction", numbers(*sun.direction))


def add_model(world: Element, model: Model, extend_link: ExtendLink, extend: Extend) -> None:
    """A model; `extend_link` and `extend` add what only one dialect has."""
    element = child(world, "model", name=model.name)
    if model.static:
        child(element, "static", True)
    add_pose(element, model.pose)
    for link in model.links:
        added = _add_link(element, link)
        extend_link(added, link, model)
    for joint in model.joints:
        _add_joint(element, joint)
    extend(element, model)


def add_lidar(link: Element, carrier: Link, kind: str, rays: int, topic: str | None) -> Element:
    """The robot's scanner."""
    sensor = child(link, "sensor", name=LIDAR, type=kind)
    add_pose(sensor, Pose(z_m=carrier.lidar_height_m))
    if topic is not None:
        child(sensor, "topic", topic)
    child(sensor, "update_rate", 10.0)
    child(sensor, "always_on", True)
    ray = child(sensor, "lidar" if kind == "gpu_lidar" else "ray")
    horizontal = child(child(ray, "scan"), "horizontal")
    child(horizontal, "samples", str(rays))
    child(horizontal, "resolution", "1")
    child(horizontal, "min_angle", -3.141593)
    child(horizontal, "max_angle", 3.141593)
    reach = child(ray, "range")
    child(reach, "min", 0.10)
    child(reach, "max", 12.0)
    child(reach, "resolution", 0.01)
    return sensor


def text_of(root: Element) -> str:
    """The document."""
    ElementTree.indent(root, " ")
    return '<?xml version="1.0"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _add_link(model: Element, link: Link) -> Element:
    element = child(model, "link", name=link.name)
    add_pose(element, link.pose)
    if not link.gravity:
        child(element, "gravity", False)
    if link.inertia is not None:
        inertial = child(element, "inertial")
        x, y, z = link.inertia.centre
        add_pose(inertial, Pose(x, y, z))
        child(inertial, "mass", link.inertia.mass_kg)
        tensor = child(inertial, "inertia")
        for tag, value in zip(("ixx", "iyy", "izz"), link.inertia.moments, strict=True):
            child(tensor, tag, value)
        for tag in ("ixy", "ixz", "iyz"):
            child(tensor, tag, 0.0)
    for part in link.parts:
        if part.surface is not None:
            _add_collision(element, part)
        if part.colour is not None:
            _add_visual(element, part, part.colour)
    return element


def _add_collision(link: Element, part: Part) -> None:
    assert part.surface is not None
    collision = child(link, "collision", name=part.name)
    add_pose(collision, part.pose)
    _add_shape(collision, part.shape)
    surface = child(collision, "surface")
    contact = child(surface, "contact")
    child(contact, "collide_bitmask", str(part.surface.bits))
    if part.surface.soft:
        ode = child(contact, "ode")
        child(ode, "kp", SOFT_STIFFNESS)
        child(ode, "kd", SOFT_DAMPING)
        child(ode, "max_vel", 0.1)
        child(ode, "min_depth", 0.0002)
    friction = child(child(surface, "friction"), "ode")
    child(friction, "mu", part.surface.friction)
    child(friction, "mu2", part.surface.friction)


def _add_visual(link: Element, part: Part, colour: Rgba) -> None:
    visual = child(link, "visual", name=f"{part.name}_look")
    add_pose(visual, part.pose)
    red, green, blue, alpha = colour
    if alpha < 1.0:
        child(visual, "transparency", 1.0 - alpha)
        child(visual, "cast_shadows", False)
    _add_shape(visual, part.shape)
    material = child(visual, "material")
    child(material, "ambient", numbers(red, green, blue, 1.0))
    child(material, "diffuse", numbers(red, green, blue, 1.0))
    child(material, "specular", "0.05 0.05 0.05 1")


def _add_shape(parent: Element, shape: Shape) -> None:
    geometry = child(parent, "geometry")
    if isinstance(shape, Box):
        child(child(geometry, "box"), "size", numbers(shape.x_m, shape.y_m, shape.z_m))
    elif isinstance(shape, Cylinder):
        cylinder = child(geometry, "cylinder")
        child(cylinder, "radius", shape.radius_m)
        child(cylinder, "length", shape.length_m)
    elif isinstance(shape, Sphere):
        child(child(geometry, "sphere"), "radius", shape.radius_m)
    else:
        _add_prism(geometry, shape)


def _add_prism(geometry: Element, prism: Prism) -> None:
    for ring in prism.rings:
        polyline = child(geometry, "polyline")
        for x, y in ring:
            child(polyline, "point", numbers(x, y))
        child(polyline, "height", prism.height_m)


def _add_joint(model: Element, joint: Joint) -> None:
    kind = "prismatic" if joint.slides else "revolute"
    element = child(model, "joint", name=joint.name, type=kind)
    child(element, "parent", joint.parent)
    child(element, "child", joint.child)
    axis = child(element, "axis")
    child(axis, "xyz", numbers(*joint.axis))
    limit = child(axis, "limit")
    low, high = joint.limits if joint.limits is not None else (-1e16, 1e16)
    child(limit, "lower", low)
    child(limit, "upper", high)
    if joint.max_effort > 0.0:
        child(limit, "effort", joint.max_effort)
