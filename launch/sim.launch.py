"""Runs a building in which lifts, doors and robots are simulated.

ros2 launch building_ctrl sim.launch.py robots:=6
ros2 launch building_ctrl sim.launch.py map:=my.building.yaml robots:=12 seed:=3
"""

from __future__ import annotations

from pathlib import Path

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess, OpaqueFunction
from launch.substitutions import LaunchConfiguration

from building_ctrl.building.classes import given_classes
from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.cli.enrol import enrol_simulated
from building_ctrl.cli.shards import path_planner_parts
from building_ctrl.sim.scenario import make_scenario
from building_ctrl.supervise.deployment import Deployment, SimulatedPart
from building_ctrl.supervise.resources import shared_file
from building_ctrl.supervise.ros import loopback_environment
from building_ctrl.supervise.rundir import new_run_dir

ARGUMENTS = (
    DeclareLaunchArgument("map", default_value="", description=".building.yaml; without: the tower"),
    DeclareLaunchArgument("robots", default_value="12", description="how many robots"),
    DeclareLaunchArgument("classes", default_value="", description="classes of robots with their footprints"),
    DeclareLaunchArgument("seed", default_value="0", description="seed of the simulation"),
    DeclareLaunchArgument("bind", default_value="tcp://127.0.0.1:5570", description="where robots connect"),
    DeclareLaunchArgument("host", default_value="127.0.0.1", description="the console's address"),
    DeclareLaunchArgument("port", default_value="8000", description="the console's port"),
    DeclareLaunchArgument(
        "network", default_value="false", choices=["true", "false"], description="ROS 2 beyond this machine"
    ),
    DeclareLaunchArgument("path_planners", default_value="1", description="how many path planners, or per-level"),
    DeclareLaunchArgument("log_level", default_value="info", description="debug, info, warning or error"),
)


def processes(context: LaunchContext) -> list[ExecuteProcess]:
    """The actions that start the table of processes with the simulator. Raises MapError or LevelsError."""

    def value(name: str) -> str:
        return LaunchConfiguration(name).perform(context)

    map_file = Path(value("map")).resolve() if value("map") else shared_file("maps/tower.building.yaml")
    robots, seed = int(value("robots")), int(value("seed"))
    building = load_building(map_file)
    classes = Path(value("classes")).resolve() if value("classes") else None
    roadmap = build_roadmap(building, classes=given_classes(classes))
    scenario = make_scenario(building, roadmap, robots, tasks=0, seconds=0.0, seed=seed)
    directory = new_run_dir("sim")
    registry, keys = enrol_simulated(scenario.robots, directory)
    deployment = Deployment(
        map_file=map_file,
        registry=registry,
        store=directory / "tasks.db",
        bind=value("bind"),
        host=value("host"),
        port=int(value("port")),
        sim=SimulatedPart(robots, seed, keys),
        log_level=value("log_level"),
        classes=classes,
        env={} if value("network") == "true" else loopback_environment(),
        path_planners=path_planner_parts(building, value("path_planners")),
    )
    return [
        ExecuteProcess(
            cmd=list(command.argv), name=command.name, additional_env=dict(command.env), output="screen"
        )
        for command in deployment.commands()
    ]


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription([*ARGUMENTS, OpaqueFunction(function=processes)])
