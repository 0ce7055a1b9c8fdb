"""`building_ctrl task`: asks for tasks, lists and cancels them, through the console's HTTP API."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from building_ctrl.cli.errors import fail
from building_ctrl.cli.i18n import t, texts

if TYPE_CHECKING:
    import httpx

task_app = typer.Typer(help=t("task.help"), no_args_is_help=True, add_completion=False)
app = task_app

TIMEOUT_S = 15.0
PIPE_WIDTH = 240

Url = Annotated[str, typer.Option("--console", envvar="BUILDING_CTRL_CONSOLE", help=t("task.console"))]
DEFAULT_URL = "http://127.0.0.1:8000"
DwellS = Annotated[float, typer.Option("--dwell", min=0, max=3600, help=t("task.dwell"))]
Priority = Annotated[int, typer.Option("--priority", min=0, max=10, help=t("task.priority"))]
Fleet = Annotated[str, typer.Option("--fleet", help=t("task.fleet"))]
Robot = Annotated[str, typer.Option("--robot", help=t("task.robot"))]


@task_app.command("deliver", help=t("task.deliver.help"))
def deliver(
    start: Annotated[str, typer.Option("--from", help=t("task.deliver.start"))],
    end: Annotated[str, typer.Option("--to", help=t("task.deliver.end"))],
    dwell_s: DwellS = 5.0,
    priority: Priority = 0,
    fleet: Fleet = "",
    robot: Robot = "",
    console: Url = DEFAULT_URL,
) -> None:
    """Asks for a delivery."""
    body = {"category": "delivery", "from_place": start, "to_place": end}
    _submit(console, body, dwell_s, priority, fleet, robot)


@task_app.command("patrol", help=t("task.patrol.help"))
def patrol(
    places: Annotated[list[str], typer.Argument(help=t("task.patrol.places"))],
    rounds: Annotated[int, typer.Option("--rounds", min=1, max=100, help=t("task.patrol.rounds"))] = 1,
    dwell_s: DwellS = 5.0,
    priority: Priority = 0,
    fleet: Fleet = "",
    robot: Robot = "",
    console: Url = DEFAULT_URL,
) -> None:
    """Asks for a patrol."""
    body = {"category": "patrol", "places": places, "rounds": rounds}
    _submit(console, body, dwell_s, priority, fleet, robot)


@task_app.command("list", help=t("task.list.help"))
def list_tasks(
    all_tasks: Annotated[bool, typer.Option("--all", help=t("task.list.all"))] = False,
    console: Url = DEFAULT_URL,
) -> None:
    """Prints open tasks, or all the dispatcher shows."""
    from rich.console import Console
    from rich.table import Table

    answer = _call(console, "GET", "/api/v1/tasks")
    now = time.time()
    table = Table(box=None, pad_edge=False)
    for column in ("id", "places", "status", "robot", "asked"):
        table.add_column(t(f"task.list.{column}"))
    shown = [task for task in answer["tasks"] if all_tasks or not task["ended_s"]]
    for task in shown:
        places = task["places"]
        route = " > ".join(places if len(places) <= 4 else [*places[:3], f"... ({len(places)})"])
        ago = t("task.list.ago", seconds=round(now - task["submitted_s"]))
        table.add_row(task["task_id"], route, _status(task), task["robot"] or "-", ago)
    output = Console(highlight=False, markup=False, soft_wrap=True)
    if not output.is_terminal:
        output.width = PIPE_WIDTH
    if answer["age_s"] is None:
        output.print(t("task.list.silent"))
    if shown:
        output.print(table)
    output.print(
        t("task.list.totals", open=len(shown), completed=answer["completed"], failed=answer["failed"])
    )


@task_app.command("cancel", help=t("task.cancel.help"))
def cancel(
    task_id: Annotated[str, typer.Argument(help=t("task.cancel.id"))], console: Url = DEFAULT_URL
) -> None:
    """Ends a task."""
    from urllib.parse import quote

    _call(console, "POST", f"/api/v1/tasks/{quote(task_id, safe='')}/cancel")
    typer.echo(t("task.cancel.done", id=task_id))


def _submit(
    console: str, body: dict[str, Any], dwell_s: float, priority: int, fleet: str, robot: str
) -> None:
    common = {"dwell_s": dwell_s, "priority": priority, "fleet": fleet, "robot": robot}
    answer = _call(console, "POST", "/api/v1/tasks", {**body, **common})
    typer.echo(t("task.accepted", id=answer["task_id"]))


def _call(console: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """The answer's JSON; ends the command with one line where the request does not hold."""
    import httpx

    headers = {"Idempotency-Key": uuid4().hex} if method == "POST" else {}
    try:
        with httpx.Client(base_url=console, timeout=TIMEOUT_S, trust_env=False) as client:
            response = client.request(method, path, json=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        fail(t("task.no_console", url=console, reason=str(error) or type(error).__name__))
    if response.is_success:
        return response.json()
    fail(t("task.refused", reason=_reason(response)))


def _reason(response: httpx.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {response.status_code}"


def _status(task: dict[str, Any]) -> str:
    """State and stage in words."""
    status, stage = t(f"task.status.{task['status']}"), task["stage"]
    key = f"task.stage.{stage['kind']}"
    if key not in texts("en"):
        return f"{status}: {stage['reason']}" if stage["reason"] else status
    return f"{status}: {t(key, **{k: stage[k] for k in ('stop', 'stops', 'place', 'reason')})}"
