"""Motion: from released paths and telemetry to velocity commands."""

from building_ctrl.core.motion.answers import Commands, PilotStates, ReleaseResult
from building_ctrl.core.motion.link_speed import link_cap_mps, stopping_speed
from building_ctrl.core.motion.manual import ManualCommand
from building_ctrl.core.motion.parameters import Hold, PilotParameters
from building_ctrl.core.motion.pilot import Pilot
from building_ctrl.core.motion.stops import Change, RobotNow, StopBook

__all__ = [
    "Change",
    "Commands",
    "Hold",
    "ManualCommand",
    "Pilot",
    "PilotParameters",
    "PilotStates",
    "ReleaseResult",
    "RobotNow",
    "StopBook",
    "link_cap_mps",
    "stopping_speed",
]
