"""`building_ctrl robot ...`: who may connect, and a robot to try it with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from building_ctrl.cli.errors import fail
from building_ctrl.cli.i18n import t

app = typer.Typer(help=t("robot.help"), no_args_is_help=True, pretty_exceptions_enable=False)
robot_app = app

RegistryOption = Annotated[Path, typer.Option("--registry", metavar="FILE", help=t("robot.registry"))]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=t("robot.name"))]
REGISTRY = Path("robots.yaml")


@app.command(help=t("robot.enroll.help"))
def enroll(
    name: NameArgument,
    fleet: Annotated[str, typer.Option(help=t("robot.enroll.fleet"))] = "building_ctrl",
    registry: RegistryOption = REGISTRY,
    keys: Annotated[Path | None, typer.Option(metavar="FILE", help=t("robot.enroll.keys"))] = None,
    replace: Annotated[bool, typer.Option("--replace", help=t("robot.enroll.replace"))] = False,
    radius: Annotated[float, typer.Option(help=t("robot.enroll.radius"))] = 0.30,
    max_speed: Annotated[float, typer.Option(help=t("robot.enroll.max_speed"))] = 1.2,
    max_acceleration: Annotated[float, typer.Option(help=t("robot.enroll.max_acceleration"))] = 0.8,
    graph_mask: Annotated[int, typer.Option(help=t("robot.enroll.graph_mask"))] = 1,
    robot_class: Annotated[str, typer.Option("--class", metavar="NAME", help=t("robot.enroll.class"))] = "",
    classes: Annotated[Path | None, typer.Option(metavar="FILE", help=t("options.classes"))] = None,
) -> None:
    """Makes the robot's keys and enters it into the registry."""
    from building_ctrl.link.keys import KeyFileError, new_keys, read_or_make_keys, write_keys
    from building_ctrl.link.registry import RegistryError, editing, parse_robot, with_robot, write_registry

    if robot_class:
        radius, graph_mask = _of_class(robot_class, classes)
    target = keys or registry.parent / "keys" / f"{name}.key"
    try:
        with editing(registry) as known:
            before = known.get(name)
            if before is not None and not before.revoked and not replace:
                fail(t("robot.enroll.known", name=name))
            pair = new_keys()
            row = {
                "name": name,
                "fleet": fleet,
                "radius_m": radius,
                "max_speed_mps": max_speed,
                "max_acceleration_mps2": max_acceleration,
                "graph_mask": graph_mask,
                "public_key": pair.public.decode(),
            }
            enrolled = parse_robot(row, t("robot.enroll.options"))
            gateway = read_or_make_keys(registry.with_name("gateway.key"))
            write_keys(target, pair, gateway.public)
            write_registry(registry, with_robot(known, enrolled))
    except (RegistryError, KeyFileError, OSError) as error:
        fail(str(error))
    typer.echo(t("robot.enroll.done", name=name, fleet=fleet, registry=registry, keys=target))


def _of_class(name: str, file: Path | None) -> tuple[float, int]:
    """(radius, graph_mask) of the robots of a class."""
    from building_ctrl.building.classes import ClassesError, load_classes

    if file is None:
        fail(t("robot.enroll.class_without_file"))
    try:
        robots = load_classes(file).named(name)
    except ClassesError as error:
        fail(str(error))
    except KeyError as error:
        fail(f"{file}: {error.args[0]}")
    return robots.footprint.radius_m, robots.mask


@app.command("list", help=t("robot.list.help"))
def list_robots(registry: RegistryOption = REGISTRY) -> None:
    """One line a robot."""
    from building_ctrl.link.registry import RegistryError, read_registry

    try:
        robots = read_registry(registry).robots
    except RegistryError as error:
        fail(str(error))
    for robot in robots:
        p = robot.profile
        access = "revoked" if robot.revoked else "key" if robot.public_key else "plain"
        typer.echo(
            f"{p.name:20} {p.fleet:20} {t('robot.list.' + access):12} "
            f"{p.radius_m:.2f} m  {p.max_speed_mps:.2f} m/s  {p.max_acceleration_mps2:.2f} m/s2"
        )
    typer.echo(t("robot.list.count", count=len(robots)))


@app.command(help=t("robot.revoke.help"))
def revoke(name: NameArgument, registry: RegistryOption = REGISTRY) -> None:
    """Shuts a robot out; a running gateway sees it within a second."""
    from building_ctrl.link.registry import RegistryError, editing, revoked, write_registry

    try:
        with editing(registry) as known:
            write_registry(registry, revoked(known, name))
    except KeyError:
        fail(t("robot.revoke.unknown", name=name, registry=registry))
    except (RegistryError, OSError) as error:
        fail(str(error))
    typer.echo(t("robot.revoke.done", name=name))


@app.command(help=t("robot.run.help"))
def run(
    name: NameArgument,
    connect: Annotated[
        str, typer.Option(metavar="ADDRESS", help=t("robot.run.connect"))
    ] = "tcp://127.0.0.1:5570",
    keys: Annotated[Path | None, typer.Option(metavar="FILE", help=t("robot.run.keys"))] = None,
    x: Annotated[float, typer.Option(help=t("robot.run.x"))] = 0.0,
    y: Annotated[float, typer.Option(help=t("robot.run.y"))] = 0.0,
    yaw: Annotated[float, typer.Option(help=t("robot.run.yaw"))] = 0.0,
    level: Annotated[str, typer.Option(help=t("robot.run.level"))] = "",
    seconds: Annotated[float, typer.Option(help=t("robot.run.seconds"))] = 0.0,
) -> None:
    """A robot without a body: it moves as it is told, and says so once a second."""
    from building_ctrl.robot import RobotKeyError, read_robot_keys
    from building_ctrl.robot.demonstration import DemonstrationRobot

    try:
        robot_keys = read_robot_keys(keys) if keys is not None else None
        robot = DemonstrationRobot(connect, name, robot_keys, (x, y, yaw), level)
        robot.run(seconds or float("inf"), lambda state: typer.echo(t("robot.run.state", **state)))
    except (RobotKeyError, ValueError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        typer.echo(t("robot.run.stopped", name=name))
