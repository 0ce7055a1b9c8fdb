from __future__ import annotations

from pathlib import Path

import pytest

from building_ctrl.model.traffic import Closure, LaneRules, TrafficSnapshot
from building_ctrl.store import StoreError
from building_ctrl.store.traffic import read_traffic, write_traffic

SNAPSHOT = TrafficSnapshot(
    (LaneRules("carts", (1, 5), ((3, 0.25),)), LaneRules("", ())),
    (Closure("유출", "L1", ((0.0, 1.5), (2.0, 3.0)), "ann", "wet", 12.5, 99.0),),
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "traffic.json"
    assert read_traffic(path) == TrafficSnapshot()
    write_traffic(path, SNAPSHOT)
    assert read_traffic(path) == SNAPSHOT
    write_traffic(path, TrafficSnapshot())
    assert read_traffic(path) == TrafficSnapshot()


def test_half_a_draft_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "traffic.json"
    write_traffic(path, SNAPSHOT)
    path.with_name("traffic.json.new").write_text('{"version": 1, "lan')
    assert read_traffic(path) == SNAPSHOT
    write_traffic(path, SNAPSHOT)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 9}', '{"version": 1, "lanes": [{}], "closures": []}'])
def test_a_file_that_is_none_is_told_with_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "traffic.json"
    path.write_text(text)
    with pytest.raises(StoreError, match=r"traffic\.json: .*move it away"):
        read_traffic(path)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be kept"):
        write_traffic(tmp_path / "file" / "traffic.json", SNAPSHOT)
