"""Motion: from released paths and telemetry to velocity commands."""

from building_ctrl.core.motion.answers import Commands, PilotStates, ReleaseResult
from building_ctrl.core.motion.parameters import Hold, PilotParameters
from building_ctrl.core.motion.pilot import Pilot

__all__ = ["Commands", "Hold", "Pilot", "PilotParameters", "PilotStates", "ReleaseResult"]
