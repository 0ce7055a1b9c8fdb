from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from building_ctrl.link.hub import LinkHub
from building_ctrl.link.limits import LinkLimits
from building_ctrl.link.protocol import LinkParameters, decode_from_gateway, encode
from building_ctrl.link.protocol.messages import (
    Ack,
    Bye,
    Code,
    Command,
    Done,
    Event,
    Flag,
    Hello,
    Refused,
    Request,
    RequestKind,
    Telemetry,
    Welcome,
)

KEYS = {"key-a": "a", "key-b": "b"}


def robot_of(identity: str, name: str) -> str:
    if identity:
        return KEYS[identity]
    if name not in ("a", "b", "c"):
        raise LookupError(f"robot {name!r} is not enrolled here")
    return name


def hub(**options: object) -> LinkHub:
    return LinkHub("g", robot_of, **options)  # type: ignore[arg-type]


def hello(name: str, boot: int = 1, version: int = 1, first_event: int = 1) -> bytes:
    return encode(Hello(version, name, boot, 1.0, first_event, "test"))


def telemetry(seq: int, stamp: float, flags: int = 0, epoch: int = 0) -> bytes:
    return encode(Telemetry(seq, stamp, 1.0, 2.0, 0.0, 0.0, 0.0, 100.0, flags, 0, epoch, 0, 0))


def sent(h: LinkHub) -> list[tuple[bytes, object]]:
    return [(connection, decode_from_gateway(frame)) for connection, frame in h.take()]


def refusals(h: LinkHub) -> list[tuple[bytes, int, bool]]:
    return [(c, m.code, m.fatal) for c, m in sent(h) if isinstance(m, Refused)]


def test_a_robot_is_welcomed_and_its_newest_telemetry_is_handed_on_once() -> None:
    h = hub()
    h.receive(b"1", "", hello("a"), 0.0)
    assert [type(m) for _, m in sent(h)] == [Welcome]
    h.receive(b"1", "", telemetry(1, 1.0), 0.1)
    h.receive(b"1", "", telemetry(2, 1.1), 0.1)
    fresh = h.fresh()
    assert list(fresh) == ["a"] and fresh["a"].telemetry is not None and fresh["a"].telemetry.seq == 2
    assert h.fresh() == {}


def test_unknown_robots_wrong_versions_and_speech_before_hello_are_refused() -> None:
    h = hub()
    h.receive(b"1", "", hello("nobody"), 0.0)
    h.receive(b"2", "", hello("a", version=0), 0.0)
    h.receive(b"3", "", telemetry(1, 1.0), 0.0)
    assert refusals(h) == [
        (b"1", Code.UNKNOWN_ROBOT, True),
        (b"2", Code.VERSION, True),
        (b"3", Code.NOT_WELCOME, True),
    ]
    assert h.sessions == {}
    assert [n.text for n in h.notices if "nobody" in n.text]


def test_identity_comes_from_the_key_and_never_from_the_name() -> None:
    h = hub()
    h.receive(b"1", "key-a", hello("b"), 0.0)
    assert refusals(h) == [(b"1", Code.UNKNOWN_ROBOT, True)] and h.sessions == {}
    h.receive(b"2", "key-b", hello("b"), 0.0)
    h.receive(b"2", "key-a", telemetry(1, 1.0), 0.1)
    assert h.fresh() == {} and "b" not in h.sessions


def test_a_malformed_frame_costs_one_error_and_nothing_else() -> None:
    h = hub()
    for name in ("a", "b"):
        h.receive(name.encode(), "", hello(name), 0.0)
    h.take()
    for k in range(50):
        h.receive(b"a", "", b"\x93\x03junk" + bytes([k]), 0.1)
    h.receive(b"b", "", telemetry(1, 1.0), 0.1)
    h.receive(b"a", "", telemetry(1, 1.0), 0.1)
    assert refusals(h) == [(b"a", Code.MALFORMED, False)] * 2
    assert set(h.fresh()) == {"a", "b"}
    assert sum("frame refused" in n.text for n in h.notices) == 2


def test_a_flood_is_dropped_before_it_is_decoded_and_the_others_are_heard() -> None:
    h = hub(limits=LinkLimits(frames_per_s=50.0, burst_frames=60.0))
    for name in ("a", "b"):
        h.receive(name.encode(), "", hello(name), 0.0)
    for k in range(1000):
        h.receive(b"a", "", telemetry(k + 1, 1.0 + k * 1e-3), 0.1)
    h.receive(b"b", "", telemetry(1, 1.0), 0.1)
    fresh = h.fresh()
    assert fresh["a"].telemetry_count <= 60 and "b" in fresh
    h.receive(b"a", "", telemetry(2000, 5.0), 1.2)
    assert "a" in h.fresh()


def test_connections_are_bounded() -> None:
    h = hub(limits=LinkLimits(max_connections=10))
    for k in range(1000):
        h.receive(str(k).encode(), "", b"x" * 100, 0.0)
    assert len(h._connections) == 10 and len(h.take()) == 10
    h.tick(31.0)
    h.receive(b"late", "", hello("a"), 31.0)
    assert "a" in h.sessions


def test_one_robot_cannot_take_all_connections() -> None:
    h = hub(limits=LinkLimits(max_connections=10))
    for k in range(100):
        h.receive(str(k).encode(), "key-a", hello("a"), 0.0)
    h.receive(b"other", "key-b", hello("b"), 0.1)
    assert len(h._connections) == 5 and set(h.sessions) == {"a", "b"}
    h.tick(31.0)
    assert not h._connections and not h._of_robot and not h.sessions


def test_a_new_connection_replaces_the_old_one() -> None:
    h = hub()
    h.receive(b"1", "", hello("a"), 0.0)
    h.receive(b"1", "", telemetry(1, 1.0), 0.1)
    h.take()
    h.receive(b"2", "", hello("a"), 1.0)
    out = sent(h)
    assert [c for c, m in out if isinstance(m, Refused) and m.code == Code.REPLACED] == [b"1"]
    assert [c for c, m in out if isinstance(m, Welcome)] == [b"2"]
    h.receive(b"1", "", telemetry(2, 1.1), 1.1)
    assert h.fresh() == {}


def test_each_session_has_a_greater_epoch() -> None:
    h = hub(first_epoch=1000)
    epochs = []
    for k in range(3):
        h.receive(str(k).encode(), "", hello("a", boot=k), float(k))
        epochs += [m.epoch for _, m in sent(h) if isinstance(m, Welcome)]
    assert len(epochs) == 3 and sorted(set(epochs)) == epochs and epochs[0] > 1000


def test_a_repeated_hello_is_answered_again_without_a_new_session() -> None:
    h = hub()
    h.receive(b"1", "", hello("a"), 0.0)
    session = h.sessions["a"]
    h.receive(b"1", "", hello("a"), 0.5)
    assert h.sessions["a"] is session
    assert [type(m) for _, m in sent(h)] == [Welcome, Welcome]


def test_events_are_handed_on_once_over_a_reconnect_and_once_more_after_a_new_boot() -> None:
    h = hub()
    acks = []
    for connection, frame in [
        (b"1", hello("a", boot=1)),
        (b"1", encode(Event(1, 1.0, 3, "first"))),
        (b"2", hello("a", boot=1, first_event=1)),
        (b"2", encode(Event(1, 1.0, 3, "first"))),
        (b"2", encode(Event(2, 1.2, 3, "second"))),
        (b"3", hello("a", boot=2, first_event=1)),
        (b"3", encode(Event(1, 0.5, 3, "after boot"))),
    ]:
        h.receive(connection, "", frame, 1.0)
        acks += [m.id for _, m in sent(h) if isinstance(m, Ack)]
    assert [e.event.detail for e in h.events] == ["first", "second", "after boot"]
    assert acks == [1, 1, 2, 1]


def test_a_restarted_gateway_takes_events_from_the_oldest_the_robot_kept() -> None:
    h = hub()
    h.receive(b"1", "", hello("a", boot=1, first_event=40), 0.0)
    h.receive(b"1", "", encode(Event(40, 1.0, 3, "kept")), 0.1)
    assert [e.event.id for e in h.events] == [40]


def test_a_request_waits_for_a_robot_that_is_away_and_outlives_its_session() -> None:
    h = hub()
    h.request("a", RequestKind.E_STOP, 0, "", 0.0)
    h.receive(b"1", "", hello("a"), 1.0)
    h.receive(b"2", "", hello("a", boot=2), 2.0)
    asked = [(c, m.kind) for c, m in sent(h) if isinstance(m, Request)]
    assert (b"2", RequestKind.E_STOP) in asked
    assert h.sessions["a"].stop_requested


def test_a_revoked_robot_is_told_and_silenced() -> None:
    h = hub()
    h.receive(b"1", "", hello("a"), 0.0)
    h.take()
    h.revoke(["a", "never-seen"])
    assert refusals(h) == [(b"1", Code.REVOKED, True)]
    assert h.sessions == {} and not h.command("a", 1.0, 0.0, 1.0, 0.1)


def test_commands_go_to_armed_robots_only() -> None:
    h = hub()
    h.receive(b"1", "", hello("a"), 0.0)
    epoch = h.sessions["a"].epoch
    h.receive(b"1", "", telemetry(1, 1.0, 0, epoch), 0.1)
    assert not h.command("a", 0.5, 0.0, 1.0, 0.1)
    h.receive(b"1", "", telemetry(2, 1.1, Flag.ARMED, epoch), 0.2)
    h.take()
    assert h.command("a", 0.5, 0.0, 1.0, 0.2)
    assert [m.v for _, m in sent(h) if isinstance(m, Command)] == [0.5]


def test_goodbyes_both_ways() -> None:
    h = hub()
    h.receive(b"1", "", hello("a"), 0.0)
    h.receive(b"1", "", encode(Bye("switched off")), 0.1)
    assert h.sessions == {} and "switched off" in h.notices[-1].text
    h.receive(b"1", "", hello("a", boot=2), 0.2)
    h.take()
    h.close("gateway closes")
    assert [(c, type(m)) for c, m in sent(h)] == [(b"1", Bye)]


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"1", b"2", b"3"]),
            st.one_of(
                st.binary(max_size=60),
                st.sampled_from(["a", "b", "x"]).map(hello),
                st.builds(telemetry, st.integers(0, 9), st.floats(0, 9), st.sampled_from([0, 1, 4])),
                st.builds(lambda i: encode(Event(i, 1.0, 1)), st.integers(0, 4)),
                st.just(encode(Bye(""))),
            ),
        ),
        max_size=40,
    )
)
def test_whatever_two_peers_send_a_third_robot_is_served(frames: list[tuple[bytes, bytes]]) -> None:
    h = hub(parameters=LinkParameters())
    h.receive(b"good", "", hello("c"), 0.0)
    now = 0.0
    for k, (connection, frame) in enumerate(frames):
        now += 0.01
        h.receive(connection, "", frame, now)
        h.receive(b"good", "", telemetry(k + 1, 1.0 + k * 0.01), now)
        h.tick(now)
        assert "c" in h.fresh()
        for _, data in h.take():
            decode_from_gateway(data)


def test_a_robot_that_was_restarted_is_e_stopped_again() -> None:
    h = hub()
    h.receive(b"1", "", hello("a"), 0.0)
    asked = h.request("a", RequestKind.E_STOP, 0, "", 0.1)
    h.receive(b"1", "", encode(Done(asked, True)), 0.2)
    assert [(r.robot, r.answer.request.id, r.answer.ok) for r in h.answers] == [("a", asked, True)]
    h.take()
    h.receive(b"2", "", hello("a", boot=2), 1.0)
    again = [m for _, m in sent(h) if isinstance(m, Request)]
    assert [m.kind for m in again] == [RequestKind.E_STOP] and again[0].id > asked


def test_an_e_stop_for_a_robot_that_is_away_always_finds_a_place() -> None:
    h = hub()
    for _ in range(16):
        h.request("a", RequestKind.MODE, 3, "", 0.0)
    h.request("a", RequestKind.E_STOP, 0, "", 0.0)
    h.request("a", RequestKind.RELEASE, 0, "", 0.0)
    h.receive(b"1", "", hello("a"), 1.0)
    kinds = [m.kind for _, m in sent(h) if isinstance(m, Request)]
    assert kinds.count(RequestKind.RELEASE) == 1 and RequestKind.E_STOP not in kinds


def test_versions_are_negotiated_and_a_robot_too_new_is_told_so() -> None:
    h = hub()
    h.receive(b"1", "", encode(Hello(9, "a", 1, 1.0, 1, "newer", 1)), 0.0)
    assert [m.version for _, m in sent(h) if isinstance(m, Welcome)] == [1]
    h.receive(b"2", "", encode(Hello(9, "b", 1, 1.0, 1, "newest", 9)), 0.0)
    assert refusals(h) == [(b"2", Code.VERSION, True)]
    assert "versions 9 to 9" in h.notices[-1].text
