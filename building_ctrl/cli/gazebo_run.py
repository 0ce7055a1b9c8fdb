"""`building_ctrl gazebo install` and `building_ctrl gazebo run`: the building in real Gazebo Classic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from building_ctrl.cli.errors import fail
from building_ctrl.cli.i18n import t

if TYPE_CHECKING:
    from building_ctrl.gazebo.classic.root import ClassicRoot

FIGURES_FILE = "gazebo.json"

RootOption = Annotated[Path | None, typer.Option("--root", metavar="DIR", help=t("gazebo.run.root"))]
MirrorOption = Annotated[str, typer.Option("--mirror", metavar="URL", help=t("gazebo.run.mirror"))]


def register(app: typer.Typer) -> None:
    """Add both commands to the group `gazebo`."""
    app.command(name="install", help=t("gazebo.run.install_help"))(install)
    app.command(name="run", help=t("gazebo.run.help"))(run)


def install(root: RootOption = None, mirror: MirrorOption = "") -> None:
    """Nothing happens where everything is there."""
    place = ready_root(root, mirror, Console(highlight=False))
    typer.echo(t("gazebo.run.installed", path=place.path))


def run(
    map_file: Annotated[Path, typer.Argument(metavar="MAP", help=t("options.map"))],
    robots: Annotated[int, typer.Option(min=1, help=t("options.robots"))] = 5,
    tasks: Annotated[int, typer.Option(min=0, help=t("options.tasks"))] = 12,
    seconds: Annotated[float, typer.Option(min=1.0, help=t("gazebo.run.seconds"))] = 120.0,
    seed: Annotated[int, typer.Option(min=0, help=t("options.seed"))] = 0,
    lockstep: Annotated[bool, typer.Option("--lockstep/--real-time", help=t("gazebo.run.lockstep"))] = False,
    until_done: Annotated[bool, typer.Option("--until-done", help=t("simulate.until_done"))] = False,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="OUT", help=t("options.json"))] = None,
    gui: Annotated[bool, typer.Option("--gui", help=t("gazebo.run.gui"))] = False,
    lidar: Annotated[bool, typer.Option("--lidar", help=t("gazebo.run.lidar"))] = False,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help=t("demo.port"))] = None,
    run_dir: Annotated[Path | None, typer.Option(metavar="DIR", help=t("options.run_dir"))] = None,
    root: RootOption = None,
    mirror: MirrorOption = "",
) -> None:
    """Exit status 1 after a collision, an ungranted boarding, a door hit or a stuck robot."""
    from building_ctrl.building.loader import MapError, load_building
    from building_ctrl.cli.demo_run import DemoError, DemoOptions, run_demo
    from building_ctrl.gazebo.classic.root import ClassicError
    from building_ctrl.gazebo.world_port import WorldError
    from building_ctrl.supervise.rundir import new_run_dir

    try:
        load_building(map_file)
        place = ready_root(root, mirror, Console(highlight=False))
        directory = (run_dir or new_run_dir("gazebo")).resolve()
        directory.mkdir(parents=True, exist_ok=True)
        if lockstep:
            from building_ctrl.gazebo.lockstep_run import LockstepOptions

            log = directory / "gzserver.log"
            asked = LockstepOptions(
                map_file, robots, tasks, seconds, seed, place, log, until_done=until_done, lidar=lidar, gui=gui
            )
            status = _run_lockstep(asked, json_file)
        else:
            extra = ["--gazebo", "--root", str(place.path), "--output", str(directory)]
            extra += ["--gui"] * gui + ["--lidar"] * lidar
            status = run_demo(
                DemoOptions(
                    map_file=map_file.resolve(), robots=robots, headless=True, tasks=tasks, seconds=seconds, seed=seed,
                    until_done=until_done, json_file=json_file, port=port, run_dir=directory, simulator=tuple(extra),
                )
            )  # fmt: skip
        _tell_physics(directory)
    except (MapError, ClassicError, WorldError, DemoError, ValueError, OSError) as error:
        fail(str(error), 2)
    raise typer.Exit(status)


def _run_lockstep(options: object, json_file: Path | None) -> int:
    from building_ctrl.cli.outcome import print_outcome
    from building_ctrl.cli.result_file import write_result
    from building_ctrl.gazebo.lockstep_run import LockstepOptions, run_lockstep

    assert isinstance(options, LockstepOptions)
    outcome, physics = run_lockstep(options, typer.echo)
    (options.log.parent / FIGURES_FILE).write_text(json.dumps(physics, indent=2) + "\n", encoding="utf-8")
    if json_file is not None:
        write_result(json_file, outcome.result.to_json())
    print_outcome(outcome.result, outcome.incidents, outcome.unfinished, outcome.missed, outcome.refused)
    return 0 if outcome.result.safe else 1


def _tell_physics(directory: Path) -> None:
    """What only Gazebo can tell, beside the figures of every run."""
    path = directory / FIGURES_FILE
    if not path.is_file():
        return
    figures = json.loads(path.read_text(encoding="utf-8"))
    error = figures["tracking_error_m"]
    if error["count"]:
        typer.echo(t("gazebo.run.tracking", p50=error["p50"], p99=error["p99"], most=error["max"]))
    if figures["bumps"]:
        first = figures["bumps"][0]
        typer.echo(t("gazebo.run.bumps", count=len(figures["bumps"]), robot=first["robot"], what=first["what"]))
    typer.echo(t("gazebo.run.physics_file", path=path))


def ready_root(path: Path | None, mirror: str, console: Console) -> ClassicRoot:
    """Gazebo Classic with our plugin, set up where it is not."""
    from building_ctrl.gazebo.classic.install import ensure_root
    from building_ctrl.gazebo.classic.plugin_build import ensure_plugin
    from building_ctrl.gazebo.classic.root import ClassicError, chosen_root

    root = chosen_root(path)
    try:
        if not root.complete:
            console.print(t("gazebo.run.installing", path=root.path), soft_wrap=True)
        ensure_root(root, mirror, lambda text: console.print(f"  {text}", soft_wrap=True, markup=False))
        ensure_plugin(root, lambda text: console.print(t("gazebo.run.building_plugin"), soft_wrap=True))
    except ClassicError as error:
        fail(str(error), 2)
    return root
