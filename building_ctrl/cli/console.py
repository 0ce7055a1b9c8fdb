"""`building_ctrl console`: builds the console's pages."""

from __future__ import annotations

from typing import Annotated

import typer

from building_ctrl.cli.errors import fail
from building_ctrl.cli.i18n import t

console_app = typer.Typer(help=t("console.help"), no_args_is_help=True, add_completion=False)
app = console_app


@console_app.callback()
def _root() -> None:
    """Keeps `build` a command of its own."""


@console_app.command("build", help=t("console.build.help"))
def build(
    force: Annotated[bool, typer.Option("--force", help=t("console.build.force"))] = False,
) -> None:
    """Builds what is not built yet; status 1 where it fails."""
    from building_ctrl.console import build as builder

    def report(step: str, number: int, steps: int) -> None:
        typer.echo(f"[{number}/{steps}] {t(f'console.build.{step}')}")

    try:
        done = builder.build(report, force=force)
    except builder.BuildError as error:
        what, _, printed = str(error).partition("\n")
        typer.echo(printed, err=True)
        fail(what)
    typer.echo(t("console.build.done" if done else "console.build.nothing"))
