"""What robots have to do: deliveries between places that one robot can reach both of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.model.building import Building, Vertex
from building_ctrl.sim.graph import JoinedGraph
from building_ctrl.sim.spawns import ScenarioRobot

Float = NDArray[np.float64]

AVERAGE_SPEED_MPS = 0.4  # with corners, doors and a little waiting
EXCHANGE_S = 20.0  # between two robots at one place
STATION_SHARE = 0.6  # of tasks between a dispenser and an ingestor, where the map has them


@dataclass(frozen=True, slots=True)
class Place:
    """A place tasks go to."""

    vertex: int
    label: str  # LEVEL/NAME
    pickup: bool
    dropoff: bool


@dataclass(frozen=True, slots=True)
class Region:
    """Places that robots of one mask and one connected part reach, and where those robots start."""

    mask: int
    places: tuple[Place, ...]
    starts: tuple[int, ...]


def task_places(building: Building, graph: JoinedGraph) -> list[Place]:
    """Places worth a delivery: named, neither charger nor parking nor cleaning zone; where a map has fewer
    than two of those, parking spots count as well."""
    found: list[tuple[Place, Vertex]] = []
    for index, level in enumerate(graph.roadmap.levels):
        drawn = building.level(level.level).vertices
        for local in np.nonzero(level.is_place)[0]:
            origin = int(level.map_vertex[local])
            if origin < 0 or level.cabin_lift[local] or level.in_doorway[local]:
                continue
            vertex = drawn[origin]
            label = f"{level.level}/{level.names[local]}"
            place = Place(
                graph.offset[index] + int(local),
                label,
                bool(vertex.pickup_dispenser),
                bool(vertex.dropoff_ingestor),
            )
            found.append((place, vertex))
    usual = [p for p, v in found if not (v.is_charger or v.is_parking_spot or v.is_cleaning_zone)]
    if len(usual) >= 2:
        return usual
    return [p for p, v in found if not v.is_cleaning_zone]


def regions_of(graph: JoinedGraph, places: Sequence[Place], robots: Sequence[ScenarioRobot]) -> list[Region]:
    """Regions with at least two places."""
    starts: dict[tuple[int, tuple[Place, ...]], list[int]] = {}
    levels = [level.level for level in graph.roadmap.levels]
    for robot in robots:
        vertex = graph.offset[levels.index(robot.level)] + robot.vertex
        reached = graph.component(vertex, robot.graph_mask)
        mine = tuple(place for place in places if reached[place.vertex])
        if len(mine) >= 2:
            starts.setdefault((robot.graph_mask, mine), []).append(vertex)
    return [Region(mask, mine, tuple(vertices)) for (mask, mine), vertices in starts.items()]


@dataclass(frozen=True, slots=True)
class Errand:
    """A delivery and when an undisturbed robot would have finished it, in seconds from the start."""

    pickup: str
    dropoff: str
    expected_end_s: float


class _Ways:
    """Places of a region by what they offer; where each of its robots is expected to be free, and when."""

    def __init__(self, region: Region) -> None:
        self.pickups = [p for p in region.places if p.pickup]
        self.dropoffs = [p for p in region.places if p.dropoff]
        self.vertex = np.array(region.starts, dtype=np.int64)
        self.free_s = np.zeros(len(region.starts))


@dataclass(frozen=True, slots=True)
class _Expected:
    """A delivery as it is expected to go; `robot` of the region does it."""

    end_s: float
    loaded_s: float
    pickup: Place
    dropoff: Place
    region: int
    robot: int


class ErrandMaker:
    """Draws deliveries at random: regions by their number of robots, stations before other places."""

    TRIES = 300

    def __init__(self, graph: JoinedGraph, regions: Sequence[Region], seed: int, dwell_s: float) -> None:
        if not regions:
            raise ValueError(
                f"map {graph.roadmap.building!r}: no robot reaches two places, so there is nothing to deliver"
            )
        self._graph = graph
        self._regions = list(regions)
        self._share = np.array([len(r.starts) for r in regions], dtype=np.float64)
        self._share /= self._share.sum()
        self._random = np.random.default_rng(seed)
        self._dwell_s = dwell_s
        self._distance: dict[tuple[int, int], Float] = {}
        self._place_free_s: dict[int, float] = {}
        self._ways = [_Ways(region) for region in regions]

    def draw(self) -> tuple[str, str]:
        """(pickup, drop-off) as LEVEL/NAME."""
        pickup, dropoff, _ = self._draw()
        return pickup.label, dropoff.label

    def draw_within(self, at_s: float, until_s: float) -> Errand:
        """A delivery asked for at `at_s` that the robots, taking one after the other as they become free,
        would have finished by `until_s`; of many draws the one that would end first where none is. Ask in
        order of time."""
        best: _Expected | None = None
        for _ in range(self.TRIES):
            pickup, dropoff, region = self._draw()
            expected = self._expected(pickup, dropoff, region, at_s)
            if best is None or expected.end_s < best.end_s:
                best = expected
            if expected.end_s <= until_s:
                best = expected
                break
        assert best is not None
        ways = self._ways[best.region]
        ways.vertex[best.robot], ways.free_s[best.robot] = best.dropoff.vertex, best.end_s
        self._place_free_s[best.pickup.vertex] = best.loaded_s + EXCHANGE_S
        self._place_free_s[best.dropoff.vertex] = best.end_s + EXCHANGE_S
        return Errand(best.pickup.label, best.dropoff.label, round(best.end_s, 1))

    def arrivals(self, n: int, until_s: float) -> list[float]:
        """Times of `n` arrivals of a Poisson process up to a time, in order."""
        return [round(float(t), 3) for t in np.sort(self._random.uniform(0.0, until_s, n))]

    def _expected(self, pickup: Place, dropoff: Place, region: int, at_s: float) -> _Expected:
        """When the robot that would be first has delivered. Ways back count as long as ways there; robots take turns
        at a place."""
        away = self._distances(pickup.vertex, self._regions[region].mask)
        ways = self._ways[region]
        arrivals_s = np.maximum(at_s, ways.free_s) + away[ways.vertex] / AVERAGE_SPEED_MPS
        first = int(np.argmin(arrivals_s))
        arrival_s = float(arrivals_s[first])
        loaded_s = max(arrival_s, self._place_free_s.get(pickup.vertex, 0.0)) + self._dwell_s
        brought_s = loaded_s + float(away[dropoff.vertex]) / AVERAGE_SPEED_MPS
        end_s = max(brought_s, self._place_free_s.get(dropoff.vertex, 0.0)) + self._dwell_s
        return _Expected(end_s, loaded_s, pickup, dropoff, region, first)

    def _draw(self) -> tuple[Place, Place, int]:
        index = int(self._random.choice(len(self._regions), p=self._share))
        region = self._regions[index]
        pickups, dropoffs = self._ways[index].pickups, self._ways[index].dropoffs
        if pickups and dropoffs and self._random.random() < STATION_SHARE:
            pickup = pickups[int(self._random.integers(len(pickups)))]
            others = [p for p in dropoffs if p != pickup] or [p for p in region.places if p != pickup]
        else:
            pickup = region.places[int(self._random.integers(len(region.places)))]
            others = [p for p in region.places if p != pickup]
        return pickup, others[int(self._random.integers(len(others)))], index

    def _distances(self, start: int, mask: int) -> Float:
        if (start, mask) not in self._distance:
            self._distance[start, mask] = self._graph.distances(start, mask)
        return self._distance[start, mask]
