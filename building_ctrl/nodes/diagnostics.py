"""/diagnostics of the gateway (REP 107): the gateway itself, and every robot's link."""

from __future__ import annotations

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from building_ctrl.link.gateway import LinkReport
from building_ctrl.link.quality import LinkRow
from building_ctrl.model.robot import LinkState
from building_ctrl.nodes.convert import time_msg

_LEVELS = {
    LinkState.OK: (DiagnosticStatus.OK, "link is good"),
    LinkState.DEGRADED: (DiagnosticStatus.WARN, "long round trips: the robot is slowed down"),
    LinkState.HOLD: (DiagnosticStatus.ERROR, "the robot obeys no commands"),
    LinkState.LOST: (DiagnosticStatus.STALE, "the robot is not heard"),
}


def diagnostics_msg(gateway: str, report: LinkReport, refused_frames: int, now: float) -> DiagnosticArray:
    """One status for the gateway, named `gateway: link`, and one a robot, `gateway: robot NAME`."""
    message = DiagnosticArray(status=[_gateway(gateway, report, refused_frames)])
    message.header.stamp = time_msg(now)
    message.status.extend(_robot(gateway, row) for row in report.rows)
    return message


def _gateway(gateway: str, report: LinkReport, refused_frames: int) -> DiagnosticStatus:
    bad = [row.robot for row in report.rows if row.state >= LinkState.HOLD]
    text = f"{len(report.rows)} robots" + (f"; {len(bad)} are not driven" if bad else "")
    return DiagnosticStatus(
        level=DiagnosticStatus.WARN if bad else DiagnosticStatus.OK,
        name=f"{gateway}: link",
        message=text,
        hardware_id=gateway,
        values=[
            _value("command latency p50 (ms)", f"{report.command_latency_p50_ms:.1f}"),
            _value("command latency p99 (ms)", f"{report.command_latency_p99_ms:.1f}"),
            _value("frames refused", str(refused_frames)),
        ],
    )


def _robot(gateway: str, row: LinkRow) -> DiagnosticStatus:
    level, text = _LEVELS[row.state]
    return DiagnosticStatus(
        level=level,
        name=f"{gateway}: robot {row.robot}",
        message=text,
        hardware_id=row.robot,
        values=[
            _value("round trip (ms)", f"{row.round_trip_ms:.1f}"),
            _value("jitter (ms)", f"{row.jitter_ms:.1f}"),
            _value("loss", f"{row.loss_ratio:.4f}"),
            _value("clock offset (ms)", f"{row.clock_offset_ms:.1f}"),
            _value("telemetry (Hz)", f"{row.telemetry_hz:.1f}"),
            _value("age (s)", f"{row.age_s:.2f}"),
        ],
    )


def _value(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=value)
