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

AVERAGE_SPEED_MPS = 0.7
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
    """Places worth a delivery: named, neither charger nor parking nor cleaning zone; where a map has fewer than two
    of those, parking spots count as well."""
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
                graph.offset[index] + int(local), label, bool(vertex.pickup_dispenser), bool(vertex.dropoff_ingestor)
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


class ErrandMaker:
    """Draws deliveries at random: regions by their number of robots, stations before other places."""

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

    def draw(self) -> tuple[str, str]:
        """(pickup, drop-off) as LEVEL/NAME."""
        pickup, dropoff, _ = self._draw()
        return pickup.label, dropoff.label

    def draw_within(self, seconds: float, tries: int = 30) -> tuple[str, str]:
        """A delivery that an undisturbed robot finishes within the time, or the shortest one drawn."""
        drawn = []
        for _ in range(tries):
            pickup, dropoff, region = self._draw()
            drawn.append((self.estimate_s(pickup, dropoff, region), pickup.label, dropoff.label))
            if drawn[-1][0] <= seconds:
                break
        _, pickup_label, dropoff_label = min(drawn[-1:] if drawn[-1][0] <= seconds else drawn)
        return pickup_label, dropoff_label

    def estimate_s(self, pickup: Place, dropoff: Place, region: Region) -> float:
        """Seconds an undisturbed robot needs from the nearest start to the drop-off."""
        empty = min(float(self._distances(start, region.mask)[pickup.vertex]) for start in region.starts)
        loaded = float(self._distances(pickup.vertex, region.mask)[dropoff.vertex])
        return (empty + loaded) / AVERAGE_SPEED_MPS + 2.0 * self._dwell_s

    def arrivals(self, n: int, until_s: float) -> list[float]:
        """Times of `n` arrivals of a Poisson process up to a time, in order."""
        return [round(float(t), 3) for t in np.sort(self._random.uniform(0.0, until_s, n))]

    def _draw(self) -> tuple[Place, Place, Region]:
        region = self._regions[int(self._random.choice(len(self._regions), p=self._share))]
        pickups = [p for p in region.places if p.pickup]
        dropoffs = [p for p in region.places if p.dropoff]
        if pickups and dropoffs and self._random.random() < STATION_SHARE:
            pickup = pickups[int(self._random.integers(len(pickups)))]
            others = [p for p in dropoffs if p != pickup] or [p for p in region.places if p != pickup]
        else:
            pickup = region.places[int(self._random.integers(len(region.places)))]
            others = [p for p in region.places if p != pickup]
        return pickup, others[int(self._random.integers(len(others)))], region

    def _distances(self, start: int, mask: int) -> Float:
        if (start, mask) not in self._distance:
            self._distance[start, mask] = self._graph.distances(start, mask)
        return self._distance[start, mask]
