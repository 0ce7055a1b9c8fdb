"""Runs a building in gz-sim: the exported world, its bridge to ROS 2, and the platform.

ros2 launch building_ctrl gazebo.launch.py robots:=6
ros2 launch building_ctrl gazebo.launch.py map:=my.building.yaml robots:=12 gui:=true
"""

from __future__ import annotations

from pathlib import Path

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory
from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration

from building_ctrl.cli.enrol import enrol_simulated
from building_ctrl.gazebo.export.files import Dialect, write_world
from building_ctrl.gazebo.export.make import world_of_map
from building_ctrl.gazebo.names import BRIDGE_FILE, GZ_FILE
from building_ctrl.gazebo.world import WorldOptions
from building_ctrl.supervise.deployment import Deployment, SimulatedPart
from building_ctrl.supervise.resources import shared_file
from building_ctrl.supervise.ros import loopback_environment
from building_ctrl.supervise.rundir import new_run_dir

ARGUMENTS = (
    DeclareLaunchArgument("map", default_value="", description=".building.yaml; without: the office"),
    DeclareLaunchArgument("robots", default_value="5", description="how many robots"),
    DeclareLaunchArgument("classes", default_value="", description="classes of robots with their footprints"),
    DeclareLaunchArgument("seed", default_value="0", description="seed of the simulation"),
    DeclareLaunchArgument("gui", default_value="false", choices=["true", "false"], description="gz-sim's window"),
    DeclareLaunchArgument("lidar", default_value="false", choices=["true", "false"], description="robots scan"),
    DeclareLaunchArgument("bind", default_value="tcp://127.0.0.1:5570", description="where robots connect"),
    DeclareLaunchArgument("host", default_value="127.0.0.1", description="the console's address"),
    DeclareLaunchArgument("port", default_value="8000", description="the console's port"),
    DeclareLaunchArgument(
        "network", default_value="false", choices=["true", "false"], description="ROS 2 beyond this machine"
    ),
    DeclareLaunchArgument("log_level", default_value="info", description="debug, info, warning or error"),
)


def gz_launch_file() -> Path:
    """ros_gz_sim's own launch file. Raises RuntimeError where ros_gz is not installed."""
    try:
        get_package_share_directory("ros_gz_bridge")
        return Path(get_package_share_directory("ros_gz_sim")) / "launch" / "gz_sim.launch.py"
    except PackageNotFoundError as error:
        raise RuntimeError(
            f"{error.args[0]}: gz-sim and its bridge come with ros-jazzy-ros-gz; without it use"
            " `building_ctrl gazebo run`"
        ) from error


def processes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """gz-sim, the bridge, and the table of processes. Raises MapError and RuntimeError with one line."""

    def value(name: str) -> str:
        return LaunchConfiguration(name).perform(context)

    gz_sim = gz_launch_file()
    map_file = Path(value("map")).resolve() if value("map") else shared_file("maps/office.building.yaml")
    classes = Path(value("classes")).resolve() if value("classes") else None
    options = WorldOptions(lidar=value("lidar") == "true")
    made = world_of_map(map_file, int(value("robots")), options, classes)
    directory = new_run_dir("gazebo")
    write_world(made.world, directory, Dialect.GZ)
    registry, keys = enrol_simulated(made.robots, directory)
    environment = {} if value("network") == "true" else loopback_environment()
    deployment = Deployment(
        map_file=map_file,
        registry=registry,
        store=directory / "tasks.db",
        bind=value("bind"),
        host=value("host"),
        port=int(value("port")),
        sim=SimulatedPart(len(made.robots), int(value("seed")), keys, ("--gz-world", str(directory))),
        log_level=value("log_level"),
        env=environment,
        classes=classes,
    )
    server = "-r" if value("gui") == "true" else "-s -r"
    gazebo = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(gz_sim)),
        launch_arguments={"gz_args": f"{server} {directory / GZ_FILE}", "on_exit_shutdown": "true"}.items(),
    )
    bridge = ExecuteProcess(
        cmd=[
            "ros2", "run", "ros_gz_bridge", "parameter_bridge",
            "--ros-args", "-p", f"config_file:={directory / BRIDGE_FILE}",
        ],
        name="bridge",
        additional_env=environment,
        output="screen",
    )  # fmt: skip
    ours = [
        ExecuteProcess(cmd=list(command.argv), name=command.name, additional_env=dict(command.env), output="screen")
        for command in deployment.commands()
    ]
    return [gazebo, bridge, *ours]


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription([*ARGUMENTS, OpaqueFunction(function=processes)])
