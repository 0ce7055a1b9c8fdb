"""Requests that make robots stand, and who may let them go."""

from __future__ import annotations

import pytest

from building_ctrl.core.motion import Hold, RobotNow, StopBook
from building_ctrl.model.robot_request import RequestStatus, RobotRequest, RobotRequestKind, StopCategory

STANDS = RobotNow(True, Hold(0), True, False, False)
MOVES = STANDS._replace(moving=True)
Kind = RobotRequestKind


CONTROLLED_THEN_OFF = StopCategory.CONTROLLED_THEN_OFF


def ask(number: int, kind: Kind, category: StopCategory = CONTROLLED_THEN_OFF, **more: str) -> RobotRequest:
    return RobotRequest(f"q{number}", "r1", kind, category, **{"who": "Kim", "why": "a test", **more})


def test_an_e_stop_is_latched_done_at_standstill_and_released_by_a_named_request_only() -> None:
    book = StopBook()
    change = book.ask(ask(1, Kind.E_STOP, StopCategory.UNCONTROLLED, why="smoke"), MOVES, 10.0)
    assert change.hold is Hold.E_STOP and change.latch is StopCategory.UNCONTROLLED
    assert change.state.status is RequestStatus.ACCEPTED
    book.stands("r1", latched=False)
    assert book.states(10.5)[0].status is RequestStatus.ACCEPTED
    book.stands("r1", latched=True)
    assert book.states(11.0)[0].status is RequestStatus.DONE
    held = RobotNow(True, Hold.E_STOP, True, False, True)
    for number, robot, more, says in [
        (2, held, {"who": ""}, "who"),
        (3, held, {"why": ""}, "why"),
        (4, held._replace(moving=True), {}, "moves"),
        (5, held._replace(fresh=False), {}, "not heard"),
    ]:
        refused = book.ask(ask(number, Kind.RESUME, **more), robot, 12.0)
        assert refused.state.status is RequestStatus.REFUSED and says in refused.state.detail
        assert not refused.free and not refused.release
    assert book.holder("r1", Hold.E_STOP) == ask(1, Kind.E_STOP, StopCategory.UNCONTROLLED, why="smoke")
    resumed = book.ask(ask(6, Kind.RESUME), held, 13.0)
    assert resumed.release and Hold.E_STOP in resumed.free
    assert book.holder("r1", Hold.E_STOP) is None
    assert "nothing holds" in book.ask(ask(7, Kind.RESUME), STANDS, 14.0).state.detail


def test_a_repeated_request_changes_nothing_again_and_is_answered_as_before() -> None:
    book = StopBook()
    first = book.ask(ask(1, Kind.PAUSE), STANDS, 1.0)
    book.ask(ask(2, Kind.RESUME), STANDS._replace(held=Hold.PAUSED), 2.0)
    again = book.ask(ask(1, Kind.PAUSE), STANDS, 3.0)
    assert again.state == first.state and not again.hold
    assert [s.request.request_id for s in book.states(61.5)] == ["q2"]


@pytest.mark.parametrize(
    ("kind", "category", "good"),
    [
        (Kind.E_STOP, StopCategory.UNCONTROLLED, True),
        (Kind.E_STOP, StopCategory.CONTROLLED_THEN_OFF, True),
        (Kind.E_STOP, StopCategory.CONTROLLED, False),
        (Kind.PROTECTIVE_STOP, StopCategory.UNCONTROLLED, False),
        (Kind.PROTECTIVE_STOP, StopCategory.CONTROLLED_THEN_OFF, True),
        (Kind.PROTECTIVE_STOP, StopCategory.CONTROLLED, True),
    ],
)
def test_categories_of_stops(kind: Kind, category: StopCategory, good: bool) -> None:
    change = StopBook().ask(ask(1, kind, category), MOVES, 1.0)
    assert (change.state.status is not RequestStatus.REFUSED) is good
    assert (change.latch is None) is (not good or category is StopCategory.CONTROLLED)


def test_what_stops_is_taken_from_anybody_and_the_rest_is_not() -> None:
    book = StopBook()
    assert book.ask(ask(1, Kind.PROTECTIVE_STOP, who="", why=""), MOVES, 1.0).hold is Hold.PROTECTIVE
    assert not book.ask(ask(2, Kind.PAUSE, who=""), MOVES, 1.0).hold
    assert not book.ask(ask(3, Kind.MANUAL, why=""), STANDS, 1.0).hold
    nobody = book.ask(ask(4, Kind.E_STOP), RobotNow(False, Hold(0), False, False, False), 1.0)
    assert "not enrolled" in nobody.state.detail


def test_one_operator_at_a_time_and_none_in_an_e_stop() -> None:
    book = StopBook()
    assert book.ask(ask(1, Kind.MANUAL), STANDS, 1.0).hold is Hold.MANUAL
    assert "'Kim'" in book.ask(ask(2, Kind.MANUAL, who="Lee"), STANDS, 2.0).state.detail
    book.ask(ask(3, Kind.RESUME), STANDS._replace(held=Hold.MANUAL), 3.0)
    book.ask(ask(4, Kind.E_STOP), STANDS, 4.0)
    assert "e-stopped" in book.ask(ask(5, Kind.MANUAL), STANDS, 5.0).state.detail


def test_a_latch_of_a_gateway_that_is_gone_can_be_released() -> None:
    change = StopBook().ask(ask(1, Kind.RESUME), STANDS._replace(e_stopped=True), 1.0)
    assert change.release and change.state.status is RequestStatus.DONE
