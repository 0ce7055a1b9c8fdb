"""A pytest plugin: tests marked e2e run last and, under pytest-xdist, one at a time in one worker."""

from __future__ import annotations

from typing import Any


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Move the e2e tests to the end and put them into one group, for `--dist loadgroup`."""
    import pytest

    last = [item for item in items if item.get_closest_marker("e2e")]
    for item in last:
        item.add_marker(pytest.mark.xdist_group("e2e"))
    items[:] = [item for item in items if item not in set(last)] + last
