"""The benchmark of the link at a tiny size: it measures, and tells starvation and death."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.syspath_prepend(str(ROOT / "bench"))


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize("kind", ["gateway", "bare", "websocket"])
def test_a_receiver_counts_what_its_load_sends(kind: str) -> None:
    from _link_run import Contender, measure

    figures = measure(Contender(kind, kind, secure=kind == "gateway", rate_hz=400.0), 4, 0.5)
    assert 200.0 < figures.rate_hz < 600.0
    assert 0.0 < figures.receiver_us < 2000.0 and not figures.died


@pytest.mark.usefixtures("bench")
def test_robots_under_control_get_twenty_commands_a_second() -> None:
    from _link_run import control

    figures = control(3, 1.0)
    assert 5.0 < figures.fleet.telemetry_hz < 12.0
    assert 10.0 < figures.fleet.command_hz < 30.0
    assert 0.0 < figures.fleet.p50_ms <= figures.fleet.p99_ms
    assert figures.fleet.not_armed == 0


@pytest.mark.usefixtures("bench")
def test_a_gateway_that_stands_still_starves_its_robots() -> None:
    import os
    import signal

    from _link_fleet import FleetLoad, drive_fleet
    from _link_run import RECEIVERS, Child, Setup, children, robot_keys, robot_names, until

    from building_ctrl.link.keys import new_keys

    names, keys, server = robot_names(2), robot_keys(2, True), new_keys()
    with children() as started:
        setup = Setup(names, server, tuple(k.public.decode() for k in keys), 0.1, 100.0)
        gateway = Child(RECEIVERS["gateway"], setup)
        started.append(gateway)
        fleet = Child(drive_fleet, FleetLoad(gateway.receive(), names, server.public, keys, 0.1))
        started.append(fleet)
        until(lambda: gateway.ask("sample").armed == 2, "arming")
        fleet.pipe.send("begin")
        assert gateway.process.pid is not None
        os.kill(gateway.process.pid, signal.SIGSTOP)
        try:
            until(lambda: fleet.ask("sample").starved == 2, "starving", 5.0)
        finally:
            os.kill(gateway.process.pid, signal.SIGCONT)


@pytest.mark.usefixtures("bench")
def test_the_table_is_written_and_unknown_parts_are_refused(tmp_path: Path) -> None:
    import link

    assert Path(link.__file__) == ROOT / "bench" / "link.py"
    out = tmp_path / "link.json"
    link.main(["--only", "control", "--sizes", "2", "--rounds", "1", "--seconds", "0.5", "--json", str(out)])
    rows = json.loads(out.read_text(encoding="utf-8"))["rows"]
    assert {row["goal"] for row in rows} >= {"<= 25.0", "<= 0"}
    with pytest.raises(SystemExit, match="nonsense"):
        link.main(["--only", "nonsense"])
