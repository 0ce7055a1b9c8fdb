"""Rides in lifts: which lift, when it is called, and when a robot may board and alight."""

from __future__ import annotations

from building_ctrl.core.lift.planner import LiftDecisions, LiftPlanner
from building_ctrl.core.lift.profile import SCurve, s_curve
from building_ctrl.core.lift.spec import LiftParameters, LiftSpec, lift_specs

__all__ = ["LiftDecisions", "LiftParameters", "LiftPlanner", "LiftSpec", "SCurve", "lift_specs", "s_curve"]
