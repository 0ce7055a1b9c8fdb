from __future__ import annotations

from building_ctrl.link.protocol import decode_from_gateway
from building_ctrl.link.protocol.messages import Code, Refused
from building_ctrl.link.protocol.streams import Battery, Image, Offer, Scan, Stream, Want, decode_want, encode_stream
from building_ctrl.link.stream_hub import StreamHub, StreamLimits

KEYS = {"key-a": "a", "key-b": "b"}
SCAN = encode_stream(Scan(1, 1.0, 0.0, 0.1, 0.1, 0.0, 9.0, b"\1\2" * 10))


def robot_of(identity: str, name: str) -> str:
    if identity not in KEYS:
        raise LookupError("not enrolled here")
    return KEYS[identity]


def offered(limits: StreamLimits | None = None) -> StreamHub:
    hub = StreamHub(robot_of, limits or StreamLimits())
    hub.receive(b"1", "key-a", encode_stream(Offer("a", 15)), 0.0)
    return hub


def refusals(hub: StreamHub) -> list[int]:
    return [m.code for _, data in hub.take() if isinstance(m := decode_want(data), Refused)]


def test_nothing_is_decoded_until_somebody_watches() -> None:
    hub = offered()
    hub.receive(b"1", "key-a", SCAN, 0.1)
    hub.receive(b"1", "key-a", SCAN[:2] + b"\xc1 not msgpack", 0.1)
    assert (hub.decoded, hub.unwatched, hub.refused) == (0, 2, 0) and hub.newest() == []
    hub.watch("w", "a", int(Stream.SCAN), 0.2)
    hub.receive(b"1", "key-a", SCAN, 0.3)
    hub.receive(b"1", "key-a", encode_stream(Battery(1, 1.0, 24.0, 0.0, 50.0)), 0.3)
    assert [(r.robot, type(r.data)) for r in hub.newest()] == [("a", Scan)] and hub.newest() == []
    hub.tick(3.3)
    hub.receive(b"1", "key-a", SCAN, 3.3)
    assert hub.decoded == 1, "watching ended with its lease"


def test_the_robot_is_told_at_once_and_again_every_second_what_is_wanted() -> None:
    hub = offered()
    hub.tick(0.0)
    assert [decode_want(data) for _, data in hub.take()] == [Want(0.0, 0.0, 0.0, 0.0)]
    hub.watch("w", "a", int(Stream.SCAN), 0.1)
    hub.tick(0.12)
    assert [decode_want(data) for _, data in hub.take()] == [Want(0.0, 0.0, 10.0, 0.0)]
    hub.tick(0.5)
    assert hub.take() == []
    hub.tick(1.2)
    assert len(hub.take()) == 1
    hub.watch("w", "a", 0, 1.3)
    hub.tick(1.3)
    assert [decode_want(data) for _, data in hub.take()] == [Want(0.0, 0.0, 0.0, 0.0)]


def test_who_it_is_follows_from_the_key_and_ends_with_it() -> None:
    hub = StreamHub(robot_of)
    hub.watch("w", "b", 15, 0.0)
    hub.receive(b"1", "key-a", encode_stream(Offer("b", 15)), 0.0)
    assert refusals(hub) == [Code.UNKNOWN_ROBOT]
    hub.receive(b"1", "key-a", SCAN, 0.1)
    assert hub.newest() == [] and hub.notices[0].count("\n") == 0
    hub.receive(b"2", "key-b", encode_stream(Offer("b", 15)), 0.1)
    del KEYS["key-b"]
    try:
        hub.receive(b"2", "key-b", SCAN, 0.2)
        assert hub.newest() == [] and refusals(hub)[-1] == Code.UNKNOWN_ROBOT
    finally:
        KEYS["key-b"] = "b"


def test_a_flood_is_cut_to_the_limits_and_told_once_a_second() -> None:
    hub = offered(StreamLimits(bytes_per_s=100_000.0, burst_bytes=100_000.0))
    hub.receive(b"2", "key-b", encode_stream(Offer("b", 15)), 0.0)
    data = encode_stream(Image(1, 1.0, "jpeg", b"x" * 30_000))
    for step in range(1000):
        now = step * 0.001
        hub.watch("w", "a", 15, now)
        hub.watch("w", "b", 15, now)
        hub.receive(b"1", "key-a", data, now)
    hub.receive(b"2", "key-b", SCAN, 1.0)
    assert hub.decoded <= 8 and len(hub.newest()) == 2
    assert 1 <= len(hub.notices) <= 4 and all("robot 'a'" in notice for notice in hub.notices)


def test_connections_watches_and_memory_are_bounded() -> None:
    hub = StreamHub(robot_of, StreamLimits(max_connections=5, connections_per_robot=2, max_watches=3))
    for i in range(50):
        hub.receive(str(i).encode(), "key-a", encode_stream(Offer("a", 15)), 0.0)
    assert len(hub._connections) == 2
    assert [hub.watch(f"w{i}", "a", 1, 0.0) for i in range(5)] == [True] * 3 + [False] * 2
    hub.tick(20.0)
    assert not hub._connections and not hub._of_identity and not hub._watches


def test_speech_before_the_offer_is_refused() -> None:
    hub = StreamHub(robot_of)
    hub.receive(b"1", "key-a", SCAN, 0.0)
    assert [decode_from_gateway(data) for _, data in hub.take()] == [
        Refused(Code.NOT_WELCOME, False, "offer streams first")
    ]
