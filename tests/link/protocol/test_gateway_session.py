from __future__ import annotations

from building_ctrl.link.protocol import GatewaySession, LinkParameters, decode_from_gateway
from building_ctrl.link.protocol.messages import (
    Ack,
    Arm,
    Bye,
    Command,
    Done,
    Event,
    Flag,
    Ping,
    Pong,
    Request,
    RequestKind,
    Telemetry,
    Welcome,
)


def session(now: float = 50.0) -> GatewaySession:
    return GatewaySession("r1", 7, 100, 0, LinkParameters(), now)


def telemetry(seq: int, stamp: float, flags: int = 0, epoch: int = 100) -> Telemetry:
    return Telemetry(seq, stamp, 0.0, 0.0, 0.0, 0.0, 0.0, 100.0, flags, 0, epoch, 0, 0)


def sent(s: GatewaySession, kind: type) -> list[object]:
    return [m for m in map(decode_from_gateway, s.take()) if isinstance(m, kind)]


def test_welcome_tells_epoch_rates_and_watchdog() -> None:
    s = session()
    s.welcome("g", 50.0)
    assert sent(s, Welcome) == [Welcome(1, "g", 100, 50.0, 0.05, 0.30, 0)]


def test_it_arms_for_a_new_epoch_and_keeps_that_until_the_robot_took_it() -> None:
    s = session()
    s.receive(telemetry(1, 1.0), 50.0)
    s.tick(50.0)
    s.receive(telemetry(2, 1.2), 50.2)
    s.tick(50.2)
    assert sent(s, Arm) == [Arm(101, 1.0), Arm(101, 1.2)]
    assert s.command(0.5, 0.0, 1.0, 50.2) is None
    s.receive(telemetry(3, 1.3, Flag.ARMED, 101), 50.3)
    frame = s.command(0.5, 0.1, 1.2, 50.31)
    assert frame is not None
    assert decode_from_gateway(frame) == Command(101, 1, 50.31, 0.25, 1.3, 0.5, 0.1, 1.2)
    s.receive(telemetry(4, 1.4, 0, 101), 50.4)
    s.tick(50.4)
    assert sent(s, Arm) == [Arm(102, 1.4)]


def test_it_never_arms_an_e_stopped_robot_nor_on_stale_telemetry() -> None:
    s = session()
    s.receive(telemetry(1, 1.0, Flag.E_STOP), 50.0)
    s.tick(50.0)
    s.receive(telemetry(2, 1.1), 50.1)
    s.tick(50.5)
    assert sent(s, Arm) == []


def test_old_and_repeated_telemetry_is_passed_over_and_gaps_are_counted() -> None:
    s = session()
    assert s.receive(telemetry(5, 2.0), 50.0)
    assert not s.receive(telemetry(5, 2.1), 50.1)
    assert not s.receive(telemetry(6, 1.9), 50.2)
    assert s.receive(telemetry(9, 2.2), 50.3)
    assert s.telemetry_lost == 3 and s.telemetry_count == 2


def test_pongs_give_round_trip_and_offset() -> None:
    s = session()
    s.tick(50.0)
    (ping,) = sent(s, Ping)
    assert isinstance(ping, Ping)
    s.receive(Pong(ping.id, ping.sent, 1000.010, 1000.012), 50.022)
    s.receive(Pong(ping.id, ping.sent, 2000.0, 2000.0), 50.03)
    assert abs(s.clock.round_trip_s - 0.020) < 1e-9
    assert abs(s.clock.offset_s - 950.0) < 1e-3
    s.receive(telemetry(1, 1000.1), 50.12)
    assert abs(s.measured_at() - 50.1) < 1e-3


def test_events_are_taken_once_and_in_order() -> None:
    s = session()
    for event_id in (1, 1, 3, 2, 3):
        s.receive(Event(event_id, 1.0, 3, str(event_id)), 50.0)
    assert [e.id for e in s.events] == [1, 2, 3]
    assert [m.id for m in sent(s, Ack) if isinstance(m, Ack)] == [3], "one acknowledgement for all of a turn"


def test_requests_are_repeated_until_done_and_given_up_at_last() -> None:
    s = session()
    assert s.request(9, RequestKind.E_STOP, 0, "", 50.0)
    s.request(10, RequestKind.MODE, 3, "", 50.0)
    s.receive(telemetry(1, 1.0), 50.0)
    s.tick(50.25)
    assert sent(s, Arm) == [], "armed while an e-stop is asked for"
    s.receive(Done(9, True), 50.3)
    for step in range(60):
        s.tick(51.0 + step * 0.25)
    assert [a.request.id for a in s.answers] == [9, 10] and not s.answers[1].ok


def test_an_e_stop_is_asked_until_it_is_done_and_a_release_takes_its_place() -> None:
    s = session()
    for request_id in range(1, 17):
        assert s.request(request_id, RequestKind.MODE, 0, "", 50.0)
    assert s.request(20, RequestKind.E_STOP, 0, "", 50.0), "an e-stop found no place"
    for step in range(200):
        s.take()
        s.tick(51.0 + step * 0.25)
    assert [r.id for r in s.unanswered()] == [20] == [m.id for m in sent(s, Request) if isinstance(m, Request)]
    assert s.request(21, RequestKind.RELEASE, 0, "", 101.0)
    assert [r.id for r in s.unanswered()] == [21]
    assert (s.answers[-1].request.id, s.answers[-1].ok) == (20, False)


def test_a_request_is_sent_again_while_no_answer_comes() -> None:
    s = session()
    s.request(9, RequestKind.DOCK, 1, "bay", 50.0)
    s.tick(50.1)
    s.tick(50.21)
    assert sent(s, Request) == [Request(9, RequestKind.DOCK, 1, "bay")] * 2


def test_no_more_than_sixteen_requests_wait() -> None:
    s = session()
    assert [s.request(i, RequestKind.MODE, 0, "", 50.0) for i in range(17)] == [True] * 16 + [False]


def test_goodbye_ends_it() -> None:
    s = session()
    s.receive(Bye("battery empty"), 50.0)
    assert s.ended == "battery empty"
