"""What a lift planner knows of a lift before the lift has said anything, and the planner's parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from building_ctrl.core.lift.profile import s_curve
from building_ctrl.model.building import Building, Lift, LiftKind


@dataclass(frozen=True, slots=True)
class CarClass:
    """Typical motion of a class of cars."""

    speed_mps: float
    acceleration_mps2: float
    jerk_mps3: float


MACHINE_ROOM_LESS = CarClass(1.6, 0.9, 1.2)
GEARED = CarClass(2.5, 1.0, 1.4)
GEARLESS = CarClass(4.0, 1.0, 1.4)


def car_class(rise_m: float) -> CarClass:
    """The class usual for a lift of that rise (CIBSE Guide D: nominal travel time of 20-30 s)."""
    if rise_m <= 40.0:
        return MACHINE_ROOM_LESS
    return GEARED if rise_m <= 70.0 else GEARLESS


@dataclass(frozen=True)
class LiftSpec:
    """A lift: levels served with their elevations, lowest first, who rides, and estimates of its speed."""

    name: str
    levels: tuple[tuple[str, float], ...]
    kind: LiftKind = LiftKind.SHARED
    initial_level: str = ""
    speed_mps: float = MACHINE_ROOM_LESS.speed_mps
    acceleration_mps2: float = MACHINE_ROOM_LESS.acceleration_mps2
    jerk_mps3: float = MACHINE_ROOM_LESS.jerk_mps3
    door_opening_s: float = 1.8
    door_closing_s: float = 3.0
    start_delay_s: float = 0.5

    @cached_property
    def level_names(self) -> tuple[str, ...]:
        return tuple(self._elevations)

    @cached_property
    def _elevations(self) -> dict[str, float]:
        return dict(self.levels)

    def serves(self, *levels: str) -> bool:
        """Whether the lift stops at all of these levels."""
        return all(level in self._elevations for level in levels)

    def elevation_m(self, level: str) -> float:
        """Elevation of a level served. Raises KeyError for another one."""
        if level in self._elevations:
            return self._elevations[level]
        raise KeyError(f"lift {self.name!r} does not serve level {level!r}")

    def travel_s(self, from_level: str, to_level: str) -> float:
        """Predicted time of a run between two levels with closed doors; 0 for the same level."""
        distance = abs(self.elevation_m(to_level) - self.elevation_m(from_level))
        if distance == 0.0:
            return 0.0
        known_s = self._runs.get(distance)
        if known_s is None:
            run = s_curve(distance, self.speed_mps, self.acceleration_mps2, self.jerk_mps3)
            known_s = self._runs[distance] = self.start_delay_s + run.duration_s
        return known_s

    @cached_property
    def _runs(self) -> dict[float, float]:
        """Seconds of runs asked for before, by distance in metres."""
        return {}


@dataclass(frozen=True, slots=True)
class LiftParameters:
    """Numbers of a LiftPlanner."""

    session_prefix: str = "building_ctrl"
    resend_s: float = 1.5  # a request the lift does not show yet is repeated
    keepalive_s: float = 5.0  # a request the lift shows is repeated, so that the lift does not drop the session
    confirm_s: float = 0.3  # longest way of a state; one that shows a session given up before may be older than that
    state_timeout_s: float = 5.0  # a lift not heard of for longer is not used
    learn_s: float = 2.0  # after a start, rides that run already are awaited before lifts are given away
    berth_rides: int = 1  # rides a lift that may be assigned and not yet riding
    boarding_s: float = 6.0  # estimate of a robot's way into the cabin, and out of it
    alighting_s: float = 6.0
    board_ahead_s: float = 2.0  # boarding is granted to a robot that arrives within this time
    call_margin_s: float = 2.0  # the car shall be there this long before the robot
    no_show_s: float = 60.0  # a robot that has not come by then gives the lift back
    no_show_pause_s: float = 10.0
    arrive_timeout_s: float = 120.0  # a car that has not come by then is avoided
    avoid_s: float = 60.0
    max_overtakes: int = 1  # how often later rides may be served before an earlier one
    preference_s: float = 2.0  # a place further down in the request's list of lifts counts as this much time
    orphan_s: float = 10.0  # a session of ours whose ride nobody speaks of for this long raises an alarm
    fire_latched: bool = False  # a fire ends only by reset_fire, whatever the signal says
    keep_ended_s: float = 30.0  # an ended ride is listed for this long


def lift_specs(building: Building) -> tuple[LiftSpec, ...]:
    """The lifts of a building, with motion estimated from their rise."""
    elevations = {level.name: level.elevation_m for level in building.levels}
    return tuple(_lift_spec(lift, elevations) for lift in building.lifts)


def _lift_spec(lift: Lift, elevations: dict[str, float]) -> LiftSpec:
    levels = tuple(sorted(((name, elevations[name]) for name in lift.levels), key=lambda level: level[1]))
    rise_m = levels[-1][1] - levels[0][1] if levels else 0.0
    motion = car_class(rise_m)
    return LiftSpec(
        name=lift.name,
        levels=levels,
        kind=lift.kind,
        initial_level=lift.initial_level,
        speed_mps=motion.speed_mps,
        acceleration_mps2=motion.acceleration_mps2,
        jerk_mps3=motion.jerk_mps3,
    )
