"""The command `building_ctrl`. Each command lives in a module of its own that is imported when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from building_ctrl.cli.i18n import t

COMMANDS = {
    "up": "building_ctrl.cli.up",
    "demo": "building_ctrl.cli.demo",
    "simulate": "building_ctrl.cli.simulate",
    "task": "building_ctrl.cli.task",
    "map": "building_ctrl.cli.map",
    "robot": "building_ctrl.cli.robot",
    "console": "building_ctrl.cli.console",
    "gazebo": "building_ctrl.cli.gazebo",
    "run": "building_ctrl.cli.run",
}


class LazyGroup(TyperGroup):
    """Finds a command's module by the command's name; each module has a Typer named `app`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, None for an unknown one."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = get_command(import_module(module).app)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=LazyGroup,
    help=t("main.help"),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def _root() -> None:
    """Makes the app a group although its commands are found by name."""


def main() -> None:
    """Entry point of the command."""
    app(prog_name="building_ctrl")


if __name__ == "__main__":
    main()
