"""What the parts of one path planner share."""

from __future__ import annotations

from dataclasses import dataclass, field

from building_ctrl.core.path.crossings import CrossingBook
from building_ctrl.core.path.exits import ExitBook
from building_ctrl.core.path.goals import GoalBook
from building_ctrl.core.path.handover import Handovers
from building_ctrl.core.path.journey import Journey, Place
from building_ctrl.core.path.level import LevelCoordinator, LevelParameters
from building_ctrl.core.path.peers import Peers
from building_ctrl.core.path.requests import RequestMemory
from building_ctrl.core.path.rides import RideBook
from building_ctrl.core.path.routes import TravelTimes
from building_ctrl.core.path.shard import Shard, shard_of
from building_ctrl.core.path.traffic import TrafficRules
from building_ctrl.model.building import Building
from building_ctrl.model.roadmap import Roadmap


@dataclass(frozen=True, slots=True)
class PathParameters:
    """pin_s: how long a robot that has arrived may not be pushed away; silent_s: age of a robot's newest state from
    which it counts as lost; placing_m: how far from a vertex or lane a robot may stand to be placed on it.

    displaced_m: how far from its released path a robot may be seen, its tracking and its localisation both being
    inexact; displaced_s: for how long it may be seen farther off until only a person can end its quarantine;
    level_lag_s: the same for a robot seen on another level, whose localisation may be slow to know. pose_error_m: how
    inexact a reported pose may be. jump_m and jump_mps: a pose farther from the last one than jump_m and as far as
    jump_mps goes in the time between is not the same robot's. check_cycles: every so many steps the plan of a level is
    checked for moves that wait for themselves, 0: never."""

    level: LevelParameters = field(default_factory=LevelParameters)
    pin_s: float = 30.0
    silent_s: float = 3.0
    placing_m: float = 0.15
    displaced_m: float = 0.35
    displaced_s: float = 1.0
    level_lag_s: float = 8.0
    pose_error_m: float = 0.10
    jump_m: float = 1.5
    jump_mps: float = 2.5
    check_cycles: int = 25


class PlannerState:
    """The books of one path planner; written by the planner's parts only."""

    def __init__(
        self,
        building: Building,
        roadmap: Roadmap,
        epoch: int,
        parameters: PathParameters,
        shard: Shard | None = None,
    ) -> None:
        self.level_names = tuple(row.level for row in roadmap.levels)
        self.shard = shard or shard_of(self.level_names)
        self.whole = self.shard.levels >= frozenset(self.level_names)
        self.roadmap = roadmap
        self.epoch = epoch
        self.parameters = parameters
        self.times = TravelTimes(roadmap, parameters.level.nominal_speed_mps)
        own = [row for row in roadmap.levels if self.shard.owns(row.level)]
        self.levels = {row.level: LevelCoordinator(row, parameters.level) for row in own}
        self.goals = {row.level: GoalBook(row) for row in own}
        self.journeys: dict[str, Journey] = {}
        self.rides = RideBook(epoch)
        self.crossings = CrossingBook(building, epoch)
        self.traffic = TrafficRules(building, roadmap)
        self._ruled_version = self.traffic.roadmap.version
        self.requests = RequestMemory()
        self.peers = Peers(self.shard, epoch, self.whole)
        self.exits = ExitBook(roadmap, self.times, self.goals)
        self.handovers = Handovers(self.shard, epoch, self.peers, self.exits)

    def apply_traffic(self, now: float) -> None:
        """Plan from now on by the rules of the traffic in force."""
        self.traffic.expire(now)
        if self.traffic.roadmap.version == self._ruled_version:
            return
        for journey in self.journeys.values():
            mask = self.traffic.mask(journey.fleet, journey.state.graph_mask)
            if journey.place is Place.LEVEL:
                self.levels[journey.level].agents[journey.name].graph_mask = mask
        for base in self.roadmap.levels:
            ruled = self.traffic.roadmap.level(base.level)
            self.times.use_roadmap(ruled)
            level = self.levels.get(base.level)
            if level is not None and level.roadmap is not ruled:
                level.use_roadmap(ruled)
        self._ruled_version = self.traffic.roadmap.version

    def epoch_for(self, path_epoch: int) -> int:
        """The epoch under which a robot's path may be released that follows one of `path_epoch` now."""
        return self.epoch if path_epoch <= self.epoch else self.shard.epoch_after(path_epoch)

    def frozen(self, level: str) -> bool:
        """Whether nothing may be released on a level, as another planner may own it too."""
        return self.peers.contested(level)

    @property
    def reach_m(self) -> float:
        """How near to a lane's middle a robot in doubt keeps others off it: both footprints and tracking errors, and
        what its pose may be wrong by."""
        largest_m = max((known.reach_m for known in self.roadmap.classes), default=0.0)
        separation_m = max(self.roadmap.parameters.separation_m, 2.0 * largest_m)
        return separation_m + self.parameters.pose_error_m

    def on_level(self) -> list[Journey]:
        """Journeys of the robots that stand on a level, those that go first in front."""
        found = [journey for journey in self.journeys.values() if journey.place is Place.LEVEL]
        return sorted(found, key=lambda journey: (journey.due_s, journey.since_s))
