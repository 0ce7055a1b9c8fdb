"""Runs a building: one process a row of the table of processes, without the simulator.

ros2 launch building_ctrl building.launch.py map:=my.building.yaml registry:=robots.yaml
"""

from __future__ import annotations

from pathlib import Path

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess, OpaqueFunction
from launch.substitutions import LaunchConfiguration

from building_ctrl.building.loader import load_building
from building_ctrl.cli.shards import path_planner_parts
from building_ctrl.link.registry import read_registry
from building_ctrl.supervise.deployment import Deployment
from building_ctrl.supervise.ros import loopback_environment

RESPAWN_DELAY_S = 1.0

ARGUMENTS = (
    DeclareLaunchArgument("map", description=".building.yaml of the building"),
    DeclareLaunchArgument("registry", default_value="robots.yaml", description="enrolled robots"),
    DeclareLaunchArgument("classes", default_value="", description="classes of robots with their footprints"),
    DeclareLaunchArgument("store", default_value="tasks.db", description="SQLite file the tasks are kept in"),
    DeclareLaunchArgument("bind", default_value="tcp://127.0.0.1:5570", description="where robots connect"),
    DeclareLaunchArgument("host", default_value="127.0.0.1", description="the console's address"),
    DeclareLaunchArgument("port", default_value="8000", description="the console's port"),
    DeclareLaunchArgument(
        "network", default_value="false", choices=["true", "false"], description="ROS 2 beyond this machine"
    ),
    DeclareLaunchArgument("path_planners", default_value="1", description="how many path planners, or per-level"),
    DeclareLaunchArgument("levels", default_value="", description="levels coordinated here, L1,L2 (all where empty)"),
    DeclareLaunchArgument("log_level", default_value="info", description="debug, info, warning or error"),
)


def processes(context: LaunchContext) -> list[ExecuteProcess]:
    """The actions that start the table of processes. Raises MapError, RegistryError or LevelsError with one line."""

    def value(name: str) -> str:
        return LaunchConfiguration(name).perform(context)

    map_file, registry = Path(value("map")).resolve(), Path(value("registry")).resolve()
    building = load_building(map_file)
    read_registry(registry)
    deployment = Deployment(
        map_file=map_file,
        registry=registry,
        store=Path(value("store")).resolve(),
        bind=value("bind"),
        host=value("host"),
        port=int(value("port")),
        log_level=value("log_level"),
        classes=Path(value("classes")).resolve() if value("classes") else None,
        env={} if value("network") == "true" else loopback_environment(),
        path_planners=path_planner_parts(building, value("path_planners"), value("levels")),
    )
    return [
        ExecuteProcess(
            cmd=list(command.argv),
            name=command.name,
            additional_env=dict(command.env),
            output="screen",
            respawn=True,
            respawn_delay=RESPAWN_DELAY_S,
        )
        for command in deployment.commands()
    ]


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription([*ARGUMENTS, OpaqueFunction(function=processes)])
