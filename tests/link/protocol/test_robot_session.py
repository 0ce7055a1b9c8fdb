from __future__ import annotations

from itertools import pairwise

import pytest

from building_ctrl.link.protocol import RobotReport, RobotSession, StopRamp, decode_from_robot, encode
from building_ctrl.link.protocol.messages import (
    Ack,
    Arm,
    Bye,
    Code,
    Command,
    Done,
    Event,
    EventKind,
    Flag,
    Hello,
    Ping,
    Pong,
    Refused,
    Request,
    RequestKind,
    Telemetry,
    Welcome,
)

REPORT = RobotReport(1.0, 2.0, 0.5)


def sent(session: RobotSession) -> list[object]:
    return [decode_from_robot(frame) for frame in session.take()]


def welcomed(now: float = 10.0, **options: object) -> RobotSession:
    session = RobotSession("r1", 7, StopRamp(1.0, 2.0), **options)  # type: ignore[arg-type]
    session.tick(now)
    session.receive(encode(Welcome(1, "g", 100, 5000.0, 0.05, 0.3, 0)), now)
    session.take()
    return session


def armed(now: float = 10.0) -> RobotSession:
    session = welcomed(now)
    session.receive(encode(Arm(101, now)), now)
    assert session.armed
    return session


def command(
    seq: int, stamp: float, v: float = 0.5, w: float = 0.0, epoch: int = 101, ttl: float = 0.25
) -> bytes:
    return encode(Command(epoch, seq, 5000.0, ttl, stamp, v, w, 1.0))


def test_hello_is_repeated_with_growing_pauses_until_welcomed() -> None:
    session = RobotSession("r1", 7)
    hellos = []
    for step in range(500):
        session.tick(step * 0.01)
        hellos += [step * 0.01 for message in sent(session) if isinstance(message, Hello)]
    pauses = [b - a for a, b in pairwise(hellos)]
    assert hellos[0] == 0.0 and len(hellos) >= 6
    assert 0.1 <= pauses[0] <= 0.15 and max(pauses) <= 1.45
    assert not session.welcomed


def test_nothing_is_told_before_the_welcome() -> None:
    session = RobotSession("r1", 7)
    session.report(REPORT, 1.0)
    assert session.take() == []


def test_telemetry_counts_up_and_says_armed_and_epoch() -> None:
    session = armed()
    session.report(REPORT, 10.1)
    session.report(REPORT, 10.2)
    first, second = sent(session)
    assert isinstance(first, Telemetry) and isinstance(second, Telemetry)
    assert (first.seq, second.seq) == (1, 2) and first.epoch == 101 and first.flags & Flag.ARMED


def test_a_command_is_driven_until_its_stamp_is_as_old_as_the_watchdog() -> None:
    session = armed()
    session.receive(command(1, 10.0), 10.1)
    assert session.setpoint(10.29)[:3] == (0.5, 0.0, False)
    assert session.setpoint(10.31).holding


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (command(2, 9.74), "stamp older than the ttl"),
        (command(2, 10.5), "stamp from the future"),
        (command(1, 9.95), "same sequence number again"),
        (command(0, 9.95), "older sequence number"),
        (command(2, 9.95, epoch=100), "older epoch"),
        (command(2, 9.95, epoch=102), "epoch it was not armed for"),
        (command(2, 9.95, ttl=0.02), "own ttl over"),
    ],
)
def test_commands_that_must_not_be_obeyed(frame: bytes, why: str) -> None:
    session = armed(9.9)
    session.receive(command(1, 9.9, v=0.1), 9.95)
    session.receive(frame, 10.0)
    assert session.setpoint(10.0).v_mps == 0.1, why
    assert session.dropped == 1


def test_the_cap_bounds_the_speed() -> None:
    session = armed()
    session.receive(encode(Command(101, 1, 0.0, 0.25, 10.0, 3.0, 0.0, 0.7)), 10.0)
    assert session.setpoint(10.0).v_mps == 0.7


def test_the_stop_ramp_follows_the_arc_and_ends_at_rest() -> None:
    session = armed()
    session.receive(command(1, 10.0, v=0.5, w=0.25), 10.0)
    now = 10.0
    while now < 11.5:
        point = session.setpoint(now)
        assert point.v_mps >= 0.0
        if point.v_mps > 0.01:
            assert point.w_radps / point.v_mps == pytest.approx(0.5)
        now += 0.02
    assert session.setpoint(now)[:3] == (0.0, 0.0, True)


def test_after_a_watchdog_stop_only_a_fresh_arming_for_a_new_epoch_moves_it() -> None:
    session = armed()
    session.receive(command(1, 10.0), 10.0)
    session.setpoint(10.31)
    session.receive(command(2, 10.25), 10.32)
    session.receive(encode(Arm(101, 10.32)), 10.33)
    session.receive(encode(Arm(102, 10.25)), 10.33)
    assert not session.armed
    session.receive(encode(Arm(102, 10.32)), 10.35)
    assert session.armed
    session.receive(command(3, 10.34), 10.36)
    assert session.setpoint(10.36).holding
    session.receive(command(1, 10.34, epoch=102), 10.37)
    assert session.setpoint(10.37)[:3] == (0.5, 0.0, False)


def test_a_watchdog_stop_while_moving_is_told_as_an_event() -> None:
    session = armed()
    session.receive(command(1, 10.0), 10.0)
    session.setpoint(10.0)
    session.setpoint(10.31)
    assert [m.kind for m in sent(session) if isinstance(m, Event)] == [EventKind.WATCHDOG_STOP]


def test_events_are_repeated_until_acknowledged_and_over_a_reconnect() -> None:
    session = welcomed()
    session.event(EventKind.BUMPER, "front", 10.0)
    session.event(EventKind.NOTE, "second", 10.0)
    assert len(sent(session)) == 2
    session.tick(10.6)
    assert [m.id for m in sent(session) if isinstance(m, Event)] == [1, 2]
    session.receive(encode(Ack(1)), 10.7)
    session.receive(encode(Refused(Code.NOT_WELCOME, True, "say hello first")), 10.8)
    session.tick(10.8)
    hello = sent(session)[0]
    assert isinstance(hello, Hello) and hello.first_event == 2
    session.receive(encode(Welcome(1, "g", 200, 5000.0, 0.05, 0.3, 1)), 10.9)
    assert [m.detail for m in sent(session) if isinstance(m, Event)] == ["second"]
    session.receive(encode(Ack(2)), 11.0)
    session.tick(12.0)
    assert not any(isinstance(m, Event) for m in sent(session))


def test_events_wait_offline_and_are_bounded() -> None:
    session = RobotSession("r1", 7)
    taken = [session.event(EventKind.NOTE, str(i), 1.0) for i in range(300)]
    assert taken.count(True) == 224 and not taken[-1], "the last 32 places are for stops, bumper and faults"
    urgent = [session.event(EventKind.FAULT, str(i), 1.0) for i in range(40)]
    assert session.events_waiting == 256 and not urgent[-1] and session.events_refused == 76 + urgent.count(False)


def test_an_e_stop_that_was_overtaken_by_its_release_changes_nothing() -> None:
    session = welcomed()
    session.receive(encode(Request(5, RequestKind.RELEASE)), 10.1)
    session.receive(encode(Request(4, RequestKind.E_STOP)), 10.2)
    answers = [m for m in sent(session) if isinstance(m, Done)]
    assert [(a.id, a.ok) for a in answers] == [(5, True), (4, False)] and not session.e_stopped
    session.receive(encode(Request(6, RequestKind.E_STOP)), 10.3)
    assert session.e_stopped


def test_ping_is_answered_with_both_stamps() -> None:
    session = welcomed()
    session.receive(encode(Ping(3, 5000.0)), 10.5)
    assert sent(session) == [Pong(3, 5000.0, 10.5, 10.5)]


def test_remote_e_stop_holds_until_released_and_is_done_once() -> None:
    session = armed()
    session.receive(command(1, 10.0), 10.0)
    session.setpoint(10.0)
    session.receive(encode(Request(5, RequestKind.E_STOP)), 10.05)
    session.receive(encode(Request(5, RequestKind.E_STOP)), 10.06)
    assert [m for m in sent(session) if isinstance(m, Done)] == [Done(5, True), Done(5, True)]
    assert session.e_stopped and session.setpoint(10.06).holding
    session.receive(encode(Arm(102, 10.06)), 10.07)
    assert not session.armed
    session.receive(encode(Request(6, RequestKind.RELEASE)), 10.1)
    session.receive(encode(Arm(103, 10.06)), 10.11)
    assert not session.armed, "armed on telemetry from before the release"
    session.receive(encode(Arm(103, 10.11)), 10.12)
    assert session.armed


def test_the_robots_own_button_is_not_released_from_afar() -> None:
    session = armed()
    session.press_e_stop(10.0)
    session.receive(encode(Request(6, RequestKind.RELEASE)), 10.1)
    assert session.e_stopped
    session.release_e_stop(10.2)
    assert not session.e_stopped and not session.armed


def test_other_requests_go_to_the_handler_once() -> None:
    asked = []

    def handler(kind: int, value: int, detail: str) -> tuple[bool, str]:
        asked.append((kind, value, detail))
        return True, "docked"

    session = welcomed(request_handler=handler)
    for _ in range(2):
        session.receive(encode(Request(9, RequestKind.DOCK, 2, "bay 3")), 10.0)
    assert asked == [(RequestKind.DOCK, 2, "bay 3")]
    assert sent(session) == [Done(9, True, "docked")] * 2


def test_a_silent_gateway_ends_the_session_and_it_says_hello_again() -> None:
    session = armed()
    session.take()
    session.tick(13.2)
    assert not session.welcomed and not session.armed
    session.tick(14.7)
    assert any(isinstance(m, Hello) for m in sent(session))


def test_a_refused_version_says_why() -> None:
    session = RobotSession("r1", 7)
    session.receive(encode(Welcome(9, "g", 1, 0.0, 0.05, 0.3, 0)), 1.0)
    assert not session.welcomed and "version 9" in session.refusal


def test_nonsense_is_counted_and_changes_nothing() -> None:
    session = armed()
    session.receive(command(1, 10.0), 10.0)
    for junk in (b"", b"\xff", b"\x91\x63", encode(Bye(""))[:-1]):
        session.receive(junk, 10.05)
    assert session.errors == 4 and session.setpoint(10.1)[:3] == (0.5, 0.0, False)


def test_goodbye_of_the_gateway_stops_the_robot() -> None:
    session = armed()
    session.receive(command(1, 10.0), 10.0)
    session.receive(encode(Bye("gateway closes")), 10.05)
    assert session.setpoint(10.06).holding
