from __future__ import annotations

from dataclasses import replace

from virtual_building import VirtualBuilding

from building_ctrl.model.path import TravelStatus
from building_ctrl.model.task import TaskCategory, TaskRequest


def test_a_robot_that_stands_on_a_home_has_it_even_when_it_connects_late() -> None:
    world = VirtualBuilding()
    dispatcher = world.dispatcher()
    world.add("away", 6.5)
    world.run(dispatcher, 3.0)
    nearest = dispatcher.home("away")
    assert nearest is not None and nearest.place == "L1_h0"
    world.robots["away"].state = replace(world.robots["away"].state, x_m=40.0)
    world.add("standing", 5.0)
    world.run(dispatcher, 60.0)
    standing, away = dispatcher.home("standing"), dispatcher.home("away")
    assert standing is not None and standing.place == "L1_h0"
    assert away is not None and away.place != "L1_h0"
    assert world.robots["away"].state.x_m == world.x_of(away.place)


def test_more_robots_than_homes_leave_some_without() -> None:
    world = VirtualBuilding(n_homes=2)
    dispatcher = world.dispatcher()
    for i in range(4):
        world.add(f"r{i}", 10.0 * i)
    world.run(dispatcher, 60.0)
    assert sum(dispatcher.home(n) is not None for n in world.robots) == 2


def test_a_home_is_remembered_while_there_is_no_task() -> None:
    world = VirtualBuilding()
    dispatcher = world.dispatcher()
    for i in range(3):
        world.add(f"r{i}", 10.0 * i + 5.0)
    world.run(dispatcher, 20.0)
    before = {n: dispatcher.home(n) for n in world.robots}
    world.robots["r0"].state = replace(world.robots["r0"].state, x_m=35.0)
    world.run(dispatcher, 60.0)
    assert {n: dispatcher.home(n) for n in world.robots} == before


def test_after_a_task_a_robot_gets_the_nearest_free_home() -> None:
    world = VirtualBuilding(n_homes=4)
    dispatcher = world.dispatcher()
    world.add("r0", 5.0)
    world.run(dispatcher, 20.0)
    before = dispatcher.home("r0")
    dispatcher.submit(TaskRequest("t", TaskCategory.DELIVERY, ("L1_p1", "L1_p3")), world.now)
    world.run(dispatcher, 200.0)
    after = dispatcher.home("r0")
    assert before is not None and after is not None
    assert abs(after.x_m - 30.0) < abs(before.x_m - 30.0)


def test_a_refused_home_is_given_up_for_another() -> None:
    world = VirtualBuilding(closed={("refuse r0", "L1_h0")})
    dispatcher = world.dispatcher()
    world.add("r0", 0.0)
    world.run(dispatcher, 60.0)
    home = dispatcher.home("r0")
    assert home is not None and home.place != "L1_h0"
    assert world.robots["r0"].status is TravelStatus.ARRIVED


def test_a_low_battery_takes_a_charger_from_the_fullest_robot() -> None:
    world = VirtualBuilding(n_homes=2)
    dispatcher = world.dispatcher(chargers=1)
    world.add("full", 5.0, battery_percent=95.0)
    world.add("low", 15.0, battery_percent=90.0)
    world.run(dispatcher, 20.0)
    parking = dispatcher.home("low")
    assert parking is not None and not parking.is_charger
    world.robots["low"].state = replace(world.robots["low"].state, battery_percent=20.0)
    world.run(dispatcher, 40.0)
    charger, other = dispatcher.home("low"), dispatcher.home("full")
    assert charger is not None and charger.is_charger
    assert other == parking
    assert world.robots["low"].state.x_m == world.x_of(charger.place)


def test_a_charger_is_not_taken_from_a_robot_that_needs_it() -> None:
    world = VirtualBuilding(n_homes=2)
    dispatcher = world.dispatcher(chargers=1)
    world.add("first", 5.0, battery_percent=20.0)
    world.add("second", 15.0, battery_percent=10.0)
    world.run(dispatcher, 40.0)
    home = dispatcher.home("first")
    assert home is not None and home.is_charger
