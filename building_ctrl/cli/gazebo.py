"""`building_ctrl gazebo`: the building in Gazebo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from building_ctrl.cli.errors import fail
from building_ctrl.cli.gazebo_run import MirrorOption, RootOption, ready_root, register
from building_ctrl.cli.i18n import t
from building_ctrl.gazebo.export.files import Dialect

app = typer.Typer(help=t("gazebo.help"), no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)


@app.command(help=t("gazebo.export.help"))
def export(
    map_file: Annotated[Path, typer.Argument(metavar="MAP", help=t("options.map"))],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help=t("gazebo.export.output"))] = Path(
        "world"
    ),
    robots: Annotated[int, typer.Option(min=0, help=t("options.robots"))] = 5,
    dialect: Annotated[Dialect, typer.Option(help=t("gazebo.export.dialect"))] = Dialect.BOTH,
    lidar: Annotated[bool, typer.Option("--lidar", help=t("gazebo.export.lidar"))] = False,
    rays: Annotated[int, typer.Option(min=1, max=2048, help=t("gazebo.export.rays"))] = 180,
    classes: Annotated[Path | None, typer.Option(metavar="FILE", help=t("options.classes"))] = None,
    wall_height: Annotated[float, typer.Option(min=0.5, max=10.0, help=t("gazebo.export.wall_height"))] = 2.4,
) -> None:
    """Writes worlds, the bridge's configuration and the index of what is driven."""
    from building_ctrl.building.loader import MapError
    from building_ctrl.gazebo.export.building import closed_lifts
    from building_ctrl.gazebo.export.files import write_world
    from building_ctrl.gazebo.export.make import world_of_map
    from building_ctrl.gazebo.world import WorldOptions

    try:
        made = world_of_map(map_file, robots, WorldOptions(lidar, rays, wall_height), classes)
    except (MapError, ValueError) as error:
        fail(str(error), 2)
    for lift in closed_lifts(made.building):
        print(f"building_ctrl: {t('gazebo.export.closed_lift', lift=lift, map=map_file)}", file=sys.stderr)
    try:
        written = write_world(made.world, output, dialect)
    except OSError as error:
        fail(t("gazebo.export.unwritable", path=error.filename or output, reason=error.strerror or error), 2)
    index = made.world.index
    typer.echo(
        t("gazebo.export.done", robots=len(index.robots), doors=len(index.doors), lifts=len(index.lifts), map=map_file)
    )
    for path in written:
        typer.echo(f"  {path}")


@app.command(help=t("gazebo.picture.help"))
def picture(
    map_file: Annotated[Path, typer.Argument(metavar="MAP", help=t("options.map"))],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help=t("gazebo.picture.output"))] = Path(
        "gazebo.png"
    ),
    robots: Annotated[int, typer.Option(min=1, help=t("options.robots"))] = 5,
    seconds: Annotated[float, typer.Option(min=3.0, help=t("gazebo.picture.seconds"))] = 40.0,
    seed: Annotated[int, typer.Option(min=0, help=t("options.seed"))] = 0,
    root: RootOption = None,
    mirror: MirrorOption = "",
) -> None:
    """Draws without a display, in Gazebo Classic."""
    from building_ctrl.building.loader import MapError
    from building_ctrl.gazebo.classic.root import ClassicError
    from building_ctrl.gazebo.picture import PictureOptions, take_picture
    from building_ctrl.gazebo.world_port import WorldError

    place = ready_root(root, mirror, Console(highlight=False))
    try:
        take_picture(PictureOptions(map_file, robots, seconds, seed, place, output))
    except (MapError, ClassicError, WorldError, ValueError, OSError) as error:
        fail(str(error), 2)
    typer.echo(t("map.written", path=output))


register(app)
