"""Documents survive reading and writing; what is no document gives a MapError that says where."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from building_ctrl.building.document import format_document, parse_document, read_document, save_building
from building_ctrl.building.findings import MapError

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12) | st.sampled_from(
    [
        "on",
        "yes",
        "012",
        "1e-5",
        "null",
        "~",
        "1:20",
        "0x1f",
        "true",
        "-",
        "",
        " x ",
        "1_000",
        ".5",
        "=",
        "<<",
        "2001-01-01",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
ITEMS = st.sampled_from(
    ["vertices", "lanes", "walls", "doors", "models", "floors", "layers", "elevation", "unused"]
)
LEVELS = st.dictionaries(TEXTS, st.dictionaries(ITEMS, VALUES, max_size=5) | SCALARS, max_size=3)
DOCUMENTS = st.builds(
    lambda rest, levels: {**rest, "levels": levels}, st.dictionaries(TEXTS, VALUES, max_size=4), LEVELS
)


@given(DOCUMENTS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_document_round_trips_with_its_key_order(document: dict[str, object]) -> None:
    text = format_document(document)
    again = parse_document(text)
    assert again == document
    assert repr(again) == repr(document)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("latin-1")))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_document_or_a_map_error(text: str) -> None:
    try:
        assert isinstance(parse_document(text), dict)
    except MapError as error:
        assert error.errors


def test_the_editors_numbers_and_texts_are_read_as_yaml_1_2() -> None:
    read = parse_document("{a: 1e-05, b: on, c: 012, d: yes, e: .5, f: 12, g: ~, h: 1:20, i: .inf}")
    assert read == {
        "a": 1e-05, "b": "on", "c": "012", "d": "yes", "e": 0.5, "f": 12, "g": None, "h": "1:20",
        "i": float("inf"),
    }  # fmt: skip


def test_texts_that_yaml_1_1_would_misread_are_quoted() -> None:
    names = ["on", "no", "012", "1e-5", "1:20", "null", "true"]
    assert yaml.safe_load(format_document({"names": names})) == {"names": names}


def test_each_vertex_and_lane_takes_one_line() -> None:
    text = format_document(
        {"levels": {"L1": {"vertices": [[0, 0, 0, "a", {"is_charger": [4, True]}], [1, 0, 0, "b"]]}}}
    )
    assert "    - [0, 0, 0, a, {is_charger: [4, true]}]\n    - [1, 0, 0, b]\n" in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [1, 2", "line"),
        ("a: 1\na: 2", "twice at line 2"),
        ("- 1\n- 2", "a list"),
        ("", "nothing"),
        ("? [1, 2]\n: 3", "plain value"),
        ("a: &x [*x]", "recursive"),
        ("a: " + "[" * 100 + "]" * 100, "deeper"),
        ("a: " + "[" * 200_000, "deeper"),
        ("a: &b [[1]]\nc: " + "[" * 62 + "*b" + "]" * 62, "deeper"),
        ("a: *none", "undefined alias"),
        ("a: 1\n---\nb: 1", "more than one"),
        ("a: \x00", "control characters"),
        ("a: !!python/object/apply:os.system ['true']", "tag"),
        ("a: 2001-99-99", None),
        ("&b a: *b", None),
        ("a: !!timestamp 2001-99-99", ""),
        ("a: !!int x", ""),
        ("a: !!float x", ""),
        ("a: " + "9" * 5000, ""),
    ],
)
def test_bad_text_gives_one_clear_line(text: str, says: str | None) -> None:
    if says is None:
        assert parse_document(text) in ({"a": "2001-99-99"}, {"a": "a"})
        return
    with pytest.raises(MapError) as caught:
        parse_document(text, "some/where.building.yaml")
    assert "some/where.building.yaml" in str(caught.value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(MapError, match="No such file"):
        read_document(tmp_path / "none.yaml")
    with pytest.raises(MapError, match="directory"):
        read_document(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"name: \xff\xfe\xfa")
    with pytest.raises(MapError, match="decode"):
        read_document(tmp_path / "latin.yaml")


def test_saving_replaces_the_file_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "m.building.yaml"
    save_building({"name": "one"}, path)
    save_building({"name": "two"}, path)
    assert read_document(path) == {"name": "two"}
    assert [p.name for p in path.parent.iterdir()] == ["m.building.yaml"]
    with pytest.raises(yaml.YAMLError):
        save_building({"name": object()}, path)
    assert read_document(path) == {"name": "two"}
    assert [p.name for p in path.parent.iterdir()] == ["m.building.yaml"]
