"""Places tasks may go to, and the checks a task request has to pass."""

from __future__ import annotations

from building_ctrl.core.task.destinations import HOME_PREFIX
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.model.task import TaskCategory, TaskRequest

LEAST_STOPS = {
    TaskCategory.DELIVERY: 2,
    TaskCategory.PATROL: 1,
    TaskCategory.GO_TO_PLACE: 1,
    TaskCategory.CHARGE: 1,
}
MOST_STOPS = 1000
MOST_DWELL_S = 3600.0


class UnknownPlace(ValueError):
    """A name that is no place, or one on several levels; the message says so in one line."""


class Places:
    """Names of a building's places, resolved to (level, name)."""

    def __init__(self, names: tuple[tuple[str, str], ...], building: str = "") -> None:
        """`names` are (level, name) pairs."""
        self._building = building
        self._levels: dict[str, list[str]] = {}
        for level, name in names:
            levels = self._levels.setdefault(name, [])
            if level not in levels:
                levels.append(level)

    @classmethod
    def of(cls, roadmap: Roadmap) -> Places:
        """The named vertices of a roadmap a robot may stay at."""
        return cls(
            tuple(
                (level.level, name)
                for level in roadmap.levels
                for vertex, name in enumerate(level.names)
                if name
                and level.is_place[vertex]
                and not (level.cabin_lift[vertex] or level.in_doorway[vertex])
            ),
            roadmap.building,
        )

    def all(self) -> tuple[tuple[str, str], ...]:
        """All (level, name) pairs in order of level and name."""
        return tuple(sorted((level, name) for name, levels in self._levels.items() for level in levels))

    def __contains__(self, stop: tuple[str, str]) -> bool:
        """Whether (level, name) is a place."""
        return stop[0] in self._levels.get(stop[1], ())

    def resolve(self, text: str) -> tuple[str, str]:
        """(level, name) of `NAME` or `LEVEL/NAME`. Raises UnknownPlace."""
        level, _, name = text.strip().rpartition("/")
        levels = self._levels.get(name, [])
        if level:
            if level in levels:
                return level, name
            raise UnknownPlace(f"no place {name!r} on level {level!r}{self._hint(name)}")
        if len(levels) == 1:
            return levels[0], name
        if levels:
            raise UnknownPlace(f"place {name!r} is on levels {', '.join(levels)}: write LEVEL/NAME")
        raise UnknownPlace(f"no place {name!r} in building {self._building!r}{self._hint(name)}")

    def _hint(self, name: str) -> str:
        if name in self._levels:
            return f"; it is on {', '.join(self._levels[name])}"
        wanted = name.casefold()
        near = sorted(
            n for n in self._levels if wanted and (wanted in n.casefold() or n.casefold() in wanted)
        )
        return f"; did you mean {', '.join(near[:3])}?" if near else ""


def check_request(request: TaskRequest, places: Places) -> tuple[tuple[str, str], ...]:
    """The stops of a request, resolved. Raises ValueError with one line that says what is wrong."""
    if not request.task_id:
        raise ValueError("a task needs an id")
    if request.task_id.startswith(HOME_PREFIX):
        raise ValueError(f"task id {request.task_id!r}: ids that start with {HOME_PREFIX!r} are ways home")
    least = LEAST_STOPS[request.category]
    if not least <= len(request.places) <= MOST_STOPS:
        raise ValueError(
            f"a {request.category.value} task needs {least} to {MOST_STOPS} places, not {len(request.places)}"
        )
    if not 0.0 <= request.dwell_s <= MOST_DWELL_S:
        raise ValueError(f"dwell_s is {request.dwell_s:g}: it must be from 0 to {MOST_DWELL_S:g}")
    if not 0 <= request.priority <= 255:
        raise ValueError(f"priority is {request.priority}: it must be from 0 to 255")
    stops = tuple(places.resolve(place) for place in request.places)
    if request.category is TaskCategory.DELIVERY and stops[0] == stops[-1] and len(stops) == 2:
        raise ValueError(f"a delivery from {stops[0][0]}/{stops[0][1]} to itself")
    return stops
