from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from building_ctrl.console.frames import encode_frame, table_message
from building_ctrl.console.robot_table import EMPTY, RobotTable, from_columns

COLUMNS = ("x", "y", "yaw", "speed", "battery", "age")


def decode(data: bytes) -> dict[str, object]:
    """The layout of the docstring, read the way a browser reads it."""
    magic, n, stamp_s, table, age_s = struct.unpack_from("<IIdIf", data)
    assert magic == int.from_bytes(b"BCF1", "little")
    found: dict[str, object] = {"n": n, "stamp_s": stamp_s, "table": table, "age_s": age_s}
    offset = 24
    for name in COLUMNS:
        found[name] = list(struct.unpack_from(f"<{n}f", data, offset))
        offset += 4 * n
    found["level"] = list(struct.unpack_from(f"<{n}h", data, offset))
    offset += 2 * n
    for name in ("work", "motion", "connection"):
        found[name] = list(data[offset : offset + n])
        offset += n
    assert offset == len(data)
    return found


def table(n: int) -> RobotTable:
    floats = {
        name: np.arange(n) + 10 * i
        for i, name in enumerate(("x_m", "y_m", "yaw_rad", "speed_mps", "battery_percent", "age_s", "radius_m"))
    }
    flags = {
        "level": np.arange(n) - 1,
        "work": bytes(i % 7 for i in range(n)),
        "motion": [i % 3 for i in range(n)],
    }
    names = tuple(f"r{i}" for i in range(n))
    return from_columns("g", names, ("f",) * n, ("L1", "L2"), **floats, **flags, connection=[i % 2 for i in range(n)])


@given(st.integers(0, 40))
def test_a_frame_reads_back_as_it_was_made(n: int) -> None:
    found = decode(encode_frame(table(n), 5, 1234.5, 0.5))
    assert (found["n"], found["stamp_s"], found["table"], found["age_s"]) == (n, 1234.5, 5, 0.5)
    assert found["x"] == [float(i) for i in range(n)]
    assert found["battery"] == [40.0 + i for i in range(n)]
    assert found["age"] == [50.5 + i for i in range(n)]
    assert found["level"] == [i - 1 for i in range(n)]
    assert found["work"] == [i % 7 for i in range(n)]
    assert found["connection"] == [i % 2 for i in range(n)]


def test_columns_lie_where_a_browser_can_view_them_without_a_copy() -> None:
    for n in range(9):
        assert 24 % 4 == 0 and (24 + 24 * n) % 2 == 0
        assert len(encode_frame(table(n), 1, 0.0, 0.0)) == 24 + 29 * n


def test_never_heard_is_a_negative_age() -> None:
    assert decode(encode_frame(EMPTY, 1, 0.0, None))["age_s"] == -1.0


def test_a_thousand_robots_are_quick() -> None:
    import timeit

    robots = table(1000)
    assert min(timeit.repeat(lambda: encode_frame(robots, 1, 0.0, 0.0), number=20, repeat=5)) / 20 < 0.002


def test_the_table_names_the_rows() -> None:
    message = table_message(table(2), 7)
    assert (message["table"], message["names"], message["levels"]) == (7, ["r0", "r1"], ["L1", "L2"])
    assert message["radius_m"] == [pytest.approx(60.0), pytest.approx(61.0)]
