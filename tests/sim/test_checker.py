"""The checker finds what must never happen, counts it once an episode, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.model.building import Building, Door, DoorKind, Level, Lift, LiftDoor
from building_ctrl.model.footprint import Footprint, circle, rectangle
from building_ctrl.sim.checker import Car, Checker
from building_ctrl.sim.site import site_of

R = 0.3


def building() -> Building:
    door = Door("door", "L1", DoorKind.SLIDING, (10.0, -1.0), (10.0, 1.0))
    lift = Lift(
        "lift", 0.0, 5.0, 0.0, 2.0, 2.0, (LiftDoor("front", 0.0, -1.1, 0.0, 1.2),),
        (("L1", ("front",)), ("L2", ("front",)), ("L3", ())), "L1", "L1",
    )  # fmt: skip
    levels = (Level("L1", 0.0, (), (), doors=(door,)), Level("L2", 4.0, (), ()), Level("L3", 8.0, (), ()))
    return Building("test", levels, (lift,))


class Watch:
    """A checker with everything but what a test is about kept quiet."""

    def __init__(self, n: int) -> None:
        self.checker = Checker(site_of(building()), [f"r{i}" for i in range(n)])
        self.n = n
        self.now = 0.0
        self.car = Car(0, False, "")
        self.grants: dict[tuple[int, int], str] = {}
        self.door_open = False

    def at(
        self,
        *points: tuple[float, float],
        level: tuple[int, ...] | None = None,
        cabin: tuple[int, ...] | None = None,
    ) -> None:
        x, y = np.array([p[0] for p in points]), np.array([p[1] for p in points])
        self.now += 0.05
        self.checker.observe(
            self.now,
            x,
            y,
            np.full(self.n, R),
            np.array(level or (0,) * self.n),
            np.array(cabin or (-1,) * self.n),
            [self.car],
            np.array([self.door_open]),
            self.grants,
        )


def test_contact_counts_once_an_episode() -> None:
    watch = Watch(2)
    for x in (1.0, 0.7, 0.5, 0.4, 0.5, 0.59, 0.605, 0.7, 1.0, 0.5, 0.5):
        watch.at((20.0, 20.0), (20.0 + x, 20.0))
    assert watch.checker.findings.collisions == 2
    assert watch.checker.findings.min_separation_m == pytest.approx(0.4 - 2 * R)
    assert "r0 and r1" in watch.checker.incidents[0].detail


def test_robots_that_pass_through_each_other_between_observations_collide() -> None:
    watch = Watch(2)
    watch.at((20.0, 20.0), (22.0, 20.0))
    watch.at((22.0, 20.0), (20.0, 20.0))
    assert watch.checker.findings.collisions == 1


def test_other_levels_and_moving_cabins_do_not_touch() -> None:
    watch = Watch(2)
    watch.at((20.0, 20.0), (20.0, 20.0), level=(0, 1))
    watch.at((0.0, 5.0), (0.0, 5.0), level=(0, -1), cabin=(-1, 0))
    assert watch.checker.findings.collisions == 0
    assert watch.checker.findings.min_separation_m is None


def test_two_robots_in_one_moving_cabin_can_collide() -> None:
    watch = Watch(2)
    watch.at((0.0, 5.0), (0.1, 5.0), level=(-1, -1), cabin=(0, 0))
    assert watch.checker.findings.collisions == 1


def test_a_change_of_level_is_not_a_motion() -> None:
    watch = Watch(2)
    watch.at((18.0, 20.0), (20.0, 20.0), level=(0, 1))
    watch.at((22.0, 20.0), (20.0, 20.0), level=(1, 1))
    assert watch.checker.findings.collisions == 0


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30))
def test_separation_equals_that_of_all_pairs(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    watch = Watch(n)
    levels = random.integers(0, 3, n)
    points = random.uniform(40.0, 60.0, (n, 2))
    truth = np.inf
    touching: set[tuple[int, int]] = set()
    for _ in range(4):
        before = points
        points = points + random.uniform(-0.5, 0.5, (n, 2))
        if watch.now == 0.0:
            before = points
        watch.at(*[(float(x), float(y)) for x, y in points], level=tuple(int(k) for k in levels))
        for i in range(n):
            for j in range(i + 1, n):
                if levels[i] != levels[j]:
                    continue
                share = np.linspace(0.0, 1.0, 201)[:, None]
                a, b = (
                    before[i] + share * (points[i] - before[i]),
                    before[j] + share * (points[j] - before[j]),
                )
                gap = float(np.hypot(*(a - b).T).min()) - 2 * R
                truth = min(truth, gap)
                if gap < -1e-3:
                    touching.add((i, j))
    found = watch.checker.findings
    assert (found.min_separation_m is None) == bool(np.isinf(truth))
    if found.min_separation_m is not None:
        assert found.min_separation_m == pytest.approx(truth, abs=2e-3)
    assert found.collisions >= len(touching)


def enter(watch: Watch, level: int = 0) -> int:
    for y in np.arange(3.0, 5.05, 0.05):
        watch.at((0.0, float(y)), level=(level,))
    return watch.checker.findings.boardings_without_grant


def test_a_granted_boarding_is_none_of_its_business() -> None:
    watch = Watch(1)
    watch.car, watch.grants = Car(0, True, "s1"), {(0, 0): "s1"}
    assert enter(watch) == 0


@pytest.mark.parametrize(
    ("car", "grants"),
    [
        (Car(0, True, "s1"), {}),
        (Car(0, True, "s2"), {(0, 0): "s1"}),
        (Car(0, False, "s1"), {(0, 0): "s1"}),
        (Car(1, True, "s1"), {(0, 0): "s1"}),
        (Car(-1, True, "s1"), {(0, 0): "s1"}),
        (Car(0, True, ""), {(0, 0): ""}),
    ],
)
def test_boarding_without_a_grant_counts_once(car: Car, grants: dict[tuple[int, int], str]) -> None:
    watch = Watch(1)
    watch.car, watch.grants = car, grants
    assert enter(watch) == 1
    assert watch.checker.incidents[0].kind == "boarding without grant"


def test_leaving_needs_a_grant_too() -> None:
    watch = Watch(1)
    watch.car, watch.grants = Car(0, True, "s1"), {(0, 0): "s1"}
    enter(watch)
    for _ in range(5):
        watch.at((0.0, 5.0), level=(-1,), cabin=(0,))
    watch.car = Car(1, False, "s1")
    for y in np.arange(5.0, 3.0, -0.05):
        watch.at((0.0, float(y)), level=(1,))
    assert watch.checker.findings.boardings_without_grant == 1


def test_the_door_of_a_moving_car_is_a_wall() -> None:
    watch = Watch(1)
    watch.car, watch.grants = Car(0, True, "s1"), {(0, 0): "s1"}
    enter(watch)
    watch.car = Car(-1, False, "s1")
    watch.at((0.0, 4.1), level=(-1,), cabin=(0,))
    assert watch.checker.findings.boardings_without_grant == 1


def test_a_level_the_lift_does_not_serve_has_no_shaft() -> None:
    watch = Watch(1)
    assert enter(watch, level=2) == 0


def test_a_door_that_is_not_open_is_hit_once() -> None:
    watch = Watch(1)
    for x in np.arange(9.0, 11.0, 0.05):
        watch.at((float(x), 0.0))
    assert watch.checker.findings.door_violations == 1
    watch.door_open = True
    for x in np.arange(11.0, 9.0, -0.05):
        watch.at((float(x), 0.0))
    assert watch.checker.findings.door_violations == 1


def test_a_door_on_another_level_does_not_matter() -> None:
    watch = Watch(1)
    watch.at((10.0, 0.0), level=(1,))
    assert watch.checker.findings.door_violations == 0


CART = rectangle(0.9, 0.6)


class CartWatch(Watch):
    """Two carts, or a cart and a round robot; poses are (x, y, yaw)."""

    def __init__(self, *footprints: Footprint) -> None:
        super().__init__(len(footprints))
        self.checker = Checker(site_of(building()), [f"r{i}" for i in range(self.n)], footprints)
        self.radius_m = np.array([f.radius_m for f in footprints])

    def pose(self, *poses: tuple[float, float, float]) -> None:
        x, y, yaw = (np.array(part) for part in zip(*poses, strict=True))
        self.now += 0.05
        everywhere = np.zeros(self.n, dtype=np.int64)
        self.checker.observe(
            self.now, x, y, self.radius_m, everywhere, everywhere - 1, [self.car], np.array([self.door_open]),
            self.grants, yaw,
        )  # fmt: skip


def test_true_footprints_decide_and_not_the_circles_around_them() -> None:
    watch = CartWatch(CART, CART)
    watch.pose((0.0, 0.0, 0.0), (0.0, 0.65, 0.0))
    assert watch.checker.findings.collisions == 0
    assert watch.checker.findings.min_separation_m == pytest.approx(0.05)
    watch.pose((0.0, 0.0, 0.0), (0.0, 0.65, np.pi / 2))
    assert watch.checker.findings.collisions == 1


def test_a_turn_between_two_observations_is_seen() -> None:
    watch = CartWatch(CART, CART)
    watch.pose((0.0, 0.0, 0.0), (0.0, 0.65, 0.0))
    watch.pose((0.0, 0.0, np.pi), (0.0, 0.65, 0.0))
    assert watch.checker.findings.collisions == 1


def test_a_cart_and_a_round_robot() -> None:
    watch = CartWatch(CART, circle(0.25))
    watch.pose((0.0, 0.0, 0.0), (0.75, 0.0, 0.0))
    assert watch.checker.findings.min_separation_m == pytest.approx(0.05)
    watch.pose((0.0, 0.0, 0.0), (0.0, 0.5, 0.0))
    assert watch.checker.findings.collisions == 1


def test_a_cart_beside_a_closed_door_is_not_in_it() -> None:
    watch = CartWatch(CART)
    watch.pose((10.5, 0.0, 0.0))
    assert watch.checker.findings.door_violations == 0
    watch.pose((10.5, 0.0, 0.8))
    assert watch.checker.findings.door_violations == 1


@given(st.tuples(st.floats(-1.2, 1.2), st.floats(-1.2, 1.2), st.floats(-3, 3)), st.floats(-3, 3))
@settings(max_examples=60, deadline=None)
def test_gaps_of_footprints_agree_with_sampling(pose: tuple[float, float, float], yaw: float) -> None:
    watch = CartWatch(CART, CART)
    watch.pose((0.0, 0.0, yaw), pose)
    a, b = sampled_rectangle((0.0, 0.0, yaw)), sampled_rectangle(pose)
    nearest = float(np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2)).min())
    if nearest > 0.06:
        assert watch.checker.findings.collisions == 0
    if nearest < 0.004:
        assert watch.checker.findings.collisions == 1


def sampled_rectangle(pose: tuple[float, float, float]) -> np.ndarray:
    """Points all over the cart."""
    x, y = (part.ravel() for part in np.meshgrid(np.linspace(-0.45, 0.45, 31), np.linspace(-0.3, 0.3, 21)))
    c, s = np.cos(pose[2]), np.sin(pose[2])
    return np.stack([pose[0] + c * x - s * y, pose[1] + s * x + c * y], axis=1)
