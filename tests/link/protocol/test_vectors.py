"""The conformance vectors, which clients in other languages are tested with too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from building_ctrl.link.protocol import ProtocolError, decode_from_gateway, decode_from_robot, encode
from building_ctrl.link.protocol.streams import decode_stream, decode_want, encode_stream

VECTORS = Path(__file__).parent.parent / "vectors"
DECODE = {"robot": decode_from_robot, "gateway": decode_from_gateway}
DECODE_STREAM = {"robot": decode_stream, "gateway": decode_want}


def vectors(name: str) -> list[Any]:
    return [pytest.param(v, id=v["name"]) for v in json.loads((VECTORS / name).read_text())]


@pytest.mark.parametrize("vector", vectors("messages.json"))
def test_bytes_mean_what_the_vector_says(vector: dict[str, Any]) -> None:
    decode = DECODE[vector["from"]]
    message = decode(bytes.fromhex(vector["bytes"]))
    assert type(message).__name__.lower() == vector["kind"]
    assert structs.asdict(message) == vector["fields"]
    assert decode(encode(message)) == message


@pytest.mark.parametrize("vector", vectors("refused.json"))
def test_what_is_no_message_is_refused_with_one_line(vector: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError) as caught:
        DECODE[vector["from"]](bytes.fromhex(vector["bytes"]))
    text = str(caught.value)
    assert text and text.isprintable() and len(text) <= 200


@pytest.mark.parametrize(
    "name", ["command", "welcome", "arm", "ping", "ack", "pong", "event", "telemetry", "hello"]
)
def test_our_encoder_writes_the_very_bytes_of_the_vector(name: str) -> None:
    vector = next(v for v in json.loads((VECTORS / "messages.json").read_text()) if v["name"] == name)
    data = bytes.fromhex(vector["bytes"])
    assert encode(DECODE[vector["from"]](data)) == data


@pytest.mark.parametrize("vector", vectors("streams.json"))
def test_bytes_of_streams_mean_what_the_vector_says(vector: dict[str, Any]) -> None:
    message = DECODE_STREAM[vector["from"]](bytes.fromhex(vector["bytes"]))
    assert type(message).__name__.lower() == vector["kind"]
    fields = {k: v.hex() if isinstance(v, bytes) else v for k, v in structs.asdict(message).items()}
    assert fields == vector["fields"]
    assert DECODE_STREAM[vector["from"]](encode_stream(message)) == message  # type: ignore[arg-type]


@pytest.mark.parametrize("vector", vectors("streams_refused.json"))
def test_what_is_no_message_of_a_stream_is_refused_with_one_line(vector: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError) as caught:
        DECODE_STREAM[vector["from"]](bytes.fromhex(vector["bytes"]))
    text = str(caught.value)
    assert text and text.isprintable() and len(text) <= 200
