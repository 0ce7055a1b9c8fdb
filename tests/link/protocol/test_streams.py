from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from building_ctrl.link.protocol.messages import Refused
from building_ctrl.link.protocol.stream_sender import StreamSender
from building_ctrl.link.protocol.streams import (
    ALL_STREAMS,
    STREAM_OF,
    Battery,
    Image,
    Offer,
    Scan,
    Stream,
    Want,
    Wheels,
    decode_stream,
    encode_stream,
    stream_of_frame,
)

EVERYTHING = Stream.BATTERY | Stream.WHEELS | Stream.SCAN | Stream.IMAGE
WANT_ALL = encode_stream(Want(1.0, 20.0, 10.0, 5.0))


def image(seq: int, size: int = 1000) -> Image:
    return Image(seq, 1.0, "jpeg", b"x" * size)


def scan(seq: int) -> Scan:
    return Scan(seq, 1.0, 0.0, 0.1, 0.1, 0.0, 9.0, b"\1\2" * 10)


def wanted(now: float = 0.0, **options: float) -> StreamSender:
    sender = StreamSender("r1", EVERYTHING, **options)
    assert isinstance(decode_stream(sender.take(now) or b""), Offer)
    sender.receive(WANT_ALL, now)
    return sender


def test_nothing_but_the_offer_is_sent_until_asked_for_and_after_the_asking_ended() -> None:
    sender = StreamSender("r1", EVERYTHING)
    assert not sender.put(image(1), 0.0)
    assert decode_stream(sender.take(0.0) or b"") == Offer("r1", 15)
    assert sender.take(0.5) is None
    sender.receive(WANT_ALL, 0.5)
    assert sender.put(image(2), 0.6) and not sender.put(image(3), 0.7), "faster than wanted"
    assert not sender.wants(Stream.IMAGE, 3.6)
    sender.receive(encode_stream(Want(0.0, 0.0, 0.0, 0.0)), 3.7)
    assert isinstance(decode_stream(sender.take(3.8) or b""), Offer) and sender.take(3.8) is None


def test_the_small_go_first_and_only_the_newest_of_each_waits() -> None:
    sender = wanted()
    sender.put(image(1), 0.0)
    sender.put(scan(1), 0.0)
    sender.put(scan(2), 0.2)
    sender.put(Battery(1, 1.0, 24.0, 0.0, 50.0), 0.2)
    sent = [decode_stream(sender.take(0.5 + i * 0.1) or b"") for i in range(3)]
    assert [type(m) for m in sent] == [Battery, Scan, Image] and sent[1].seq == 2  # type: ignore[union-attr]
    assert sender.replaced == 1


def test_streams_take_no_more_than_their_share_of_the_radio() -> None:
    sender = wanted(bytes_per_s=100_000.0)
    total = 0
    for step in range(1000):
        now = step * 0.01
        sender.receive(WANT_ALL, now)
        sender.put(image(step, 50_000), now)
        total += len(sender.take(now) or b"")
    assert 600_000 < total < 1_100_000


def test_nonsense_from_the_gateway_changes_nothing() -> None:
    sender = wanted()
    for data in (b"", b"\x00", b"\x95\x0f\x01", encode_stream(Offer("r1", 1))):
        sender.receive(data, 0.0)
    assert sender.errors == 4 and sender.wants(Stream.SCAN, 0.1)
    from building_ctrl.link.protocol import encode

    sender.receive(encode(Refused(5, False, "too much")), 0.1)
    assert sender.refusal == "too much" and sender.wants(Stream.SCAN, 0.1)


@given(st.sampled_from([image(1), scan(1), Battery(1, 1.0, 1.0, 1.0, 1.0), Wheels(1, 1.0, [1.0], [2.0])]))
def test_the_stream_is_seen_without_decoding(message: Image | Scan | Battery | Wheels) -> None:
    assert stream_of_frame(encode_stream(message)) is STREAM_OF[type(message)]
    assert STREAM_OF[type(message)] in ALL_STREAMS


@given(st.binary(max_size=20))
def test_looking_at_noise_never_raises(data: bytes) -> None:
    assert stream_of_frame(data) in (None, *ALL_STREAMS)
