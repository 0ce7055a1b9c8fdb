"""Bodies in cabins go where the car goes, others stay."""

from __future__ import annotations

import numpy as np

from building_ctrl.model.building import Building, Level, Lift, LiftDoor
from building_ctrl.sim.riding import ride_along
from building_ctrl.sim.robots import BETWEEN_LEVELS, BodyParameters, RobotBodies, Spawn
from building_ctrl.sim.site import Site, site_of


def site() -> Site:
    lift = Lift(
        "lift", 0.0, 5.0, 0.0, 2.0, 2.0, (LiftDoor("front", 0.0, -1.1, 0.0, 1.2),),
        (("L1", ("front",)), ("L2", ("front",))), "L1", "L1",
    )  # fmt: skip
    return site_of(Building("test", (Level("L1", 0.0, (), ()), Level("L2", 4.0, (), ())), (lift,)))


def bodies(*spawns: tuple[int, float, float]) -> RobotBodies:
    return RobotBodies([Spawn(level, x, y, 0.0, 0.3) for level, x, y in spawns], (), BodyParameters(slip_ratio=0.0))


def ride(body: RobotBodies, level: int, z_m: float) -> None:
    ride_along(body, site(), np.array([level]), np.array([z_m]))


def test_a_body_in_the_cabin_changes_level_when_the_car_arrives() -> None:
    body = bodies((0, 0.0, 5.0), (0, 10.0, 5.0))
    ride(body, 0, 0.0)
    assert body.cabin.tolist() == [0, -1]
    ride(body, BETWEEN_LEVELS, 1.7)
    assert body.level.tolist() == [BETWEEN_LEVELS, 0] and body.z_m.tolist() == [1.7, 0.0]
    ride(body, 1, 4.0)
    assert body.level.tolist() == [1, 0] and body.z_m.tolist() == [4.0, 0.0]
    body.y_m[0] = 3.0
    ride(body, 1, 4.0)
    assert body.cabin[0] == -1
    ride(body, 0, 0.0)
    assert body.level[0] == 1, "a body that has left stays on its level"


def test_a_body_in_the_shaft_of_an_absent_car_is_not_carried() -> None:
    body = bodies((0, 0.0, 5.0))
    ride(body, 1, 4.0)
    assert body.cabin[0] == -1 and body.level[0] == 0 and body.z_m[0] == 0.0


def test_nobody_leaves_a_car_under_way() -> None:
    body = bodies((0, 0.0, 5.0))
    ride(body, 0, 0.0)
    ride(body, BETWEEN_LEVELS, 1.0)
    body.y_m[0] = 2.0
    ride(body, BETWEEN_LEVELS, 2.0)
    assert body.level[0] == BETWEEN_LEVELS and body.cabin[0] == 0
