"""`building_ctrl simulate`: the platform's cores and a building in virtual time, as fast as they go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from building_ctrl.cli.errors import fail
from building_ctrl.cli.i18n import t

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command(help=t("simulate.help"))
def simulate(
    map_file: Annotated[Path, typer.Option("--map", metavar="FILE", help=t("options.map"))],
    robots: Annotated[int, typer.Option(min=1, help=t("options.robots"))] = 12,
    tasks: Annotated[int, typer.Option(min=0, help=t("options.tasks"))] = 12,
    seconds: Annotated[float, typer.Option(min=1.0, help=t("options.seconds"))] = 120.0,
    seed: Annotated[int, typer.Option(min=0, help=t("options.seed"))] = 0,
    until_done: Annotated[bool, typer.Option("--until-done", help=t("simulate.until_done"))] = False,
    classes: Annotated[Path | None, typer.Option(metavar="FILE", help=t("options.classes"))] = None,
    path_planners: Annotated[str, typer.Option(metavar="N|per-level", help=t("options.path_planners"))] = "1",
    json_file: Annotated[Path | None, typer.Option("--json", metavar="OUT", help=t("options.json"))] = None,
) -> None:
    """Exit status 1 after a collision, an ungranted boarding, a door hit or a stuck robot."""
    from building_ctrl.building.classes import given_classes
    from building_ctrl.building.loader import MapError, load_building
    from building_ctrl.building.roadmap import build_roadmap
    from building_ctrl.cli.outcome import print_outcome
    from building_ctrl.cli.progress_line import ProgressLine
    from building_ctrl.cli.result_file import write_result
    from building_ctrl.sim.virtual import simulate as run

    line = ProgressLine()
    try:
        building = load_building(map_file)
        roadmap = build_roadmap(building, classes=given_classes(classes))
        outcome = run(
            building, roadmap, str(map_file), robots, tasks, seconds, seed, until_done, path_planners, line
        )
    except (MapError, ValueError) as error:
        fail(str(error), 2)
    finally:
        line.end()
    if json_file is not None:
        write_result(json_file, outcome.result.to_json())
    print_outcome(outcome.result, outcome.incidents, outcome.unfinished, outcome.missed, outcome.refused)
    raise typer.Exit(0 if outcome.result.safe else 1)
