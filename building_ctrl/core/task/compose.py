"""Open-RMF's composed tasks, as far as they are places to go to one after another."""

from __future__ import annotations

from typing import Any

MAX_DEPTH = 8


def stops_of_phases(phases: list[Any], where: str) -> tuple[bool, tuple[str, ...]]:
    """Whether goods are picked up, and the places in order. Raises ValueError naming the phase."""
    carries = False
    stops: list[str] = []
    for i, phase in enumerate(phases):
        activity = phase.get("activity") if isinstance(phase, dict) else None
        picks, places = _activity(activity, f"{where}[{i}].activity", 0)
        carries |= picks
        stops += places
    return carries, tuple(stops)


def _activity(activity: Any, where: str, depth: int) -> tuple[bool, list[str]]:
    if not isinstance(activity, dict) or depth > MAX_DEPTH:
        raise ValueError(f"{where} must be an object with category and description")
    category, description = activity.get("category"), activity.get("description")
    if category == "sequence":
        return _sequence(description, where, depth)
    if category == "go_to_place":
        return False, [_place(description, where)]
    if category in ("pickup", "dropoff"):
        return category == "pickup", [_place(description, where)]
    raise ValueError(f"{where}: activities of category {category!r} are not served here")


def _sequence(description: Any, where: str, depth: int) -> tuple[bool, list[str]]:
    activities = description.get("activities") if isinstance(description, dict) else description
    if not isinstance(activities, list):
        raise ValueError(f"{where}.description must have a list of activities")
    carries = False
    stops: list[str] = []
    for i, activity in enumerate(activities):
        picks, places = _activity(activity, f"{where}.activities[{i}]", depth + 1)
        carries |= picks
        stops += places
    return carries, stops


def _place(description: Any, where: str) -> str:
    if isinstance(description, dict):
        choice = description.get("one_of")
        if isinstance(choice, list) and len(choice) == 1:
            return _place(choice[0], where)
        description = description.get("place", description.get("waypoint"))
    if not isinstance(description, str):
        raise ValueError(f"{where}.description must name one place")
    return description
