"""Figures of the physics itself, beside those every run has."""

from __future__ import annotations

from typing import Any

from building_ctrl.gazebo.building import GazeboBuilding


def physics_figures(world: GazeboBuilding) -> dict[str, Any]:
    """Tracking errors in metres, contacts, and the hash of all trajectories so far."""
    tracking = world.tracking
    return {
        "seconds": round(world.time_s, 3),
        "tracking_error_m": {
            "p50": tracking.percentile_m(50.0),
            "p99": tracking.percentile_m(99.0),
            "max": round(tracking.most_m, 4),
            "count": tracking.count,
        },
        "contacts_between_robots": world.findings.collisions,
        "bumps": [{"robot": robot, "what": what, "at_s": round(at, 2)} for (robot, what), at in world.bumps.items()],
        "trajectory_hash": world.trajectory_hash,
    }
