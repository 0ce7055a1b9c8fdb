"""Where the vertices of a long lane go: evenly, but never where a waiting robot would hold a door."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from itertools import pairwise

from building_ctrl.building.geometry import Point
from building_ctrl.building.zones import DoorZone, Interval, LiftZone

_NUDGE_M = 1e-4
_ROUNDING = 1e-6


def inner_stops(
    a: Point,
    b: Point,
    pitch_m: float,
    doors: Sequence[DoorZone],
    lifts: Sequence[LiftZone],
    cabins: Set[str],
) -> list[float]:
    """Distances from a of the vertices between a and b, ascending, at least pitch_m apart if there is room.

    `cabins` names the lifts in whose cabin a or b lies.
    """
    length = math.dist(a, b)
    kept_off: list[Interval] = []
    cores: list[Interval] = []
    for door in doors:
        stretch, core = door.keep_off(a, b), door.core(a, b)
        if stretch is not None:
            kept_off.append(stretch)
        if core is not None and door.crossed(a, b):
            cores.append(core)
    for lift in lifts:
        stretch = lift.keep_off(a, b, lift.lift.name in cabins)
        if stretch is not None:
            kept_off.append(stretch)
            if lift.lift.name in cabins:
                cores.append(stretch)
    blocks = _blocks(kept_off, pitch_m, length)
    stops = _free_stops(blocks, pitch_m, length)
    return sorted([*stops, *_between_doors(cores, stops, length)])


def _blocks(stretches: list[Interval], pitch_m: float, length: float) -> list[Interval]:
    """The stretches, made at least a pitch long and joined where they meet."""
    widened = []
    for low, high in stretches:
        slack = max(0.0, pitch_m - (high - low)) / 2.0 + _NUDGE_M
        widened.append((max(0.0, low - slack), min(length, high + slack)))
    blocks: list[Interval] = []
    for low, high in sorted(widened):
        if blocks and low <= blocks[-1][1]:
            blocks[-1] = (blocks[-1][0], max(high, blocks[-1][1]))
        else:
            blocks.append((low, high))
    return blocks


def _free_stops(blocks: list[Interval], pitch_m: float, length: float) -> list[float]:
    """Vertices on the stretches between blocks; the lane's ends are vertices already."""
    begins = [0.0, *(high for _, high in blocks)]
    ends = [*(low for low, _ in blocks), length]
    stops: list[float] = []
    for begin, end in zip(begins, ends, strict=True):
        at_start, at_end = begin <= 0.0, end >= length
        if end <= begin and (at_start or at_end):
            continue
        parts = int((end - begin) / pitch_m + _ROUNDING)
        if parts == 0:
            if not at_start and not at_end:
                stops.append((begin + end) / 2.0)
            continue
        first, last = (1 if at_start else 0), (parts - 1 if at_end else parts)
        stops += [begin + (end - begin) * part / parts for part in range(first, last + 1)]
    return stops


def _between_doors(cores: list[Interval], stops: list[float], length: float) -> list[float]:
    """A vertex between two doors that no free stretch parts, so that an edge passes one door only."""
    extra = []
    ordered = sorted(cores)
    for (low, high), (next_low, next_high) in pairwise(ordered):
        if any(low < stop < next_high for stop in stops):
            continue
        middle = (high + next_low) / 2.0
        if 0.0 < middle < length:
            extra.append(middle)
    return extra
