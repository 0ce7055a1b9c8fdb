"""The world for gz-sim (Harmonic and later): SDF 1.9 with the systems that drive it."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from building_ctrl.gazebo.export.sdf import (
    STEP_S,
    add_lidar,
    add_model,
    add_sun,
    child,
    numbers,
    text_of,
)
from building_ctrl.gazebo.names import BASE_LINK, WHEEL_JOINTS, DrivenJoint, RobotEntry, joint_state_topic
from building_ctrl.gazebo.world import Link, Model, Pose, World

BODY_ACCELERATION_MPS2 = 1.5
BODY_YAW_ACCELERATION_RADPS2 = 4.0
STATES_HZ = 25
GUI_PLUGINS = (
    ("GzSceneManager", "Scene Manager"),
    ("InteractiveViewControl", "Interactive view control"),
    ("CameraTracking", "Camera tracking"),
)
GUI_PANELS = (("WorldControl", "World control"), ("WorldStats", "World stats"), ("EntityTree", "Entity tree"))


def gz_sdf(world: World) -> str:
    """The world as SDF 1.9."""
    root = Element("sdf", version="1.9")
    element = child(root, "world", name=world.name)
    physics = child(element, "physics", name="step", type="ode")
    child(physics, "max_step_size", STEP_S)
    child(physics, "real_time_factor", 1.0)
    child(physics, "real_time_update_rate", 1.0 / STEP_S)
    _system(element, "physics", "Physics")
    _system(element, "user-commands", "UserCommands")
    _system(element, "scene-broadcaster", "SceneBroadcaster")
    if world.options.lidar:
        child(_system(element, "sensors", "Sensors"), "render_engine", "ogre2")
    scene = child(element, "scene")
    child(scene, "ambient", "0.32 0.32 0.32 1")
    child(scene, "background", "0.86 0.90 0.94 1")
    child(scene, "shadows", True)
    child(scene, "grid", False)
    for sun in world.suns:
        add_sun(element, sun)
    driven: dict[str, list[DrivenJoint]] = {}
    for joint in world.index.joints:
        driven.setdefault(joint.model, []).append(joint)

    def extend_link(link: Element, carrier: Link, model: Model) -> None:
        if carrier.lidar_height_m > 0.0 and model.robot is not None:
            add_lidar(link, carrier, "gpu_lidar", world.options.lidar_rays, model.robot.scan_topic)

    def extend(target: Element, model: Model) -> None:
        if model.robot is not None:
            _add_drive(target, model.robot)
        elif model.name in driven:
            _add_controllers(target, model.name, driven[model.name])

    for model in world.models:
        add_model(element, model, extend_link, extend)
    _add_gui(element, world.camera)
    return text_of(root)


def _system(parent: Element, name: str, kind: str) -> Element:
    return child(parent, "plugin", filename=f"gz-sim-{name}-system", name=f"gz::sim::systems::{kind}")


def _add_drive(model: Element, robot: RobotEntry) -> None:
    """Wheels by DiffDrive; the true pose, in the world's frame, by OdometryPublisher."""
    drive = _system(model, "diff-drive", "DiffDrive")
    left, right = WHEEL_JOINTS
    child(drive, "left_joint", left)
    child(drive, "right_joint", right)
    child(drive, "wheel_separation", robot.wheel_separation_m)
    child(drive, "wheel_radius", robot.wheel_radius_m)
    child(drive, "max_linear_acceleration", BODY_ACCELERATION_MPS2)
    child(drive, "min_linear_acceleration", -BODY_ACCELERATION_MPS2)
    child(drive, "max_angular_acceleration", BODY_YAW_ACCELERATION_RADPS2)
    child(drive, "min_angular_acceleration", -BODY_YAW_ACCELERATION_RADPS2)
    child(drive, "topic", robot.velocity_topic)
    child(drive, "odom_topic", f"/model/{robot.model}/wheel_odometry")
    child(drive, "tf_topic", f"/model/{robot.model}/wheel_tf")
    child(drive, "odom_publish_frequency", "1")
    truth = _system(model, "odometry-publisher", "OdometryPublisher")
    child(truth, "odom_frame", "world")
    child(truth, "robot_base_frame", f"{robot.model}/{BASE_LINK}")
    child(truth, "odom_topic", robot.odometry_topic)
    child(truth, "tf_topic", f"/model/{robot.model}/pose")
    child(truth, "odom_publish_frequency", str(STATES_HZ))
    child(truth, "dimensions", "3")


def _add_controllers(model: Element, name: str, joints: list[DrivenJoint]) -> None:
    for joint in joints:
        if joint.by_speed:
            controller = _system(model, "joint-controller", "JointController")
        else:
            controller = _system(model, "joint-position-controller", "JointPositionController")
            child(controller, "use_velocity_commands", True)
            child(controller, "cmd_max", joint.max_speed)
        child(controller, "joint_name", joint.joint)
        child(controller, "topic", joint.command_topic)
    states = _system(model, "joint-state-publisher", "JointStatePublisher")
    child(states, "topic", joint_state_topic(name))
    child(states, "update_rate", str(STATES_HZ))
    for joint in joints:
        child(states, "joint_name", joint.joint)


def _add_gui(world: Element, camera: Pose) -> None:
    gui = child(world, "gui", fullscreen="0")
    view = child(gui, "plugin", filename="MinimalScene", name="3D View")
    card = child(view, "gz-gui")
    child(card, "title", "3D View")
    child(card, "property", "false", type="bool", key="showTitleBar")
    child(card, "property", "docked", type="string", key="state")
    child(view, "engine", "ogre2")
    child(view, "scene", "scene")
    child(view, "ambient_light", "0.32 0.32 0.32")
    child(view, "background_color", "0.86 0.90 0.94")
    pose = (camera.x_m, camera.y_m, camera.z_m, camera.roll_rad, camera.pitch_rad, camera.yaw_rad)
    child(view, "camera_pose", numbers(*pose))
    child(child(view, "camera_clip"), "far", 1000.0)
    for filename, name in GUI_PLUGINS:
        plugin = child(gui, "plugin", filename=filename, name=name)
        card = child(plugin, "gz-gui")
        child(card, "property", "5", type="double", key="width")
        child(card, "property", "5", type="double", key="height")
        child(card, "property", "floating", type="string", key="state")
        child(card, "property", "false", type="bool", key="showTitleBar")
    for filename, name in GUI_PANELS:
        plugin = child(gui, "plugin", filename=filename, name=name)
        if filename == "WorldControl":
            child(plugin, "play_pause", True)
            child(plugin, "step", True)
            child(plugin, "start_paused", False)
        if filename == "WorldStats":
            child(plugin, "sim_time", True)
            child(plugin, "real_time_factor", True)
