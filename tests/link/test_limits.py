from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from building_ctrl.link.limits import TokenBucket


@given(st.lists(st.floats(0.0, 0.2), min_size=1, max_size=200))
def test_never_more_than_burst_and_rate(gaps: list[float]) -> None:
    bucket = TokenBucket(10.0, 5.0, 0.0)
    now, taken = 0.0, 0
    for gap in gaps:
        now += gap
        taken += bucket.take(now)
        assert taken <= 5 + 10.0 * now + 1e-6


def test_it_fills_again() -> None:
    bucket = TokenBucket(1.0, 2.0, 0.0)
    assert [bucket.take(0.0) for _ in range(3)] == [True, True, False]
    assert bucket.take(1.0) and not bucket.take(1.5)
