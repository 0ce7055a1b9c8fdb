"""Speed by the quality of a robot's link."""

from __future__ import annotations

import math

from building_ctrl.core.motion.parameters import PilotParameters


def stopping_speed(distance_m: float, reaction_s: float, deceleration_mps2: float) -> float:
    """Fastest speed from which a robot stands within distance_m when it brakes after reaction_s:
    v = a (-t + sqrt(t^2 + 2 d / a)); 0 where there is no distance."""
    if distance_m <= 0.0:
        return 0.0
    t, a = reaction_s, deceleration_mps2
    return a * (-t + math.sqrt(t * t + 2.0 * distance_m / a))


def link_cap_mps(round_trip_s: float, deceleration_mps2: float, parameters: PilotParameters) -> float:
    """What a link allows: no cap while its round trip stays under `degraded_round_trip_s`, else the speed from which
    the robot stands within `degraded_stop_m`, having reacted after round trip + watchdog + actuation."""
    p = parameters
    if round_trip_s <= p.degraded_round_trip_s:
        return math.inf
    reaction_s = round_trip_s + p.watchdog_s + p.actuation_s
    return stopping_speed(p.degraded_stop_m, reaction_s, p.braking_share * deceleration_mps2)
