"""`building_ctrl map`: check, show and generate maps."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from building_ctrl.cli.errors import fail
from building_ctrl.cli.i18n import language, t, texts

if TYPE_CHECKING:
    from rich.console import Console

    from building_ctrl.building.findings import Finding
    from building_ctrl.building.loader import LoadedMap
    from building_ctrl.model.building import Building
    from building_ctrl.model.roadmap import Roadmap

map_app = typer.Typer(help=t("map.help"), no_args_is_help=True, add_completion=False)
app = map_app

WIDTH = 140
_COLOURS = {"error": "bold red", "warning": "yellow", "info": "dim"}

MapFile = Annotated[Path, typer.Argument(help=t("map.file_help"))]
RadiusM = Annotated[float, typer.Option("--radius", min=0.05, max=5.0, help=t("map.radius_help"))]


@map_app.command("check", help=t("map.check.help"))
def check(
    file: MapFile,
    radius_m: RadiusM = 0.30,
    classes: Annotated[Path | None, typer.Option(metavar="FILE", help=t("options.classes"))] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help=t("map.check.quiet_help"))] = False,
) -> None:
    """Prints what a map holds and what is wrong with it; status 1 where it can't be used."""
    from rich.console import Console

    from building_ctrl.building.classes import ClassesError, given_classes
    from building_ctrl.building.lint import lint
    from building_ctrl.building.loader import MapError, load_map
    from building_ctrl.building.roadmap import build_roadmap
    from building_ctrl.model.roadmap import RoadmapParameters

    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    try:
        known = given_classes(classes)
        loaded = load_map(file)
    except ClassesError as error:
        fail(str(error))
    except MapError as error:
        print_findings(console, error.findings, quiet)
        fail(t("map.check.unusable", file=file, errors=len(error.errors)))
    roadmap = build_roadmap(loaded.building, RoadmapParameters(radius_m=radius_m), known)
    if not quiet:
        print_contents(console, loaded, roadmap)
    findings = (*loaded.findings, *lint(loaded.building, roadmap))
    print_findings(console, findings, quiet)
    warnings = sum(1 for finding in findings if finding.severity.value == "warning")
    console.print(t("map.check.usable", file=file, warnings=warnings), style="bold green", soft_wrap=True)


@map_app.command("show", help=t("map.show.help"))
def show(
    file: MapFile,
    output: Annotated[Path, typer.Option("--output", "-o", help=t("map.show.output_help"))] = Path("map.png"),
    level: Annotated[list[str] | None, typer.Option("--level", help=t("map.show.level_help"))] = None,
    radius_m: RadiusM = 0.30,
    classes: Annotated[Path | None, typer.Option(metavar="FILE", help=t("options.classes"))] = None,
    findings: Annotated[bool, typer.Option("--findings/--no-findings", help=t("map.show.findings_help"))] = True,
) -> None:
    """Draws a map and marks what is wrong with it."""
    from building_ctrl.building.classes import ClassesError, given_classes
    from building_ctrl.building.draw import draw_building
    from building_ctrl.building.findings import Severity
    from building_ctrl.building.lint import lint
    from building_ctrl.building.loader import MapError, load_building
    from building_ctrl.building.roadmap import build_roadmap
    from building_ctrl.model.roadmap import RoadmapParameters

    try:
        known_classes = given_classes(classes)
        building = load_building(file)
    except (ClassesError, MapError) as error:
        fail(str(error))
    known = [known_level.name for known_level in building.levels]
    for name in level or ():
        if name not in known:
            fail(t("map.show.unknown_level", level=name, file=file, levels=", ".join(known)))
    roadmap = build_roadmap(building, RoadmapParameters(radius_m=radius_m), known_classes)
    wrong = [f for f in lint(building, roadmap) if f.severity is Severity.WARNING] if findings else []
    try:
        draw_building(building, roadmap, output, level, findings=wrong)
    except (OSError, ValueError) as error:
        fail(t("map.unwritable", path=output, reason=error))
    typer.echo(t("map.written", path=output))


generate_app = typer.Typer(help=t("map.generate.help"), no_args_is_help=True)
map_app.add_typer(generate_app, name="generate")

Output = Annotated[Path, typer.Option("--output", "-o", help=t("map.generate.output_help"))]


@generate_app.command("tower", help=t("map.generate.tower_help"))
def generate_tower_map(
    levels: Annotated[int, typer.Option(help=t("map.generate.levels_help"))] = 8,
    robots: Annotated[int, typer.Option(help=t("map.generate.robots_help"))] = 100,
    robot_lifts: Annotated[int | None, typer.Option(help=t("map.generate.robot_lifts_help"))] = None,
    shared_lifts: Annotated[int, typer.Option(help=t("map.generate.shared_lifts_help"))] = 1,
    one_way: Annotated[bool, typer.Option(help=t("map.generate.one_way_help"))] = False,
    output: Output = Path("tower.building.yaml"),
) -> None:
    """Writes a tower of any height."""
    from building_ctrl.building.tower import generate_tower

    lifts = robot_lifts if robot_lifts is not None else max(1, math.ceil(robots / 200))
    try:
        document = generate_tower(levels, robots, lifts, shared_lifts, one_way)
    except ValueError as error:
        fail(str(error))
    _save(document, output)


@generate_app.command("office", help=t("map.generate.office_help"))
def generate_office_map(
    robots: Annotated[int, typer.Option(help=t("map.generate.robots_help"))] = 6,
    output: Output = Path("office.building.yaml"),
) -> None:
    """Writes a small office."""
    from building_ctrl.building.office import generate_office

    try:
        document = generate_office(robots)
    except ValueError as error:
        fail(str(error))
    _save(document, output)


def _save(document: dict[object, object], output: Path) -> None:
    from building_ctrl.building.document import save_building

    path = output if output.name.endswith(".yaml") else output.with_name(f"{output.name}.building.yaml")
    try:
        save_building(document, path)
    except OSError as error:
        fail(t("map.unwritable", path=path, reason=error.strerror or error))
    typer.echo(t("map.written", path=path))


def print_contents(console: Console, loaded: LoadedMap, roadmap: Roadmap) -> None:
    """Tables of the levels, lifts and doors."""
    building = loaded.building
    console.print(
        t("map.check.title", name=building.name, levels=len(building.levels), lifts=len(building.lifts)),
        style="bold",
    )
    _print_levels(console, building, roadmap)
    if building.lifts:
        _print_lifts(console, building)


def _print_levels(console: Console, building: Building, roadmap: Roadmap) -> None:
    keys = (
        "level",
        "elevation",
        "vertices",
        "lanes",
        "doors",
        "places",
        "chargers",
        "parking",
        "robots",
        "roadmap",
    )
    rows = []
    for level, arrays in zip(building.levels, roadmap.levels, strict=True):
        rows.append(
            [
                level.name,
                f"{level.elevation_m:g} m",
                str(len(level.vertices)),
                str(len(level.lanes)),
                str(len(level.doors)),
                str(int(arrays.is_place.sum())),
                str(int(arrays.is_charger.sum())),
                str(int((arrays.is_parking & ~arrays.is_charger).sum())),
                str(sum(1 for v in level.vertices if v.spawn_robot_name)),
                f"{arrays.n_vertices} / {arrays.n_edges}",
            ]
        )
    _print_table(console, [t(f"map.check.{key}") for key in keys], rows)


def _print_lifts(console: Console, building: Building) -> None:
    keys = ("lift", "kind", "size", "position", "served", "lift_doors")
    rows = []
    for lift in building.lifts:
        levels = lift.levels
        served = f"{levels[0]} - {levels[-1]} ({len(levels)})" if len(levels) > 1 else ", ".join(levels)
        doors = ", ".join(f"{door.name} {door.width_m:g} m" for door in lift.doors)
        rows.append(
            [
                lift.name,
                t(f"map.check.kind_{lift.kind.value}"),
                f"{lift.width_m:g} x {lift.depth_m:g} m",
                f"({lift.x_m:.2f}, {lift.y_m:.2f}) {math.degrees(lift.yaw_rad):.0f}°",
                served,
                doors,
            ]
        )
    _print_table(console, [t(f"map.check.{key}") for key in keys], rows)


def print_findings(console: Console, findings: Iterable[Finding], quiet: bool) -> None:
    """A table of what was found, the worst first; `quiet` leaves out what is only worth knowing."""
    order = {"error": 0, "warning": 1, "info": 2}
    chosen = sorted(findings, key=lambda finding: order[finding.severity.value])
    rows = []
    for finding in chosen:
        severity = finding.severity.value
        if quiet and severity == "info":
            continue
        label = f"[{_COLOURS[severity]}]{t(f'map.severity.{severity}')}[/]"
        rows.append(
            [
                label,
                _escaped(finding.where),
                _escaped(_text(finding, "what")),
                _escaped(_text(finding, "advice")),
            ]
        )
    if rows:
        headings = [t(f"map.check.{key}") for key in ("severity", "where", "what", "advice")]
        _print_table(console, headings, rows, wrap=True)


def _text(finding: Finding, part: str) -> str:
    """The finding in the user's language where its text is translated, else in English."""
    translated = texts(language()).get(f"map.finding.{finding.code}.{part}")
    if translated is None:
        return finding.what if part == "what" else finding.advice
    return translated.format(**finding.values)


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _print_table(console: Console, headings: list[str], rows: list[list[str]], wrap: bool = False) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 1), collapse_padding=True)
    for number, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=wrap and number == 0)
    for row in rows:
        table.add_row(*row)
    console.print(table)
