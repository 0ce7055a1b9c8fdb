"""What every route works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends
from starlette.requests import HTTPConnection

from building_ctrl.console.picture import Picture
from building_ctrl.core.task import Places
from building_ctrl.model.building import Building


class NoAnswer(Exception):
    """Nobody answered in time; the request may still be served."""


class Bus(Protocol):
    """How the console speaks to the building: by the topics everybody uses."""

    async def ask_dispatcher(self, text: str, request_id: str) -> str:
        """Sends a task API request and waits for its answer. Raises NoAnswer."""


@dataclass(frozen=True, slots=True)
class Context:
    """The building, what is known of it, and the way to speak to it; `now` is seconds since the epoch."""

    building: Building
    places: Places
    picture: Picture
    bus: Bus
    now: Callable[[], float]


def context(connection: HTTPConnection) -> Context:
    """The context of the application a request came to."""
    found: Context = connection.app.state.context
    return found


Ctx = Annotated[Context, Depends(context)]
