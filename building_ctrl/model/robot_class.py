"""Classes of robots: those of one class have the same footprint and use the same lanes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from building_ctrl.model.footprint import Footprint

ALL_GRAPHS = 0xFFFFFFFF
BITS = 32


@dataclass(frozen=True, slots=True)
class RobotClass:
    """One class.

    `tracking_error_m` is how far the robot may be off its path, `heading_error_rad` how far its heading may be off the
    direction of the lane while it drives (of no effect on a circle). `graphs` are the graph_idx of the lanes it may
    use. `fleets` are the fleets, or robot types of the map, it consists of. `mask` is the graph_mask by which its
    robots and its part of the roadmap know each other; `RobotClasses` sets it.
    """

    name: str
    footprint: Footprint = field(default_factory=Footprint)
    tracking_error_m: float = 0.10
    heading_error_rad: float = 0.15
    graphs: tuple[int, ...] = (0,)
    fleets: tuple[str, ...] = ()
    mask: int = ALL_GRAPHS

    @property
    def reach_m(self) -> float:
        """Radius of what the robot may touch when it turns at a vertex."""
        return self.footprint.radius_m + self.tracking_error_m

    @property
    def graphs_mask(self) -> int:
        """A bit for each graph_idx it may use."""
        return sum(1 << graph for graph in set(self.graphs))


class RobotClasses:
    """The classes of a building's robots, each with a graph_mask of its own.

    A class keeps the bits of its graphs where no class before it has one of them; else it gets one free bit, the
    highest first. So robots of fleets that have always had a graph of their own keep their graph_mask.
    """

    def __init__(self, classes: Sequence[RobotClass]) -> None:
        """Raises ValueError where names or fleets are not unique, or the 32 bits do not suffice."""
        names = [known.name for known in classes]
        fleets = [fleet for known in classes for fleet in known.fleets]
        for kind, values in (("class", names), ("fleet", fleets)):
            twice = next((value for value in values if values.count(value) > 1), None)
            if twice is not None:
                raise ValueError(f"{kind} {twice!r} is given twice")
        taken = 0
        drawn = 0
        for known in classes:
            drawn |= known.graphs_mask
        resolved = []
        for known in classes:
            mask = known.graphs_mask
            if mask & taken:
                free = [bit for bit in reversed(range(BITS)) if not (taken | drawn) >> bit & 1]
                if not free:
                    raise ValueError(f"class {known.name!r}: no graph bit is left, use fewer classes or graphs")
                mask = 1 << free[0]
            taken |= mask
            resolved.append(replace(known, mask=mask))
        self.all: tuple[RobotClass, ...] = tuple(resolved)

    def named(self, name: str) -> RobotClass:
        """The class of that name. Raises KeyError with the names there are."""
        for known in self.all:
            if known.name == name:
                return known
        raise KeyError(f"no class {name!r}; there are {', '.join(k.name for k in self.all)}")

    def of_fleet(self, fleet: str) -> RobotClass | None:
        """The class a fleet or robot type is listed in, or None."""
        return next((known for known in self.all if fleet in known.fleets), None)
