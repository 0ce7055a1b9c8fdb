"""Bodies in cabins: a body inside a cabin whose car is at its level goes where the car goes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from building_ctrl.sim.compiled import compiled
from building_ctrl.sim.geometry import inside_rectangle
from building_ctrl.sim.robots import BETWEEN_LEVELS, RobotBodies
from building_ctrl.sim.site import Site

Float = NDArray[np.float64]
Int = NDArray[np.int64]


def ride_along(bodies: RobotBodies, site: Site, car_level: Int, car_z_m: Float) -> None:
    """Update `cabin`, `level` and `z_m` of all bodies.

    car_level (k,): level the car stands at, BETWEEN_LEVELS under way; car_z_m (k,): height of its floor.
    Walls and closed doors keep a body in a car under way, wherever it tries to drive.
    """
    _ride(
        bodies.x_m,
        bodies.y_m,
        bodies.z_m,
        bodies.level,
        bodies.cabin,
        site.cabin,
        site.elevation_m,
        car_level,
        car_z_m,
    )


@compiled
def _ride(
    x_m: Float, y_m: Float, z_m: Float, level: Int, cabin: Int, cabins: Float, elevation_m: Float,
    car_level: Int, car_z_m: Float,
) -> None:  # fmt: skip
    for i in range(x_m.shape[0]):
        aboard = cabin[i] if level[i] == BETWEEN_LEVELS else -1
        if aboard < 0:
            for k in range(cabins.shape[0]):
                c = cabins[k]
                here = cabin[i] == k or car_level[k] == level[i]
                if here and inside_rectangle(x_m[i], y_m[i], c[0], c[1], c[2], c[3], c[4]):
                    aboard = k
                    break
        cabin[i] = aboard
        if aboard >= 0:
            level[i] = car_level[aboard]
            z_m[i] = car_z_m[aboard]
        else:
            z_m[i] = elevation_m[level[i]]
