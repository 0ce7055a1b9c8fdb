"""Localisation: from what robots report to poses the pilot may drive by."""

from building_ctrl.core.localisation.estimator import (
    FixResult,
    LocalisationParameters,
    PoseEstimate,
    PoseEstimator,
    PoseFix,
    ReportedPoses,
    Sample,
)
from building_ctrl.core.localisation.odometry import OdometryEstimator

__all__ = [
    "FixResult",
    "LocalisationParameters",
    "OdometryEstimator",
    "PoseEstimate",
    "PoseEstimator",
    "PoseFix",
    "ReportedPoses",
    "Sample",
]
