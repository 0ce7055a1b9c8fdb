"""`building_ctrl demo`: the whole platform with a simulated building, from nothing to deliveries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from building_ctrl.cli.errors import fail
from building_ctrl.cli.i18n import t

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)

DEFAULT_MAP = "maps/tower.building.yaml"


@app.command(help=t("demo.help"))
def demo(
    map_file: Annotated[Path | None, typer.Option("--map", metavar="FILE", help=t("demo.map"))] = None,
    robots: Annotated[int, typer.Option(min=1, help=t("options.robots"))] = 12,
    headless: Annotated[bool, typer.Option("--headless", help=t("demo.headless"))] = False,
    tasks: Annotated[int, typer.Option(min=0, help=t("options.tasks"))] = 12,
    seconds: Annotated[float, typer.Option(min=1.0, help=t("demo.seconds"))] = 120.0,
    seed: Annotated[int, typer.Option(min=0, help=t("options.seed"))] = 0,
    until_done: Annotated[bool, typer.Option("--until-done", help=t("simulate.until_done"))] = False,
    classes: Annotated[Path | None, typer.Option(metavar="FILE", help=t("options.classes"))] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="OUT", help=t("options.json"))] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help=t("demo.port"))] = None,
    run_dir: Annotated[Path | None, typer.Option(metavar="DIR", help=t("options.run_dir"))] = None,
) -> None:
    """Endless deliveries until Ctrl-C; with --headless a run of a given length that is judged (status 1:
    unsafe)."""
    from building_ctrl.building.loader import MapError
    from building_ctrl.cli.demo_run import DemoError, DemoOptions, run_demo
    from building_ctrl.supervise.resources import shared_file

    try:
        options = DemoOptions(
            map_file=(map_file or shared_file(DEFAULT_MAP)).resolve(),
            robots=robots,
            headless=headless,
            tasks=tasks,
            seconds=seconds,
            seed=seed,
            until_done=until_done,
            json_file=json_file,
            port=port,
            run_dir=run_dir,
            classes=classes.resolve() if classes is not None else None,
        )
        status = run_demo(options)
    except (MapError, DemoError, ValueError, OSError) as error:
        fail(str(error), 2)
    raise typer.Exit(status)
