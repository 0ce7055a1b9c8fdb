"""`building_ctrl up`: a building's processes, supervised until Ctrl-C."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from building_ctrl.cli.errors import fail
from building_ctrl.cli.i18n import t

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)

READY_S = 60.0


@app.command(help=t("up.help"))
def up(
    map_file: Annotated[Path, typer.Option("--map", metavar="FILE", help=t("options.map"))],
    registry: Annotated[Path, typer.Option(metavar="FILE", help=t("up.registry"))] = Path("robots.yaml"),
    store: Annotated[Path, typer.Option(metavar="FILE", help=t("up.store"))] = Path("tasks.db"),
    bind: Annotated[str, typer.Option(metavar="ADDRESS", help=t("up.bind"))] = "tcp://127.0.0.1:5570",
    host: Annotated[str, typer.Option(help=t("up.host"))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help=t("up.port"))] = 8000,
    with_sim: Annotated[bool, typer.Option("--with-sim", help=t("up.with_sim"))] = False,
    fleet: Annotated[list[str] | None, typer.Option(metavar="NAME[:GRAPH,...]", help=t("up.fleet"))] = None,
    network: Annotated[bool, typer.Option("--network", help=t("up.network"))] = False,
    classes: Annotated[Path | None, typer.Option(metavar="FILE", help=t("options.classes"))] = None,
    path_planners: Annotated[str, typer.Option(metavar="N|per-level", help=t("options.path_planners"))] = "1",
    levels: Annotated[str, typer.Option(metavar="L1,L2", help=t("up.levels"))] = "",
    only: Annotated[list[str] | None, typer.Option(metavar="PROCESS", help=t("up.only"))] = None,
    run_dir: Annotated[Path | None, typer.Option(metavar="DIR", help=t("options.run_dir"))] = None,
) -> None:
    """Runs until SIGINT or SIGTERM; status 1 where something cannot start."""
    from rich.console import Console

    from building_ctrl.building.classes import ClassesError, given_classes
    from building_ctrl.building.loader import MapError, load_building
    from building_ctrl.cli.running import StartView
    from building_ctrl.cli.shards import path_planner_parts
    from building_ctrl.core.path.shard import LevelsError
    from building_ctrl.link.registry import RegistryError, read_registry
    from building_ctrl.processes import process
    from building_ctrl.supervise.deployment import Deployment, SimulatedPart
    from building_ctrl.supervise.ports import require_free
    from building_ctrl.supervise.ros import loopback_environment
    from building_ctrl.supervise.rundir import new_run_dir
    from building_ctrl.supervise.supervisor import StartError, StopRequest, Supervisor

    try:
        given_classes(classes)
        chosen = tuple(process(name).name for name in only or ())
        parts = path_planner_parts(load_building(map_file), path_planners, levels)
        if not chosen or "gateway" in chosen:
            read_registry(registry)
            require_gateway_free(bind)
        if not chosen or "console" in chosen:
            require_free(host, port, "--port")
        env = {} if network else loopback_environment()
        directory = run_dir or new_run_dir("up")
        directory.mkdir(parents=True, exist_ok=True)
    except KeyError as error:
        fail(str(error.args[0]))
    except (MapError, ClassesError, RegistryError, LevelsError, OSError) as error:
        fail(str(error))
    sim = SimulatedPart() if with_sim else None
    deployment = Deployment(
        map_file.resolve(), registry.resolve(), store.resolve(), bind, host, port, sim=sim, env=env,
        classes=classes.resolve() if classes is not None else None,
        path_planners=parts, only=chosen, other_fleets=tuple(fleet or ()),
    )  # fmt: skip
    commands = deployment.commands()
    console = Console(highlight=False)
    view = StartView([command.name for command in commands], console)
    console.print(t("running.logs", path=directory / "logs"), soft_wrap=True)
    try:
        with StopRequest() as stop, Supervisor(commands, directory / "logs", view.on_event) as supervisor:
            with view:
                supervisor.start()
                ready = supervisor.wait_ready(READY_S, stop)
            if ready and deployment.runs("console"):
                console.print(t("running.console", url=f"http://{host}:{port}/"), style="bold", soft_wrap=True)
            elif not ready and not stop.requested:
                waiting = ", ".join(p.name for p in supervisor.processes if not p.ready)
                fail(t("running.not_ready", names=waiting, seconds=f"{READY_S:g}", path=directory / "logs"))
            while not stop.requested:
                supervisor.poll(0.5)
            console.print(t("running.stopping"))
    except (StartError, OSError) as error:
        fail(str(error))


def require_gateway_free(bind: str) -> None:
    """Raises PortInUse where the gateway's address is a TCP port that is taken."""
    from building_ctrl.supervise.ports import require_free

    host, _, port = bind.removeprefix("tcp://").rpartition(":")
    if bind.startswith("tcp://") and port.isdecimal():
        require_free("0.0.0.0" if host in ("*", "") else host.strip("[]"), int(port), "--bind")
