"""What the models of all nouns share."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class View(BaseModel):
    """A model that is only ever sent."""

    model_config = ConfigDict(frozen=True)


class Problem(View):
    """Why a request was not served, in one line."""

    detail: str


def word(value: IntEnum) -> str:
    """An enum's name as the API spells it."""
    return value.name.lower()


def problems(**texts: str) -> dict[int | str, dict[str, Any]]:
    """Error answers of a route for its OpenAPI description: `problems(_404="no such robot")`."""
    return {int(code.lstrip("_")): {"model": Problem, "description": text} for code, text in texts.items()}


def rounded(value: float, digits: int = 3) -> float:
    """A number as short as it needs to be in JSON."""
    return round(float(value), digits)
