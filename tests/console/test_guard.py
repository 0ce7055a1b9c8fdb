from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from building_ctrl.console.app import create_app

CANCEL = "/api/v1/tasks/t/cancel"


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}])
def test_own_pages_and_programs_may_post(console: Any, headers: dict[str, str]) -> None:
    console.bus.answer = {"success": True}
    assert console.client.post(CANCEL, headers=headers).status_code == 202


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_sites_may_not_post_or_listen(console: Any, headers: dict[str, str]) -> None:
    answer = console.client.post(CANCEL, headers=headers)
    assert answer.status_code == 403 and answer.json()["detail"]
    assert console.bus.asked == []
    with (
        pytest.raises(WebSocketDisconnect),
        console.client.websocket_connect("ws://localhost/api/v1/live", headers=headers),
    ):
        pass


def test_a_foreign_host_name_is_refused_even_for_reading(console: Any) -> None:
    for host in ("evil.example", "evil.example:80", "localhost.evil.example"):
        assert console.client.get("/api/v1/robots", headers={"Host": host}).status_code == 403
    for host in ("localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000"):
        assert console.client.get("/api/v1/robots", headers={"Host": host}).status_code == 200


def test_other_names_can_be_allowed(console: Any) -> None:
    client = TestClient(create_app(console.context, {"building.example"}), base_url="http://building.example")
    assert client.get("/api/v1/health").status_code == 200
    assert client.get("/api/v1/health", headers={"Host": "localhost"}).status_code == 403


def test_answers_carry_the_headers_that_keep_browsers_strict(console: Any) -> None:
    headers = console.client.get("/api/v1/health").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
