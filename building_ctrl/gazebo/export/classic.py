"""The world for Gazebo Classic 11: SDF 1.6 with one plugin, which takes commands from outside."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from building_ctrl.gazebo.export.sdf import (
    SOLVER_ITERATIONS,
    STEP_S,
    add_lidar,
    add_model,
    add_pose,
    add_sun,
    child,
    text_of,
)
from building_ctrl.gazebo.names import PLUGIN_FILE, PLUGIN_NAME
from building_ctrl.gazebo.world import Link, Model, World


def classic_sdf(world: World) -> str:
    """The world as SDF 1.6."""
    root = Element("sdf", version="1.6")
    element = child(root, "world", name=world.name)
    _add_physics(element)
    scene = child(element, "scene")
    child(scene, "ambient", "0.32 0.32 0.32 1")
    child(scene, "background", "0.86 0.90 0.94 1")
    child(scene, "shadows", True)
    child(scene, "grid", False)
    for sun in world.suns:
        add_sun(element, sun)

    def extend_link(link: Element, carrier: Link, model: Model) -> None:
        if carrier.lidar_height_m > 0.0:
            add_lidar(link, carrier, "ray", world.options.lidar_rays, None)

    for model in world.models:
        add_model(element, model, extend_link, lambda _element, _model: None)
    camera = child(child(element, "gui"), "camera", name="user_camera")
    add_pose(camera, world.camera)
    child(element, "plugin", name=PLUGIN_NAME, filename=PLUGIN_FILE)
    return text_of(root)


def _add_physics(world: Element) -> None:
    physics = child(world, "physics", name="ode", type="ode")
    child(physics, "max_step_size", STEP_S)
    child(physics, "real_time_factor", 1.0)
    child(physics, "real_time_update_rate", 1.0 / STEP_S)
    ode = child(physics, "ode")
    solver = child(ode, "solver")
    child(solver, "type", "quick")
    child(solver, "iters", str(SOLVER_ITERATIONS))
    child(solver, "sor", 1.3)
    constraints = child(ode, "constraints")
    child(constraints, "cfm", 0.0)
    child(constraints, "erp", 0.2)
    child(constraints, "contact_max_correcting_vel", 100.0)
    child(constraints, "contact_surface_layer", 0.0005)
