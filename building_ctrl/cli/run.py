"""`building_ctrl run PROCESS ...`: one process in the foreground, as launch files start it."""

from __future__ import annotations

from typing import Annotated

import typer

from building_ctrl.cli.errors import fail
from building_ctrl.cli.i18n import t

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command(
    help=t("run.help"),
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def run(context: typer.Context, process: Annotated[str, typer.Argument(help=t("run.process"))]) -> None:
    """Hands everything after the name to the process."""
    from building_ctrl.processes import PROCESSES
    from building_ctrl.supervise.child import run as run_process

    if process in ("-h", "--help"):
        typer.echo(t("run.usage"))
        for row in PROCESSES:
            typer.echo(f"  {row.name:14} {row.help}")
        return
    if process not in {row.name for row in PROCESSES}:
        fail(t("run.unknown", process=process, names=", ".join(row.name for row in PROCESSES)), 2)
    raise SystemExit(run_process(process, context.args))
