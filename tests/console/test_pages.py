from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def dist(console: Any, tmp_path: Path) -> Path:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<title>app</title>")
    (dist / "assets" / "index-ABCD1234.js").write_text("code")
    (tmp_path / "secret.txt").write_text("secret")
    return dist


def test_unbuilt_pages_say_how_to_build_them(console: Any) -> None:
    answer = console.client.get("/")
    assert answer.status_code == 503
    assert "building_ctrl console build" in answer.text and "콘솔" in answer.text


def test_the_application_starts_from_any_of_its_addresses(console: Any, dist: Path) -> None:
    for path in ("/", "/plan/L1", "/tasks"):
        answer = console.client.get(path)
        assert (answer.status_code, answer.text) == (200, "<title>app</title>")
        assert answer.headers["cache-control"] == "no-cache"


def test_hashed_files_are_kept_by_browsers(console: Any, dist: Path) -> None:
    answer = console.client.get("/assets/index-ABCD1234.js")
    assert answer.text == "code" and "immutable" in answer.headers["cache-control"]
    assert console.client.get("/assets/index-GONE0000.js").status_code == 404


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "//etc/passwd"])
def test_nothing_outside_is_served(console: Any, dist: Path, path: str) -> None:
    assert "secret" not in console.client.get(path).text
    assert "root:" not in console.client.get(path).text


def test_an_unknown_api_route_is_no_page(console: Any, dist: Path) -> None:
    answer = console.client.get("/api/v1/nothing")
    assert (answer.status_code, answer.json()) == (404, {"detail": "no such route"})
